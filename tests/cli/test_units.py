"""The units start this confab with these options, whatever is in their words."""

from __future__ import annotations

import configparser
import os
import plistlib
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.cli.serve import group
from confab_sync.cli.units import LAUNCHD, SYSTEMD, _quoted, unit
from confab_sync.errors import ServerError, UsageError
from tests.cli.archives import Home
from tests.cli.homes import home
from tests.server.certificates import certificate

if TYPE_CHECKING:
    from pathlib import Path

ODD = ["--tls-cert", 'a "b" %h $HOME;\\c.pem', "--keep", "400d"]


def systemd(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_systemd_starts_the_same_server(tmp_path: Path) -> None:
    here = Home(tmp_path)
    service = systemd(unit(SYSTEMD, ODD, here.paths, here.environ, "/usr/bin/python3"))["Service"]
    plain = service["ExecStart"].replace("%%", "%").replace("$$", "$")
    assert shlex.split(plain) == ["/usr/bin/python3", "-P", "-m", "confab_sync", "serve", *ODD]
    assert service["Environment"] == f"CONFAB_HOME={here.paths.home}"
    assert service["Restart"] == "on-failure"


def test_launchd_starts_the_same_server(tmp_path: Path) -> None:
    here = Home(tmp_path)
    text = unit(LAUNCHD, ODD, here.paths, here.environ, "/usr/bin/python3")
    content = plistlib.loads(text.encode())
    expected = ["/usr/bin/python3", "-P", "-m", "confab_sync", "serve", *ODD]
    assert content["ProgramArguments"] == expected
    assert content["EnvironmentVariables"] == {"CONFAB_HOME": here.paths.home}
    assert content["StandardErrorPath"] == f"{here.paths.logs}/serve.log"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_a_word_is_one_word_for_systemd(word: str) -> None:
    (found,) = shlex.split(_quoted(word))
    assert found == word.replace("%", "%%")


def test_what_is_typed_becomes_part_of_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = home(tmp_path)
    monkeypatch.chdir(tmp_path)
    certificate(tmp_path)
    typed = ["--host", "0.0.0.0", "--tls-cert", "cert.pem", "--tls-key", "key.pem", "--keep", "12w"]
    said = here.run(group, *typed, "--print-unit", "systemd").output
    words = shlex.split(systemd(said)["Service"]["ExecStart"])
    assert words[:5] == [sys.executable, "-P", "-m", "confab_sync", "serve"]
    assert words[words.index("--tls-cert") + 1] == str(tmp_path / "cert.pem")
    assert words[-2:] == ["--keep", "12w"]
    assert plistlib.loads(here.run(group, *typed, "--print-unit", "launchd").output.encode())
    assert not os.path.exists(here.context.paths.store)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(["--host", "0.0.0.0"], ServerError), (["--keep", "soon"], UsageError)],
)
def test_a_unit_that_could_not_start_is_not_printed(
    tmp_path: Path, arguments: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        home(tmp_path).run(group, *arguments, "--print-unit", "systemd")
