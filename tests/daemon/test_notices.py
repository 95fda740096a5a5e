"""What the user reads at the next session start of a backend that takes nothing."""

from __future__ import annotations

from pathlib import Path

from confab_sync.daemon.log import Log
from confab_sync.daemon.notices import Notices
from confab_sync.errors import BackendUnauthorized, BackendUnavailable, ConfigError
from confab_sync.paths import Paths
from confab_sync.presence import notice
from tests.daemon.factories import report


def notices(paths: Paths, directory: str | None = None) -> Notices:
    return Notices(paths, lambda: directory, Log(paths.logs, "s", lambda: "T"))


def home(tmp_path: Path) -> Paths:
    return Paths({"CONFAB_HOME": str(tmp_path)})


def test_unusable_settings_are_told_once_and_forgotten_when_they_are_mended(tmp_path: Path) -> None:
    paths = home(tmp_path)
    told = notices(paths)
    for _ in range(2):
        told.unusable(ConfigError("no key"))
    assert notice.take(paths) == "confab does not archive: no key"
    told.unusable(ConfigError("no key"))
    assert notice.take(paths) is None
    told.usable()
    told.unusable(ConfigError("no key"))
    assert notice.take(paths) == "confab does not archive: no key"


def test_a_key_that_does_not_work_is_told_until_one_does(tmp_path: Path) -> None:
    paths = home(tmp_path)
    told = notices(paths)
    for _ in range(3):
        told.cycle(report(error=BackendUnauthorized("unknown key")))
        told.cycle(report(error=BackendUnavailable("down")))
        assert notice.take(paths) == "confab does not archive: unknown key"
        told.cycle(report())


def test_the_key_of_one_backend_says_nothing_of_the_trouble_with_another(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notices(paths, "/home/u/.claude-work").cycle(report(error=BackendUnauthorized("unknown key")))
    notices(paths).cycle(report())
    assert notice.take(paths) == "confab does not archive: unknown key"


def test_a_notice_that_cannot_be_written_ends_no_cycle(tmp_path: Path) -> None:
    in_its_place = tmp_path / "home"
    in_its_place.touch()
    paths = home(in_its_place)
    notices(paths).unusable(ConfigError("no key"))
    assert notice.take(paths) is None
