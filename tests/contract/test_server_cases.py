"""The 48 server cases of the contract's §6.1; expected answers are the contract's words."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import zstandard

from .target import Target, new_id, reads, says

Json = dict[str, Any]

CONTIGUOUS = "first_line must be {} (got {}) - chunks must be contiguous"
ZSTD = {"Content-Encoding": "zstd"}


def packed(body: object) -> bytes:
    return zstandard.compress(json.dumps(body).encode())


def init_body(**fields: Any) -> Json:
    return {"external_id": new_id(), "transcript_path": "/t.jsonl", **fields}


def chunk_body(session_id: str, **fields: Any) -> Json:
    return {
        "session_id": session_id,
        "file_name": "s.jsonl",
        "file_type": "transcript",
        "first_line": 1,
        "lines": ["a"],
        **fields,
    }


def test_case_01_three_texts_for_three_kinds_of_missing_keys(target: Target) -> None:
    validate = "/api/v1/auth/validate"
    reads(target.get(validate, key=None), 401, "Missing Authorization header")
    for header in (f"bearer {target.key}", f"Bearer  {target.key}", "Basic abc", "Bearer"):
        answer = target.get(validate, key=None, headers={"Authorization": header})
        reads(answer, 401, "Invalid Authorization header format")
    reads(target.get(validate, key="cfb_" + "x" * 40), 401, "Invalid API key")


@pytest.mark.parametrize("key", ["", None])
@pytest.mark.parametrize("media_type", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_case_02_wrong_content_type_comes_before_the_key(
    target: Target, key: str | None, media_type: str
) -> None:
    answer = target.post(
        "/api/v1/sync/init", init_body(), key=key, headers={"Content-Type": media_type}
    )
    assert answer.status_code == 415
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_case_03_parameters_of_the_content_type_are_ignored_its_case_is_not(
    target: Target,
) -> None:
    for media_type, status in (("application/json; charset=utf-8", 200), ("Application/JSON", 415)):
        headers = {"Content-Type": media_type}
        answer = target.post("/api/v1/sync/init", init_body(), headers=headers)
        assert answer.status_code == status, media_type


@pytest.mark.parametrize("encoding", ["gzip", "identity", "zstd, gzip"])
def test_case_04_other_encodings_are_named(target: Target, encoding: str) -> None:
    data = gzip.compress(json.dumps(chunk_body(target.session())).encode())
    answer = target.post("/api/v1/sync/chunk", content=data, headers={"Content-Encoding": encoding})
    says(answer, 415, f"Unsupported Content-Encoding: {encoding}")


@pytest.mark.parametrize("encoding", ["zstd", "ZSTD", "Zstd"])
def test_case_05_zstd_is_understood_by_the_sync_routes(target: Target, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    answer = target.post("/api/v1/sync/init", content=packed(init_body()), headers=headers)
    session_id = answer.json()["session_id"]
    data = json.dumps(chunk_body(session_id)).encode()
    frames = zstandard.compress(data[:40]) + zstandard.compress(data[40:])
    answer = target.post("/api/v1/sync/chunk", content=frames, headers=headers)
    assert answer.json() == {"last_synced_line": 1}
    event = {
        "session_id": session_id,
        "event_type": "session_end",
        "timestamp": "2026-02-03T09:00:00Z",
    }
    answer = target.post("/api/v1/sync/event", content=packed(event), headers=headers)
    assert answer.json() == {"success": True}


def test_case_06_zstd_is_not_understood_elsewhere(target: Target) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    answer = target.send(
        "PATCH",
        f"/api/v1/sessions/{external_id}/summary",
        content=packed({"summary": "s"}),
        headers=ZSTD,
    )
    says(answer, 400, "Invalid request body")
    link = {"url": "https://github.com/a/b/pull/1", "source": "manual"}
    answer = target.post(
        f"/api/v1/sessions/{session_id}/github-links", content=packed(link), headers=ZSTD
    )
    says(answer, 400, "Invalid request body")


@pytest.mark.parametrize("damage", ["not zstd", "truncated", "flipped"])
def test_case_07_damaged_zstd_is_an_invalid_body(target: Target, damage: str) -> None:
    data = packed(chunk_body(target.session(), lines=["x" * 1000, json.dumps(list(range(500)))]))
    spoiled = {
        "not zstd": b"{}",
        "truncated": data[:-5],
        "flipped": data[:20] + bytes([data[20] ^ 0xFF]) + data[21:-1],
    }[damage]
    answer = target.post("/api/v1/sync/chunk", content=spoiled, headers=ZSTD)
    says(answer, 400, "Invalid request body")


@pytest.mark.parametrize("compressed", [False, True])
def test_case_08_chunk_body_may_have_16777216_bytes(target: Target, compressed: bool) -> None:
    session_id = target.session()
    empty = json.dumps(chunk_body(session_id, lines=[""])).encode()
    for size, status in ((16_777_217, 400), (16_777_216, 200)):
        data = json.dumps(chunk_body(session_id, lines=["x" * (size - len(empty))])).encode()
        assert len(data) == size
        headers = ZSTD if compressed else {}
        sent = zstandard.compress(data) if compressed else data
        answer = target.post("/api/v1/sync/chunk", content=sent, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 400:
            says(answer, 400, "Invalid request body")


@pytest.mark.parametrize("compressed", [False, True])
def test_case_09_init_and_event_bodies_may_have_131072_bytes(
    target: Target, compressed: bool
) -> None:
    def sized(body: Json, size: int) -> bytes:
        body = {**body, "padding": ""}
        body["padding"] = "x" * (size - len(json.dumps(body)))
        data = json.dumps(body).encode()
        return zstandard.compress(data) if compressed else data

    headers = ZSTD if compressed else {}
    event = {
        "session_id": target.session(),
        "event_type": "session_end",
        "timestamp": "2026-02-03T09:00:00Z",
    }
    for path, body, complaint in (
        ("/api/v1/sync/init", init_body(), "Invalid request body"),
        ("/api/v1/sync/event", event, "Invalid JSON body"),
    ):
        answer = target.post(path, content=sized(body, 131_073), headers=headers)
        says(answer, 400, complaint)
        answer = target.post(path, content=sized(body, 131_072), headers=headers)
        assert answer.status_code == 200


def test_case_10_external_id_is_missed_before_the_transcript_path(target: Target) -> None:
    for body, missing in (
        ({}, "external_id"),
        ({"external_id": "", "transcript_path": ""}, "external_id"),
        ({"external_id": "e"}, "transcript_path"),
        ({"external_id": "e", "transcript_path": None}, "transcript_path"),
    ):
        says(target.post("/api/v1/sync/init", body), 400, f"{missing} is required")


@pytest.mark.parametrize("symbol", ["x", "é", "€", "😀"])
@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("external_id", 512),
        ("transcript_path", 8192),
        ("cwd", 8192),
        ("hostname", 255),
        ("username", 255),
    ],
)
def test_case_11_lengths_of_a_session_are_counted_in_bytes(
    target: Target, field: str, limit: int, symbol: str
) -> None:
    def body(value: str) -> Json:
        if field in ("external_id", "transcript_path"):
            return init_body(**{field: value})
        return init_body(metadata={field: value})

    longest = symbol * (limit // len(symbol.encode()))
    longest += "x" * (limit - len(longest.encode()))
    assert target.post("/api/v1/sync/init", body(longest)).status_code == 200
    says(
        target.post("/api/v1/sync/init", body(longest + "x")),
        400,
        f"{field} exceeds maximum length of {limit} characters",
    )


@pytest.mark.parametrize("symbol", ["x", "é"])
@pytest.mark.parametrize(
    ("field", "limit"), [("file_name", 512), ("summary", 2048), ("first_user_message", 8192)]
)
def test_case_11_lengths_of_a_chunk_are_counted_in_bytes(
    target: Target, field: str, limit: int, symbol: str
) -> None:
    def fields(value: str) -> Json:
        return {field: value} if field == "file_name" else {"metadata": {field: value}}

    longest = symbol * (limit // len(symbol.encode()))
    longest += "x" * (limit - len(longest.encode()))
    assert target.chunk(target.session(), "a", **fields(longest)).status_code == 200
    says(
        target.chunk(target.session(), "a", **fields(longest + "x")),
        400,
        f"{field} exceeds maximum length of {limit} characters",
    )


def test_case_11_length_of_a_new_summary_is_counted_in_bytes(target: Target) -> None:
    external_id = new_id()
    target.session(external_id)
    path = f"/api/v1/sessions/{external_id}/summary"
    assert target.send("PATCH", path, {"summary": "é" * 1024}).status_code == 200
    says(
        target.send("PATCH", path, {"summary": "é" * 1024 + "x"}),
        400,
        "summary exceeds maximum length of 2048 characters",
    )


def test_case_12_provider_is_one_of_four(target: Target) -> None:
    for fields in ({}, {"provider": None}, {"provider": "claude-code"}):
        assert target.init(**fields).json()["provider"] == "claude-code"
    for provider in ("codex", "opencode", "cursor"):
        assert target.init(provider=provider).json()["provider"] == provider
    for provider in ("", "unknown", "CODEX", "Claude Code"):
        says(
            target.init(provider=provider),
            400,
            f'unknown provider "{provider}": must be one of claude-code, codex, opencode, cursor',
        )


def test_case_13_nested_cwd_and_git_info_win_over_the_top_level(target: Target) -> None:
    top: Json = {"cwd": "/top", "git_info": {"branch": "top"}}
    nested: Json = {"cwd": "/nested", "git_info": {"branch": "nested"}}
    cases: list[tuple[Json, str, str]] = [
        ({**top, "metadata": nested}, "/nested", "nested"),
        (top, "/top", "top"),
        ({**top, "metadata": {"cwd": ""}}, "/top", "top"),
        ({**top, "metadata": {"cwd": "/nested"}}, "/nested", "top"),
    ]
    for fields, cwd, branch in cases:
        detail = target.detail(target.session(**fields))
        assert (detail["cwd"], detail["git_info"]) == (cwd, {"branch": branch})


def test_case_14_init_again_gives_the_same_session_and_its_positions(target: Target) -> None:
    external_id = new_id()
    first = target.init(external_id).json()
    assert first["files"] == {}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first["session_id"])
    target.chunk(first["session_id"], "a", "b")
    target.chunk(first["session_id"], "c", file_name="agent-1.jsonl", file_type="agent")
    assert target.init(external_id).json() == {
        "session_id": first["session_id"],
        "provider": "claude-code",
        "files": {
            "s.jsonl": {"last_synced_line": 2},
            "agent-1.jsonl": {"last_synced_line": 1},
        },
    }


def test_case_15_eight_inits_at_once_give_one_session(target: Target) -> None:
    external_id = new_id()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: target.init(external_id), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["session_id"] for answer in answers}) == 1


def test_case_16_other_provider_is_another_session(target: Target) -> None:
    external_id = new_id()
    assert target.session(external_id) != target.session(external_id, provider="codex")


def test_case_17_other_user_is_another_session(target: Target) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    target.chunk(session_id, "secret")
    answer = target.init(external_id, key=target.other_key).json()
    assert answer["session_id"] != session_id
    assert answer["files"] == {}


@pytest.mark.parametrize(
    ("git_info", "message"),
    [
        (
            {"remotes": [{"name": f"r{n}", "fetch_url": "u"} for n in range(51)]},
            "git_info.remotes exceeds maximum of 50 entries",
        ),
        ({"remotes": [{"fetch_url": "u"}]}, "git_info.remotes[0].name is required"),
        (
            {"remotes": [{"name": "a", "push_url": "u"}, {"name": "b"}]},
            "git_info.remotes[1] requires fetch_url or push_url",
        ),
        (
            {"remotes": [{"name": "n" * 257, "fetch_url": "u"}]},
            "git_info.remotes[0].name exceeds maximum length of 256",
        ),
        (
            {"remotes": [{"name": "n", "fetch_url": "u" * 2049}]},
            "git_info.remotes[0].fetch_url exceeds maximum length of 2048",
        ),
        (
            {"remotes": [{"name": "n", "push_url": "ü" * 1025}]},
            "git_info.remotes[0].push_url exceeds maximum length of 2048",
        ),
        (
            {"tracking_remote": "t" * 257},
            "git_info.tracking_remote exceeds maximum length of 256",
        ),
    ],
)
def test_case_18_rules_of_remotes(target: Target, git_info: Json, message: str) -> None:
    says(target.init(metadata={"git_info": git_info}), 400, message)
    says(target.chunk(target.session(), "a", metadata={"git_info": git_info}), 400, message)
    other = {"file_name": "agent-1.jsonl", "file_type": "agent"}
    answer = target.chunk(target.session(), "a", metadata={"git_info": git_info}, **other)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "git_info",
    [
        "text",
        [1, 2],
        7,
        {"remotes": "x"},
        {"remotes": [{"name": 7}]},
        {"tracking_remote": {}},
        {"remotes": [{"name": f"r{n}", "fetch_url": "u" * 2048} for n in range(50)]},
        {"anything": {"else": [None, True, 1.5, "é"]}},
    ],
)
def test_case_18_git_info_of_another_shape_is_kept_as_it_is(
    target: Target, git_info: object
) -> None:
    session_id = target.session(metadata={"git_info": git_info})
    assert target.detail(session_id)["git_info"] == git_info


def test_case_19_first_chunk_begins_at_line_1(target: Target) -> None:
    session_id = target.session()
    says(target.chunk(session_id, "a", first_line=2), 400, CONTIGUOUS.format(1, 2))
    assert target.chunk(session_id, "a").json() == {"last_synced_line": 1}


def test_case_20_duplicate_overlap_and_gap_leave_no_trace(target: Target) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    target.chunk(session_id, "1", "2", "3")
    for first_line in (1, 2, 3, 5, 99):
        answer = target.chunk(session_id, "x", "y", "z", first_line=first_line)
        says(answer, 400, CONTIGUOUS.format(4, first_line))
    assert target.positions(external_id) == {"s.jsonl": 3}
    assert target.text(session_id) == "1\n2\n3\n"
    assert target.chunk(session_id, "4", first_line=4).json() == {"last_synced_line": 4}


def test_case_21_files_of_a_session_advance_independently(target: Target) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    agent = {"file_name": "agent-1.jsonl", "file_type": "agent"}
    target.chunk(session_id, "1", "2")
    target.chunk(session_id, "a", **agent)
    target.chunk(session_id, "3", first_line=3)
    target.chunk(session_id, "b", first_line=2, **agent)
    assert target.positions(external_id) == {"s.jsonl": 3, "agent-1.jsonl": 2}
    assert target.text(session_id) == "1\n2\n3\n"
    assert target.text(session_id, "agent-1.jsonl") == "a\nb\n"


def test_case_22_empty_lines_count_and_come_back(target: Target) -> None:
    session_id = target.session()
    lines = ["", "a", "", "", " b\t", "ü\u2028 😀", "c\r", "\0", '"\\', ""]
    assert target.chunk(session_id, *lines).json() == {"last_synced_line": len(lines)}
    assert target.text(session_id) == "".join(line + "\n" for line in lines)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lines": []}, "lines array cannot be empty"),
        ({"lines": None}, "lines array cannot be empty"),
        ({"lines": ...}, "lines array cannot be empty"),
        ({"lines": "a"}, "Invalid request body"),
        ({"lines": ["a", 1]}, "Invalid request body"),
        ({"first_line": 0}, "first_line must be >= 1"),
        ({"first_line": -1}, "first_line must be >= 1"),
        ({"first_line": ...}, "first_line must be >= 1"),
        ({"first_line": "1"}, "Invalid request body"),
        ({"first_line": 1.0}, "Invalid request body"),
        ({"first_line": True}, "Invalid request body"),
        ({"first_line": 2**63}, "Invalid request body"),
        ({"first_line": 0, "lines": []}, "first_line must be >= 1"),
    ],
)
def test_case_23_lines_and_first_line(target: Target, change: Json, message: str) -> None:
    body = {**chunk_body(target.session()), **change}
    body = {name: value for name, value in body.items() if value is not ...}
    says(target.post("/api/v1/sync/chunk", body), 400, message)


def test_case_23_null_among_the_lines_is_an_empty_line(target: Target) -> None:
    session_id = target.session()
    answer = target.post("/api/v1/sync/chunk", chunk_body(session_id, lines=["a", None, "b"]))
    assert answer.json() == {"last_synced_line": 3}
    assert target.text(session_id) == "a\n\nb\n"


@pytest.mark.parametrize("trailing", [b" trailing", b"{", b'{"session_id":1}', b"\0\xff"])
def test_case_24_unknown_fields_and_trailing_bytes_are_ignored(
    target: Target, trailing: bytes
) -> None:
    session_id = target.session(nonsense=[1], metadata={"nonsense": {"a": None}, "cwd": "/c"})
    body = chunk_body(session_id, nonsense=1, metadata={"more": [[]], "summary": "S"})
    answer = target.post("/api/v1/sync/chunk", content=json.dumps(body).encode() + trailing)
    assert answer.json() == {"last_synced_line": 1}
    assert target.detail(session_id)["summary"] == "S"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"7",
        b"not json",
        b'{"external_id": "e", "transcript_path": "/t"',
        b'\xef\xbb\xbf{"external_id": "e", "transcript_path": "/t"}',
        '{"external_id": "e", "transcript_path": "/t"}'.encode("utf-16"),
        b'{"external_id": "a\nb", "transcript_path": "/t"}',
        b'{"external_id": "e", "transcript_path": "/t", "x": NaN}',
        b'{"external_id": "e", "transcript_path": "/t", "x": Infinity}',
        b'{"external_id": 7, "transcript_path": "/t"}',
        b'{"external_id": "e", "transcript_path": "/t", "metadata": []}',
        b'{"x":' + b"[" * 10_001 + b"]" * 10_001 + b"}",
    ],
)
def test_case_24_what_is_no_object_of_the_right_types_is_refused(
    target: Target, data: bytes
) -> None:
    says(target.post("/api/v1/sync/init", content=data), 400, "Invalid request body")


def test_case_24_keys_match_in_any_case_and_the_last_wins(target: Target) -> None:
    wanted, other = new_id(), new_id()
    session_id = target.session(wanted)
    data = json.dumps({"external_id": other, "Transcript_Path": "/t"})
    data = data[:-1] + f', "External_ID": "{wanted}"}}'
    answer = target.post("/api/v1/sync/init", content=data.encode())
    assert answer.json()["session_id"] == session_id
    twice = f'{{"external_id":"{other}","transcript_path":"/t","external_id":"{wanted}"}}'
    answer = target.post("/api/v1/sync/init", content=twice.encode())
    assert answer.json()["session_id"] == session_id


def test_case_24_null_is_as_good_as_absent_and_a_null_body_as_an_empty_one(
    target: Target,
) -> None:
    nothing = {"provider": None, "cwd": None, "git_info": None, "metadata": None}
    assert target.init(**nothing).status_code == 200
    answer = target.post("/api/v1/sync/init", content=b"null")
    says(answer, 400, "external_id is required")


def test_case_24_bad_unicode_is_replaced(target: Target) -> None:
    session_id = target.session()
    body = json.dumps(chunk_body(session_id)).encode()
    data = body.replace(b'["a"]', b'["x\xffy", "x\\ud800y", "\\ud83d\\ude00"]')
    assert target.post("/api/v1/sync/chunk", content=data).json() == {"last_synced_line": 3}
    assert target.text(session_id) == "x\ufffdy\nx\ufffdy\n😀\n"


def test_case_25_unknown_sessions_are_404_and_foreign_ones_403(target: Target) -> None:
    nobody = "7f3e9a52-0000-4000-8000-000000000001"
    for session_id in (nobody, "nonsense", "é", "0"):
        says(target.chunk(session_id, "a"), 404, "Session not found")
        says(target.event(session_id), 404, "Session not found")
    foreign = target.session(key=target.other_key)
    says(target.chunk(foreign, "a"), 403, "Access denied")
    says(target.event(foreign), 403, "Access denied")


def test_case_25_every_spelling_of_an_id_is_understood(target: Target) -> None:
    session_id = target.session()
    spellings = [session_id.upper(), f"{{{session_id}}}", session_id.replace("-", "")]
    for line, spelling in enumerate(spellings, start=1):
        answer = target.chunk(spelling, "a", first_line=line)
        assert answer.json() == {"last_synced_line": line}


def test_case_26_type_of_a_file_is_that_of_its_first_chunk(target: Target) -> None:
    session_id = target.session()
    answer = target.chunk(session_id, "a", file_type="todo")
    says(answer, 400, "todo file sync is no longer supported")
    target.chunk(session_id, "a", file_name="f", file_type="something new")
    target.chunk(session_id, "b", first_line=2, file_name="f", file_type="agent")
    (file,) = target.detail(session_id)["files"]
    assert (file["file_type"], file["last_synced_line"]) == ("something new", 2)


def test_case_26_required_fields_of_a_chunk_in_their_order(target: Target) -> None:
    body = {"first_line": 0, "file_type": "todo"}
    says(target.post("/api/v1/sync/chunk", body), 400, "session_id is required")
    body |= {"session_id": "x"}
    says(target.post("/api/v1/sync/chunk", body), 400, "file_name is required")
    body |= {"file_name": "f" * 513, "file_type": ""}
    says(target.post("/api/v1/sync/chunk", body), 400, "file_type is required")
    body |= {"file_type": "agent"}
    says(target.post("/api/v1/sync/chunk", body), 400, "first_line must be >= 1")
    body |= {"first_line": 1}
    says(target.post("/api/v1/sync/chunk", body), 400, "lines array cannot be empty")
    body |= {"lines": ["a"]}
    says(
        target.post("/api/v1/sync/chunk", body),
        400,
        "file_name exceeds maximum length of 512 characters",
    )
    body |= {"file_name": "f"}
    says(target.post("/api/v1/sync/chunk", body), 404, "Session not found")


def test_case_27_last_summary_wins(target: Target) -> None:
    session_id = target.session()
    for line, (metadata, summary) in enumerate(
        [
            ({"summary": "one"}, "one"),
            ({}, "one"),
            ({"summary": None}, "one"),
            ({"summary": "two"}, "two"),
            ({"summary": ""}, ""),
        ],
        start=1,
    ):
        target.chunk(session_id, "a", first_line=line, metadata=metadata)
        assert target.detail(session_id)["summary"] == summary


@pytest.mark.parametrize("first", ["Fix the parser", ""])
def test_case_28_first_user_message_is_the_first_for_ever(target: Target, first: str) -> None:
    session_id = target.session()
    target.chunk(session_id, "a")
    assert "first_user_message" not in target.detail(session_id)
    for line, message in enumerate([None, first, "later", ""], start=2):
        target.chunk(session_id, "a", first_line=line, metadata={"first_user_message": message})
    assert target.detail(session_id)["first_user_message"] == first


def test_case_28_git_info_is_replaced_whole_and_by_null(target: Target) -> None:
    session_id = target.session(metadata={"git_info": {"branch": "a", "commit_sha": "1"}})
    for line, (metadata, git_info) in enumerate(
        [({}, {"branch": "a", "commit_sha": "1"}), ({"git_info": {"branch": "b"}}, {"branch": "b"}),
         ({"git_info": {}}, {}), ({"git_info": None}, None)],
        start=1,
    ):  # fmt: skip
        target.chunk(session_id, "a", first_line=line, metadata=metadata)
        assert target.detail(session_id).get("git_info") == git_info


def test_case_29_metadata_of_agents_has_no_effect_but_limits(target: Target) -> None:
    session_id = target.session()
    agent = {"file_name": "agent-1.jsonl", "file_type": "agent"}
    metadata = {
        "summary": "S",
        "first_user_message": "F",
        "git_info": {"branch": "b"},
        "created_at": "2020-01-01T00:00:00Z",
    }
    assert target.chunk(session_id, "a", metadata=metadata, **agent).status_code == 200
    detail = target.detail(session_id)
    assert not {"summary", "first_user_message", "git_info"} & set(detail)
    assert not detail["first_seen"].startswith("2020")
    for field, limit in (("summary", 2048), ("first_user_message", 8192), ("model", 255)):
        answer = target.chunk(
            session_id, "b", first_line=2, metadata={field: "x" * (limit + 1)}, **agent
        )
        says(answer, 400, f"{field} exceeds maximum length of {limit} characters")


def test_case_29_codex_rollout_belongs_to_codex(target: Target) -> None:
    rollout = {"codex_rollout": {"thread_uuid": new_id(), "rollout_path": "/r"}}
    answer = target.chunk(target.session(), "a", metadata=rollout)
    says(answer, 400, "codex_rollout metadata is only supported for codex sessions")
    answer = target.chunk(target.session(provider="codex"), "a", metadata=rollout)
    assert answer.status_code == 200


def test_case_30_last_message_is_the_newest_that_can_be(target: Target) -> None:
    def line(stamp: object) -> str:
        return json.dumps({"type": "user", "timestamp": stamp})

    session_id = target.session()
    soon = (target.now() + timedelta(hours=47)).strftime("%Y-%m-%dT%H:%M:%SZ")
    late = (target.now() + timedelta(hours=49)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = "2026-01-02T03:04:05.5Z"
    nested = '{"message":{"timestamp":"2026-01-31T00:00:00Z"}}'
    bad = [line("yesterday"), line(7), line(None), '{"timestamp":', '"timestamp"', nested]
    bad += [line(late), line("2026-01-05T00:00:00"), line("2026-01-05 00:00:00Z")]
    target.chunk(session_id, line("2026-01-01T00:00:00Z"), line(old), *bad,
                 metadata={"summary": "S"})  # fmt: skip
    assert (target.listed(session_id) or {})["last_sync_time"] == old
    target.chunk(session_id, line("2025-01-01T00:00:00Z"), first_line=12)
    assert (target.listed(session_id) or {})["last_sync_time"] == old
    target.chunk(session_id, "a", first_line=13, metadata={"latest_message_at": soon})
    assert (target.listed(session_id) or {})["last_sync_time"] == soon
    target.chunk(session_id, "a", first_line=14, metadata={"latest_message_at": late})
    assert (target.listed(session_id) or {})["last_sync_time"] == soon


def test_case_30_created_at_moves_the_first_moment_back_only(target: Target) -> None:
    session_id = target.session()
    target.chunk(session_id, "a", metadata={"created_at": "2025-01-02T03:04:05Z"})
    assert target.detail(session_id)["first_seen"] == "2025-01-02T03:04:05Z"
    target.chunk(session_id, "a", first_line=2, metadata={"created_at": "2025-06-01T00:00:00Z"})
    assert target.detail(session_id)["first_seen"] == "2025-01-02T03:04:05Z"


def test_case_31_required_fields_of_an_event_in_their_order(target: Target) -> None:
    body: Json = {}
    for missing, more in (
        ("session_id is required", {"session_id": "x"}),
        ("event_type is required", {"event_type": "session_start"}),
        ("invalid event_type: must be 'session_end'", {"event_type": "session_end"}),
        ("timestamp is required", {"timestamp": "0001-01-01T00:00:00Z"}),
        ("timestamp is required", {"timestamp": None}),
        ("timestamp is required", {"timestamp": "2026-02-03T09:00:00Z"}),
    ):
        says(target.post("/api/v1/sync/event", body), 400, missing)
        body |= more
    says(target.post("/api/v1/sync/event", body), 404, "Session not found")


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-02-03T09:00:00Z",
        "2026-02-03T09:00:00+02:00",
        "2026-02-03T09:00:00-07:30",
        "2026-02-03T09:00:00.123456789012Z",
        "2026-02-03T09:00:00,5Z",
        "2026-02-03T9:00:00Z",
        "2024-02-29T23:59:59Z",
    ],
)
def test_case_31_timestamps_that_are_accepted(target: Target, timestamp: str) -> None:
    assert target.event(target.session(), timestamp=timestamp).json() == {"success": True}


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-02-03T09:00:00",
        "2026-02-03 09:00:00Z",
        "2026-02-03t09:00:00Z",
        "2026-02-03T09:00:00z",
        "2026-02-03T09:00:00+0200",
        "2026-02-03T09:00Z",
        "2026-02-03T09:00:60Z",
        "2026-02-03T24:00:00Z",
        "2026-02-30T09:00:00Z",
        "",
        7,
        {},
    ],
)
def test_case_31_timestamps_that_are_refused(target: Target, timestamp: object) -> None:
    says(target.event(target.session(), timestamp=timestamp), 400, "Invalid JSON body")


def test_case_31_two_identical_events_are_two(target: Target) -> None:
    session_id = target.session()
    before = target.detail(session_id)["last_sync_at"]
    for payload in ({"reason": "exit"}, {"reason": "exit"}, None, [1], "text"):
        assert target.event(session_id, payload=payload).json() == {"success": True}
    assert target.detail(session_id)["last_sync_at"] == before
    assert target.chunk(session_id, "after the end").status_code == 200
    with sqlite3.connect(target.ours.path) as connection:
        rows = connection.execute(
            "SELECT payload FROM events JOIN sessions ON sessions.id = session_id"
            " WHERE uuid = ? ORDER BY events.id",
            (session_id,),
        ).fetchall()
    connection.close()
    same = ('{"reason":"exit"}',)
    assert rows == [same, same, ("null",), ("[1]",), ('"text"',)]


@pytest.mark.parametrize("body", [{}, {"summary": None}, {"summary": ""}])
def test_case_32_patch_without_a_summary_empties_it(target: Target, body: Json) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    target.chunk(session_id, "a", metadata={"summary": "before"})
    answer = target.send("PATCH", f"/api/v1/sessions/{external_id}/summary", body)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert target.detail(session_id)["summary"] == ""


def test_case_33_patch_finds_the_callers_sessions_of_all_providers(target: Target) -> None:
    external_id = new_id()
    path = f"/api/v1/sessions/{external_id}/summary"
    says(target.send("PATCH", path, {"summary": "s"}), 404, "Session not found")
    target.session(external_id, key=target.other_key)
    says(target.send("PATCH", path, {"summary": "s"}), 403, "Access denied")
    own = [target.session(external_id, provider=name) for name in ("claude-code", "codex")]
    assert target.send("PATCH", path, {"summary": "new"}).status_code == 200
    assert [target.detail(session_id)["summary"] for session_id in own] == ["new", "new"]


def test_case_33_ids_are_percent_decoded_and_one_with_a_slash_is_never_found(
    target: Target,
) -> None:
    odd = f"a b?{new_id()}&ü%"
    target.session(odd)
    path = f"/api/v1/sessions/{quote(odd, safe='')}/summary"
    assert target.send("PATCH", path, {"summary": "s"}).status_code == 200
    slashed = f"a/{new_id()}"
    target.session(slashed)
    path = f"/api/v1/sessions/{quote(slashed, safe='')}/summary"
    assert target.send("PATCH", path, {"summary": "s"}).status_code == 404


def link(target: Target, session_id: str, **fields: Any) -> httpx.Response:
    key = fields.pop("key", "")
    body = {"url": "https://github.com/acme/app/pull/7", "source": "cli_hook", **fields}
    return target.post(f"/api/v1/sessions/{session_id}/github-links", body, key=key)


def test_case_34_link_again_keeps_its_id_and_takes_over_the_rest(target: Target) -> None:
    session_id = target.session()
    first = link(target, session_id, title="One")
    assert first.status_code == 201
    made = first.json()
    assert made | {"id": 0, "created_at": ""} == {
        "id": 0,
        "session_id": session_id,
        "link_type": "pull_request",
        "url": "https://github.com/acme/app/pull/7",
        "owner": "acme",
        "repo": "app",
        "ref": "7",
        "title": "One",
        "source": "cli_hook",
        "created_at": "",
    }
    url = "http://github.com/acme/app/pull/7/files"
    again = link(target, session_id, url=url, source="manual")
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    assert again.json()["url"] == url
    assert "title" not in again.json()
    sha = "0123abcdef"
    commit = link(target, session_id, url=f"https://github.com/acme/app/commit/{sha}").json()
    assert (commit["link_type"], commit["ref"]) == ("commit", sha)
    listed = target.get(f"/api/v1/sessions/{session_id}/github-links").json()["links"]
    assert [item["id"] for item in listed] == [commit["id"], made["id"]]


def test_case_34_what_is_no_link_is_refused(target: Target) -> None:
    session_id = target.session()
    says(link(target, session_id, url=""), 400, "URL is required")
    for source in ("", "transcript", None):
        answer = link(target, session_id, source=source)
        says(answer, 400, "source must be 'cli_hook' or 'manual'")
    for url in (
        "github.com/a/b/pull/1",
        "https://www.github.com/a/b/pull/1",
        "https://github.example.com/a/b/pull/1",
        "https://github.com/a/b/commit/ABCDEF",
        "https://github.com/a/b/issues/1",
        "https://github.com/a/b/pull/x",
        " https://github.com/a/b/pull/1",
    ):
        answer = link(target, session_id, url=url)
        says(answer, 400, "invalid GitHub URL: must be a PR or commit URL")
    answer = link(target, session_id, link_type="commit")
    says(answer, 400, "link_type 'commit' doesn't match URL type 'pull_request'")
    assert link(target, session_id, link_type="pull_request").status_code == 201
    says(link(target, session_id, key=target.other_key), 404, "Session not found")
    says(link(target, "nonsense"), 404, "Session not found")
    answer = target.get(f"/api/v1/sessions/{session_id}/github-links", key=target.other_key)
    says(answer, 404, "Session not found")


def test_case_35_names_with_slashes_are_stored_listed_and_downloaded(target: Target) -> None:
    session_id = target.session()
    name = "subagents/workflows/wf 1+2&3/agent-ü.jsonl"
    assert target.chunk(session_id, "a", "b", file_name=name, file_type="agent").is_success
    assert [file["file_name"] for file in target.detail(session_id)["files"]] == [name]
    assert target.text(session_id, quote(name, safe="")) == "a\nb\n"


def test_case_36_files_come_in_the_contracts_order(target: Target) -> None:
    session_id = target.session()
    path = f"/api/v1/sessions/{session_id}/files"
    assert target.get(path).json() == {"files": []}
    for name, kind in (
        ("agent-b.jsonl", "agent"),
        ("w/journal.jsonl", "workflow_journal"),
        ("s.jsonl", "transcript"),
        ("agent-a.jsonl", "agent"),
    ):
        target.chunk(session_id, "a", file_name=name, file_type=kind)
    files = target.get(path).json()["files"]
    assert [(file["file_type"], file["file_name"]) for file in files] == [
        ("workflow_journal", "w/journal.jsonl"),
        ("transcript", "s.jsonl"),
        ("agent", "agent-a.jsonl"),
        ("agent", "agent-b.jsonl"),
    ]
    for file in files:
        assert set(file) == {"file_name", "file_type", "last_synced_line", "updated_at"}
        assert file["last_synced_line"] == 1
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z"
        assert re.fullmatch(pattern, file["updated_at"])
    says(target.get(path, key=target.other_key), 404, "Session not found")


def test_case_37_download_is_text_with_a_name_and_a_last_newline(target: Target) -> None:
    session_id = target.session()
    name = 'sub/a "b".jsonl'
    target.chunk(session_id, "a", "", file_name=name)
    target.chunk(session_id, "c", file_name=name, first_line=3)
    path = f"/api/v1/sessions/{session_id}/files/download"
    answer = target.get(f"{path}?file_name={quote(name, safe='')}")
    assert answer.content == b"a\n\nc\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sub_a__b_.jsonl"'
    says(target.get(path), 400, "Missing file_name query parameter")
    says(target.get(f"{path}?file_name=other"), 404, "File not found")
    nobody = "/api/v1/sessions/7f3e9a52-0000-4000-8000-000000000001/files/download?file_name=f"
    says(target.get(nobody), 404, "Session not found")


def test_case_38_file_from_some_line_on(target: Target) -> None:
    session_id = target.session()
    target.chunk(session_id, "1", "2", "3")
    target.chunk(session_id, "4", "5", first_line=4)
    path = f"/api/v1/sessions/{session_id}/sync/file"

    def rest(offset: str) -> httpx.Response:
        return target.get(f"{path}?file_name=s.jsonl{offset}")

    assert rest("").text == "1\n2\n3\n4\n5\n"
    assert rest("&line_offset=0").text == "1\n2\n3\n4\n5\n"
    assert rest("&line_offset=1").text.split() == ["2", "3", "4", "5"]
    assert rest("&line_offset=3").text == "4\n5\n"
    for offset in ("5", "6", "99999999"):
        answer = rest(f"&line_offset={offset}")
        assert (answer.status_code, answer.text) == (200, "")
    for offset in ("x", "1.5", "1e3"):
        says(rest(f"&line_offset={offset}"), 400, "line_offset must be a valid integer")
    says(rest("&line_offset=-1"), 400, "line_offset must be non-negative")
    says(target.get(path), 400, "file_name is required")
    for key in (None, "cfb_" + "x" * 40, target.other_key):
        says(target.get(f"{path}?file_name=s.jsonl", key=key), 404, "Session not found")


def test_case_39_deleted_session_is_gone_and_init_begins_a_new_one(target: Target) -> None:
    external_id = new_id()
    session_id = target.session(external_id)
    target.chunk(session_id, "a")
    answer = target.send("DELETE", f"/api/v1/sessions/{session_id}")
    if answer.status_code == 401 and target.own is None:
        pytest.skip("this server deletes for cookies only")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "session_id": session_id,
            "message": "Session deleted successfully",
        },
    )
    says(target.chunk(session_id, "b", first_line=2), 404, "Session not found")
    says(target.event(session_id), 404, "Session not found")
    says(target.get(f"/api/v1/sessions/{session_id}/files"), 404, "Session not found")
    again = target.init(external_id).json()
    assert again["session_id"] != session_id
    assert again["files"] == {}


def test_case_39_foreign_session_is_not_deleted(target: Target) -> None:
    foreign = target.session(key=target.other_key)
    answer = target.send("DELETE", f"/api/v1/sessions/{foreign}")
    if answer.status_code == 401 and target.own is None:
        pytest.skip("this server deletes for cookies only")
    says(answer, 403, "Access denied")


def test_case_40_session_without_lines_or_a_name_is_not_listed(target: Target) -> None:
    unnamed, unwritten, named, empty = (target.session() for _ in range(4))
    target.chunk(unnamed, "a")
    target.chunk(named, "a", metadata={"first_user_message": "Hello"})
    target.chunk(empty, "a", metadata={"summary": ""})
    assert target.listed(unnamed) is None
    assert target.listed(unwritten) is None
    assert target.listed(empty) is not None
    item = target.listed(named) or {}
    assert item["first_user_message"] == "Hello"
    assert (item["file_count"], item["total_lines"], item["is_owner"]) == (1, 1, True)


def test_case_41_validate_says_whose_key_it_is(target: Target) -> None:
    answer = target.get("/api/v1/auth/validate")
    said = answer.json()
    assert set(said) == {"valid", "user_id", "email", "name"}
    assert said["valid"] is True
    assert isinstance(said["user_id"], int)
    assert said["name"] is None or isinstance(said["name"], str)
    if target.own:
        assert said["name"] is None


@pytest.mark.parametrize("key", ["", None, "nonsense"])
def test_case_42_capabilities_are_for_everybody(target: Target, key: str | None) -> None:
    answer = target.get("/api/v1/capabilities", key=key)
    assert answer.status_code == 200
    assert answer.json()["workflow_files"] is True
    assert answer.json()["workflow_journal"] is True
    assert set(answer.json().values()) <= {True, False}


def test_case_43_wrong_method_is_empty_and_unknown_route_is_text(target: Target) -> None:
    for method, path in (
        ("GET", "/api/v1/sync/init"),
        ("DELETE", "/api/v1/sync/chunk"),
        ("POST", "/api/v1/capabilities"),
        ("PUT", "/api/v1/sync/event"),
        ("DELETE", "/health"),
    ):
        answer = target.send(method, path, {} if method in ("POST", "PUT") else None)
        assert (answer.status_code, answer.content) == (405, b""), (method, path)
    for path in ("/api/v1/nothing", "/nothing", "//api/v1/capabilities", "/api/v1/capabilities/"):
        reads(target.get(target.url + path), 404, "404 page not found")
    answer = target.post("/api/v1/nothing", {})
    reads(answer, 404, "404 page not found")


def test_case_44_too_many_validations_are_429_and_do_not_slow_syncing(target: Target) -> None:
    validate = "/api/v1/auth/validate"
    target.wait(2)  # the cases before this one may have used up the limit for everything
    answers = [target.get(validate, patient=False) for _ in range(12)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    reads(limited[0], 429, "Rate limit exceeded. Please try again later.")
    body = init_body()
    assert target.send("POST", "/api/v1/sync/init", body, patient=False).status_code == 200
    target.wait(25)
    assert target.get(validate, patient=False).status_code == 200


def device_code(target: Target, **fields: Any) -> Json:
    answer = target.post("/auth/device/code", fields, key=None)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def token(target: Target, device_code: object) -> httpx.Response:
    return target.post("/auth/device/token", {"device_code": device_code}, key=None)


def test_case_45_device_code_has_the_contracts_form(target: Target) -> None:
    code = device_code(target, key_name="box (Confab CLI)")
    assert re.fullmatch(r"[0-9a-f]{64}", code["device_code"])
    assert re.fullmatch(r"[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}", code["user_code"])
    assert code["verification_uri"].endswith("/auth/device")
    assert (code["expires_in"], code["interval"]) == (300, 5)
    says(token(target, code["device_code"]), 400, "authorization_pending")
    says(token(target, "0" * 64), 400, "invalid_grant")
    says(token(target, ""), 400, "invalid_request")
    says(target.post("/auth/device/token", content=b"junk", key=None), 400, "invalid_request")
    assert target.post("/auth/device/code", content=b"junk", key=None).status_code == 200
    answer = target.post("/auth/device/code", {"key_name": "x" * 256}, key=None)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@contextmanager
def signed_in(target: Target) -> Iterator[httpx.Client]:
    """A browser in which the owner has signed in."""
    server = target.ours
    with server.store() as store:
        store.accounts.add_link(1, "one-time")
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as browser:
        target.wait(40)
        assert browser.post("/auth/sign-in", data={"token": "one-time"}).status_code == 303
        yield browser


def test_case_45_approved_code_becomes_a_key_once(target: Target) -> None:
    with signed_in(target) as browser:
        code = device_code(target, key_name="laptop")
        typed = code["user_code"].replace("-", "\u2013").lower()
        assert browser.post("/auth/device/verify", data={"code": typed}).status_code == 200
        answer = token(target, code["device_code"])
        assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
        key = answer.json()["access_token"]
        assert re.fullmatch(r"cfb_[A-Za-z0-9_-]{40}", key)
        says(token(target, code["device_code"]), 400, "invalid_grant")
        assert target.get("/api/v1/auth/validate", key=key).status_code == 200

        again = device_code(target, key_name="laptop")
        browser.post("/auth/device/verify", data={"code": again["user_code"]})
        new_key = token(target, again["device_code"]).json()["access_token"]
        assert new_key != key
        reads(target.get("/api/v1/auth/validate", key=key), 401, "Invalid API key")


def test_case_45_strangers_and_other_sites_approve_nothing(target: Target) -> None:
    code = device_code(target)
    form = {"code": code["user_code"]}
    url = target.ours.url + "/auth/device/verify"
    with signed_in(target) as browser:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert browser.post(url, data=form, headers=headers).status_code == 403
        del browser.headers["Sec-Fetch-Site"]
        assert browser.post(url, data=form).status_code == 403
    same = {"Sec-Fetch-Site": "same-origin"}
    assert httpx.post(url, data=form, headers=same, trust_env=False).status_code == 403
    says(token(target, code["device_code"]), 400, "authorization_pending")


def test_case_45_code_expires(target: Target) -> None:
    code = device_code(target)
    target.ours.clock.advance(301)
    says(token(target, code["device_code"]), 400, "expired_token")


def test_case_46_read_only_user_reads_and_writes_nothing(target: Target) -> None:
    server = target.ours
    key = server.key("reader@example.com")
    session_id = target.session(key=key)
    with server.store() as store:
        store.accounts.set_state("reader@example.com", "read_only")
    refused = {"error": "read_only_user", "message": "This identity is read-only."}
    for method, path, body in (
        ("POST", "/api/v1/sync/init", init_body()),
        ("POST", "/api/v1/sync/chunk", chunk_body(session_id)),
        ("PATCH", "/api/v1/sessions/x/summary", {"summary": "s"}),
        ("POST", f"/api/v1/sessions/{session_id}/github-links", {}),
    ):
        answer = target.send(method, path, body, key=key)
        assert (answer.status_code, answer.json()) == (403, refused)
    assert target.get(f"/api/v1/sessions/{session_id}/files", key=key).status_code == 200
    assert target.get("/api/v1/auth/validate", key=key).status_code == 200


def test_case_46_deactivated_user_is_refused_by_text(target: Target) -> None:
    server = target.ours
    key = server.key("gone@example.com")
    session_id = target.session(key=key)
    with server.store() as store:
        store.accounts.set_state("gone@example.com", "disabled")
    reads(target.get("/api/v1/auth/validate", key=key), 403, "Account deactivated")
    answer = target.post("/api/v1/sync/init", init_body(), key=key)
    reads(answer, 403, "Account deactivated")
    answer = target.get("/api/v1/sessions/by-external-id/x", key=key)
    reads(answer, 401, "Unauthorized")
    says(target.get(f"/api/v1/sessions/{session_id}", key=key), 404, "Session not found")


def test_case_47_file_may_have_30000_chunks(target: Target) -> None:
    session_id = target.session()
    target.chunk(session_id, "1")
    connection = sqlite3.connect(target.ours.path)
    with connection:
        connection.execute("UPDATE files SET chunks = 29999 WHERE session_id ="
                           " (SELECT id FROM sessions WHERE uuid = ?)", (session_id,))  # fmt: skip
    connection.close()
    assert target.chunk(session_id, "2", first_line=2).json() == {"last_synced_line": 2}
    says(
        target.chunk(session_id, "3", first_line=3),
        400,
        "File has too many chunks (limit: 30000). Consider starting a new session.",
    )
    says(target.chunk(session_id, "3", first_line=4), 400, CONTIGUOUS.format(3, 4))
    assert target.chunk(session_id, "1", file_name="other").json() == {"last_synced_line": 1}


def test_case_48_pr_link_line_makes_a_link_and_a_malformed_one_does_no_harm(
    target: Target,
) -> None:
    def line(**fields: Any) -> str:
        good = {
            "type": "pr-link",
            "prRepository": "acme/app",
            "prNumber": 12,
            "prUrl": "https://github.com/acme/app/pull/12",
        }
        return json.dumps(good | fields)

    session_id = target.session()
    bad = [
        line(prNumber=13),
        line(prRepository="other/app"),
        line(prUrl="https://example.com/acme/app/pull/12"),
        line(prUrl=None),
        line(type="other", prNumber=12),
        line()[:-1],
    ]
    answer = target.chunk(session_id, *bad)
    assert answer.json() == {"last_synced_line": len(bad)}
    path = f"/api/v1/sessions/{session_id}/github-links"
    assert target.get(path).json() == {"links": []}
    target.chunk(session_id, line(), first_line=len(bad) + 1)
    (found,) = target.get(path).json()["links"]
    assert (found["owner"], found["repo"], found["ref"]) == ("acme", "app", "12")
    assert (found["source"], found["title"]) == ("transcript", "acme/app#12")


def test_answers_in_json_are_kept_by_no_cache(target: Target) -> None:
    answer = target.get("/api/v1/auth/validate")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in answer.headers
