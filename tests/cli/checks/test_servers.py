"""Servers are asked, not for long, and what is wrong is named with what to do."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme

from confab_sync.cli import reaching
from confab_sync.cli.checks import servers
from confab_sync.cli.checks.check import Check
from confab_sync.config import load_config
from confab_sync.presence import notice
from tests.backends.http.api import KEY, Api
from tests.backends.http.socket_server import Handler, serving
from tests.cli.checks.finding import none, one
from tests.cli.homes import Home, home
from tests.server.serving import serving as confab_serving


def logged_in(tmp_path: Path, url: str, key: str = KEY, **environ: str) -> Home:
    here = home(tmp_path, **environ)
    here.confab.mkdir()
    (here.confab / "config.json").write_text(json.dumps({"backend_url": url, "api_key": key}))
    return here


def looked_at(here: Home) -> list[Check]:
    return list(servers.checks(here.context))


@contextmanager
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_embedded_store_needs_no_server(tmp_path: Path) -> None:
    (found,) = looked_at(home(tmp_path))
    assert found.verdict == "ok"


def test_a_server_that_knows_the_key_is_fine_and_its_clock_too(tmp_path: Path) -> None:
    with confab_serving(tmp_path / "server") as server:
        here = logged_in(tmp_path, server.url, server.key())
        found = looked_at(here)
    assert one(found, "server").found == "answers, and knows you as owner@localhost"
    assert {each.verdict for each in found} == {"ok"}


def test_a_key_that_is_not_known_or_missing_means_to_log_in(tmp_path: Path) -> None:
    with confab_serving(tmp_path / "server") as server:
        wrong = one(looked_at(logged_in(tmp_path / "a", server.url)), "server")
        missing = one(looked_at(logged_in(tmp_path / "b", server.url, "")), "server")
    assert (wrong.verdict, wrong.remedy) == ("fail", "confab login")
    assert (missing.verdict, missing.remedy) == ("fail", "confab login")
    assert KEY not in wrong.found


def test_a_server_that_is_down_is_told_at_once(tmp_path: Path) -> None:
    found = one(looked_at(logged_in(tmp_path, "http://127.0.0.1:1")), "server")
    assert found.found.startswith("cannot be reached")
    assert found.remedy == "curl -I http://127.0.0.1:1"


def test_a_server_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with silent() as url:
        here = logged_in(tmp_path, url)
        config = load_config(here.context.paths.config)
        asking = reaching.Asking(here.context, config, reaching.targets(config), seconds=0.2)
        (found,) = asking.answers(time.monotonic)
    assert found.error is not None
    assert "in time" in str(found.error) or "within" in str(found.error)


def test_a_certificate_that_is_not_believed_is_named(tmp_path: Path) -> None:
    with serving(Api()) as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost").configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True)
        here = logged_in(tmp_path, f"https://localhost:{running.server_address[1]}")
        found = one(looked_at(here), "server")
    assert "certificate" in found.found.lower()
    assert "SSL_CERT_FILE" in found.remedy


def test_a_proxy_on_the_way_is_named_without_its_password(tmp_path: Path) -> None:
    proxy = "http://me:canary@127.0.0.1:1"
    here = logged_in(tmp_path, "https://confab.example", HTTPS_PROXY=proxy)
    found = one(looked_at(here), "server")
    assert "through the proxy 127.0.0.1" in found.found
    assert "canary" not in found.found
    assert "proxy" in found.remedy


@pytest.mark.parametrize(("ahead", "word"), [(3600, "behind"), (-3600, "ahead of")])
def test_a_clock_that_is_off_is_told(tmp_path: Path, ahead: int, word: str) -> None:
    def answer(handler: Handler) -> None:
        body = b'{"valid": true, "email": "a@b.c"}'
        handler.send_response_only(200)
        handler.send_header("Date", formatdate(time.time() + ahead, usegmt=True))
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with serving(Api()) as running:
        running.behaviours.append(answer)
        found = one(looked_at(logged_in(tmp_path, running.url)), "clock")
    assert found.verdict == "warn"
    assert f"60 minutes {word}" in found.found


def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    found = one(looked_at(logged_in(tmp_path, "http://confab.example")), "server")
    assert "plain http" in found.found


def test_every_bound_server_is_asked(tmp_path: Path) -> None:
    here = logged_in(tmp_path, "http://127.0.0.1:1")
    bound = {"/other": {"backend_url": "http://127.0.0.1:2", "api_key": KEY}}
    content = {"backend_url": "http://127.0.0.1:1", "bindings": {"claude-code": bound}}
    (here.confab / "config.json").write_text(json.dumps(content))
    assert len([each for each in looked_at(here) if each.name.startswith("server")]) == 2


def test_a_notice_about_a_key_that_is_fine_now_can_be_removed(tmp_path: Path) -> None:
    with confab_serving(tmp_path / "server") as server:
        here = logged_in(tmp_path, server.url, server.key())
        notice.leave(here.context.paths, "key", "no key")
        found = one(looked_at(here), "notice")
        assert found.fix is not None
        found.fix()
        assert none(looked_at(here), "notice")
