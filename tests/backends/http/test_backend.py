"""The backend against an API that does what the contract says, and some that it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from confab_sync import wire
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    FileDiverged,
    FileUnavailable,
    PositionMoved,
    SessionGone,
)
from confab_sync.store.values import SideFile
from tests.backends.http.api import KEY, Api, Asked, Clock, Reply, backend, error, json_reply, text
from tests.backends.http.values import MAIN, chunk, info


def test_lines_arrive_as_they_are(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    opened = there.open_session(info())
    assert dict(opened.files) == {}
    assert there.append(opened.session_id, chunk(b'{"a":1}\n\n{"b":"\\ud800"}\r\n')).lines == 3
    assert api.lines(MAIN) == ['{"a":1}', "", '{"b":"\\ud800"}\r']
    again = there.open_session(info())
    assert again.session_id == opened.session_id
    assert again.files[MAIN].lines == 3
    assert again.files[MAIN].source_bytes is None


def test_open_end_is_one_line_and_its_newline_is_none(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    assert there.append(session_id, chunk(b"one\ntwo")).lines == 2
    assert there.append(session_id, chunk(b"\nthree\n", 3, closes=True)).lines == 3
    assert api.lines(MAIN) == ["one", "two", "three"]


def test_chunk_that_only_closes_a_line_is_not_sent(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    there.append(session_id, chunk(b"one"))
    assert there.append(session_id, chunk(b"\n", 2, closes=True)).lines == 1
    assert api.count("/sync/chunk") == 1


def test_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    appended = there.append(session_id, chunk(b"good\n\xff\xfe bad\n"))
    assert (appended.lines, appended.repaired, appended.replaced) == (2, 1, 0)
    assert api.lines(MAIN) == ["good", "\ufffd\ufffd bad"]


def test_init_that_is_refused_for_its_details_is_sent_without_them(tmp_path: Path) -> None:
    api = Api()
    api.once(error(400, "metadata.hostname exceeds maximum length of 255 characters"), "init")
    backend(api, tmp_path).open_session(info())
    assert [sorted(body["metadata"]) for body in api.bodies("init")] == [
        ["cwd", "hostname", "username"],
        ["cwd"],
    ]


def test_metadata_that_is_refused_is_left_out_and_the_lines_arrive(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(error(400, "git_info.remotes[0].name is required"), "chunk")
    assert there.append(session_id, chunk(b"one\ntwo\n", summary="S")).lines == 2
    assert [body.get("metadata") for body in api.bodies("chunk")] == [{"summary": "S"}, None]


def test_one_line_that_the_server_never_takes_gets_a_placeholder(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.rules.append(
        lambda asked: (
            error(400, "Invalid request body")
            if asked.path.endswith("chunk") and "poison" in asked.body["lines"]
            else None
        )
    )
    lines = [f"line {n}" for n in range(9)]
    lines[5] = "poison"
    appended = there.append(session_id, chunk("\n".join(lines).encode() + b"\n"))
    assert (appended.lines, appended.replaced) == (9, 1)
    stored = api.lines(MAIN)
    assert stored[:5] + stored[6:] == lines[:5] + lines[6:]
    assert json.loads(stored[5])["reason"] == "refused by the backend"
    assert json.loads(stored[5])["bytes"] == len("poison")


def test_file_that_the_server_will_never_take_is_not_taken_apart(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    full = "File has too many chunks (limit: 30000). Consider starting a new session."
    api.always(error(400, full), "chunk")
    with pytest.raises(BackendRefused, match="too many chunks"):
        there.append(session_id, chunk(b"one\ntwo\nthree\n"))
    assert api.count("chunk") == 1


def test_refusal_of_everything_is_an_error_and_no_placeholder(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.always(error(400, "Invalid request body"), "chunk")
    with pytest.raises(BackendRefused, match="Invalid request body"):
        there.append(session_id, chunk(b"one\ntwo\n"))
    assert api.session()["files"] == {}


def test_smaller_requests_after_somebody_found_one_too_large(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.rules.append(
        lambda asked: (
            Reply(413, b"<html>too large</html>", "text/html")
            if len(asked.data) > 300_000
            else None
        )
    )
    data = b"".join(b"x" * 99 + b"\n" for _ in range(10_000))
    assert there.append(session_id, chunk(data)).lines == 10_000
    refused = sum(len(asked.data) > 300_000 for asked in api.asked)
    there.append(session_id, chunk(data, 10_001))
    assert sum(len(asked.data) > 300_000 for asked in api.asked) == refused
    assert len(api.lines(MAIN)) == 20_000


def test_acknowledgement_of_another_line_is_a_failure(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(json_reply(200, {"last_synced_line": 7}), "chunk")
    with pytest.raises(PositionMoved, match="acknowledged line 7"):
        there.append(session_id, chunk(b"one\n"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Please sign in</html>", "text/html"),
        Reply(200, b"", "application/json"),
        json_reply(200, {}),
        json_reply(200, {"last_synced_line": True}),
        json_reply(200, {"last_synced_line": "1"}),
        json_reply(200, {"last_synced_line": -1}),
        json_reply(200, [1]),
        Reply(200, b"[" * 100_000),
        Reply(204),
    ],
)
def test_success_that_says_nothing_is_a_failure(tmp_path: Path, reply: Reply) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(reply, "chunk")
    with pytest.raises(BackendUnavailable):
        there.append(session_id, chunk(b"one\n"))


@pytest.mark.parametrize(
    "said",
    [
        {"provider": "claude-code", "files": {}},
        {"session_id": "", "files": {}},
        {"session_id": "x", "files": []},
        {"session_id": "x", "provider": "codex", "files": {}},
        {"session_id": "x", "files": {"a": {"last_synced_line": None}}},
        {"session_id": "x", "files": {"a": 3}},
    ],
)
def test_init_that_names_no_session_is_a_failure(tmp_path: Path, said: object) -> None:
    api = Api()
    api.once(json_reply(200, said), "init")
    with pytest.raises(BackendUnavailable):
        backend(api, tmp_path).open_session(info())


def test_deleted_session_is_asked_for_before_it_is_believed(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.sessions.clear()
    with pytest.raises(SessionGone):
        there.append(session_id, chunk(b"one\n"))
    assert [asked.path.rpartition("/")[2] for asked in api.asked] == ["init", "chunk", "files"]


def test_404_that_the_session_list_contradicts_is_not_believed(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(error(404, "Session not found"), "chunk")
    with pytest.raises(BackendUnavailable):
        there.append(session_id, chunk(b"one\n"))


def test_404_to_init_is_not_a_deleted_session(tmp_path: Path) -> None:
    api = Api()
    api.once(error(404, "Session not found"), "init")
    with pytest.raises(BackendUnavailable):
        backend(api, tmp_path).open_session(info())


def test_without_a_key_nothing_is_sent_and_the_user_hears_what_to_do(tmp_path: Path) -> None:
    api = Api()
    with pytest.raises(BackendUnauthorized, match="confab login"):
        backend(api, tmp_path, key="").open_session(info())
    assert api.asked == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (text(401, "Invalid API key"), BackendUnauthorized),
        (text(403, "Account deactivated"), BackendForbidden),
        (error(403, "Access denied"), BackendForbidden),
        (
            json_reply(403, {"error": "read_only_user", "message": "This identity is read-only."}),
            BackendForbidden,
        ),
        (error(403, "Storage access denied"), BackendUnavailable),
        (error(404, "File not found in storage"), BackendUnavailable),
        (text(404, "404 page not found"), BackendUnavailable),
        (Reply(502, b"<html>Bad gateway</html>", "text/html"), BackendUnavailable),
        (error(503, "Storage temporarily unavailable"), BackendUnavailable),
        (error(500, "Failed to upload chunk"), FileUnavailable),
        (Reply(407, b"", "text/html"), BackendUnavailable),
    ],
)
def test_each_answer_is_the_error_it_means(
    tmp_path: Path, reply: Reply, expected: type[Exception]
) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.always(reply, "chunk")
    with pytest.raises(expected) as caught:
        there.append(session_id, chunk(b"secret line\n"))
    assert type(caught.value) is expected
    assert "secret line" not in str(caught.value)
    assert KEY not in f"{caught.value!r} {caught.value}"


def test_file_whose_lines_always_fail_is_refused_once_others_are_taken(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.rules.append(
        lambda asked: (
            error(500, "Failed to upload chunk")
            if asked.path.endswith("chunk") and "poison" in asked.body["lines"]
            else None
        )
    )
    bad = chunk(b"a\npoison\nb\n", name="agent-123456.jsonl", kind="agent")
    for number in range(2):
        with pytest.raises(FileUnavailable):
            there.append(session_id, bad)
        there.append(session_id, chunk(b"good\n", number + 1))
    assert there.append(session_id, bad).replaced == 1
    assert api.lines("agent-123456.jsonl")[::2] == ["a", "b"]


def test_server_that_fails_on_everything_is_not_a_refusal(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.always(error(500, "Failed to upload chunk"), "chunk")
    for _ in range(10):
        with pytest.raises(FileUnavailable):
            there.append(session_id, chunk(b"one\n"))


def test_rewritten_file_has_diverged(tmp_path: Path) -> None:
    with pytest.raises(FileDiverged):
        backend(Api(), tmp_path).restart_file("x", MAIN)


def test_page_in_the_place_of_capabilities_does_not_say_that_there_are_none(tmp_path: Path) -> None:
    api = Api(side_files=True)
    there = backend(api, tmp_path)
    api.once(Reply(404, b"<html>no such page</html>", "text/html"), "capabilities")
    with pytest.raises(FileUnavailable):
        there.takes("side", "a.txt")
    assert there.takes("side", "a.txt")


@pytest.mark.parametrize("said", [{}, {"last_synced_line": 1}, {"success": "yes"}])
def test_side_file_counts_as_stored_only_when_the_api_says_so(
    tmp_path: Path, said: dict[str, object]
) -> None:
    api = Api(side_files=True)
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(json_reply(200, said), "side-file")
    with pytest.raises(BackendUnavailable):
        there.put_side_file(session_id, SideFile("a.txt", b"x", 17))


def test_side_file_goes_to_our_own_server(tmp_path: Path) -> None:
    api = Api(side_files=True)
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    assert there.takes("side", "tool-results/ä b.txt")
    there.put_side_file(session_id, SideFile("tool-results/ä b.txt", b"\0\xff" * 1000, 17))
    assert api.side_files == {"tool-results/ä b.txt": b"\0\xff" * 1000}


def test_end_is_told_in_utc_with_a_clean_payload(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    moment = datetime(2026, 2, 3, 23, 30, tzinfo=timezone(timedelta(hours=-7)))
    there.end_session(session_id, moment, {"reason": "ex\0it", "n": float("nan"), "s": "\ud800"})
    assert api.events == [
        {
            "session_id": session_id,
            "event_type": "session_end",
            "timestamp": "2026-02-04T06:30:00Z",
            "payload": {"reason": "exit", "n": None, "s": "\ufffd"},
        }
    ]


def test_end_whose_payload_is_refused_is_told_without_it(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.once(error(400, "Invalid JSON body"), "event")
    there.end_session(session_id, datetime(2026, 1, 1, tzinfo=UTC), {"a": 1})
    assert [event.get("payload") for event in api.events] == [None]


def test_end_is_not_repeated_within_a_call_when_it_may_have_been_heard(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.lost(error(503, "Storage temporarily unavailable"), "event")
    with pytest.raises(BackendUnavailable):
        there.end_session(session_id, datetime(2026, 1, 1, tzinfo=UTC), None)
    assert len(api.events) == 1


def test_server_that_takes_no_zstd_gets_plain_bodies_from_then_on(tmp_path: Path) -> None:
    api = Api()
    api.rules.append(
        lambda asked: (
            error(415, "Unsupported Content-Encoding: zstd")
            if "content-encoding" in asked.headers
            else None
        )
    )
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    there.append(session_id, chunk(b"x" * 5000 + b"\n"))
    there.append(session_id, chunk(b"y" * 5000 + b"\n", 2))
    assert [("content-encoding" in a.headers) for a in api.asked[1:]] == [True, False, False]


def test_partial_upload_is_continued_from_the_servers_word(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    data = b"".join(b"x" * 999_999 + b"\n" for _ in range(7))
    seen: list[int] = []

    def fail_second(asked: object) -> Reply | None:
        if getattr(asked, "path", "").endswith("chunk"):
            seen.append(1)
            if len(seen) == 2:
                return error(503, "Storage temporarily unavailable")
        return Reply(503) if len(seen) in (3, 4) else None

    api.rules.append(fail_second)
    with pytest.raises(BackendUnavailable):
        there.append(session_id, chunk(data))
    api.rules.clear()
    clock = Clock(now=1_800_000_000.0)
    again = backend(api, tmp_path, clock)
    stored = again.open_session(info()).files[MAIN].lines
    assert 0 < stored < 7
    rest = b"".join(data.splitlines(keepends=True)[stored:])
    assert again.append(session_id, chunk(rest, stored + 1)).lines == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_a_server_that_repeats_what_it_was_sent_is_not_quoted_with_it(
    tmp_path: Path, status: int
) -> None:
    api = Api()
    there = backend(api, tmp_path)
    basic = "Basic " + "dXNlcjpodW50ZXIyeHl6"
    echo = f"{'x' * 190} Bearer {KEY}, Proxy-Authorization: {basic}"
    api.always(error(status, echo))
    with pytest.raises(BackendError) as caught:
        there.open_session(info())
    on_disk = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    for part in (KEY, KEY[:10], basic, basic[:12]):
        assert part not in f"{caught.value} {on_disk}"


def test_session_that_was_deleted_meanwhile_is_not_created_anew(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    assert there.open_session(info(known_id=session_id)).session_id == session_id
    api.sessions.clear()
    with pytest.raises(SessionGone):
        there.open_session(info(known_id=session_id))
    assert api.sessions == {}


def test_server_that_cannot_say_whether_it_knows_a_session_is_asked_later(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    api.always(text(404, "404 page not found"), "/files")
    with pytest.raises(BackendUnavailable):
        there.open_session(info(known_id=session_id))


def test_server_that_does_not_ask_is_told_nothing_of_the_daemon(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path, live=lambda: {"phase": "syncing"})
    session_id = there.open_session(info()).session_id
    there.append(session_id, chunk(b"one\n"))
    there.end_session(session_id, datetime.now(UTC), None)
    assert all("confab-live" not in asked.headers for asked in api.asked)


def test_one_session_s_context_is_not_told_of_another(tmp_path: Path) -> None:
    api = Api()

    def wants(asked: Asked) -> Reply | None:
        if asked.path != wire.INIT:
            return None
        return replace(api.serve(asked), headers={wire.LIVE_HEADER: wire.LIVE_WANTED})

    api.rules.append(wants)
    there = backend(api, tmp_path)
    first = there.open_session(info()).session_id
    there.append(first, chunk(b"one\n", context_used=1234))
    second = there.open_session(info(external_id="another")).session_id
    there.append(second, chunk(b"one\n"))
    there.end_session(second, datetime.now(UTC), None)
    there.end_session(first, datetime.now(UTC), None)
    told = [asked.headers.get("confab-live", "") for asked in api.asked if asked.method == "POST"]
    context = '{"context_used":1234}'
    assert told == ["", context, "", "", "", context]
