"""Remote addresses keep the host and the path and nothing that lets one in."""

from __future__ import annotations

import pytest

from confab_sync.redaction.remotes import without_credentials


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:pw@git.example/a/b.git", "https://git.example/a/b.git"),
        ("https://tok@git.example:8443/a?private_token=x#y", "https://git.example:8443/a"),
        ("https://me:p@w@git.example/a@b", "https://git.example/a@b"),
        ("ssh://git@git.example/a", "ssh://git.example/a"),
        ("git@git.example:a/b.git", "git@git.example:a/b.git"),
        ("/srv/git/a?b.git", "/srv/git/a?b.git"),
        ("https://git.example/a", "https://git.example/a"),
    ],
)
def test_userinfo_and_query_are_removed(url: str, expected: str) -> None:
    assert without_credentials(url) == expected
    assert without_credentials(expected) == expected
