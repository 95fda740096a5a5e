"""A switch changes one place of a copy, and only in a way that leaves a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.faults.switches import BadSwitch, apply
from integration.faults.table import Switch

SOURCE = "import os\n\n\ndef is_there(path):\n    return os.path.exists(path)\n"


def switched(tmp_path: Path, replace: str, by: str) -> str:
    (tmp_path / "one.py").write_text(SOURCE)
    apply(Switch("one.py", replace, by), tmp_path)
    return (tmp_path / "one.py").read_text()


def test_the_place_is_replaced(tmp_path: Path) -> None:
    assert switched(tmp_path, "os.path.exists(path)", "False").endswith("return False\n")


@pytest.mark.parametrize("replace", ["nowhere", "path"])
def test_a_place_that_is_missing_or_not_the_only_one_is_told(tmp_path: Path, replace: str) -> None:
    with pytest.raises(BadSwitch, match="times in one"):
        switched(tmp_path, replace, "x")


@pytest.mark.parametrize("by", ["nobody", "(", "return"])
def test_what_would_make_any_test_fail_is_no_switch(tmp_path: Path, by: str) -> None:
    with pytest.raises(BadSwitch, match="nonsense"):
        switched(tmp_path, "os.path.exists(path)", by)
