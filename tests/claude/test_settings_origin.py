"""What is remembered of settings.json, so that removing restores its bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.settings import Origin, add, remove
from confab_sync.claude.settings_origin import OriginFile, observed
from confab_sync.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

LAUNCHER = "/home/u/.confab/bin/confab"
EVENTS_ABSENT = dict.fromkeys(["hooks.SessionStart", "hooks.SessionEnd", "hooks.UserPromptSubmit"])


def origin_of(data: bytes | None, known: Origin | None = None) -> Origin:
    return observed(data, LAUNCHER, "settings.json", known or {})


def added(data: bytes | None) -> bytes:
    return add(data, LAUNCHER, "settings.json")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, {"file": None, "hooks": None, **EVENTS_ABSENT}),
        (b"\xef\xbb\xbf\r\n", {"file": "\ufeff\r\n", "hooks": None, **EVENTS_ABSENT}),
        (b"{ }", {"root": " ", "hooks": None, **EVENTS_ABSENT}),
        (b'{"a": 1}', {"hooks": None, **EVENTS_ABSENT}),
        (b'{"hooks": {\t}}', {"hooks": "\t", **EVENTS_ABSENT}),
        (b'{"hooks": {"Stop": []}}', EVENTS_ABSENT),
        (b'{"hooks": {"SessionEnd": [\n]}}', {**EVENTS_ABSENT, "hooks.SessionEnd": "\n"}),
    ],
)
def test_what_was_missing_or_empty_is_remembered(data: bytes | None, expected: Origin) -> None:
    assert origin_of(data) == expected


@pytest.mark.parametrize("data", [None, b"", b"{}", b'{"hooks": {}}', b'{"hooks": {"Stop": []}}'])
def test_our_own_entries_do_not_overwrite_the_memory(data: bytes | None) -> None:
    first = origin_of(data)
    assert origin_of(added(data), first) == first


def test_a_container_that_the_user_has_filled_since_is_the_users() -> None:
    first = origin_of(None)
    mixed = added(b'{"hooks": {"Stop": []}}')
    second = origin_of(mixed, first)
    assert "hooks" not in second
    assert "file" not in second
    assert second["hooks.SessionStart"] is None
    assert remove(mixed, LAUNCHER, "settings.json", second) == b'{"hooks": {"Stop": []}}'


def test_text_that_cannot_be_edited_is_refused() -> None:
    with pytest.raises(SettingsError):
        origin_of(b'{"hooks": 1}')


def test_origins_of_several_settings_files_are_kept_apart(tmp_path: Path) -> None:
    memory = OriginFile(str(tmp_path / "memory.json"))
    memory.remember("/a", {"file": None})
    memory.remember("/b\udcff", {"hooks": " "})
    assert memory.all() == {"/a": {"file": None}, "/b\udcff": {"hooks": " "}}
    memory.remember("/a", None)
    assert memory.all() == {"/b\udcff": {"hooks": " "}}
    assert (tmp_path / "memory.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"/a": 1}', b'{"/a": {"x": 1}}', b"\xff"])
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "memory.json").write_bytes(content)
    memory = OriginFile(str(tmp_path / "memory.json"))
    assert memory.all() == {}
    memory.remember("/a", {"file": None})
    assert json.loads((tmp_path / "memory.json").read_bytes()) == {"/a": {"file": None}}
