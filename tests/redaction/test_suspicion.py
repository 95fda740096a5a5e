"""The glance of the hooks: it may suspect too much, never too little."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from confab_sync.redaction.suspicion import looks_ordinary, looks_ordinary_flattened
from tests.redaction.corpus.positives import named, shaped
from tests.redaction.maskers import masker

BEYOND_THE_FLATTENED = ("basic", "aws secret", "aws secret in env")
"""Known by what stands before them, and nothing of that is left: letters only, or parted by `/`."""

ORDINARY = [
    "/home/ann/work/projects/my-app/packages/core",
    "/Users/ann/Library/CloudStorage/GoogleDrive-ann@example.com/My Drive/app",
    "/home/ann/src/github.com/owner/repo-2.0.1",
    "/home/ann/src/tokenizers/monkey-2",
    "/home/ann/app/.claude/worktrees/agent-0f8fad5b-d9cb-469f-a165-70867728950e",
    "/home/ann/東京/プロジェクト",
    "/home/ann/app/[id]/(group)",
    "/tmp/pytest-of-ann/pytest-12/test_something0",
]


def flattened(path: str) -> str:
    """The path as Claude Code makes a directory's name of it."""
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in path)


def masked_paths() -> Iterator[tuple[str, str]]:
    """Paths in which the default rules mask something, and the kind of secret in each."""
    mask = masker("re2").mask_text
    for seed in range(10):
        rng = random.Random(seed)
        for kind, secret, text in [*shaped(rng), *named(rng)[seed::10]]:
            whole = text if "/" not in text and "\n" not in text else secret
            path = f"/home/ann/work/{whole}/app"
            if mask(path) != path:
                yield kind, path


def test_whatever_the_rules_mask_in_a_path_is_suspicious() -> None:
    found = list(masked_paths())
    assert len(found) > 800
    assert [(kind, path) for kind, path in found if looks_ordinary(path)] == []


def test_it_still_is_where_every_sign_was_written_as_a_dash() -> None:
    missed = [
        (kind, path)
        for kind, path in masked_paths()
        if kind not in BEYOND_THE_FLATTENED and looks_ordinary_flattened(flattened(path))
    ]
    assert missed == []


@pytest.mark.parametrize("path", ORDINARY)
def test_common_paths_need_no_masker(path: str) -> None:
    assert looks_ordinary(path)
    assert looks_ordinary_flattened(flattened(path))


@pytest.mark.parametrize("text", ["", "startup", "prompt_input_exit", "\udcff", "a" * 15])
def test_short_words_are_ordinary(text: str) -> None:
    assert looks_ordinary(text)
