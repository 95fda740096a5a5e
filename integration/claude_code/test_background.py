"""Agents that run beside the conversation, or go on when it has ended."""

import re
from collections import Counter

from integration.claude_code.workbench import Workbench
from integration.waiting import until


def test_a_workflow_is_archived_with_its_journal_and_its_script(workbench: Workbench) -> None:
    session = workbench.headless("WORKFLOW RUN echo from-the-workflow")
    below = [name.partition("/")[2] for name in workbench.files(session)]
    kinds = Counter(re.sub(r"(wf_|agent-)[0-9a-f-]+", r"\1ID", name) for name in below)
    assert kinds == {
        "": 1,
        "subagents/workflows/wf_ID/journal.jsonl": 1,
        "subagents/workflows/wf_ID/agent-ID.jsonl": 2,
        "subagents/workflows/wf_ID/agent-ID.meta.json": 2,
        "workflows/wf_ID.json": 1,
        "workflows/scripts/by-a-test-wf_ID.js": 1,
    }
    workbench.assert_all_is_well(session)


def test_an_agent_that_runs_when_the_terminal_closes_is_archived(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("BACKGROUND SLOW 60")
    until(lambda: _agent_files(workbench, session.id), "the agent's transcript appears")
    session.close_terminal()
    workbench.assert_all_is_well(session.id)


def test_an_agent_that_outlives_a_clear_is_archived_in_both_sessions(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("BACKGROUND SLOW 4")
    until(lambda: _agent_files(workbench, session.id), "the agent's transcript appears")
    first = session.clear()
    session.until_agent_reported()
    session.exit()
    assert _agent_files(workbench, first)
    assert _agent_files(workbench, session.id)
    workbench.assert_all_is_well(first, session.id)


def test_a_session_moved_to_the_background_is_archived_as_two(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("BACKGROUND SLOW 3")
    until(lambda: _agent_files(workbench, session.id), "the agent's transcript appears")
    session.move_to_background()
    recorder = workbench.client.recorder
    (fork,) = until(lambda: recorder.calls("SessionStart", why="fork"), "it goes on elsewhere")
    until(lambda: recorder.calls("Stop", session_id=fork.session_id), "the agent has reported")
    workbench.client.stop_background()
    workbench.home.until_no_process_is_left()
    # The agent's file belongs to the first session and grew after that had ended.
    workbench.home.confab("setup", "--import")
    workbench.assert_all_is_well(session.id, fork.session_id)


def _agent_files(workbench: Workbench, session: str) -> list[str]:
    return [
        name
        for name in workbench.files(session)
        if "/subagents/agent-" in name and name.endswith(".jsonl")
    ]
