"""An outline tells a long conversation in little, however it is cut for reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from confab_sync.claude.outline import (
    MOST_COMPACTIONS,
    MOST_NAMES,
    MOST_POINTS,
    MOST_TURNS,
    Outline,
    Point,
)

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def row(kind: str, content: object, after: float = 0, **more: object) -> bytes:
    moment = (BEGIN + timedelta(seconds=after)).isoformat()
    message = {"role": kind, "content": content, **more}
    return json.dumps({"type": kind, "timestamp": moment, "message": message}).encode()


def answer(context: int, after: float = 0, output: int = 10, name: str = "") -> bytes:
    usage = {"input_tokens": context, "output_tokens": output}
    content: list[object] = [{"type": "text", "text": "Yes."}]
    if name:
        content.append({"type": "tool_use", "id": f"c{after}", "name": name, "input": {}})
    return row("assistant", content, after, usage=usage, model="claude", id=f"m{after}")


def result(after: float, *, is_error: bool = False) -> bytes:
    content = [{"type": "tool_result", "tool_use_id": "c", "content": "x", "is_error": is_error}]
    return row("user", content, after)


def outlined(*lines: bytes) -> Outline:
    outline = Outline()
    outline.add(lines)
    return outline


def test_turn_lasts_until_the_next_thing_that_is_typed() -> None:
    outline = outlined(
        row("user", "First\nand more", 0),
        answer(1000, 5, name="Bash"),
        result(20, is_error=True),
        answer(2000, 30, output=5),
        row("user", "Second", 100),
        answer(2500, 102),
    )
    first, second = outline.turns
    assert (first.line, first.text, first.seconds) == (1, "First", 30)
    assert (first.tools, first.errors, first.output, first.context) == (1, 1, 15, 2000)
    assert (second.line, second.seconds) == (5, 2)
    assert outline.points == [Point(2, 1000), Point(4, 2000), Point(6, 2500)]
    assert outline.tools == {"Bash": 1}
    assert (outline.began, outline.ended) == (BEGIN, BEGIN + timedelta(seconds=102))


def test_compaction_pull_request_and_masked_secrets_are_told() -> None:
    link = {"type": "pr-link", "prUrl": "https://github.com/a/b/pull/3", "prNumber": 3}
    outline = outlined(
        json.dumps(
            {"type": "user", "isCompactSummary": True, "message": {"content": "So far"}}
        ).encode(),
        json.dumps(link).encode(),
        json.dumps(link).encode(),
        row("user", "a [REDACTED:API_KEY] and [REDACTED:API_KEY] [REDACTED:TOKEN]"),
    )
    assert outline.compactions == [1]
    assert [(each.name, each.url) for each in outline.deliveries] == [("#3", link["prUrl"])]
    assert outline.masked == {"API_KEY": 2, "TOKEN": 1}


def test_lines_that_say_nothing_are_counted_all_the_same() -> None:
    outline = outlined(
        b"", b"torn {", b"\x00\xff", b'{"type":"pr-link"', b'"user"', row("user", "x")
    )
    assert [turn.line for turn in outline.turns] == [6]
    assert outline.lines == 6


def test_outline_of_a_long_conversation_stays_small() -> None:
    outline = Outline()
    count = max(MOST_TURNS, MOST_POINTS * 5) + 100
    for number in range(count):
        outline.add([row("user", "go on", number), answer(1000 + number, number)])
    assert len(outline.turns) == MOST_TURNS
    assert MOST_POINTS // 2 <= len(outline.points) <= MOST_POINTS
    contexts = [point.context for point in outline.points]
    assert contexts == sorted(contexts)
    assert contexts[-1] >= 1000 + count - 20


LINES = some.lists(
    some.sampled_from(
        [row("user", "x", 1), answer(5, 2), answer(9, 3, name="Read"), result(4), b"torn", b""]
    ),
    max_size=30,
)


@given(LINES, some.lists(some.integers(0, 30)))
def test_outline_is_the_same_however_it_is_read(lines: Sequence[bytes], cuts: list[int]) -> None:
    whole, parts = outlined(*lines), Outline()
    places = sorted({0, len(lines), *(min(cut, len(lines)) for cut in cuts)})
    for start, end in pairwise(places):
        parts.add(lines[start:end])
    assert parts.turns == whole.turns
    assert parts.points == whole.points
    assert parts.tally == whole.tally


def test_very_many_names_and_compactions_are_not_kept() -> None:
    lines = [answer(1000 + n, n, name=f"tool-{n}") for n in range(MOST_NAMES + 50)]
    masked = b" ".join(b"[REDACTED:K%d]" % n for n in range(MOST_NAMES + 50))
    summary = json.dumps({"type": "summary", "summary": "x"}).encode()
    outline = outlined(*lines, lines[0], masked, *[summary] * (MOST_COMPACTIONS + 50))
    assert (len(outline.tools), outline.tools["tool-0"]) == (MOST_NAMES, 2)
    assert len(outline.masked) == MOST_NAMES
    assert len(outline.compactions) == MOST_COMPACTIONS
