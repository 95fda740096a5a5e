"""What of a path may be put on record."""

from __future__ import annotations

import pytest

from confab_sync.errors import ConfigError
from confab_sync.paths import HIDDEN
from confab_sync.redaction.discretion import Discretion, hidden, is_hidden

TOKEN = "gh" + "p_" + "a1B2c3D4e5" * 3 + "f6G7h8"
CWD = f"/home/ann/{TOKEN}/app"
TRANSCRIPT = f"/home/ann/.claude/projects/-home-ann-{TOKEN.replace('_', '-')}-app/s.jsonl"
CLEAN = "/home/ann/.claude/projects/-home-ann-app/s.jsonl"


def broken() -> None:
    raise ConfigError("config.json cannot be read")


def test_an_ordinary_path_stays_and_no_masker_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "confab_sync.redaction.configured", None)
    discretion = Discretion()
    assert discretion.text("/home/ann/app") == "/home/ann/app"
    assert discretion.transcript(CLEAN, "/home/ann/app") == CLEAN


def test_only_the_secret_of_a_directory_is_masked() -> None:
    assert Discretion().text(CWD) == "/home/ann/[REDACTED:GITHUB_TOKEN]/app"


def test_what_only_looks_like_a_secret_stays() -> None:
    store = "/nix/store/0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p-hello"
    assert Discretion().text(store) == store


def test_the_directory_of_a_transcript_is_hidden_as_a_whole() -> None:
    expected = f"/home/ann/.claude/projects/{HIDDEN}/s.jsonl"
    assert Discretion().transcript(TRANSCRIPT, "/elsewhere") == expected
    assert Discretion().transcript(CLEAN, CWD) == expected
    assert Discretion().transcript(CLEAN, "/home/[REDACTED:GITHUB_TOKEN]") == expected
    assert Discretion().transcript(expected, "/elsewhere") == expected
    assert hidden(TRANSCRIPT) == expected
    assert is_hidden(expected)
    assert not is_hidden(TRANSCRIPT)


def test_switched_off_nothing_is_masked() -> None:
    off = Discretion(lambda: {"enabled": False})
    assert off.text(CWD) == CWD
    assert off.transcript(TRANSCRIPT, CWD) == TRANSCRIPT


def test_the_users_patterns_count_too() -> None:
    pattern = {"name": "Staff", "type": "staff", "pattern": "E-[0-9]{6}"}
    discretion = Discretion(lambda: {"patterns": [pattern]})
    assert discretion.text("/home/E-123456/app") == "/home/[REDACTED:STAFF]/app"
    assert is_hidden(discretion.transcript("/p/-home-E-123456-app/s.jsonl"))
    assert discretion.transcript(CLEAN, "/home/ann/app") == CLEAN


@pytest.mark.parametrize(
    "discretion",
    [
        Discretion(broken),
        Discretion(lambda: {"patterns": [{"name": "x", "type": "x", "pattern": "("}]}),
    ],
    ids=["unreadable", "bad pattern"],
)
def test_what_cannot_be_judged_is_left_out(discretion: Discretion) -> None:
    assert discretion.text("/home/ann/app") == ""
    assert is_hidden(discretion.transcript(CLEAN, "/home/ann/app"))


def test_a_change_of_the_configuration_is_noticed() -> None:
    stated: dict[str, object] = {}
    discretion = Discretion(lambda: dict(stated))
    assert discretion.text(CWD) != CWD
    stated["enabled"] = False
    assert discretion.text(CWD) == CWD
