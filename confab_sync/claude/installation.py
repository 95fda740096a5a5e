"""Confab's hooks in one settings.json: put in, taken out, looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.claude import settings, settings_file
from confab_sync.claude.hookcommand import HOOKS
from confab_sync.claude.settings_origin import OriginFile, observed
from confab_sync.errors import SettingsError
from confab_sync.files import locked
from confab_sync.paths import make_private_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.claude.hookcommand import Hook


class Installation:
    """The `hooks` that call `launcher` in the settings file at `settings_path`.

    `memory_path` is a file of ours that remembers how the settings were before. All
    methods raise `SettingsError`; the settings are untouched then.
    """

    def __init__(
        self,
        settings_path: str,
        launcher: str,
        memory_path: str,
        hooks: Sequence[Hook] = HOOKS,
    ) -> None:
        self._hooks = hooks
        self.settings_path = os.path.abspath(settings_path)
        self._launcher = launcher
        self._memory_path = memory_path
        self._memory = OriginFile(memory_path)

    def inspect(self) -> settings.Inspection:
        """What is hooked to which event now."""
        data = settings_file.read(self.settings_path).data
        return settings.inspect(data, self._launcher, self.settings_path, hooks=self._hooks)

    def add(self, *, replace: bool = False) -> bool:
        """Bring all hooks in, one entry each; False when they were there already."""
        try:
            make_private_directory(os.path.dirname(self._memory_path), may_be_link=True)
            with locked(self._memory_path + ".lock"):
                return self._edit(lambda old: self._added(old, replace))
        except OSError as error:
            raise SettingsError(f"{error.filename}: {error.strerror}") from error

    def remove(self) -> bool:
        """Take every hook of ours out; False when there was none.

        What the first `add` changed is as it was, byte for byte.
        """
        known = self.settings_path in self._memory.all()
        data = settings_file.read(self.settings_path).data
        if settings.remove(data, self._launcher, self.settings_path, {}) == data and not known:
            return False
        try:
            make_private_directory(os.path.dirname(self._memory_path), may_be_link=True)
            with locked(self._memory_path + ".lock"):
                changed = self._edit(self._removed)
                self._memory.remember(self.settings_path, None)
        except OSError as error:
            raise SettingsError(f"{error.filename}: {error.strerror}") from error
        if changed:
            settings_file.drop_needless_backup(self.settings_path)
        return changed

    def _edit(self, change: settings_file.Change) -> bool:
        """Edit the file; the first time, with a backup."""
        first = self.settings_path not in self._memory.all()
        return settings_file.edit(self.settings_path, change, backup=first)

    def _added(self, old: bytes | None, replace: bool) -> bytes:
        new = settings.add(
            old, self._launcher, self.settings_path, replace=replace, hooks=self._hooks
        )
        if new != old:  # remembered first: an edit without a memory could not be undone exactly
            known = self._memory.all().get(self.settings_path, {})
            origin = observed(old, self._launcher, self.settings_path, known)
            self._memory.remember(self.settings_path, origin)
        return new

    def _removed(self, old: bytes | None) -> bytes | None:
        known = self._memory.all().get(self.settings_path, {})
        return settings.remove(old, self._launcher, self.settings_path, known)


def edited_settings(memory_path: str) -> list[str]:
    """The settings files that hooks were added to and not yet removed from."""
    return sorted(OriginFile(memory_path).all())
