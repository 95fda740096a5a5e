"""A session that Claude Code has deleted is listed, found, read, put back, and goes on."""

import json
import shutil

from integration.claude_code.workbench import Workbench

SECRET = "ghp_" + "9aB3" * 9
MASKED = b"[REDACTED:"


def test_a_deleted_session_is_restored_and_resumed(workbench: Workbench) -> None:
    home = workbench.home
    session = workbench.interactive()
    session.prompt(f"RUN echo needle {SECRET}")
    session.prompt("AGENT RUN echo sub")
    session.exit()
    home.until_no_process_is_left()
    before = workbench.download(session.id)
    shutil.rmtree(home.path / f"download-{session.id}")

    (listed,) = json.loads(home.confab("list", "--json").stdout)["sessions"]
    assert (listed["id"], listed["state"], listed["turns"]) == (session.id, "archived", 2)
    shown = home.confab("show", session.id[:8], "--tools", "--subagents").stdout
    assert "needle" in shown
    assert SECRET not in shown
    assert session.id[:8] in home.confab("search", "needle").stdout

    projects = home.claude / "projects"
    shutil.rmtree(next(projects.glob(f"*/{session.id}")))
    next(projects.glob(f"*/{session.id}.jsonl")).unlink()
    (listed,) = json.loads(home.confab("list", "--json").stdout)["sessions"]
    assert listed["id"] == session.id
    assert session.id[:8] in home.confab("search", "needle").stdout

    said = home.confab("restore", session.id[:8]).stdout
    assert f"claude --resume {session.id}" in said
    assert "stay masked" in said
    assert workbench.files(session.id) == before
    assert MASKED in before[f"{session.id}.jsonl"]

    resumed = workbench.interactive("--resume", session.id)
    assert resumed.id == session.id
    resumed.prompt("RUN echo taken-up-again")
    resumed.exit()
    after = workbench.files(session.id)[f"{session.id}.jsonl"]
    assert b"taken-up-again" in after
    assert after.startswith(before[f"{session.id}.jsonl"])
    workbench.assert_all_is_well(session.id)
