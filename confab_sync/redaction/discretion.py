"""What of a path or a word from outside may be put on record on this machine.

State, inbox and registry hold paths, and a directory may be called after a token. Imported by
hooks, so the masker is loaded only for what looks suspicious, or if the user has patterns.
"""

from __future__ import annotations

from confab_sync.early_errors import ConfigError
from confab_sync.paths import HIDDEN
from confab_sync.redaction.suspicion import looks_ordinary, looks_ordinary_flattened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confab_sync.redaction.masker import Masker
    from confab_sync.redaction.verdicts import Verdicts

    Stated = Mapping[str, object] | None

REDACTED = "[REDACTED:"
"""How the marker begins that stands in place of a secret."""


class Discretion:
    """Decides by the `redaction` object of config.json, which `stated` looks up.

    `stated` raises `ConfigError` when that cannot be known. Then, and when a pattern of the
    user's cannot be used, what might be a secret is left out. What the
    masker left as it is may be `remembered_at` a place, for others who would have to load it.
    """

    def __init__(
        self, stated: Callable[[], Stated] = lambda: None, remembered_at: str = ""
    ) -> None:
        self._stated = stated
        self._remembered_at = remembered_at
        self._made: tuple[Stated, Masker | None] | None = None

    def text(self, text: str) -> str:
        """`text` without its secrets; empty when it cannot be told whether it has any."""
        try:
            stated = self._stated()
            if not text or _is_off(stated):
                return text
            if not _has_patterns(stated) and looks_ordinary(text):
                return text
            verdicts = self._verdicts()
            if verdicts is not None and verdicts.knows(stated, text):
                return text
            masker = self._masker(stated)
        except ConfigError:
            return ""
        masked = text if masker is None else masker.mask_text(text)
        if verdicts is not None and masked == text:
            verdicts.remember(stated, text)
        return masked

    def transcript(self, path: str, cwd: str = "") -> str:
        """The path of a transcript; its directory's name is hidden if it may hold a secret.

        That name is made from the working directory with `-` for every sign, so no rule knows a
        token in it any more: it is hidden as a whole when it looks suspicious, or when there is
        a secret in `cwd`. The transcript is found again by its own name.
        """
        parent, project, base = _parts(path)
        if not project or project == HIDDEN:
            return path
        try:
            stated = self._stated()
            if _is_off(stated):
                return path
            hides = not looks_ordinary_flattened(project)
            if not hides and _has_patterns(stated):
                hides = self.text(project) != project
        except ConfigError:
            hides = True
        if hides or REDACTED in cwd or self.text(cwd) != cwd:
            return hidden(path)
        return f"{parent}/{project}/{base}"

    def _verdicts(self) -> Verdicts | None:
        if not self._remembered_at:
            return None
        from confab_sync.redaction.verdicts import Verdicts

        return Verdicts(self._remembered_at)

    def _masker(self, stated: Stated) -> Masker | None:
        """The masker of this configuration; kept, because making one takes a while."""
        if self._made is None or self._made[0] != stated:
            from confab_sync.redaction.configured import masker_from

            self._made = (stated, masker_from(stated))
        return self._made[1]


def hidden(path: str) -> str:
    """The path of a transcript without the name of the directory that it lies in."""
    parent, project, base = _parts(path)
    return f"{parent}/{HIDDEN}/{base}" if project else path


def is_hidden(path: str) -> bool:
    """Whether a directory's name was left out of `path`."""
    return HIDDEN in path


def _parts(path: str) -> tuple[str, str, str]:
    directory, _, base = path.rpartition("/")
    parent, _, project = directory.rpartition("/")
    return parent, project, base


def _is_off(stated: Stated) -> bool:
    return bool(stated) and stated is not None and stated.get("enabled") is False


def _has_patterns(stated: Stated) -> bool:
    return bool(stated) and stated is not None and bool(stated.get("patterns"))
