"""`confab login` puts a key that works into config.json, and nothing that does not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.cli.login import command, logout
from confab_sync.errors import BackendError, ConfigError, UsageError
from confab_sync.presence import due
from tests.server.serving import Serving, serving

from .homes import Home, home, in_a_terminal

if TYPE_CHECKING:
    from pathlib import Path


def log_in(here: Home, *arguments: str, typed: str = "") -> str:
    result = CliRunner().invoke(
        command, list(arguments), obj=here.context, input=typed, catch_exceptions=False
    )
    return result.output


def config(here: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((here.confab / "config.json").read_text())
    return found


def test_key_from_standard_input_is_checked_and_kept(tmp_path: Path) -> None:
    here = home(tmp_path)
    with serving(tmp_path / "server") as server:
        key = server.key()
        said = log_in(here, "--backend-url", server.url + "/", "--api-key-stdin", typed=key + "\n")
    assert said == f"Logged in to {server.url} as owner@localhost; the key begins with {key[:8]}.\n"
    assert config(here) == {"backend_url": server.url, "api_key": key}
    assert (here.confab / "config.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("typed", ["", "nonsense\n", "cfb_short\n", "cfb_" + "x" * 20 + "\x07y\n"])
def test_what_is_no_key_is_not_sent(tmp_path: Path, typed: str) -> None:
    here = home(tmp_path)
    with pytest.raises(UsageError, match="no API key"):
        log_in(here, "--backend-url", "http://127.0.0.1:1", "--api-key-stdin", typed=typed)
    assert not (here.confab / "config.json").exists()


def test_key_that_the_server_does_not_know_changes_nothing(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text('{"backend_url": "https://a.b", "odd": 1}')
    key = "cfb_" + "x" * 40
    with serving(tmp_path / "server") as server, pytest.raises(BackendError) as refused:
        log_in(here, "--backend-url", server.url, "--api-key-stdin", typed=key)
    assert key not in str(refused.value)
    assert config(here) == {"backend_url": "https://a.b", "odd": 1}


def test_server_has_to_be_named_and_safe(tmp_path: Path) -> None:
    here = home(tmp_path)
    with pytest.raises(UsageError, match="--backend-url"):
        log_in(here)
    with pytest.raises(ConfigError, match="plain http"):
        log_in(
            here, "--backend-url", "http://203.0.113.1", "--api-key-stdin", typed="cfb_" + "x" * 40
        )


def approve(server: Serving, user_code: str) -> None:
    with server.store() as store:
        assert store.accounts.approve_device(user_code, 1)


def test_approved_code_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = home(tmp_path)
    waits: list[float] = []
    with serving(tmp_path / "server") as server:

        def pause(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                with server.store() as store, store._database.read() as connection:
                    row = connection.execute("SELECT user_code FROM device_codes").fetchone()
                approve(server, row[0])

        monkeypatch.setattr("time.sleep", pause)
        said = log_in(here, "--backend-url", server.url)
        monkeypatch.undo()
        code = re.search(rf"Open {server.url}/auth/device\?code=([A-Z0-9-]{{9}})\n", said)
        assert code is not None
        assert f"approve the code {code[1]} within 5 min." in said
        assert waits == [5.0, 5.0]
        with server.client(config(here)["api_key"]) as http:
            assert http.get("/api/v1/auth/validate").status_code == 200
        with server.store() as store:
            assert store.accounts.keys(1)[-1].name.endswith(" (Confab CLI)")


def test_logout_forgets_the_key_and_nothing_else(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert here.run(logout).output == "You are not logged in.\n"
    here.confab.mkdir()
    text = '{"backend_url": "https://a.b", "api_key": "cfb_x", "odd": 1}'
    (here.confab / "config.json").write_text(text)
    assert "Logged out" in here.run(logout).output
    assert config(here) == {"backend_url": "https://a.b", "api_key": "", "odd": 1}


def test_key_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    here = home(tmp_path)
    with serving(tmp_path / "server") as server:
        key = server.key()
        status, said = in_a_terminal(
            here, ["login", "--backend-url", server.url, "--api-key-stdin"], key, once="shown): "
        )
    assert status == 0
    assert "API key (not shown)" in said
    assert key not in said
    assert config(here)["api_key"] == key


def test_key_from_a_file_is_checked_and_kept(tmp_path: Path) -> None:
    here = home(tmp_path)
    file = tmp_path / "key"
    with serving(tmp_path / "server") as server:
        key = server.key()
        file.write_text(key + "\n")
        said = log_in(here, "--backend-url", server.url, "--api-key-file", str(file))
    assert key not in said
    assert config(here)["api_key"] == key
    for arguments in (["--api-key-stdin", "--api-key-file", str(file)], ["--api-key-file", "/no"]):
        with pytest.raises(UsageError):
            log_in(here, "--backend-url", "http://127.0.0.1:1", *arguments)


def test_sessions_that_ended_without_a_login_are_finished_at_once(tmp_path: Path) -> None:
    here = home(tmp_path)
    place = here.context.paths.finisher.due
    due.put_off(place, here.context.clock().timestamp() + 3600, failures=9)
    with serving(tmp_path / "server") as server:
        log_in(here, "--backend-url", server.url, "--api-key-stdin", typed=server.key())
    assert due.is_due(place, here.context.clock().timestamp())
