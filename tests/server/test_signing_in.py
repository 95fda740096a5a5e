"""A person signs in once by a link, and only a page of ours acts for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from confab_sync.server.signing_in import normalised
from confab_sync.server.site import Site

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as found:
        yield found


def browser(server: Serving) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers=OWN, trust_env=False)


def sign_in(server: Serving, http: httpx.Client, token: str = "secret") -> httpx.Response:
    with server.store() as store:
        store.accounts.add_link(1, token)
    return http.post("/auth/sign-in", data={"token": token})


def test_link_signs_in_once(server: Serving) -> None:
    with browser(server) as http:
        answer = sign_in(server, http)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert "owner@localhost" in http.get("/").text
    with browser(server) as other:
        answer = other.post("/auth/sign-in", data={"token": "secret"})
        assert answer.status_code == 403
        assert "owner@localhost" not in other.get("/").text


def test_looking_at_the_link_does_not_use_it_up(server: Serving) -> None:
    with server.store() as store:
        store.accounts.add_link(1, "secret")
    with browser(server) as http:
        page = http.get("/auth/sign-in?token=secret")
        assert 'value="secret"' in page.text
        assert http.post("/auth/sign-in", data={"token": "secret"}).status_code == 303


def test_link_is_too_old_after_a_day(server: Serving) -> None:
    with server.store() as store:
        store.accounts.add_link(1, "secret")
    server.clock.advance(86_401)
    with browser(server) as http:
        assert http.post("/auth/sign-in", data={"token": "secret"}).status_code == 403


def test_other_site_cannot_sign_anybody_in(server: Serving) -> None:
    with server.store() as store:
        store.accounts.add_link(1, "secret")
    answer = httpx.post(server.url + "/auth/sign-in", data={"token": "secret"}, trust_env=False)
    assert answer.status_code == 403
    with browser(server) as http:  # and the link still works
        assert http.post("/auth/sign-in", data={"token": "secret"}).status_code == 303


def test_cookie_is_for_this_site_and_no_script(server: Serving, tmp_path: Path) -> None:
    with browser(server) as http:
        cookie = sign_in(server, http).headers["Set-Cookie"]
    assert re.match(r"confab_session=[0-9a-f]{64};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    site = Site("https://confab.example.com", behind_proxy=True)
    with serving(tmp_path / "tls", site=site) as proxied, browser(proxied) as http:
        http.headers["Host"] = "confab.example.com"
        assert "Secure" in sign_in(proxied, http).headers["Set-Cookie"]


def test_signing_out_ends_the_cookie_everywhere(server: Serving) -> None:
    with browser(server) as http:
        sign_in(server, http)
        cookies = dict(http.cookies)
        assert http.post("/auth/sign-out").status_code == 303
        http.cookies.update(cookies)
        assert "owner@localhost" not in http.get("/").text


def test_cookie_of_a_disabled_user_is_worth_nothing(server: Serving) -> None:
    with browser(server) as http:
        sign_in(server, http)
        with server.store() as store:
            store.accounts.set_state("owner@localhost", "disabled")
        assert "owner@localhost" not in http.get("/").text
        assert http.get("/api/v1/sessions").status_code == 401


def test_cookie_lists_and_deletes_from_own_pages_only(server: Serving) -> None:
    with server.client(server.key()) as owner:
        body = {"external_id": "e", "transcript_path": "/t"}
        session_id = owner.post("/api/v1/sync/init", json=body).json()["session_id"]
    with browser(server) as http:
        sign_in(server, http)
        assert http.get("/api/v1/sessions").status_code == 200
        found = http.get("/api/v1/sessions/by-external-id/e")
        assert found.json() == {"session_id": session_id}
        del http.headers["Sec-Fetch-Site"]
        path = f"/api/v1/sessions/{session_id}"
        answer = http.delete(path)
        assert (answer.status_code, answer.text.strip()) == (403, "CSRF validation failed")
        assert http.delete(path, headers=OWN).status_code == 200


def test_device_page_says_how_to_sign_in_and_then_offers_the_code(server: Serving) -> None:
    with browser(server) as http:
        assert "confab serve users link" in http.get("/auth/device?code=ABCD-2345").text
        sign_in(server, http)
        assert 'value="ABCD-2345"' in http.get("/auth/device?code=abcd2345").text
        answer = http.post("/auth/device/verify", data={"code": "ABCD-2345"})
        assert answer.status_code == 400


def test_pages_quote_what_comes_from_outside(server: Serving) -> None:
    with browser(server) as http:
        for path in ("/auth/sign-in?token=", "/auth/device?code="):
            page = http.get(path + '"><script>alert(1)</script>').text
            assert "<script>" not in page


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ABCD-2345", "ABCD-2345"),
        (" abcd 2345 ", "ABCD-2345"),
        ("abcd\u20132345", "ABCD-2345"),
        ("ABCD-234", None),
        ("ABCD-2345X", None),
        ("ABCI-2345", None),
        ("", None),
    ],
)
def test_code_is_read_in_any_case_with_any_dash(typed: str, code: str | None) -> None:
    assert normalised(typed) == code
