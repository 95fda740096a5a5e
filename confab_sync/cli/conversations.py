"""The conversations of one archived session: its own, and those of its subagents."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from confab_sync.claude.conversation import called_agents, entries
from confab_sync.claude.layout import AGENT, TRANSCRIPT, agent_id
from confab_sync.claude.lines import lines_of
from confab_sync.claude.markdown import Heading, MarkdownWriter, document, title
from confab_sync.claude.opening import FIRST_BYTES, opening
from confab_sync.cli.session_source import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.claude.conversation import Entry
    from confab_sync.claude.markdown import Style
    from confab_sync.store.source import Source


PIECE = 1024 * 1024
"""Bytes that are held at once of a file that was fetched."""


class Conversations:
    """Reads them where they are kept. Every method raises `ConfabError`s only."""

    def __init__(self, source: Source) -> None:
        self._source = source
        files = source.files()
        self._transcripts = [file for file in files if file.file_type == TRANSCRIPT]
        self._agents = {agent_id(file.name): file for file in files if file.file_type == AGENT}
        self._seen: dict[str, int] = {}

    def heading(self) -> Heading:
        """The session's title, project and branch, as its first lines tell them."""
        told = opening(self._head())
        return Heading(
            self._source.external_id,
            " ".join(told.title.split()),
            told.directory,
            told.branch,
        )

    def main(self) -> Iterator[Entry]:
        """The session's own conversation."""
        for file in self._transcripts:
            yield from entries(lines_of(self._pieces(file.name)))

    def agents(self) -> dict[str, Iterator[Entry]]:
        """The conversation of each subagent by the subagent's id."""
        return {
            agent: entries(lines_of(self._pieces(file.name)))
            for agent, file in self._agents.items()
        }

    def skip(self) -> None:
        """Let `growth` begin with what comes from now on."""
        self._seen = {file.name: file.lines for file in self._transcripts}

    def growth(self) -> Iterator[Entry]:
        """What has come to the session's own conversation since it was last asked for.

        A line whose end is not there yet waits for it.
        """
        for file in self._source.files():
            seen = self._seen.get(file.name, 0)
            if file.file_type != TRANSCRIPT or file.lines <= seen:
                continue
            *lines, _ = b"".join(self._source.read_after(file.name, seen)).split(b"\n")
            self._seen[file.name] = seen + len(lines)
            yield from entries(lines, seen + 1)

    def _pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes; a server's are fetched first: it does not wait for who reads slowly."""
        if self._source.place == EMBEDDED:
            yield from self._source.read_file(name)
            return
        with tempfile.TemporaryFile() as fetched:
            for piece in self._source.read_file(name):
                fetched.write(piece)
            fetched.seek(0)
            while piece := fetched.read(PIECE):
                yield piece

    def _head(self) -> bytes:
        head = b""
        for file in self._transcripts[:1]:
            for piece in self._source.read_file(file.name):
                head += piece
                if len(head) >= FIRST_BYTES:
                    break
        return head[:FIRST_BYTES]


def paragraphs(read: Conversations, style: Style, *, subagents: bool) -> Iterator[str]:
    """The whole session as Markdown, subagents below the line that has their result."""
    yield from title(read.heading())
    agents = read.agents() if subagents else {}
    writer = MarkdownWriter(style)
    for entry in read.main():
        yield from writer.write(entry)
        for agent in called_agents(entry):
            if agent in agents:
                yield f"### Subagent {agent}"
                yield from document(agents.pop(agent), style, level=4)
    for agent, said in agents.items():
        yield f"## Subagent {agent}"
        yield from document(said, style, level=3)
