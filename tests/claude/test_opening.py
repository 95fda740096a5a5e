"""The first bytes of a transcript give its session a name, as far as they tell one."""

from __future__ import annotations

from confab_sync.claude.opening import Opening, opening
from tests.claude.test_conversation import line, user


def test_the_first_message_the_directory_and_the_branch_are_told() -> None:
    head = user("Fix the login", cwd="/work/app", gitBranch="main") + b"\n"
    assert opening(head) == Opening("Fix the login", "/work/app", "main")


def test_a_summary_goes_before_the_first_message() -> None:
    head = user("hello") + b"\n" + line(type="summary", summary="A title") + b"\n"
    assert opening(head).title == "A title"


def test_nothing_is_told_by_nothing() -> None:
    assert opening(b"") == opening(b'{"torn') == Opening("", "", "")
