"""Nothing is skipped in silence where everything is required."""

import os
import subprocess
import sys
from pathlib import Path

from integration.installed import REPOSITORY

_SKIPPING_TESTS = {
    "in_the_body": "import pytest\ndef test_it() -> None: pytest.skip('no root')\n",
    "by_mark": "import pytest\n@pytest.mark.skip(reason='no root')\ndef test_it() -> None: ...\n",
    "by_unittest": (
        "import unittest\nclass TestIt(unittest.TestCase):\n"
        "    def test_it(self) -> None: self.skipTest('no root')\n"
    ),
    "by_fixture": (
        "import pytest\n@pytest.fixture\ndef tool() -> None: pytest.skip('no root')\n"
        "def test_it(tool) -> None: ...\n"
    ),
    "as_a_module": "import pytest\npytest.skip('no root', allow_module_level=True)\n",
    "by_import": "import pytest\npytest.importorskip('no_root', reason='no root')\n",
}


def _run(directory: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    options = ["-p", "conftest", "-p", "no:cacheprovider", "-rfE"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--continue-on-collection-errors"],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "CONFAB_REQUIRE_ALL": require_all},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_kind_of_skip_is_a_failure_with_its_reason_where_all_is_required(
    tmp_path: Path,
) -> None:
    for way, content in _SKIPPING_TESTS.items():
        (tmp_path / f"test_{way}.py").write_text(content)
    told = _run(tmp_path, "1").stdout
    bad = {line.split()[1] for line in told.splitlines() if line.startswith(("FAILED", "ERROR"))}
    assert {name.partition(".")[0] for name in bad} == {f"test_{way}" for way in _SKIPPING_TESTS}
    assert told.count("CONFAB_REQUIRE_ALL is set, so nothing may be skipped: ") >= len(bad)
    assert "no root" in told


def test_a_skip_is_only_a_skip_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(_SKIPPING_TESTS["in_the_body"])
    assert _run(tmp_path, "").returncode == 0


def test_an_expected_failure_is_not_a_skip(tmp_path: Path) -> None:
    (tmp_path / "test_expected.py").write_text(
        "import pytest\n@pytest.mark.xfail\ndef test_it() -> None: assert False\n"
    )
    assert _run(tmp_path, "1").returncode == 0
