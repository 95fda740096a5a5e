"""Headless runs: the whole session lives for less than a second."""

from integration.claude_code.workbench import Workbench


def test_a_single_prompt_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("hello")
    workbench.assert_all_is_well(session)


def test_a_tool_call_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("RUN echo spoken-by-$((6 * 7))")
    assert b"spoken-by-42" in workbench.files(session)[f"{session}.jsonl"]
    workbench.assert_all_is_well(session)


def test_tool_output_that_goes_to_a_side_file_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("RUN seq 1 100000")
    side_files = [
        name for name in workbench.files(session) if name.startswith(f"{session}/tool-results/")
    ]
    assert side_files
    workbench.assert_all_is_well(session)


def test_a_line_of_half_a_megabyte_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("LONG 500000")
    longest = max(workbench.files(session)[f"{session}.jsonl"].split(b"\n"), key=len)
    assert len(longest) > 500_000
    workbench.assert_all_is_well(session)


def test_a_foreground_subagent_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("AGENT RUN echo from-the-agent")
    _assert_one_agent(workbench, session)
    workbench.assert_all_is_well(session)


def test_a_background_subagent_is_archived(workbench: Workbench) -> None:
    session = workbench.headless("BACKGROUND RUN echo from-the-agent")
    _assert_one_agent(workbench, session)
    workbench.assert_all_is_well(session)


def test_a_run_without_persistence_creates_nothing(workbench: Workbench) -> None:
    session = workbench.headless("hello", "--no-session-persistence")
    workbench.assert_all_is_well()
    workbench.assert_not_archived(session)


def test_many_runs_after_each_other_are_all_archived(workbench: Workbench) -> None:
    sessions = [workbench.headless(f"hello {number}") for number in range(4)]
    workbench.assert_all_is_well(*sessions)


def _assert_one_agent(workbench: Workbench, session: str) -> None:
    """The scenario did what it is meant to: there are a transcript and metadata of an agent."""
    agents = [name for name in workbench.files(session) if "/subagents/agent-" in name]
    assert sorted(name.partition(".")[2] for name in agents) == ["jsonl", "meta.json"]
