"""What is said beside the lines is never a reason to refuse them (contract §3.8)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from confab_sync import wire
from confab_sync.backends.http import payloads
from confab_sync.errors import BackendRefused
from confab_sync.metadata import ChunkMetadata
from tests.backends.http.values import info


def said(body: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(body)
    return value


def test_everything_is_cut_to_the_servers_limits() -> None:
    long = "ä" * 10_000
    body = said(payloads.init(info(transcript_path=long, cwd=long, hostname=long, username=long)))
    assert len(body["transcript_path"].encode()) == wire.MAX_TRANSCRIPT_PATH
    limits = {"cwd": 8192, "hostname": 254, "username": 254}
    assert {name: len(value.encode()) for name, value in body["metadata"].items()} == limits


def test_unknown_directory_is_said_to_be_unknown() -> None:
    body = said(payloads.init(info(cwd=None, hostname="", username=None)))
    assert body["metadata"] == {"cwd": ""}


@pytest.mark.parametrize("external_id", ["", "x" * 513, "ä" * 257])
def test_session_that_the_api_cannot_name_is_refused(external_id: str) -> None:
    with pytest.raises(BackendRefused):
        payloads.init(info(external_id=external_id))


def test_init_fits_into_its_limit_whatever_git_says() -> None:
    remotes = [
        {"name": f"r{n}", "fetch_url": "https://e.com/" + "x" * 2000, "push_url": ""}
        for n in range(500)
    ]
    body = payloads.init(info(git_info={"remotes": remotes, "branch": "main"}))
    assert len(body) <= wire.SMALL_BODY


def test_remotes_that_the_server_would_refuse_are_left_out() -> None:
    good = {"name": "o", "fetch_url": "https://e.com/a"}
    found = payloads.checked_git_info(
        {
            "branch": "main",
            "tracking_remote": "x" * 257,
            "remotes": [
                good,
                {**good, "push_url": ""},
                {"name": "", "fetch_url": "u"},
                {"name": "n" * 257, "fetch_url": "u"},
                {"name": "n"},
                {"name": "n", "fetch_url": "u" * 2049},
                {"name": "n", "fetch_url": 17},
                "x",
                None,
            ],
        }
    )
    assert found == {"branch": "main", "remotes": [good, good]}


@pytest.mark.parametrize("git_info", [None, {}, [], "x", {"remotes": []}, {"remotes": "x"}])
def test_nothing_is_said_of_no_repository(git_info: object) -> None:
    assert payloads.checked_git_info(git_info) is None


def test_git_info_that_is_too_large_is_left_out() -> None:
    assert payloads.checked_git_info({"branch": "x" * 100_000}) is None


def test_metadata_says_what_it_has_and_nothing_else() -> None:
    assert payloads.chunk_metadata(ChunkMetadata(), "transcript") == {}
    assert payloads.chunk_metadata(ChunkMetadata(summary="\0"), "transcript") == {}
    assert payloads.chunk_metadata(ChunkMetadata(summary="s"), "agent") == {}


def test_payload_that_is_too_large_is_left_out() -> None:
    body = payloads.session_end("s", datetime(2026, 1, 1, tzinfo=UTC), {"x": "y" * 200_000})
    assert set(said(body)) == {"session_id", "event_type", "timestamp"}
