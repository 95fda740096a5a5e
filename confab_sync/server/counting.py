"""Counts what sessions used, in the background and only what was added since the last time."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.layout import AGENT, TRANSCRIPT
from confab_sync.claude.usage import Usage
from confab_sync.errors import StoreError, described
from confab_sync.store.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from confab_sync.store.facts import Facts
    from confab_sync.store.index import SearchIndex
    from confab_sync.store.store import Store
    from confab_sync.store.values import FileExtent

PREFIX = "quarters:"
AT_ONCE = 32 * 1024 * 1024
"""Bytes of a file after which what was counted is kept."""
KEPT_EVERY = 1.0
"""Seconds after which what was counted is kept."""
RESTING = 10.0
"""How many times as long as a look took the next one is put off."""
_NOTHING = Fact(0, 0, "{}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of the files that are to be counted, and of those that are."""

    done: int
    whole: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.done >= self.whole

    @property
    def percent(self) -> int:
        """How much is counted."""
        return 100 if self.is_whole else min(99, self.done * 100 // max(1, self.whole))


def key(session_id: str, file_type: str, name: str) -> str:
    """Under which the counts of a file are kept."""
    return f"{PREFIX}{session_id}/{file_type}/{name}"


def parts_of(fact: str) -> tuple[str, str]:
    """The session's public id and the type of the file in such a key."""
    session_id, file_type, _ = fact.removeprefix(PREFIX).split("/", 2)
    return session_id, file_type


class Counter:
    """A thread that counts whenever somebody asks and something has changed."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        open_index: Callable[[], SearchIndex],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_store = open_store
        self._open_index = open_index
        self._monotonic = monotonic
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asked = 0
        self._answered = 0
        self._stopped = False
        self._progress = Progress(0, 0)
        self._found = 0

    def ask(self) -> None:
        """Let what was stored until now be counted, soon."""
        with self._news:
            self._asked += 1
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="counter", daemon=True)
                self._thread.start()
            self._news.notify_all()

    def catch_up(self, seconds: float) -> Progress:
        """Ask, and wait for it for `seconds` at most; how far it is."""
        self.ask()
        with self._news:
            mine = self._asked
            self._news.wait_for(lambda: self._answered >= mine or self._stopped, seconds)
            return self._progress

    def mark(self) -> int:
        """A number that grows whenever something was counted."""
        return self._found

    def close(self) -> None:
        """Stop, in the middle if need be: the next time goes on from there."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        seen: int | None = None
        try:
            with self._open_store() as store, closing(self._open_index()) as index:
                while self._wait_until_asked():
                    began, asked, version = self._monotonic(), self._asked, store.version()
                    if version != seen:
                        self._count(store, index.facts)
                        seen = version if self._progress.is_whole else None
                    with self._news:
                        self._answered = asked
                        self._news.notify_all()
                        self._news.wait_for(
                            lambda: self._stopped, RESTING * (self._monotonic() - began)
                        )
        except StoreError as error:
            _log.warning("what sessions used cannot be counted: %s", described(error))
        finally:
            with self._news:  # whoever asks next begins anew
                self._answered, self._thread = self._asked, None
                self._news.notify_all()

    def _wait_until_asked(self) -> bool:
        with self._news:
            self._news.wait_for(lambda: self._stopped or self._asked > self._answered)
            return not self._stopped

    def _count(self, store: Store, facts: Facts) -> None:
        wanted = {
            key(each.session_id, each.file_type, each.name): each
            for each in store.extents()
            if each.file_type in (TRANSCRIPT, AGENT)
        }
        known = facts.beginning([PREFIX])
        facts.drop(known.keys() - wanted.keys())  # nothing is kept of deleted sessions
        ahead = {name: _known(each, known.get(name)) for name, each in wanted.items()}
        whole = sum(each.bytes for each in wanted.values())
        done = sum(fact.bytes for fact in ahead.values())
        self._progress = Progress(done, whole)
        news: dict[str, Fact] = {}
        kept_at = self._monotonic()
        for name, each in wanted.items():
            if ahead[name].bytes >= each.bytes:
                continue
            for fact in self._grown(store, each, ahead[name]):
                done += fact.bytes - (news.get(name) or ahead[name]).bytes
                news[name] = fact
                self._progress = Progress(done, whole)
                if self._monotonic() - kept_at > KEPT_EVERY:
                    self._keep(facts, news)
                    ahead.update(news)
                    news, kept_at = {}, self._monotonic()
                if self._stopped:
                    break
            if self._stopped:
                break
        self._keep(facts, news)
        if not self._stopped:
            # What lacks its newline is counted once it has one.
            self._progress = Progress(whole, whole)

    def _keep(self, facts: Facts, news: dict[str, Fact]) -> None:
        if news:
            facts.keep(news)
            self._found += 1

    def _grown(self, store: Store, file: FileExtent, known: Fact) -> Iterable[Fact]:
        """The counts after each part of what stands behind the bytes that are counted.

        Only whole lines are counted, so that the next time begins at one.
        """
        usage, counted, rest = Usage.from_json(known.text), known.bytes, b""
        since = counted
        try:
            for piece in store.read_file(
                file.session_id, file.name, generation=file.generation, start=counted
            ):
                *lines, rest = (rest + piece).split(b"\n")
                usage.add(lines)
                counted += sum(map(len, lines)) + len(lines)
                if counted - since >= AT_ONCE:
                    since = counted
                    yield Fact(file.generation, counted, usage.to_json())
        except StoreError as error:  # deleted meanwhile, or damaged: the others are counted
            _log.warning("a file cannot be counted: %s", described(error))
        yield Fact(file.generation, counted, usage.to_json())


def _known(file: FileExtent, fact: Fact | None) -> Fact:
    if fact is None or fact.generation != file.generation or fact.bytes > file.bytes:
        return Fact(file.generation, 0, _NOTHING.text)
    return fact
