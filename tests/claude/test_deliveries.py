"""Commits and pull requests are found in what the tools said, with their addresses."""

from __future__ import annotations

import pytest

from confab_sync.claude.conversation import Entry, ToolCall, ToolResult
from confab_sync.claude.deliveries import Deliveries, Delivery, commit_address, web_address


def delivered(command: str, output: str, *, is_error: bool = False) -> list[Delivery]:
    read = Deliveries()
    assert (
        list(read.read(Entry(1, "assistant", (ToolCall("c", "Bash", {"command": command}),)))) == []
    )
    return list(read.read(Entry(2, "tool", (ToolResult("c", output, is_error),))))


@pytest.mark.parametrize(
    ("command", "output", "name", "title"),
    [
        ("git commit -m x", "[main 4f2c9ab] Fix it\n 1 file changed", "4f2c9ab", "Fix it"),
        ("cd a && git -C b commit", "x\n[a/b (root-commit) 0123456789] Go", "0123456789", "Go"),
    ],
)
def test_commit_is_told_by_what_git_says(command: str, output: str, name: str, title: str) -> None:
    assert delivered(command, output) == [Delivery(2, "commit", name, title)]


def test_pull_request_is_told_by_its_address() -> None:
    url = "https://github.com/acme/shop/pull/412"
    assert delivered("gh pr create --fill", f"Creating…\n{url}\n") == [
        Delivery(2, "pull request", "#412", url=url)
    ]


@pytest.mark.parametrize(
    ("command", "output", "is_error"),
    [
        ("cat log", "[main 4f2c9ab] Fix it", False),
        ("git commit", "[main 4f2c9ab] Fix it", True),
        ("git commit", "nothing to commit", False),
        ("gh pr view 3", "https://github.com/acme/shop/pull/3", False),
    ],
)
def test_what_only_looks_like_one_is_none(command: str, output: str, is_error: bool) -> None:
    assert delivered(command, output, is_error=is_error) == []


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/acme/shop.git", "https://github.com/acme/shop"),
        ("git@github.com:acme/shop.git", "https://github.com/acme/shop"),
        ("ssh://git@git.example.org:2222/a/b", "https://git.example.org/a/b"),
        ("https://user:token@github.com/acme/shop", "https://github.com/acme/shop"),
        ("/srv/git/shop.git", ""),
        ("file:///srv/shop", ""),
        ("javascript://github.com/a/b", ""),
        ("https://github.com/acme/<script>", ""),
        ("https://localhost/a/b", ""),
        ("https://[bad/a/b", ""),
        ("", ""),
    ],
)
def test_repository_has_a_page(repository: str, address: str) -> None:
    assert web_address(repository) == address


def test_commit_has_a_page_where_its_repository_has() -> None:
    assert commit_address("git@github.com:a/b", "abc") == "https://github.com/a/b/commit/abc"
    assert commit_address("git@gitlab.com:a/b", "abc") == "https://gitlab.com/a/b/-/commit/abc"
    assert commit_address("/srv/b", "abc") == ""
