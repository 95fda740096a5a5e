"""Looking for words in the transcripts that are still on this machine, without an index."""

from __future__ import annotations

import os
import re
from contextlib import closing
from typing import TYPE_CHECKING

from confab_sync.claude.layout import AGENT, TRANSCRIPT, session_files
from confab_sync.claude.passages import passages
from confab_sync.cli.catalogue import catalogue, described
from confab_sync.cli.choosing import LONGEST_TITLE
from confab_sync.cli.found import FoundSession, passage_of
from confab_sync.config import load_config
from confab_sync.redaction.configured import masker_from
from confab_sync.store.scratch_index import ScratchIndex
from confab_sync.store.search import CONSIDERED, PER_SESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from confab_sync.cli.catalogue import Listed
    from confab_sync.cli.context import Context
    from confab_sync.store.index import Found
    from confab_sync.store.words import Question

PLACE = "this machine"

_WORD = re.compile(r"[a-z0-9]+")


def search_on_disk(
    context: Context, question: Question, is_wanted: Callable[[Listed], bool], limit: int
) -> tuple[list[FoundSession], int]:
    """The sessions on this disk, `limit` at most, and in how many transcripts was looked.

    Nothing is kept of what was read; what is shown of it is masked as copies are. Raises
    `ConfigError` and `StoreError`.
    """
    config = load_config(context.paths.config)
    masker = masker_from(config.raw.get("redaction"))
    mask = masker.mask_text if masker else str
    there = [described(each, mask) for each in catalogue(context)[0] if each.path]
    wanted = {each.id: each for each in there if is_wanted(each)}
    words = _plain_words(question.texts)
    grouped: dict[str, list[Found]] = {}
    with closing(ScratchIndex()) as index:
        for each in wanted.values():
            for name, kind, path in _files(each):
                index.add(each.id, name, passages(kind, _lines(path, words)))
        for found in index.search(question, CONSIDERED):
            grouped.setdefault(found.session_id, []).append(found)
    sessions = [_session(wanted[name], found, mask) for name, found in grouped.items()]
    return sessions[:limit], len(wanted)


def _session(listed: Listed, found: Sequence[Found], mask: Callable[[str], str]) -> FoundSession:
    distinct = {each.passage.text: each for each in reversed(found)}
    best = sorted(distinct.values(), key=lambda each: each.rank)[:PER_SESSION]
    return FoundSession(
        PLACE,
        listed.id,
        listed.session_id,
        listed.project,
        _shown(listed.title, mask),
        listed.last,
        len(found),
        tuple(passage_of(each, mask(each.passage.text)) for each in best),
    )


def _shown(title: str, mask: Callable[[str], str]) -> str:
    """A title in one line; masked before it is cut, for half a secret is not known as one."""
    return " ".join(mask(title).split())[:LONGEST_TITLE]


def _files(listed: Listed) -> Iterator[tuple[str, str, str]]:
    yield os.path.basename(listed.path), TRANSCRIPT, listed.path
    for sighting in session_files(listed.path):
        if sighting.kind == AGENT:
            yield sighting.name, sighting.kind, sighting.path


def _lines(path: str, words: Sequence[bytes]) -> Iterator[bytes]:
    """The lines of a file, blank where what is looked for cannot be.

    A line that is not plain ASCII, or has escapes of characters, may say a word in other
    letters: that is for the index to tell.
    """
    try:
        with open(path, "rb") as stream:
            for line in stream:
                lower = line.lower()
                is_possible = (
                    all(word in lower for word in words) or b"\\u" in lower or not line.isascii()
                )
                yield line if is_possible else b""
    except OSError:  # gone meanwhile, or not to be read: the next transcript may be
        return


def _plain_words(texts: Iterable[str]) -> list[bytes]:
    """What every line of plain ASCII has to have that says all of `texts`."""
    return [word.encode() for text in texts for word in _WORD.findall(text.lower())]
