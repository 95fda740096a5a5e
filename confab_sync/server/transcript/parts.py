"""What the templates of a conversation are given: who spoke, and the parts of what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup as Safe

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Part:
    """One block; `kind` chooses how it looks, and says which of the rest means something.

    `text`, `thinking`, `call`, `result`, `picture`, `note`. `html` is markup that is safe;
    `rest` is where the rest of a text that was cut is fetched, `size` the characters of all
    of it. `line` is the line it is from.
    """

    kind: str
    line: int
    anchor: str = ""
    html: Safe = field(default_factory=Safe)
    name: str = ""
    told: str = ""
    size: int = 0
    lines: int = 0
    rest: str = ""
    is_error: bool = False
    call_id: str = ""
    agent: str = ""
    agent_page: str = ""
    agent_lines: str = ""
    address: str = ""
    width: int = 0
    height: int = 0
    seconds: float | None = None
    results: list[Part] = field(default_factory=list)
    pictures: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Said:
    """One line of the conversation; `goes_on` when the same one said the line before."""

    line: int
    anchor: str
    role: str
    name: str
    moment: datetime | None
    model: str
    goes_on: bool
    is_hidden: bool
    raw: str
    parts: list[Part]
