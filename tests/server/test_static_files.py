"""Scripts and styles are our own, may be kept for good, and are named by their content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from confab_sync.server.assets import read_assets

from .serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("server")) as found:
        yield found


def test_page_names_files_that_are_there_and_may_be_kept_for_good(server: Serving) -> None:
    page = httpx.get(server.url + "/", trust_env=False).text
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {path.rpartition("/")[2] for path in linked} >= {"base.css", "base.js", "theme.js"}
    for path in linked:
        answer = httpx.get(server.url + path, trust_env=False)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/0000000000000000/base.css", "/static/x/../../app.py", "/static/"]
)
def test_other_files_are_not_there(server: Serving, path: str) -> None:
    assert httpx.get(server.url + path, trust_env=False).status_code == 404


def test_name_tells_the_content() -> None:
    paths = [asset.path for asset in read_assets().values()]
    assert all(re.fullmatch(r"/static/[0-9a-f]{16}/[a-z_.-]+", path) for path in paths)


def test_browser_that_is_lost_gets_a_page_and_a_client_gets_a_line(server: Serving) -> None:
    seen = httpx.get(server.url + "/nowhere", headers={"Accept": "text/html"}, trust_env=False)
    assert (seen.status_code, "There is nothing here" in seen.text) == (404, True)
    for path, accept in (("/nowhere", "*/*"), ("/api/v1/nowhere", "text/html")):
        headers = {"Accept": accept}
        answer = httpx.get(server.url + path, headers=headers, trust_env=False)
        assert (answer.status_code, answer.text) == (404, "404 page not found\n")


def test_nothing_is_asked_of_other_hosts(server: Serving) -> None:
    for asset in read_assets().values():
        text = asset.data.decode().replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|url\(|@import", text), asset.path
