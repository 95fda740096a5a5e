"""Masking: the same bytes with every secret replaced by `[REDACTED:TYPE]`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.redaction import binary
from confab_sync.redaction.jsonvalue import BYTE_ORDER_MARK, is_json
from confab_sync.redaction.spans import masked, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.redaction.engine import Finder
    from confab_sync.redaction.scanner import Scanner
    from confab_sync.redaction.spans import Span

MOST_PASSES = 4
"""How often a line is looked at again after something in it was masked."""


@dataclass(frozen=True, slots=True)
class Masked:
    """`data` without its secrets, as many lines as before; `counts` by type what was found."""

    data: bytes
    counts: Mapping[str, int]


class Masker:
    """Masks by the rules that `scanner` knows, in the lines that `finder` picks out.

    Each line is masked by itself, so the result does not depend on how lines are grouped.
    """

    def __init__(self, scanner: Scanner, finder: Finder) -> None:
        self._scanner = scanner
        self._finder = finder

    def mask_lines(self, data: bytes) -> Masked:
        """Mask lines, each ending in a newline except perhaps the last.

        A line in which nothing is found stays byte-identical; if that is all of them, `data`
        itself comes back. JSON stays valid, byte for byte outside of the secrets.
        """
        counts: Counter[str] = Counter()
        pieces = self.pieces(data, 0, len(data), counts)
        return Masked(b"".join(pieces) if pieces else data, counts)

    def pieces(
        self, data: bytes, start: int, stop: int, counts: Counter[str]
    ) -> list[bytes | memoryview]:
        """What becomes of the lines in `data[start:stop]`, in pieces; none if they stay so.

        Adds to `counts` what is found. What is not masked is not copied.
        """
        pieces: list[bytes | memoryview] = []
        view, after = memoryview(data), start
        for begins, ends in self._finder.lines(data, start, stop):
            line = data[begins:ends]
            result = self._mask(line, counts)
            if result is not line:
                pieces += (view[after:begins], result)
                after = ends
        if pieces:
            pieces.append(view[after:stop])
        return pieces

    def mask_text(self, text: str) -> str:
        """Mask one value that stands outside of JSON: a path, a URL, an error message."""
        data = text.encode("utf-8", "surrogatepass")
        result = self.mask_bytes(data).data
        return text if result is data else result.decode("utf-8", "surrogatepass")

    def mask_bytes(self, data: bytes) -> Masked:
        """Mask a whole file of any kind, with the same number of lines.

        A file that is one JSON value is read as such, and a private key over several lines is
        found. In a binary file only secrets known by their shape are masked, each by as many
        bytes as it has.
        """
        if binary.is_binary(data):
            return self._mask_binary(data)
        counts: Counter[str] = Counter()
        text = data.removeprefix(BYTE_ORDER_MARK).strip()
        if b"\n" in text and text[:1] in (b"{", b"[") and is_json(data):
            return Masked(self._mask(data, counts), counts)
        keys = self._scanner.private_keys(data)
        if not keys:
            return self.mask_lines(data)
        rest = self.mask_lines(masked(data, keys))
        return Masked(rest.data, Counter(rest.counts) + tally(keys))

    def _mask_binary(self, data: bytes) -> Masked:
        counts: Counter[str] = Counter()
        spans: list[Span] = []
        for start, end in self._finder.lines(data):
            found = self._scanner.shapes(data[start:end])
            spans += (binary.moved(span, start) for span in found)
            counts += tally(found)
        return Masked(binary.overwritten(data, spans), counts) if spans else Masked(data, counts)

    def _mask(self, line: bytes, counts: Counter[str]) -> bytes:
        """The line without its secrets; the same object when it has none.

        What is masked may part what stood together, so the result is looked at again: masking
        twice must not differ from masking once.
        """
        for _ in range(MOST_PASSES):
            spans = self._scanner.spans(line)
            if not spans:
                break
            counts += tally(spans)
            line = masked(line, spans)
        return line
