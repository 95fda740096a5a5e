"""However often a word was said, so many passages are ranked at most; of a rare one, all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from confab_sync.store.index_schema import MIGRATIONS
from confab_sync.store.ranking import FEW, RANKED, best

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def said(*sessions: Iterable[str]) -> Iterator[sqlite3.Connection]:
    """The index of what was said in sessions "0", "1" and so on, one passage a text."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        for number, texts in enumerate(sessions):
            file = connection.execute(
                "INSERT INTO files (session, name, generation) VALUES (?, 'f', 1)", (str(number),)
            ).lastrowid
            for line, text in enumerate(texts, 1):
                row = connection.execute(
                    "INSERT INTO passages (file, line, role, text) VALUES (?, ?, 'user', '')",
                    (file, line),
                ).lastrowid
                connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (row, text))
        yield connection


def lines(rows: Iterable[sqlite3.Row]) -> list[int]:
    return [row["line"] for row in rows]


def steps(connection: sqlite3.Connection, expression: str, session: str) -> int:
    """How many steps of SQLite's machine it takes to find something in one session."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    connection.set_progress_handler(step, 1)
    best(connection, expression, [session], 10)
    connection.set_progress_handler(None, 0)
    return count


def test_of_a_word_said_too_often_both_ends_of_the_index_are_ranked() -> None:
    with said(["whale"] * 10) as connection:
        found = best(connection, "whale", ["0"], 100, ranked=4)
    assert sorted(lines(found)) == [1, 2, 9, 10]


@pytest.mark.parametrize("number", range(3, 9))
def test_up_to_the_bound_every_passage_is_ranked(number: int) -> None:
    with said(["whale"] * number) as connection:
        found = best(connection, "whale", ["0"], 100, ranked=8)
    assert sorted(lines(found)) == list(range(1, number + 1))


def test_the_best_passage_is_first_wherever_it_is() -> None:
    texts = ["a whale among very many other words"] * 5 + ["whale"] + ["of no whale at all"] * 5
    with said(texts) as connection:
        assert lines(best(connection, "whale", ["0"], 1)) == [6]


def test_what_others_said_does_not_use_up_what_is_ranked() -> None:
    with said(["whale"] * 10, ["whale"] * 3, ["whale"] * 10, ["whale"]) as connection:
        found = best(connection, "whale", ["1", "3"], 100, ranked=4)
    assert [(row["session"], row["line"]) for row in found] == [
        *(("1", line) for line in (1, 2, 3)),
        ("3", 1),
    ]


def test_a_search_in_one_session_does_not_walk_through_the_others() -> None:
    with said(["whale"], ["whale"] * 10) as few, said(["whale"], ["whale"] * 1000) as many:
        # Less than one for each passage more: SQLite's own pages of a larger index take some.
        assert steps(many, "whale", "0") - steps(few, "whale", "0") < 200


def test_no_session_has_nothing() -> None:
    with said(["whale"]) as connection:
        assert best(connection, "whale", [], 10) == []
        assert best(connection, "whale", [json.dumps("0")], 10) == []


def test_more_is_ranked_than_is_ever_shown() -> None:
    from confab_sync.server.searching import MOST_WITHIN
    from confab_sync.store.search import CONSIDERED

    # So that "only the best are considered" is said whenever not everything was ranked.
    assert max(CONSIDERED, MOST_WITHIN) < RANKED


def test_in_many_sessions_a_passage_is_found_wherever_it_is() -> None:
    sessions = [["nothing"]] * FEW + [["whale"], ["nothing"]]
    with said(*sessions) as connection:
        everywhere = [str(number) for number in range(len(sessions))]
        assert [row["session"] for row in best(connection, "whale", everywhere, 9)] == [str(FEW)]
        assert best(connection, "whale", everywhere[:FEW], 9) == []
        assert best(connection, "whale", everywhere[FEW + 1 :], 9) == []
