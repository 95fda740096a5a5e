"""The settings of config.json under dotted keys, as `confab config` shows and changes them."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from confab_sync import consent
from confab_sync.cli.connecting import key_prefix
from confab_sync.config import Config, Redaction
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

API_KEY = "api_key"
"""The last part of every key whose value is a secret."""

_NOT_SETTINGS = ("raw",)

_OF_COMMANDS = {
    consent.IGNORE: "`confab ignore --list` shows what is ignored, `confab ignore PATH` adds to it",
    consent.PAUSED: "`confab status` shows a pause, `confab pause` and `confab resume` change it",
}
"""Keys of config.json that have commands of their own, and which."""

_OF_THE_OTHER = ("auto_update",)
"""What only the Go CLI heeds: it is kept, but where it is not set nothing follows from it."""


def defaults() -> dict[str, object]:
    """What holds where config.json says nothing, by dotted key; only what has a value then."""
    config = asdict(Config(redaction=Redaction()))
    for key in (*_NOT_SETTINGS, API_KEY, "bindings", *_OF_THE_OTHER):
        del config[key]
    return dict(flat(config))


def flat(section: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Each value that is no object, with its dotted key, in the order of the file."""
    for key, value in section.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{above}{key}.")
        else:
            yield above + key, list(value) if isinstance(value, tuple) else value


def shown(value: object, key: str = "") -> object:
    """The value with each API key cut down to as much of it as may be shown."""
    if isinstance(value, dict):
        return {name: shown(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [shown(inner, key) for inner in value]
    if key.rpartition(".")[2] == API_KEY and isinstance(value, str) and value:
        return f"{key_prefix(value)}…"
    return value


def found(section: Mapping[str, Any], key: str) -> object:
    """The value under a dotted key. Raises `KeyError` when there is none."""
    value: Any = section
    for part in _path(key):
        if not isinstance(value, dict):
            raise KeyError(key)
        value = value[part]
    return value


def changed(section: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    """A copy of the section with `value` under the dotted key; None removes what is there.

    Raises `UsageError` when something on the way there is no object.
    """
    result = copy.deepcopy(dict(section))
    *way, last = _path(key)
    inner = result
    for part in way:
        if inner.get(part) is None:
            inner[part] = {}
        inner = inner[part]
        if not isinstance(inner, dict):
            raise UsageError(f"{key}: '{part}' is no group of settings in config.json")
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = value
    return result


def check_is_known(key: str) -> None:
    """Raise `UsageError` for a key that no confab reads: a slip of the pen would be silent."""
    known = {field.name for field in fields(Config)} - {*_NOT_SETTINGS}
    top, *rest = _path(key)
    groups = {name.partition(".")[0] for name in defaults() if "." in name}
    if top in _OF_COMMANDS:
        raise UsageError(f"'{key}' is no setting of its own; {_OF_COMMANDS[top]}")
    if top not in known:
        raise UsageError(f"there is no setting '{key}'; there are {', '.join(sorted(known))}")
    if top in groups and rest and key not in defaults():
        inside = sorted(name for name in defaults() if name.startswith(f"{top}."))
        raise UsageError(f"there is no setting '{key}'; there are {', '.join(inside)}")


def parsed(text: str) -> object:
    """The value that a person typed: JSON, or else the text itself."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def holds_a_secret(key: str, value: object) -> bool:
    """Whether this is, or has in it, an API key."""
    if isinstance(value, dict):
        return any(holds_a_secret(name, inner) for name, inner in value.items())
    if isinstance(value, list):
        return any(holds_a_secret(key, inner) for inner in value)
    return _path(key)[-1] == API_KEY and bool(value)


def _path(key: str) -> list[str]:
    return key.split(".")


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
