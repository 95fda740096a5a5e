"""Sessions that are taken up again, copied, or held by several clients."""

from integration.claude_code.workbench import Workbench


def test_a_resumed_session_goes_on(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    session.exit()
    resumed = workbench.interactive("--resume", session.id)
    assert resumed.id == session.id
    resumed.prompt("RUN echo taken-up-again")
    resumed.exit()
    assert b"taken-up-again" in workbench.files(session.id)[f"{session.id}.jsonl"]
    workbench.assert_all_is_well(session.id)


def test_a_headless_session_is_resumed_by_a_headless_run(workbench: Workbench) -> None:
    session = workbench.headless("hello")
    assert workbench.headless("hello again", "--resume", session) == session
    workbench.assert_all_is_well(session)


def test_resume_inside_a_session_changes_to_the_other(workbench: Workbench) -> None:
    first = workbench.headless("hello")
    session = workbench.interactive()
    session.prompt("hello")
    left = session.resume_inside(first)
    assert session.id == first
    session.prompt("RUN echo back-in-the-first")
    session.exit()
    assert b"back-in-the-first" in workbench.files(first)[f"{first}.jsonl"]
    workbench.assert_all_is_well(first, left)


def test_a_fork_is_a_session_of_its_own(workbench: Workbench) -> None:
    original = workbench.headless("hello")
    fork = workbench.interactive("--resume", original, "--fork-session")
    assert fork.id != original
    fork.prompt("RUN echo only-in-the-fork")
    fork.exit()
    workbench.assert_all_is_well(original, fork.id)


def test_the_first_of_two_clients_to_leave_does_not_end_the_daemon(workbench: Workbench) -> None:
    first = workbench.interactive()
    first.prompt("hello from the first")
    second = workbench.interactive("--resume", first.id)
    assert second.id == first.id
    daemons = workbench.home.daemons()
    assert len(daemons) == 1
    second.prompt("SLOW 6", wait=False)
    first.exit()
    second.until_answered("SLOW 6")
    second.prompt("RUN echo the-first-has-left")
    assert workbench.home.daemons() == daemons
    second.exit()
    workbench.assert_all_is_well(first.id)
