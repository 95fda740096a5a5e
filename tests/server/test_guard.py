"""What is refused before it is looked at: foreign names, foreign pages, too much at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from confab_sync.server.site import Site

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = {"Content-Type": "application/json"}
INIT = {"external_id": "e", "transcript_path": "/t"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("server")) as found:
        yield found


def test_name_that_a_rebound_page_uses_is_misdirected(server: Serving) -> None:
    with server.client(server.key()) as http:
        for host in ("evil.example", "evil.example:8790", ""):
            answer = http.get("/api/v1/auth/validate", headers={"Host": host})
            assert answer.status_code == 421
        assert http.get("/health", headers={"Host": "balancer"}).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_page_changes_nothing_even_with_a_key(
    server: Serving, headers: dict[str, str]
) -> None:
    with server.client(server.key()) as http:
        answer = http.post("/api/v1/sync/init", json=INIT, headers=headers)
        assert (answer.status_code, answer.text.strip()) == (403, "CSRF validation failed")
        answer = http.delete("/api/v1/sessions/x", headers=headers)
        assert answer.status_code == 403


def test_own_page_may(server: Serving) -> None:
    with server.client(server.key()) as http:
        for headers in ({"Origin": server.url}, {"Sec-Fetch-Site": "same-origin"}):
            answer = http.post("/api/v1/sync/init", json=INIT, headers=headers)
            assert answer.status_code == 200


def test_www_leads_to_the_name_without(server: Serving) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        answer = http.get("/api/v1/version?a=b", headers={"Host": "www.localhost:8790"})
        assert answer.status_code == 301
        assert answer.headers["Location"] == "http://localhost:8790/api/v1/version?a=b"


def test_everybody_together_may_ask_200_times_at_once(server: Serving) -> None:
    server.clock.stand_still()
    server.clock.advance(60)
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        statuses = [http.get("/api/v1/version").status_code for _ in range(400)]
        assert 429 in statuses
        assert statuses.index(429) >= 200
        server.clock.advance(3)
        assert http.get("/api/v1/version").status_code == 200


def test_https_is_asked_for_where_browsers_see_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    site = Site("https://confab.example.com", behind_proxy=True)
    with serving(tmp_path_factory.mktemp("proxied"), site=site) as server:
        headers = {"Host": "confab.example.com"}
        answer = httpx.get(server.url + "/", headers=headers, trust_env=False)
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        code = httpx.post(
            server.url + "/auth/device/code", headers=headers, json={}, trust_env=False
        ).json()
        assert code["verification_uri"] == "https://confab.example.com/auth/device"


def test_plain_http_asks_for_no_https(server: Serving) -> None:
    server.clock.advance(60)
    answer = httpx.get(server.url + "/", trust_env=False)
    assert "Strict-Transport-Security" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
