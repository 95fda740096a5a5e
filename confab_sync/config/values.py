"""The settings in force, and what follows from them: whether to mask, which backend is whose."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from confab_sync.errors import ConfigError
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Mapping


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
