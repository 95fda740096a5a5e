"""The table of situations that must hold, and its rendering in docs/reliability.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- situations -->\n", "<!-- /situations -->"
GROUPS = {
    "stops": "Stops and starts",
    "files": "Files",
    "network": "Network and backend",
    "machine": "Machine",
    "concurrency": "Concurrency",
    "catch_up": "Catch-up",
    "model": "Everything at once",
}
"""The files of the table, without their ending, and what people read above them."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A substitution in one source file that disables the handling of a situation."""

    file: str
    replace: str
    by: str


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: `when` this happens confab `does` that; each of `tests` fails with the switch."""

    id: str
    group: str
    when: str
    does: str
    tests: tuple[str, ...]
    switch: Switch


def situations(root: Path = ROOT) -> list[Situation]:
    """Return all rows, group by group. Raises `KeyError` or `TypeError` for a row with a gap."""
    return [row for group in GROUPS for row in _rows_of(root, group)]


def _rows_of(root: Path, group: str) -> Iterator[Situation]:
    path = root / "integration" / "faults" / "situations" / f"{group}.toml"
    for row in tomllib.loads(path.read_text(encoding="utf-8")).get("situation", []):
        row["tests"] = tuple(row["tests"])
        yield Situation(**{**row, "group": group, "switch": Switch(**row["switch"])})


def rendered(rows: list[Situation]) -> str:
    """The rows as Markdown, a table for each group."""
    parts = []
    for group, title in GROUPS.items():
        mine = [row for row in rows if row.group == group]
        if mine:
            head = (
                f"### {title}\n\n| situation | what confab does | id, proved by |\n|---|---|---|\n"
            )
            parts.append(head + "".join(_line(row) for row in mine))
    return "\n" + "\n".join(parts) + "\n"


def _line(row: Situation) -> str:
    tests = "<br>".join(f"`{test}`" for test in row.tests)
    cells = (row.when, row.does, f"**{row.id}**<br>{tests}")
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |\n"


def main() -> None:
    """Bring docs/reliability.md up to date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + rendered(situations()) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
