from bench.hard_lines import hard_lines
from bench.redaction import Copying, Hard, Speeds, measure, report
from tests.redaction.maskers import engine


def test_one_run_measures_every_way_and_every_kind() -> None:
    speeds = measure(engine("re2"), megabytes=1, rounds=1, hard_size=1000)
    assert [len(each.masked) for each in speeds.copying] == [1, 1]
    assert {each.kind for each in speeds.hard} == {kind for kind, _ in hard_lines()}
    assert min(each.speed for each in speeds.hard) > 0
    assert speeds.as_json()["engine"] == "re2"


def test_the_share_is_the_median_over_pairs() -> None:
    assert Copying("w", (100.0, 10.0, 50.0), (50.0, 9.0, 35.0)).share == 0.7


def test_what_misses_its_target_is_marked() -> None:
    slow, fast = Copying("slow", (100.0,), (40.0,)), Copying("fast", (160.0,), (100.0,))
    speeds = Speeds("re2", 1, 150.0, (slow, fast), (Hard("h", 19.0, 2.0), Hard("i", 21.0, 2.5)))
    marked = [line.split()[0] for line in report(speeds).splitlines() if line.endswith("missed")]
    assert marked == ["slow", "h"]


def test_the_table_fits_into_100_columns() -> None:
    speeds = Speeds("re2", 100, 1500.0, (), tuple(Hard(k, 1.0, 2.0) for k, _ in hard_lines()))
    assert max(map(len, report(speeds).splitlines())) <= 100
