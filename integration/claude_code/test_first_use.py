"""The first thing that a new user does: set up, work, look, and fetch the copy."""

from integration.claude_code.client import write_user_files
from integration.claude_code.workbench import Workbench
from integration.waiting import until


def test_setup_then_a_real_session_then_its_copy(bare_workbench: Workbench) -> None:
    home = bare_workbench.home
    write_user_files(home, {}, home.project)
    bare_workbench.set_up()
    running = bare_workbench.client.start_headless("SLOW 6")

    def syncing() -> str | None:
        for told in home.status():
            if told["phase"] == "syncing" and told["files"] and told["files"][0]["lines"] > 0:
                return str(told["id"])
        return None

    session = until(syncing, "the status shows lines of the living session")
    assert running.poll() is None, "the client has ended before the status was seen"
    assert running.communicate(timeout=60)[1] == ""
    assert running.returncode == 0
    bare_workbench.assert_all_is_well(session)
