"""The ways in which a session ends."""

import pytest

from integration.claude_code.transcripts import session_ids, transcript_of
from integration.claude_code.workbench import Workbench, assert_same_files
from integration.waiting import until


@pytest.mark.parametrize("ending", ["exit", "close_terminal", "terminate"])
def test_an_end_that_calls_the_hook_leaves_nothing_behind(
    ending: str, workbench: Workbench
) -> None:
    session = workbench.interactive()
    session.prompt("RUN echo hello")
    getattr(session, ending)()
    assert workbench.client.recorder.calls("SessionEnd", session_id=session.id)
    workbench.assert_all_is_well(session.id)


@pytest.mark.parametrize("ending", ["close_terminal", "terminate"])
def test_an_end_in_the_middle_of_an_answer_leaves_nothing_behind(
    ending: str, workbench: Workbench
) -> None:
    session = workbench.interactive()
    session.prompt("SLOW 60", wait=False)
    claude = workbench.home.claude
    until(lambda: session_ids(claude), "the transcript appears")
    getattr(session, ending)()
    workbench.assert_all_is_well(session.id)


def test_a_killed_client_is_noticed_without_a_hook(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("RUN echo hello")
    session.kill()
    assert not workbench.client.recorder.calls("SessionEnd", session_id=session.id)
    workbench.assert_all_is_well(session.id)


def test_a_line_torn_by_a_kill_is_held_back_and_named(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    session.kill()
    whole = workbench.files(session.id)
    name = f"{session.id}.jsonl"
    # A kill in the middle of a write leaves the beginning of a line; which one is up to chance.
    torn = b'{"type":"assistant","message":{"role":"assi'
    with transcript_of(workbench.home.claude, session.id).open("ab") as transcript:
        transcript.write(torn)
    workbench.home.until_no_process_is_left()
    assert_same_files(workbench.download(session.id), whole)
    told = workbench.home.status_of(session.id)
    assert told is not None
    (held_back,) = [file for file in told["files"] if file["name"] == name]
    assert held_back["behind_bytes"] == len(torn)
    workbench.assert_no_hook_failed()
    workbench.assert_model_saw_nothing_of_ours()


def test_a_line_torn_by_a_kill_is_sent_when_a_resume_has_ended_it(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    session.kill()
    with transcript_of(workbench.home.claude, session.id).open("ab") as transcript:
        transcript.write(b'{"type":"assistant","message":{"role":"assi')
    workbench.home.until_no_process_is_left()
    resumed = workbench.interactive("--resume", session.id)
    resumed.prompt("go on")
    resumed.exit()
    workbench.assert_all_is_well(session.id)
