"""Which URLs are accepted, and which way requests take."""

from __future__ import annotations

import pytest

from confab_sync.backends.http.address import address, is_loopback
from confab_sync.errors import ConfigError


def proxy(url: str, **environ: str) -> str | None:
    return address(url, environ, allow_plain_http=True).proxy


def test_routes_are_appended_to_the_url_without_its_trailing_slashes() -> None:
    found = address("https://confab.example.com/base//", {}, allow_plain_http=False)
    assert found.target("/api/v1/x") == "https://confab.example.com/base/api/v1/x"


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "http://127.0.0.1", "http://127.9.9.9", "http://[::1]:1"]
)
def test_plain_http_to_this_machine_is_accepted_and_takes_no_proxy(url: str) -> None:
    environ = {"HTTP_PROXY": "http://proxy:1", "ALL_PROXY": "http://proxy:1"}
    assert address(url, environ, allow_plain_http=False).proxy is None


@pytest.mark.parametrize(
    "url", ["http://confab.example.com", "http://10.0.0.1", "http://localhost.example.com"]
)
def test_plain_http_elsewhere_needs_the_setting(url: str) -> None:
    with pytest.raises(ConfigError, match="allow_plain_http"):
        address(url, {}, allow_plain_http=False)
    assert address(url, {}, allow_plain_http=True).url == url


@pytest.mark.parametrize(
    "url",
    ["https://ann:pw@example.com", "https://ann@example.com", "https://x/?a=b", "https://x#f"],
)
def test_urls_that_hold_more_than_a_place_are_refused_without_quoting_them(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        address(url, {}, allow_plain_http=False)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://x?", "https://x/a?", "https://x#", "https://x/a?#"])
def test_url_that_a_route_cannot_be_appended_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="query"):
        address(url, {}, allow_plain_http=False)


@pytest.mark.parametrize("path", ["..", "a/../b", "./a", "a/.", "%2e%2E/a", "a/.%2e"])
def test_path_that_each_server_reads_otherwise_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match=r"\.\."):
        address(f"https://x/{path}", {}, allow_plain_http=False)


@pytest.mark.parametrize("path", ["a//b", "...", "..a", "a..b/.c", "%2e%2ea", "a;b=../c", "~u"])
def test_path_of_odd_names_is_taken_as_it_is(path: str) -> None:
    found = address(f"https://x/{path}", {}, allow_plain_http=False)
    assert found.target("/api") == f"https://x/{path}/api"


def test_proxy_of_the_scheme_wins_over_the_one_for_all() -> None:
    environ = {"HTTPS_PROXY": "proxy.example:3128", "ALL_PROXY": "http://other:1"}
    assert proxy("https://x.example", **environ) == "http://proxy.example:3128"
    assert proxy("http://x.example", **environ) == "http://other:1"


def test_lower_case_name_wins() -> None:
    environ = {"https_proxy": "http://lower:1", "HTTPS_PROXY": "http://upper:1"}
    assert proxy("https://x.example", **environ) == "http://lower:1"


def test_empty_proxy_is_none() -> None:
    assert proxy("https://x.example", https_proxy="", HTTPS_PROXY="http://upper:1") is None


@pytest.mark.parametrize("listed", ["*", "x.example", ".example", "a, x.example:8443", "*.example"])
def test_no_proxy_for_what_is_listed(listed: str) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": listed}
    assert proxy("https://x.example:8443", **environ) is None


@pytest.mark.parametrize("listed", ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:8443"])
def test_no_proxy_for_an_address_however_it_is_listed(listed: str) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": listed}
    assert proxy("https://[2001:db8::1]:8443", **environ) is None


@pytest.mark.parametrize("listed", ["", "ample", "example.com", "y.x.example", "x.example:1"])
def test_proxy_for_what_is_not_listed(listed: str) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": listed}
    assert proxy("https://x.example:8443", **environ) == "http://proxy:1"


def test_proxy_of_another_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="proxy"):
        proxy("https://x.example", HTTPS_PROXY="socks5://user:secret@proxy:1")


@pytest.mark.parametrize(
    "url",
    ["http://proxy:abc", "http://proxy:99999", "http://[::1", "http://a..b:1", "http://:3128"],
)
def test_a_proxy_that_is_no_address_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigError, match="https proxy") as caught:
        proxy("https://x.example", HTTPS_PROXY=url.replace("//", "//ann:secret@"))
    assert "secret" not in str(caught.value)


def test_loopback_is_known_by_its_name_and_numbers() -> None:
    assert [is_loopback(host) for host in ("localhost", "a.localhost", "::1", "127.1.2.3")] == [
        True
    ] * 4
    assert not any(is_loopback(host) for host in ("", "example.com", "128.0.0.1", "notlocalhost"))
