"""What a process that outlives its starter inherits."""

from __future__ import annotations

import os

import pytest

from confab_sync.inheritance import ADDED, close_descriptors_above, kept_environment
from tests.processes import finish, python


def test_a_detached_process_inherits_no_key_and_no_token() -> None:
    environ = {
        "HOME": "/h",
        "PATH": "/bin",
        "LC_ALL": "C",
        "XDG_DATA_HOME": "/d",
        "CONFAB_HOME": "/c",
        "CLAUDE_CONFIG_DIR": "/k",
        "https_proxy": "http://proxy",
        "SSL_CERT_FILE": "/certs",
    }
    secrets = {
        "ANTHROPIC_API_KEY": "sk",
        "CLAUDE_CODE_MESSAGING_TOKEN": "t",
        "CLAUDE_PID": "7",
        "LD_PRELOAD": "x.so",
        "PYTHONPATH": "/p",
        "AWS_SECRET_ACCESS_KEY": "s",
    }
    assert kept_environment({**environ, **secrets}) == {**environ, **ADDED}


CLOSING = """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from confab_sync.inheritance import close_descriptors_above
high = os.dup2(1, 700)
close_descriptors_above(2)
open_ones = []
for number in range(1024):
    try:
        os.fstat(number)
    except OSError:
        continue
    open_ones.append(number)
print(open_ones)
"""


def test_every_descriptor_above_is_closed_however_high() -> None:
    assert finish(python(CLOSING)).strip() == "[0, 1, 2]"


def test_descriptors_are_closed_without_a_list_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[tuple[int, int]] = []

    def no_list(path: str) -> list[str]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "listdir", no_list)
    monkeypatch.setattr(os, "closerange", lambda low, high: closed.append((low, high)))
    close_descriptors_above(3)
    assert closed == [(4, 65536)]


@pytest.mark.parametrize("name", ["CONFAB_API_KEY", "CONFAB_TOKEN", "XDG_MY_SECRET", "LC_PASSWORD"])
def test_variable_of_a_kept_kind_that_is_called_a_secret_is_not_inherited(name: str) -> None:
    assert kept_environment({name: "x", "CONFAB_HOME": "/h"}) == {"CONFAB_HOME": "/h", **ADDED}
