"""config.json: what the user has decided, in the schema that the Go CLI shares.

Nothing is ever guessed: a file that cannot be used is an error, not a default.
Source: contract §4.1 and §1.1.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn
from urllib.parse import urlsplit

from confab_sync import consent
from confab_sync.errors import ConfigError
from confab_sync.files import locked, replace_private_file
from confab_sync.paths import PROVIDER, make_private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOG_LEVELS = ("debug", "info", "warn", "warning", "error")


@dataclass(frozen=True, slots=True)
class Redaction:
    """The user's wishes about masking; `patterns` are the custom ones as they stand."""

    enabled: bool = True
    use_default_patterns: bool = True
    patterns: tuple[Mapping[str, object], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Send:
    """Which facts beside the lines are sent; what is false is left out for every backend."""

    hostname: bool = True
    username: bool = True
    paths: bool = True
    """Whether directories are named in full, and not only by their last part."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The backend that sessions of one Claude configuration directory go to."""

    backend_url: str = ""
    api_key: str = field(default="", repr=False)
    embedded: bool = False
    """Whether it is the store on this machine, said on purpose; a key of our own in the file."""
    directory: str = field(default="", compare=False)
    """The configuration directory that it is for; empty for the default one."""

    @property
    def is_usable(self) -> bool:
        """Whether it names a backend at all."""
        return self.embedded or bool(self.backend_url)

    @property
    def login(self) -> str:
        """The command that gets a key for it."""
        if not self.directory:
            return "confab login"
        return f"confab login --config-dir {shlex.quote(self.directory)}"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force; `raw` is the whole file, unknown keys included."""

    backend_url: str = ""
    api_key: str = field(default="", repr=False)
    log_level: str = "info"
    auto_update: bool = True
    allow_plain_http: bool = False
    """Whether a backend on another machine may be spoken to without TLS."""
    redaction: Redaction | None = None
    send: Send = Send()
    bindings: Mapping[str, Mapping[str, Binding]] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def backend(self) -> Literal["embedded", "http"]:
        """Where lines go: the embedded store unless a server is configured."""
        return "http" if self.backend_url else "embedded"

    @property
    def masks(self) -> bool:
        """Whether secrets are masked before anything is kept or sent; off only by setting."""
        return self.redaction is None or self.redaction.enabled

    def target(self, directory: str | None) -> Binding:
        """The backend of sessions whose assistant has its configuration in `directory`.

        None means the default directory. Another one without a binding must not fall back
        to the default backend once there are bindings at all (contract §4.1): `ConfigError`.
        """
        bound = self.bindings.get(PROVIDER, {})
        if directory is None or not bound:
            return Binding(self.backend_url, self.api_key)
        binding = bound.get(directory)
        if binding is None or not binding.is_usable:
            raise ConfigError(
                f"no backend is bound to {directory}, so nothing of it is sent; "
                "`confab setup --config-dir` binds one"
            )
        return binding

    @property
    def bound_directories(self) -> tuple[str, ...]:
        """Claude configuration directories that have a backend of their own, or had one."""
        return tuple(self.bindings.get(PROVIDER, {}))

    @property
    def directories_let_go(self) -> tuple[str, ...]:
        """Those of them that have none any more: nothing of their sessions is sent anywhere."""
        bound = self.bindings.get(PROVIDER, {})
        return tuple(each for each, binding in bound.items() if not binding.is_usable)


def load_config(path: str) -> Config:
    """Read and check the settings at `path`; a missing file means the defaults.

    Raises `ConfigError`, naming the file and where known the line (1-based) and the key,
    for what cannot be read, is not JSON or has a wrong type. No message holds a secret.
    """
    try:
        with open(path, "rb") as stream:
            if os.fstat(stream.fileno()).st_uid not in (0, os.geteuid()):
                raise ConfigError(f"{path} belongs to another user, whose wishes do not count here")
            data = stream.read()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    return parse_config(data, path)


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


def write_config(path: str, changes: Mapping[str, object]) -> Config:
    """Set top-level keys of the settings at `path`; None removes a key. Returns the result.

    Keys that are not named, known or not, keep their value and their place; but a key is for
    one server only, so another `backend_url` alone takes `api_key` away. The file and
    missing directories become private (0600, 0700); a symbolic link stays one. Raises
    `ConfigError`, and then nothing has changed.
    """
    return change_config(path, lambda _: changes)


def change_config(path: str, change: Callable[[Config], Mapping[str, object]]) -> Config:
    """Like `write_config`, with changes that depend on the settings in force.

    `change` is asked while other writers wait, so that none of two changes gets lost.
    """
    target = os.path.realpath(path)
    try:
        if not os.path.isdir(directory := os.path.dirname(target)):
            make_private_directory(directory, may_be_link=True)
        with locked(target + ".lock"):
            return _write_locked(path, target, change)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _write_locked(
    path: str, target: str, change: Callable[[Config], Mapping[str, object]]
) -> Config:
    exists = os.path.exists(target)
    before = load_config(path)
    changes = change(before)
    moves = changes.get("backend_url", before.backend_url) != before.backend_url
    if moves and "api_key" not in changes:
        changes = {**changes, "api_key": ""}
    merged = {**before.raw, **changes}
    wanted = {
        key: value for key, value in merged.items() if value is not None or key not in changes
    }
    text = json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair can only be written as an escape
        data = json.dumps(wanted, indent=2).encode("ascii") + b"\n"
    config = parse_config(data, path)
    if not exists or config.raw != before.raw:
        replace_private_file(target, data)
    elif os.stat(target).st_mode & 0o077:
        os.chmod(target, 0o600)
    return config


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
