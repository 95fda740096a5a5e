"""The places in a text that will be masked, and the masking itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.redaction.literal import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FAR = 1 << 62
_MARK = b"[REDACTED:"
_NEWLINE = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A secret from byte `start` to `end`; `quote` is what the marker needs around it.

    `named` says that a name told of it and not its shape: a shape tells more.
    """

    start: int
    end: int
    type: str
    quote: bytes = b""
    named: bool = False


def merged(spans: Iterable[Span], data: bytes) -> list[Span]:
    """The spans in order, overlapping ones united, those that are masked already left out."""
    result: list[Span] = []
    markers = [found.span() for found in MARKER.finditer(data)] if _MARK in data else []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.named, s.type, s.quote)):
        if span.start >= span.end or _is_marked(span, markers):
            continue
        if result and span.start < result[-1].end:
            result[-1] = _united(result[-1], span)
        else:
            result.append(span)
    return result


def _is_marked(span: Span, markers: Sequence[tuple[int, int]]) -> bool:
    """Whether the span lies within one of the markers, which are in order."""
    at = bisect_right(markers, (span.start, _FAR)) - 1
    return at >= 0 and markers[at][0] <= span.start and span.end <= markers[at][1]


def _united(first: Span, second: Span) -> Span:
    """One span over both, with the type of the one that says more."""
    width, other = first.end - first.start, second.end - second.start
    named = first.named and not second.named and 2 * other >= width
    kind = second if named or (other > width and first.named >= second.named) else first
    return Span(
        first.start,
        max(first.end, second.end),
        kind.type,
        first.quote or second.quote,
        kind.named,
    )


def masked(data: bytes, spans: Sequence[Span]) -> bytes:
    """`data` with each of the spans, which are in order, replaced by its marker.

    A newline within a span stays, behind the marker.
    """
    pieces = []
    after = 0
    for span in spans:
        has_newline = data.find(b"\n", span.start, span.end) >= 0
        newlines = _NEWLINE.findall(data, span.start, span.end) if has_newline else ()
        pieces.append(data[after : span.start])
        pieces.append(span.quote + marker(span.type) + span.quote + b"".join(newlines))
        after = span.end
    pieces.append(data[after:])
    return b"".join(pieces)


def marker(kind: str) -> bytes:
    """What stands in the place of a secret of this type (contract §4.8)."""
    return b"[REDACTED:" + kind.encode("ascii") + b"]"


def tally(spans: Iterable[Span]) -> Counter[str]:
    """How many spans there are of each type."""
    return Counter(span.type for span in spans)
