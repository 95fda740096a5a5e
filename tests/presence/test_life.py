from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.presence.life import fold
from confab_sync.process import Identity
from tests.presence.factories import TRANSCRIPT, end, go_end, moved, start, stop

ADA = Identity(10, "1", "boot", "ns")
BOB = Identity(20, "2", "boot", "ns")
PEOPLE = st.sampled_from([ADA, BOB, Identity(10, "9", "boot", "ns")])


def test_a_session_of_which_nothing_is_said_is_nobodys_and_not_deserted() -> None:
    life = fold([])
    assert (life.parents, life.end, life.stops, life.transcript_path) == (set(), None, 0, "")
    assert not life.deserted


def test_who_opens_a_session_has_it_until_they_end_it() -> None:
    assert fold([start(ADA)]).parents == {ADA}
    assert not fold([start(ADA)]).deserted
    assert fold([start(ADA), end(ADA)]).deserted


def test_the_same_process_twice_is_one_parent() -> None:
    assert fold([start(ADA), start(ADA), end(ADA)]).deserted


def test_the_first_goodbye_says_nothing_about_the_other_client() -> None:
    life = fold([start(ADA), start(BOB), end(ADA)])
    assert life.parents == {BOB}
    assert life.end == end(ADA)
    assert not life.deserted
    assert fold([start(ADA), start(BOB), end(ADA), end(BOB)]).deserted


def test_who_comes_back_after_the_end_has_the_session_again() -> None:
    life = fold([start(ADA), end(ADA), start(BOB)])
    assert (life.parents, life.end) == ({BOB}, None)


def test_clear_and_an_in_session_resume_by_the_same_process() -> None:
    """/clear ends the session while its process lives on; /resume brings it back."""
    life = fold([start(ADA), end(ADA), start(ADA)])
    assert (life.parents, life.end) == ({ADA}, None)
    assert fold([start(ADA), end(ADA), start(ADA), end(ADA)]).deserted


def test_a_goodbye_that_was_written_before_the_hello_of_a_second_client_counts() -> None:
    assert fold([end(ADA)]).deserted
    assert fold([end(ADA), start(BOB)]).parents == {BOB}


def test_a_reused_pid_does_not_end_somebody_elses_session() -> None:
    stranger = Identity(ADA.pid, "later", "boot", "ns")
    assert fold([start(ADA), end(stranger)]).parents == {ADA}


def test_an_end_of_the_go_cli_means_the_only_parent() -> None:
    assert fold([start(ADA), go_end()]).deserted


def test_an_end_of_the_go_cli_does_not_choose_between_two_parents() -> None:
    assert fold([start(ADA), start(BOB), go_end()]).parents == {ADA, BOB}


def test_whoever_came_without_a_name_leaves_without_one() -> None:
    assert fold([start(None)]).unnamed_parent
    assert not fold([start(None)]).deserted
    assert fold([start(None), go_end()]).deserted
    assert fold([start(None), end(ADA)]).deserted


def test_a_nameless_end_is_the_nameless_parents() -> None:
    life = fold([start(ADA), start(None), end(None)])
    assert (life.parents, life.unnamed_parent) == ({ADA}, False)


def test_stops_count_until_somebody_comes() -> None:
    assert fold([start(ADA), stop(), stop()]).stops == 2
    assert fold([start(ADA), stop(), stop(), start(BOB)]).stops == 0


def test_the_newest_path_wins_whoever_says_it() -> None:
    assert fold([start(ADA)]).transcript_path == TRANSCRIPT
    assert fold([start(ADA), moved("/new.jsonl")]).transcript_path == "/new.jsonl"
    assert fold([moved("/new.jsonl"), go_end("/last.jsonl")]).transcript_path == "/last.jsonl"
    assert fold([start(ADA, "/a.jsonl"), start(BOB, "/b.jsonl")]).transcript_path == "/b.jsonl"
    assert fold([start(ADA)]).cwd == "/h"


@pytest.mark.parametrize("nonsense", [None, 7, "", [], {}, "a\0b", "\ud800"])
def test_what_is_no_path_leaves_the_last_one(nonsense: Any) -> None:
    assert fold([start(ADA), moved(nonsense)]).transcript_path == TRANSCRIPT


RECORDS = st.one_of(
    st.builds(start, PEOPLE | st.none()),
    st.builds(end, PEOPLE | st.none()),
    st.builds(stop),
    st.builds(moved, st.text()),
    st.builds(go_end),
)


@given(st.lists(RECORDS))
def test_a_session_is_deserted_exactly_when_it_was_ended_and_nobody_is_left(
    records: list[dict[str, Any]],
) -> None:
    life = fold(records)
    assert life.deserted == bool(life.end and not life.parents and not life.unnamed_parent)
    kinds = [record["type"] for record in records]
    ended_last = (
        "session_end" in kinds
        and "session_start" not in kinds[len(kinds) - kinds[::-1].index("session_end") :]
    )
    assert (life.end is not None) == ended_last


@given(st.lists(PEOPLE))
def test_everybody_who_named_themselves_can_leave(people: list[Identity]) -> None:
    records = [start(who) for who in people] + [end(who) for who in people]
    assert fold(records).parents == set()
    assert fold([start(who) for who in people]).parents == set(people)


UNKNOWN = st.dictionaries(
    st.sampled_from(["type", "parent", "transcript_path", "cwd", "hook_input", "new"]),
    st.sampled_from(["session_start", "session_end", "stop", "session_moved", "other"])
    | st.none()
    | st.integers()
    | st.lists(st.integers())
    | st.dictionaries(st.sampled_from(["pid", "transcript_path"]), st.integers()),
)


@given(st.lists(UNKNOWN))
def test_no_record_however_odd_breaks_the_fold(records: list[dict[str, Any]]) -> None:
    life = fold(records)
    assert isinstance(life.transcript_path, str)
    assert isinstance(life.cwd, str)


def test_every_directory_that_was_named_is_known() -> None:
    here = {**start(ADA), "cwd": "/a", "project_dir": "/p"}
    there = {**moved(TRANSCRIPT), "cwd": "/b"}
    assert fold([here, there, go_end()]).directories == {"/a", "/p", "/b", "/h"}
    for nonsense in (7, None, "", ["/x"]):
        odd = {**start(ADA), "cwd": nonsense, "project_dir": nonsense}
        assert fold([odd]).directories == set()


def test_a_stop_at_once_counts_as_asking_twice_until_somebody_comes() -> None:
    at_once = {**stop(), "at_once": True}
    assert fold([start(ADA), at_once]).stops == 2
    assert fold([start(ADA), at_once, start(BOB)]).stops == 0
