"""Taking out of a text what a stranger who helps with a bug should not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from confab_sync.errors import ConfabError
from confab_sync.redaction.configured import build, default_engine, masker_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from confab_sync.redaction.masker import Masker

HOME_OF_SOMEBODY = re.compile(r"/(?:home|Users)/[^/\s\"']+")
OWN_PLACES = r"\.confab\b|\.claude/settings|\.local/share/confab\b"
PATH_IN_HOME = re.compile(rf"~/(?!{OWN_PLACES})[^\s\"',;:]+")
"""A path below the home directory that may name a project; confab's own places tell nothing."""

E_MAIL = re.compile(r"[^\s\"'<>,;:=]+@[^\s\"'<>,;:=]+\.[A-Za-z]+")

CUT = "[CUT]"

PLAIN = frozenset({"log_level"})
"""Settings whose texts may be read by anybody."""

KEY = re.compile(r"cfb_[!-~]+")


class Cleaner:
    """Replaces secrets, keys, e-mail addresses, names of users and machines, paths of projects.

    `settings` is what config.json holds, `None` where it cannot be read; `names` are those of
    the user and the machine; `home` is the user's directory. What the masker finds is masked,
    also where masking is switched off.
    """

    def __init__(self, settings: Mapping[str, Any] | None, home: str, names: Iterable[str]) -> None:
        self._masker = _masker(settings or {})
        self._literal = sorted(set(_private(settings or {})), key=len, reverse=True)
        self._home = home.rstrip("/")
        words = [re.escape(name) for name in names if len(name) > 1]
        self._names = (
            re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(words)})(?![A-Za-z0-9])") if words else None
        )

    def text(self, text: str) -> str:
        """The text without them, each line by itself."""
        for literal in self._literal:
            text = text.replace(literal, CUT)
        text = E_MAIL.sub(CUT, KEY.sub(CUT, text))
        text = self._masker.mask_text(text)
        if self._home:
            text = re.sub(re.escape(self._home) + r"(?![^/\s\"',;:])", "~", text)
        text = HOME_OF_SOMEBODY.sub("~", text)
        text = PATH_IN_HOME.sub("~/…", text)
        return self._names.sub("…", text) if self._names else text

    def settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The shape of config.json: switches and numbers as they are, texts cut."""
        return {self._key(key): self._value(key, value) for key, value in settings.items()}

    def _key(self, key: str) -> str:
        """A key that is no name of a setting is a directory, or the user's own word."""
        return key if re.fullmatch(r"[a-z][a-z_-]{0,40}", key) else CUT

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self.settings(value)
        if isinstance(value, list):
            return [self._value("", each) for each in value]
        if isinstance(value, str) and key not in PLAIN:
            return CUT
        return self.text(value) if isinstance(value, str) else value


def _masker(settings: Mapping[str, Any]) -> Masker:
    """The user's masker, switched on; that of the default rules where theirs cannot be used."""
    stated = settings.get("redaction")
    wishes = stated if isinstance(stated, dict) else {}
    try:
        found = masker_from({**wishes, "enabled": True, "use_default_patterns": True})
    except ConfabError:
        found = None
    return found or build(default_engine(), [])


def _private(settings: Mapping[str, Any]) -> Iterator[str]:
    """The texts in the settings that may stand in logs and messages as well: keys, servers."""
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _private(value)
        elif isinstance(value, str) and len(value) > 3 and key in ("api_key", "backend_url"):
            yield value
            if key == "backend_url":
                yield from _host(value)


def _host(url: str) -> Iterator[str]:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return
    if host not in ("", "localhost", "127.0.0.1", "::1"):
        yield host
