"""What of this machine may be copied now, as far as the user's own settings decide it.

Asked by hooks for every session, so it imports next to nothing. Source: issue 4, "What
is sent at all".
"""

from __future__ import annotations

import os
import time

from confab_sync import quickjson
from confab_sync.paths import MARKER_FILE, is_marked, lineage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

IGNORE = "ignore"
PAUSED = "paused"
"""The keys of config.json: a list of absolute directories; an object `since`, `until`."""

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
"""How the moments of a pause are written: UTC to the second, so that text sorts as time does."""

_IGNORED_BY = "ignored: "
_FILE_IN = f"{_IGNORED_BY}{MARKER_FILE} in "
_PAUSED = "paused"
_MALFORMED = "{}: {} in config.json should be {}"
_SHAPES = {
    IGNORE: "a list of absolute paths",
    PAUSED: 'an object with moments like "2030-12-31T23:59:59Z" in "since" and "until"',
}


def refusal(
    settings: Mapping[str, Any] | None, directories: Iterable[str], now: float
) -> str | None:
    """Why nothing of a session may be copied now; None when it may.

    `settings` is the content of config.json, None when there is none; `directories` are
    those the session works or has worked in; `now` is in seconds since the epoch. A rule
    counts for its directory and all below it, whatever links lead there and however the
    file system lets names be written. A setting that cannot be understood, or rules without
    a known directory, refuse.
    """
    return _ignored(settings or {}, directories) or pause(settings, now)


def pause(settings: Mapping[str, Any] | None, now: float) -> str | None:
    """Why nothing of any session is copied now: "paused", perhaps with its end; else None."""
    value = (settings or {}).get(PAUSED)
    if value is None:
        return None
    if not _is_pause(value):
        return _MALFORMED.format(_PAUSED, PAUSED, _SHAPES[PAUSED])
    until: str | None = value.get("until")
    if until is None:
        return _PAUSED
    return f"{_PAUSED} until {until}" if moment(now) < until else None


def moment(seconds: float) -> str:
    """A moment (seconds since the epoch) as a pause's `since` and `until` are written."""
    return time.strftime(MOMENT, time.gmtime(seconds))


def read_settings(path: str) -> Mapping[str, Any]:
    """The content of config.json, links followed; empty where there is none to be understood.

    Then nothing is refused here: a daemon loads the same file before it sends anything, and
    says what is wrong with it.
    """
    return quickjson.read_object(path)


def is_understood(path: str) -> bool:
    """Whether `read_settings` has found all there is: an object in config.json, or no file."""
    try:
        with open(path, "rb") as stream:
            content = stream.read(quickjson.LARGEST)
        return isinstance(quickjson.loads(content.decode("utf-8").removeprefix("\ufeff")), dict)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def is_refusal(reason: str) -> bool:
    """Whether a session's marker says one of the reasons that `refusal` gives.

    Such a reason is over when `refusal` no longer gives one; every other stays.
    """
    return reason.startswith(_IGNORED_BY) or is_pause(reason)


def is_pause(reason: str) -> bool:
    """Whether a marker's reason is a pause, so that all is to be copied once it is over."""
    return reason == _PAUSED or reason.startswith((f"{_PAUSED} until ", f"{_PAUSED}: "))


def ruled_directory(reason: str) -> str | None:
    """The directory whose rule or file led to `reason`; None when it was neither.

    To be asked about as one of the session's directories: a session that was ignored once
    has lines of that directory in it, and stays ignored after it has gone elsewhere.
    """
    for start in (_FILE_IN, _IGNORED_BY):
        if reason.startswith(f"{start}/"):
            return reason[len(start) :]
    return None


def is_over(reason: str, settings: Mapping[str, Any] | None, now: float) -> bool:
    """Whether a marker's reason was given by `refusal` and holds no longer."""
    if is_pause(reason):
        return pause(settings, now) is None
    if not is_refusal(reason):
        return False
    ruled = ruled_directory(reason)
    return _ignored(settings or {}, [] if ruled is None else [ruled]) is None


def complaint(settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first key of `settings` that cannot be understood, and what it should be."""
    for key, is_fine in ((IGNORE, _is_rules), (PAUSED, _is_pause)):
        value = settings.get(key)
        if value is not None and not is_fine(value):
            return key, f"{key} should be {_SHAPES[key]}"
    return None


def absolute(path: str, cwd: str, home: str) -> str:
    """A path as a rule keeps it: absolute, without `~`, `.`, `..` and a slash at the end.

    A link stays one, so that a rule follows it; only where `..` leads depends on links.
    """
    if path == "~" or path.startswith("~/"):
        path = home + path[1:]
    path = os.path.join(cwd, path)
    if ".." in path.split("/"):
        return os.path.realpath(path)
    return "/" + os.path.normpath(path).lstrip("/")


def _ignored(settings: Mapping[str, Any], directories: Iterable[str]) -> str | None:
    value = settings.get(IGNORE)
    rules: list[str] = [] if value is None else value
    if not _is_rules(rules):
        return _MALFORMED.format(_IGNORED_BY[:-2], IGNORE, _SHAPES[IGNORE])
    places = dict.fromkeys(place for one in dict.fromkeys(directories) for place in lineage(one))
    for place in places:
        if is_marked(place):
            return _FILE_IN + place
    if not rules:
        return None
    if not places:
        return f"{_IGNORED_BY}there are rules, and its directory is not known"
    files = {_file(place) for place in places} - {None}
    for rule in rules:
        file = _file(rule)
        # A directory that is gone can only be told by its name.
        if file in files if file else os.path.realpath(rule) in places:
            return _IGNORED_BY + rule
    return None


def _file(path: str) -> tuple[int, int] | None:
    """What a directory is, however its name is written: some file systems pass over case."""
    try:
        there = os.stat(path)
    except OSError:
        return None
    return (there.st_dev, there.st_ino)


def _is_rules(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_rule, value))


def _is_rule(value: object) -> bool:
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        return False
    try:
        os.fsencode(value)
    except ValueError:
        return False
    return True


def _is_pause(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(_is_moment(value.get(key)) for key in ("since", "until"))


def _is_moment(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or len(value) != len("2030-12-31T23:59:59Z"):
        return False
    return all(
        there.isdigit() and there.isascii() if wanted == "0" else there == wanted
        for there, wanted in zip(value, "0000-00-00T00:00:00Z", strict=True)
    )
