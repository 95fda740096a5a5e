"""The timeline is drawn to scale, however long the transcript is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from confab_sync.claude.deliveries import Delivery
from confab_sync.claude.outline import Outline, Point, Turn
from confab_sync.server.transcript.plot import BARS, CURVE, MOST_BARS, WIDTH, plot

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def turn(line: int, seconds: float, errors: int = 0) -> Turn:
    return Turn(line, f"turn {line}", NOW, NOW + timedelta(seconds=seconds), errors=errors)


def test_nothing_is_drawn_of_nothing() -> None:
    assert plot(Outline()) is None
    assert plot(Outline(lines=5)) is None


def test_curve_goes_in_steps_up_to_a_round_number() -> None:
    drawn = plot(Outline(lines=100, points=[Point(10, 1500), Point(50, 750)], turns=[turn(1, 5)]))
    assert drawn is not None
    assert drawn.most == 2000
    assert drawn.line == "90.0,16.0 490.0,16.0 490.0,40.0 1000,40.0"
    assert drawn.area == f"90.0,{CURVE} {drawn.line} {WIDTH},{CURVE}"


def test_bars_lie_where_their_turns_are_and_grow_with_time() -> None:
    drawn = plot(Outline(lines=100, turns=[turn(1, 0), turn(51, 100, errors=1), turn(76, 9999)]))
    assert drawn is not None
    assert [(bar.x, bar.width, bar.line) for bar in drawn.bars] == [
        (0.0, 499.0, 1),
        (500.0, 249.0, 51),
        (750.0, 249.0, 76),
    ]
    heights = [bar.height for bar in drawn.bars]
    assert heights == sorted(heights)
    assert heights[-1] == BARS
    assert [bar.has_errors for bar in drawn.bars] == [False, True, False]


def test_every_turn_is_within_the_drawing() -> None:
    for lines in (1, 2, 37):
        drawn = plot(Outline(lines=lines, turns=[turn(lines, 5)]))
        assert drawn is not None
        (bar,) = drawn.bars
        assert bar.x + bar.width <= WIDTH
        assert bar.width >= WIDTH / lines - 1.1


def test_many_turns_share_bars_and_the_longest_is_told() -> None:
    turns = [turn(line, line % 7) for line in range(1, 2001)]
    drawn = plot(Outline(lines=2000, turns=turns))
    assert drawn is not None
    assert len(drawn.bars) <= MOST_BARS
    assert all(bar.seconds == 6 for bar in drawn.bars)
    assert [turns[bar.number - 1].line for bar in drawn.bars] == [bar.line for bar in drawn.bars]


def test_compactions_and_deliveries_have_signs() -> None:
    drawn = plot(
        Outline(
            lines=10, turns=[turn(1, 1)], compactions=[4], deliveries=[Delivery(5, "commit", "a1")]
        )
    )
    assert drawn is not None
    assert [(sign.x, sign.kind, sign.text) for sign in drawn.signs] == [
        (300.0, "compaction", "The context was compacted"),
        (400.0, "delivery", "commit a1"),
    ]
