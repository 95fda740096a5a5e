import json

from bench.figures import Figure, quartiles, table

FAST = Figure("hook session-start", "python", ((0.012, 0.010), (0.030, 0.020), (0.013, 0.010)), 2.0)
SLOW = Figure("hook session-start", "launcher", ((0.030, 0.010), (0.025, 0.010)), 2.0)


def test_a_ratio_is_the_median_over_pairs_and_not_a_ratio_of_medians() -> None:
    assert round(FAST.ratio, 6) == 1.3


def test_one_sample_is_its_own_spread() -> None:
    assert quartiles([1.5]) == (1.5, 1.5)


def test_the_table_marks_what_is_over_its_target_and_what_was_left_out() -> None:
    header, row = table([FAST, SLOW], ["launcher", "python"]).splitlines()
    assert header.split() == ["launcher", "python", "target"]
    assert row == "hook session-start  2.75 (2.62-2.88)  over  1.30 (1.25-1.40)  <= 2.0"
    assert "left out" in table([FAST], ["launcher", "python"])


def test_json_holds_every_sample_and_the_verdict() -> None:
    told = json.loads(json.dumps(SLOW.as_json()))
    assert told["pairs_ms"] == [[30.0, 10.0], [25.0, 10.0]]
    assert told["met"] is False
