"""Taking the settings out of a text, each checked: what is wrong is an error with its place."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from confab_sync import consent
from confab_sync.config.values import Binding, Config, Redaction, Send
from confab_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_LEVELS = ("debug", "info", "warn", "warning", "error")


def parse_config(data: bytes, path: str) -> Config:
    """The settings in a text; `path` is for the messages. Raises `ConfigError`."""
    try:
        text = data.decode("utf-8-sig")
        raw = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON ({error})") from error
    return _Reader(text, path).config(raw)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")


class _Reader:
    """Takes checked values out of the parsed text; `null` counts as absent, as in Go."""

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path

    def config(self, raw: Any) -> Config:
        if not isinstance(raw, dict):
            raise ConfigError(f"{self._path} should hold a JSON object")
        if (complaint := consent.complaint(raw)) is not None:
            self._fail(*complaint)
        return Config(
            backend_url=self._url(raw, "backend_url"),
            api_key=self._secret(raw, "api_key"),
            log_level=self._log_level(raw),
            auto_update=self._flag(raw, "auto_update"),
            allow_plain_http=self._flag(raw, "allow_plain_http", default=False),
            redaction=self._redaction(raw),
            send=self._send(raw),
            bindings=self._bindings(raw),
            raw=raw,
        )

    def _redaction(self, raw: Mapping[str, Any]) -> Redaction | None:
        if raw.get("redaction") is None:
            return None
        section = self._value(raw, "redaction", dict, {})
        patterns = self._value(section, "patterns", list, [], "redaction.")
        for pattern in patterns:
            if not isinstance(pattern, dict):
                self._fail("patterns", "redaction.patterns should be a list of objects")
            for key in ("name", "pattern", "type", "field_pattern"):
                self._value(pattern, key, str, "", "redaction.patterns: ")
            self._value(pattern, "capture_group", int, 0, "redaction.patterns: ")
        return Redaction(
            self._flag(section, "enabled", "redaction."),
            self._flag(section, "use_default_patterns", "redaction."),
            tuple(patterns),
        )

    def _send(self, raw: Mapping[str, Any]) -> Send:
        section = self._value(raw, "send", dict, {})
        return Send(
            self._flag(section, "hostname", "send."),
            self._flag(section, "username", "send."),
            self._flag(section, "paths", "send."),
        )

    def _bindings(self, raw: Mapping[str, Any]) -> dict[str, dict[str, Binding]]:
        providers = self._value(raw, "bindings", dict, {})
        return {
            provider: {
                directory: self._binding(directories, directory)
                for directory in self._value(providers, provider, dict, {}, "bindings.")
            }
            for provider, directories in providers.items()
        }

    def _binding(self, directories: Mapping[str, Any], directory: str) -> Binding:
        section = self._value(directories, directory, dict, {}, "bindings: ")
        where = f"bindings: {directory}: "
        url = self._url(section, "backend_url", where)
        embedded = self._flag(section, "embedded", where, default=False)
        if embedded and url:
            self._fail("embedded", f"{where}either embedded or backend_url, not both")
        key = self._secret(section, "api_key", where)
        return Binding(url, key, embedded, directory)

    def _url(self, section: Mapping[str, Any], key: str, where: str = "") -> str:
        url: str = self._value(section, key, str, "", where)
        try:
            parts = urlsplit(url)
            usable = not url or (parts.scheme in ("http", "https") and bool(parts.hostname))
        except ValueError:
            usable = False
        if not usable:
            self._fail(key, f"{where}{key} should begin with https:// and name a host")
        return url.rstrip("/")

    def _secret(self, section: Mapping[str, Any], key: str, where: str = "") -> str:
        secret: str = self._value(section, key, str, "", where)
        if not re.fullmatch(r"[!-~]*", secret):
            self._fail(key, f"{where}{key} has a character that no key has")
        return secret

    def _log_level(self, raw: Mapping[str, Any]) -> str:
        level: str = self._value(raw, "log_level", str, "") or "info"
        if level.lower() not in LOG_LEVELS:
            self._fail("log_level", f"log_level should be one of {', '.join(LOG_LEVELS)}")
        return level.lower()

    def _flag(
        self, section: Mapping[str, Any], key: str, where: str = "", *, default: bool = True
    ) -> bool:
        flag: bool = self._value(section, key, bool, default, where)
        return flag

    def _value(
        self, section: Mapping[str, Any], key: str, kind: type, default: Any, where: str = ""
    ) -> Any:
        value = section.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            name = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
            self._fail(key, f"{where}{key} should be {name.get(kind, 'a whole number')}")
        return value

    def _fail(self, key: str, why: str) -> NoReturn:
        """Raise, with the line of `key` where only one place in the text can be meant."""
        places = [m.start() for m in re.finditer(re.escape(json.dumps(key)) + r"\s*:", self._text)]
        line = f", line {self._text.count(chr(10), 0, places[0]) + 1}" if len(places) == 1 else ""
        raise ConfigError(f"{self._path}{line}: {' '.join(why.split())}")
