"""What the masker found nothing in is remembered, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from confab_sync.redaction import configured
from confab_sync.redaction.discretion import Discretion
from confab_sync.redaction.verdicts import LARGEST, Verdicts

STAFF = {"patterns": [{"name": "Staff", "type": "staff", "pattern": "E-[0-9]{6}"}]}
OTHER = {"patterns": [{"name": "Staff", "type": "staff", "pattern": "ann"}]}
ORDINARY = "/home/ann/app"
SECRET = "/home/E-123456/app"


def place(tmp_path: Path) -> str:
    return str(tmp_path / "ordinary")


def discretion(tmp_path: Path, stated: Mapping[str, object]) -> Discretion:
    """As each hook makes one anew."""
    return Discretion(lambda: stated, place(tmp_path))


def test_ordinary_path_needs_the_masker_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert discretion(tmp_path, STAFF).text(ORDINARY) == ORDINARY
    monkeypatch.setattr(configured, "masker_from", None)
    assert discretion(tmp_path, STAFF).text(ORDINARY) == ORDINARY
    with pytest.raises(TypeError):
        discretion(tmp_path, STAFF).text(ORDINARY + "/x")


def test_secret_is_masked_each_time_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        assert discretion(tmp_path, STAFF).text(SECRET) == "/home/[REDACTED:STAFF]/app"
    assert not os.path.exists(place(tmp_path))


def test_verdict_holds_for_the_patterns_that_it_was_found_with(tmp_path: Path) -> None:
    assert discretion(tmp_path, STAFF).text(ORDINARY) == ORDINARY
    assert discretion(tmp_path, OTHER).text(ORDINARY) == "/home/[REDACTED:STAFF]/app"
    assert discretion(tmp_path, STAFF).text(ORDINARY) == ORDINARY


def test_verdict_holds_for_the_program_that_found_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = Verdicts(place(tmp_path))
    verdicts.remember(STAFF, ORDINARY)
    assert verdicts.knows(STAFF, ORDINARY)
    monkeypatch.setattr("confab_sync.redaction.verdicts.__version__", "0")
    assert not verdicts.knows(STAFF, ORDINARY)


def test_file_is_private_and_holds_no_text(tmp_path: Path) -> None:
    discretion(tmp_path, STAFF).text(ORDINARY)
    file = Path(place(tmp_path))
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"ann" not in file.read_bytes()


def test_file_that_has_grown_large_is_begun_anew(tmp_path: Path) -> None:
    file = Path(place(tmp_path))
    file.write_bytes(b"x" * LARGEST)
    verdicts = Verdicts(str(file))
    verdicts.remember(STAFF, ORDINARY)
    assert file.stat().st_size < 100
    assert verdicts.knows(STAFF, ORDINARY)


@pytest.mark.parametrize("what", ["directory", "link", "nothing"])
def test_where_nothing_can_be_kept_the_masker_is_asked_each_time(tmp_path: Path, what: str) -> None:
    file = Path(place(tmp_path))
    if what == "directory":
        file.mkdir()
    elif what == "link":
        file.symlink_to(tmp_path / "elsewhere")
    else:
        file = tmp_path / "missing" / "ordinary"
    verdicts = Verdicts(str(file))
    for _ in range(2):
        assert Discretion(lambda: STAFF, str(file)).text(ORDINARY) == ORDINARY
        assert not verdicts.knows(STAFF, ORDINARY)
    assert not (tmp_path / "elsewhere").exists()


def test_settings_that_cannot_be_compared_are_not_remembered(tmp_path: Path) -> None:
    odd = {**STAFF, "weight": 0.5}
    assert discretion(tmp_path, odd).text(ORDINARY) == ORDINARY
    assert not os.path.exists(place(tmp_path))
