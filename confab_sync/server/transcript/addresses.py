"""Where the parts of one session's page are fetched from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of what belongs to one file of a session."""

    session_id: str
    file: str

    @property
    def page(self) -> str:
        """The page that people see."""
        return f"/sessions/{self.session_id}"

    def part(self, name: str, **query: object) -> str:
        """A part of the page: `lines`, `block`, `picture`, `outline`, `follow`, `find`."""
        asked = urlencode({"file": self.file, **query})
        return f"/pages/sessions/{self.session_id}/{name}?{asked}"

    def block(self, line: int, block: int, start: int) -> str:
        """The rest of a text that was cut."""
        return self.part("block", line=line, block=block, start=start)

    def picture(self, line: int, number: int) -> str:
        """One picture."""
        return self.part("picture", line=line, number=number)

    def raw(self, line: int) -> str:
        """A line as it is stored."""
        return self.part("raw", line=line)

    def agent(self, agent_id: str) -> str:
        """The page with a subagent's conversation."""
        return f"{self.page}?{urlencode({'agent': agent_id})}"
