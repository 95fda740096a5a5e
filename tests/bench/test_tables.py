from bench.figures import Figure
from bench.tables import LACKING, markdown, shown, table

FAST = Figure("hook", "confab", ((0.012, 0.010), (0.030, 0.020), (0.013, 0.010)), 2.0)
SLOW = Figure("hook", "peer", ((0.030, 0.010), (0.025, 0.010)), 2.0)
LATE = Figure("line, p95", "confab", ((0.7, 0.1), (0.8, 0.1)), 0.6, of="value", percentile=95)
SPEED = Figure("masking", "confab", ((90.0, 180.0),), 80.0, unit="MB/s", of="value", at_least=True)


def test_the_table_marks_what_is_over_its_target_and_what_somebody_lacks() -> None:
    _, hook, line = table([FAST, SLOW, LATE], ["confab", "peer"]).splitlines()
    assert "1.30 x (1.25-1.40), 13 ms  " in hook
    assert "2.75 x (2.62-2.88), 27.5 ms  over" in hook
    assert "≤ 2 x" in hook
    assert "800 ms, 8 x  over" in line
    assert LACKING in line


def test_markdown_gives_the_verdict_on_the_first_column() -> None:
    rows = markdown([FAST, SLOW, LATE, SPEED], ["confab", "peer"]).splitlines()
    assert rows[0] == "| work | confab | peer | to reach |  | ratio to |"
    verdicts = [row.split("|")[5].strip() for row in rows[2:]]
    assert verdicts == ["met", "**NOT MET**", "met"]
    assert "| ≥ 80 MB/s |" in rows[4]


def test_values_are_shown_with_three_digits() -> None:
    assert [shown(0.0123456, "s"), shown(1.23456, "s"), shown(123.4, "MB"), shown(3.0, "")] == [
        "12.3 ms",
        "1.23 s",
        "123 MB",
        "3",
    ]
