import json

from bench.figures import Figure, percentile, quartiles

FAST = Figure("hook session-start", "python", ((0.012, 0.010), (0.030, 0.020), (0.013, 0.010)), 2.0)
SLOW = Figure("hook session-start", "launcher", ((0.030, 0.010), (0.025, 0.010)), 2.0)
LATE = Figure("line", "confab", tuple((n / 100, 0.001) for n in range(1, 101)), 0.6, of="value")


def test_a_ratio_is_the_median_over_pairs_and_not_a_ratio_of_medians() -> None:
    assert round(FAST.ratio, 6) == 1.3


def test_one_sample_is_its_own_spread() -> None:
    assert quartiles([1.5]) == (1.5, 1.5)


def test_a_percentile_is_the_value_that_so_many_are_not_above() -> None:
    assert percentile([n / 100 for n in range(1, 101)], 95) == 0.95
    assert percentile([3.0, 1.0, 2.0], 95) == 3.0
    assert percentile([7.0], 95) == 7.0


def test_a_target_is_held_against_the_ratio_or_against_what_was_measured() -> None:
    assert (FAST.reached, FAST.met) == (FAST.ratio, True)
    assert (round(LATE.reached, 6), LATE.met) == (0.505, True)


def test_more_is_better_where_a_figure_says_so() -> None:
    speed = Figure("masking", "confab", ((90.0, 150.0),), 80.0, of="value", at_least=True)
    assert speed.met
    assert not Figure("masking", "confab", speed.pairs, 100.0, of="value", at_least=True).met


def test_a_yardstick_of_nothing_has_no_ratio() -> None:
    nothing = Figure("requests", "confab", ((0.0, 0.0),), 0.0, unit="", of="value")
    assert (nothing.ratio, nothing.met) == (0.0, True)


def test_json_holds_every_sample_and_the_verdict() -> None:
    told = json.loads(json.dumps(SLOW.as_json()))
    assert told["pairs"] == [[0.03, 0.01], [0.025, 0.01]]
    assert told["met"] is False
