"""docs/status.md and the JSON of `confab sync status` describe the same fields."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.standing_views import (
    BackendView,
    BacklogView,
    DaemonsView,
    DiskView,
    HooksView,
    Standing,
)
from confab_sync.cli.views import CatchUpView, FileView, Overview, SessionView

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DOCUMENT = Path(__file__).parents[2] / "docs" / "status.md"
TYPES = {
    "str": "text",
    "int": "number",
    "int | None": "number or null",
    "bool": "boolean",
    "dict[str, int]": "object",
    "CatchUpView | None": "object or null",
    "tuple[str, ...]": "list of texts",
    "tuple[FileView, ...]": "list of files",
    "tuple[SessionView, ...]": "list of sessions",
    "tuple[BackendView, ...]": "list of backends",
    "tuple[HooksView, ...]": "list of hooks",
    "DaemonsView": "daemons",
    "BacklogView": "backlog",
    "DiskView": "disk",
}


@pytest.mark.parametrize(
    ("heading", "view"),
    [
        ("The object", Overview),
        ("A session", SessionView),
        ("A file", FileView),
        ("Catching up", CatchUpView),
        ("The standing", Standing),
        ("A backend", BackendView),
        ("Hooks", HooksView),
        ("Daemons", DaemonsView),
        ("The backlog", BacklogView),
        ("The disk", DiskView),
    ],
)
def test_every_field_is_documented_with_its_type_and_in_its_order(
    heading: str, view: type[DataclassInstance]
) -> None:
    section = DOCUMENT.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| ([^|]+) \| .+ \|$", section, re.MULTILINE)
    assert documented == [(field.name, TYPES[str(field.type)]) for field in fields(view)]
