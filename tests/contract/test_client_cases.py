"""The 45 cases of the contract's client checklist (§6.2), each by its number.

Where the design decides otherwise than the Go CLI, the case's docstring says so.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpcore
import pytest
import respx

from confab_sync import __version__, wire
from confab_sync.backends.choice import configured_backend
from confab_sync.backends.http.account import (
    DeviceCode,
    looks_like_a_key,
    request_code,
    wait_for_key,
)
from confab_sync.backends.http.address import address
from confab_sync.backends.http.client import Client, user_agent
from confab_sync.backends.http.connection import http_backend
from confab_sync.backends.http.downloads import Downloads
from confab_sync.claude import directories
from confab_sync.claude.installation import Installation
from confab_sync.config import load_config, write_config
from confab_sync.daemon.messages import TimerDue
from confab_sync.daemon.worker import Job
from confab_sync.errors import (
    BackendForbidden,
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    ConfigError,
    SessionGone,
)
from confab_sync.paths import Paths
from confab_sync.presence import inbox, lock, marker
from confab_sync.presence import state as states
from confab_sync.store.source import SourceFile
from tests.backends.http.api import (
    KEY,
    URL,
    Api,
    ApiTransport,
    Asked,
    Clock,
    Reply,
    backend,
    error,
    json_reply,
    text,
)
from tests.backends.http.values import chunk, info
from tests.contract.stage import MAIN, SESSION, Stage, git, typed
from tests.daemon import factories as daemons

LIMITED = "Rate limit exceeded. Please try again later."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def client(api: Api, key: str = KEY) -> Client:
    return Client(address(URL, {}, allow_plain_http=False), key, lambda: ApiTransport(api))


@respx.mock
def test_case_01_header_set_and_user_agent(tmp_path: Path) -> None:
    route = respx.post("https://confab.example.com/api/v1/sync/init").respond(
        json={"session_id": "x", "provider": "claude-code", "files": {}}
    )
    there = http_backend("https://confab.example.com", KEY, backoff=str(tmp_path), environ={})
    there.open_session(info(git_info={"branch": "x" * 2000}))
    there.close()
    sent = route.calls.last.request
    assert {name: value for name, value in sent.headers.items() if name != "content-length"} == {
        "host": "confab.example.com",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": user_agent(),
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "content-encoding": "zstd",
    }
    assert re.fullmatch(
        rf"confab/{re.escape(__version__)} \((linux|darwin); (amd64|arm64|\w+)\)", user_agent()
    )
    assert user_agent("1.2.3", "linux", "x86_64") == "confab/1.2.3 (linux; amd64)"
    assert user_agent("1.2.3", "darwin", "arm64") == "confab/1.2.3 (darwin; arm64)"


def test_case_02_trailing_slash_of_the_url(tmp_path: Path) -> None:
    api = Api()
    backend(api, tmp_path, url=URL + "/").open_session(info())
    assert [asked.path for asked in api.asked] == ["/api/v1/sync/init"]


def test_case_03_compression(tmp_path: Path) -> None:
    """There are no github-links here: this client does not post them."""
    api = Api()
    there = backend(api, tmp_path)
    session_id = there.open_session(info()).session_id
    there.append(session_id, chunk(b"x" * 700 + b"\n"))
    there.append(session_id, chunk(b"x" * 1100 + b"\n", 2))
    there.summarize("claude-code", SESSION, "x" * 2000)
    packed = [("content-encoding" in asked.headers) for asked in api.asked]
    assert packed == [False, False, True, False]
    assert api.summaries == {SESSION: "x" * 2000}


def test_case_04_encoded_bodies_stay_within_the_limit(stage: Stage) -> None:
    """Aimed at 2 to 4 MiB by the design, not just below 16."""
    line = b'{"text":"' + b'\\"' * 500_000 + b'"}\n'
    control = b"\x01" * 1_900_000 + b"\n"
    stage.write(line * 8 + control * 2)
    stage.settled()
    assert "".join(f"{line}\n" for line in stage.lines()).encode() == line * 8 + control * 2
    sizes = [len(asked.data) for asked in stage.api.asked if asked.path.endswith("chunk")]
    assert max(sizes) < 12 * 1024 * 1024
    assert sum(size > 4 * 1024 * 1024 for size in sizes) == 2, "a line alone may be longer"


def test_case_05_oversized_line_gets_a_placeholder_and_is_reported(stage: Stage) -> None:
    stage.write(b"first\n" + b"x" * (17 * 1024 * 1024) + b"\n" + b"last\n")
    report = stage.settled()
    first, placeholder, last = stage.lines()
    assert (first, last) == ("first", "last")
    assert json.loads(placeholder)["type"] == "confab-placeholder"
    assert json.loads(placeholder)["bytes"] == 17 * 1024 * 1024
    assert "1 lines that cannot be sent" in report.files[0].note
    stage.restart()
    stage.write(b"more\n")
    assert "1 lines that cannot be sent" in stage.settled().files[0].note


def test_case_06_cwd_is_in_every_init(stage: Stage) -> None:
    stage.write(b"one\n")
    stage.api.once(error(503, "x"), "chunk")
    stage.api.once(error(503, "x"), "chunk")
    stage.api.once(error(503, "x"), "chunk")
    stage.settled()
    inits = stage.api.bodies("init")
    assert len(inits) == 2
    assert {body["metadata"]["cwd"] for body in inits} == {str(stage.cwd)}


def test_case_07_summary_and_first_user_message_are_cut(stage: Stage) -> None:
    stage.say(typed("ä" * 9000), {"type": "summary", "summary": "é" * 5000})
    stage.settled()
    said = stage.api.session()["metadata"]
    assert said["summary"] == "é" * 1024
    message = said["first_user_message"]
    assert len(message.encode()) <= 4096
    assert message.strip("ä") == "..."


def test_case_08_no_nul_in_metadata_git_info_and_payload(stage: Stage) -> None:
    stage.say(
        typed("a\0b", gitBranch="ma\0in"),
        {"type": "summary", "summary": "c\0d"},
    )
    stage.settled()
    stage.sync.end("2026-01-01T00:00:00Z", {"rea\0son": "ex\0it"})
    said = stage.api.session()["metadata"]
    assert (said["first_user_message"], said["summary"]) == ("ab", "cd")
    assert said["git_info"]["branch"] == "main"
    assert stage.api.events[0]["payload"] == {"reason": "exit"}
    assert "\\u0000" in stage.lines()[0], "lines keep theirs"


def test_case_09_surrogates_and_invalid_utf8(stage: Stage) -> None:
    stage.write(b'{"type":"user","message":{"content":"a\\ud800b"}}\n\xff\xc3\x28\n\xed\xa0\x80\n')
    report = stage.settled()
    assert stage.lines()[0].endswith('"a\\ud800b"}}')
    assert stage.lines()[1] == "\ufffd\ufffd("
    assert stage.api.session()["metadata"]["first_user_message"] == "a\ufffdb"
    assert "2 lines were not UTF-8" in report.files[0].note


def test_case_10_newlines_end_lines_and_carriage_returns_stay(stage: Stage) -> None:
    """The Go CLI removes one carriage return; the copy here is byte-identical."""
    stage.write(b"one\r\ntwo\rtoo\r\r\n\xe2\x80\xa8\n")
    stage.settled()
    assert stage.lines() == ["one\r", "two\rtoo\r\r", "\u2028"]


def test_case_11_blank_lines_count(stage: Stage) -> None:
    stage.write(b"\n\none\n\n")
    stage.settled()
    assert stage.lines() == ["", "", "one", ""]


def test_case_12_unterminated_line_waits(stage: Stage) -> None:
    """At the very end it is sent if it is a complete JSON object, and its newline adds none."""
    stage.write(b'one\n{"a":')
    stage.cycle()
    assert stage.lines() == ["one"]
    stage.write(b"1}")
    stage.cycle(final=True)
    assert stage.lines() == ["one", '{"a":1}']
    stage.write(b"\nthree\n")
    stage.cycle()
    assert stage.lines() == ["one", '{"a":1}', "three"]


@pytest.mark.parametrize("without_registry", [False, True])
def test_case_13_resume_from_the_servers_positions(stage: Stage, without_registry: bool) -> None:
    stage.write(b"one\n\ntwo\n")
    stage.settled()
    stage.restart(without_registry=without_registry)
    stage.write(b"three\n")
    stage.settled()
    assert stage.lines() == ["one", "", "two", "three"]


def test_case_13_resume_after_a_line_that_was_sent_without_its_newline(stage: Stage) -> None:
    stage.write(b'one\n{"a":1}')
    stage.cycle(final=True)
    stage.restart(without_registry=True)
    stage.write(b"\ntwo\n")
    stage.settled()
    assert stage.lines() == ["one", '{"a":1}', "two"]


def test_case_14_lost_answer(stage: Stage) -> None:
    stage.write(b"one\ntwo\n")
    stage.api.lost(Reply(504, b"", "text/html"), "chunk")
    stage.cycle()
    stage.write(b"three\n")
    stage.settled()
    assert stage.lines() == ["one", "two", "three"]


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_case_15_server_has_less_than_we_believe(stage: Stage, kept: int) -> None:
    stage.write(b"one\ntwo\n")
    stage.settled()
    stage.write(b"three\n")
    stage.api.session()["files"][MAIN] = stage.lines()[:kept]
    stage.settled()
    assert stage.lines() == ["one", "two", "three"]


@pytest.mark.parametrize("more", [1, 2])
def test_case_15_server_has_more_than_we_believe(stage: Stage, more: int) -> None:
    stage.write(b"one\n")
    stage.settled()
    stage.write(b"two\nthree\nfour\n")
    stage.api.session()["files"][MAIN] = ["one", "two", "three"][: 1 + more]
    stage.settled()
    assert stage.lines() == ["one", "two", "three", "four"]


def test_case_16_retry_after_500_uses_the_same_range(stage: Stage) -> None:
    stage.write(b"".join(b"%d\n" % number for number in range(1000)))
    failed = stage.api.always(error(500, "Failed to upload chunk"), "chunk")
    stage.cycle()
    stage.write(b"more\n")
    stage.cycle()
    stage.api.rules.remove(failed)
    stage.settled()
    ranges = [(body["first_line"], len(body["lines"])) for body in stage.api.bodies("chunk")]
    assert {first for first, _ in ranges} == {1}
    lengths = [length for _, length in ranges]
    assert lengths == sorted(lengths), "never shorter"
    assert len(stage.lines()) == 1001


@pytest.mark.parametrize("left", [b"", b"one\n", b"other\nlines\nin\nit\n"])
def test_case_17_truncated_or_rewritten_file_has_diverged(stage: Stage, left: bytes) -> None:
    """The common prefix stays, the file is frozen and reported; other files go on."""
    stage.write(b"one\ntwo\nthree\n")
    stage.settled()
    stage.transcript.write_bytes(left)
    stage.write(b"agent\n", "subagents/agent-abcdef1.jsonl")
    report = stage.cycle()
    assert report.complete
    assert "diverged" in report.files[0].note
    assert stage.lines() == ["one", "two", "three"]
    assert stage.lines("agent-abcdef1.jsonl") == ["agent"]
    for _ in range(2):
        stage.write(b"and so on\n")
        assert "diverged" in stage.cycle().files[0].note
        stage.sync.settle(stage.cycle())
        stage.restart()
    assert stage.lines() == ["one", "two", "three"]


def test_case_17_server_ahead_of_a_file_that_nobody_remembers(stage: Stage) -> None:
    stage.write(b"one\ntwo\nthree\n")
    stage.settled()
    stage.transcript.write_bytes(b"one\n")
    stage.restart(without_registry=True)
    report = stage.cycle()
    assert "diverged" in report.files[0].note
    assert stage.lines() == ["one", "two", "three"]


def test_case_17_server_that_was_ahead_and_is_right_again(stage: Stage) -> None:
    stage.write(b"one\ntwo\n")
    stage.settled()
    stage.write(b"three\n")
    session = stage.api.session()
    name = stage.transcript.name
    session["files"][name] += ["not ours"] * 10
    stage.restart()
    assert "diverged" in stage.cycle().files[0].note
    del session["files"][name][2:]
    stage.restart()
    stage.settled()
    assert stage.lines() == ["one", "two", "three"]


def test_case_17_rewritten_file_that_is_put_back_goes_on(stage: Stage) -> None:
    stage.write(b"one\ntwo\n")
    stage.settled()
    stage.transcript.write_bytes(b"one\nTWO\n")
    assert "diverged" in stage.cycle().files[0].note
    stage.transcript.write_bytes(b"one\ntwo\nthree\n")
    stage.restart()
    stage.settled()
    assert stage.lines() == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (text(401, "Invalid API key"), BackendUnauthorized),
        (error(403, "Access denied"), BackendForbidden),
    ],
)
def test_case_18_after_401_and_403_the_configuration_is_read_again(
    stage: Stage, reply: Reply, expected: type[Exception]
) -> None:
    stage.write(b"one\n")
    stage.settled()
    stage.write(b"two\n")
    stage.api.once(reply, "chunk")
    report = stage.cycle()
    assert type(report.error) is expected
    assert stage.configured == 1
    stage.settled()
    assert stage.configured == 2
    assert stage.lines() == ["one", "two"]


@pytest.mark.parametrize(
    "reply", [error(403, "Storage access denied"), error(404, "File not found in storage")]
)
def test_case_19_storage_trouble_is_neither_a_key_nor_a_deletion(
    stage: Stage, reply: Reply
) -> None:
    stage.write(b"one\n")
    stage.api.once(reply, "chunk")
    report = stage.cycle()
    assert type(report.error) is BackendUnavailable
    stage.settled()
    assert stage.configured == 1
    assert stage.lines() == ["one"]


def test_case_20_three_404_cycles_end_the_daemon(stage: Stage, tmp_path: Path) -> None:
    stage.write(b"one\n")
    stage.settled()
    stage.api.sessions.clear()
    stage.write(b"two\n")
    reports = [stage.cycle() for _ in range(3)]
    assert all(isinstance(report.error, SessionGone) for report in reports)
    assert stage.api.count("init") == 1, "init would create it anew"
    supervised = daemons.Stage(tmp_path / "daemon")
    outcomes = []
    for report in reports:
        supervised.clock.now += 60
        supervised.supervisor.handle(TimerDue())
        outcomes.append(supervised.done(report))
    assert supervised.kept_off == [marker.DELETED]
    assert outcomes[-1] is not None
    assert not outcomes[-1].rest


def test_case_21_404_in_plain_text_means_a_wrong_url(stage: Stage) -> None:
    stage.write(b"one\n")
    stage.api.once(text(404, "404 page not found"), "init")
    report = stage.cycle()
    assert "backend_url" in str(report.error)
    stage.settled()
    stage.write(b"two\n")
    stage.api.once(text(404, "404 page not found"), "chunk")
    assert not isinstance(stage.cycle().error, SessionGone)


def test_case_22_rate_limit(tmp_path: Path) -> None:
    """Waits of more than a moment are not sat out but shared by all daemons of the machine."""
    api, clock = Api(), Clock()
    there = backend(api, tmp_path, clock)
    api.always(text(429, LIMITED))
    waits = []
    for _ in range(6):
        with pytest.raises(BackendUnavailable) as caught:
            there.open_session(info())
        waits.append(caught.value.retry_after or 0)
        clock.now += 1000
    assert waits[0] < waits[2] < waits[5] <= 75
    api.rules.clear()
    api.once(text(429, LIMITED, **{"Retry-After": "99999999"}))
    with pytest.raises(BackendUnavailable) as caught:
        there.open_session(info())
    assert caught.value.retry_after == 3600


def test_case_23_5xx_and_network_errors_lose_nothing(stage: Stage) -> None:
    broken = (httpcore.ConnectError("refused"), httpcore.ReadError("cut"))
    troubles: Iterator[Reply | Exception] = iter([Reply(502), Reply(503), Reply(500), *broken] * 6)

    def trouble(asked: Asked) -> Reply | None:
        found = next(troubles, None)
        if isinstance(found, Exception):
            raise found
        return found

    stage.api.rules.append(trouble)
    for number in range(20):
        stage.write(b"%d\n" % number)
        stage.cycle()
    stage.settled()
    assert stage.lines() == [str(number) for number in range(20)]


def test_case_23_file_that_the_server_stumbles_over_does_not_hold_up_the_others(
    stage: Stage,
) -> None:
    stage.write(b"one\n")
    stage.write(b"poison\n", "subagents/agent-abcdef1.jsonl")
    stage.write(b"two\n", "subagents/agent-abcdef2.jsonl")
    stage.api.rules.append(
        lambda asked: (
            error(500, "Failed to upload chunk")
            if asked.path.endswith("chunk") and asked.body["lines"] == ["poison"]
            else None
        )
    )
    report = stage.cycle()
    assert isinstance(report.error, BackendUnavailable)
    assert stage.lines() == ["one"]
    assert stage.lines("agent-abcdef2.jsonl") == ["two"]
    for number in range(3):
        stage.write(b"%d\n" % number)
        stage.cycle()
    report = stage.settled()
    assert "1 lines that cannot be sent" in report.files[1].note
    assert stage.lines()[1:] == ["0", "1", "2"]


def test_case_24_success_that_is_not_json(stage: Stage) -> None:
    stage.write(b"one\n")
    portal = Reply(200, b"<html>Sign in to the hotel's network</html>", "text/html")
    stage.api.once(portal, "init")
    stage.api.once(portal, "chunk")
    assert isinstance(stage.cycle().error, BackendUnavailable)
    assert isinstance(stage.cycle().error, BackendUnavailable)
    stage.settled()
    assert stage.lines() == ["one"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_case_25_redirect_is_reported_and_not_followed(tmp_path: Path, status: int) -> None:
    api = Api()
    location = "https://www.example.com/api/v1/sync/init?token=secret"
    api.once(Reply(status, headers={"Location": location}), "init")
    with pytest.raises(BackendUnavailable, match=r"https://www\.example\.com") as caught:
        backend(api, tmp_path).open_session(info())
    assert len(api.asked) == 1
    assert "secret" not in str(caught.value)


def test_case_26_timestamps_are_utc_with_a_zone(stage: Stage) -> None:
    stage.say(
        typed("a", timestamp="2026-02-03T23:30:00-07:00"),
        typed("b", timestamp="2026-02-03T01:00:00.25+01:00"),
    )
    stage.settled()
    stage.sync.end("2026-02-03T10:00:00+01:00", None)
    said = stage.api.session()["metadata"]
    assert said["latest_message_at"] == "2026-02-04T06:30:00Z"
    assert said["created_at"] == "2026-02-03T00:00:00.250000Z"
    assert stage.api.events[0]["timestamp"] == "2026-02-03T09:00:00Z"


def test_case_27_end_is_told_once_after_the_last_chunk(stage: Stage, tmp_path: Path) -> None:
    stage.write(b"one\n")
    end = daemons.went(daemons.claude(), reason="exit")
    worker = daemons.worker_on(stage.sync, tmp_path)
    for _ in range(4):
        worker.run(Job(stage.subject, final=True, end=end))
    paths = [asked.path.rpartition("/")[2] for asked in stage.api.asked]
    assert paths == ["init", "chunk", "event"]
    assert stage.api.events[0]["payload"] == {"reason": "exit"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Fix the parser", "Fix the parser"),
        ([{"type": "text", "text": ""}, {"type": "text", "text": "Fix it"}], "Fix it"),
        ([{"type": "image", "source": {}}, {"type": "text", "text": "See this"}], "See this"),
        ("  a <b>bold</b>\n\tmove &lt;now&gt; &amp; then ", "a bold move <now> & then"),
        ("<only-a-tag>", None),
        ("   ", None),
        (None, None),
        (17, None),
        ([{"type": "tool_result", "content": "x"}], None),
    ],
)
def test_case_28_first_user_message(stage: Stage, content: object, expected: str | None) -> None:
    stage.say({"type": "mode"}, typed(content), typed("a later one") if expected else {})
    stage.settled()
    assert stage.api.session()["metadata"].get("first_user_message") == expected


@pytest.mark.parametrize(
    "row",
    [
        typed("x", isMeta=True),
        typed("x", isSidechain=True),
        typed("x", isCompactSummary=True),
        typed("<command-name>/clear</command-name>"),
        typed("<local-command-stdout>done</local-command-stdout>"),
        typed("<bash-input>ls</bash-input>"),
        typed([{"type": "text", "text": "[Request interrupted by user]"}]),
    ],
)
def test_case_28_messages_that_nobody_typed_are_passed_over(
    stage: Stage, row: dict[str, object]
) -> None:
    """The Go CLI takes them."""
    stage.say(row, typed("the real one"))
    stage.settled()
    assert stage.api.session()["metadata"]["first_user_message"] == "the real one"


def test_case_29_summaries_of_this_session_and_of_earlier_ones(stage: Stage) -> None:
    early, late = [{"uuid": f"u{number}", "type": "user"} for number in range(12)], {"uuid": "v"}
    (stage.project / "earlier.jsonl").write_text("\n".join(map(json.dumps, early)) + "\n")
    (stage.project / "another.jsonl").write_text(json.dumps(late) + "\n")
    (stage.project / "agent-abcdef.jsonl").write_text(json.dumps({"uuid": "w"}) + "\n")
    backend(stage.api, stage.directory).open_session(info(external_id="earlier"))
    stage.say(
        {"type": "summary", "summary": "Too far from the end", "leafUuid": "u1"},
        {"type": "summary", "summary": "<i>Parser</i> fixed", "leafUuid": "u11"},
        {"type": "summary", "summary": "Of a session the server does not have", "leafUuid": "v"},
        {"type": "summary", "summary": "Of an agent", "leafUuid": "w"},
        {"type": "summary", "summary": "An old title"},
        {"type": "summary", "summary": "My own"},
    )
    report = stage.settled()
    assert report.error is None
    assert stage.api.summaries == {"earlier": "Parser fixed"}
    mine = next(s for s in stage.api.sessions.values() if s["key"][1] == SESSION)
    assert mine["metadata"]["summary"] == "My own"


def test_case_30_git_info(stage: Stage) -> None:
    """The line's branch completes what the directory says instead of replacing it."""
    git(stage.cwd, "init", "-q", "-b", "main")
    git(stage.cwd, "commit", "-q", "--allow-empty", "-m", "first")
    commit = git(stage.cwd, "rev-parse", "HEAD")
    for number in range(60):
        git(stage.cwd, "remote", "add", f"r{number}", f"https://u:pw@example.com/{number}.git")
    git(stage.cwd, "remote", "add", "origin", "git@example.com:acme/app.git")
    git(stage.cwd, "config", "remote.empty.url", "")
    stage.say(typed("x", gitBranch="main"))
    stage.settled()
    for said in (stage.api.bodies("init")[0]["metadata"], stage.api.session()["metadata"]):
        found = said["git_info"]
        assert found["branch"] == "main"
        assert found["commit_sha"] == commit
        assert found["repo_url"] == "git@example.com:acme/app.git"
        assert len(found["remotes"]) == 50
        assert found["remotes"][0]["fetch_url"] == "https://example.com/0.git"
        assert "empty" not in {remote["name"] for remote in found["remotes"]}
    stage.say(typed("x", gitBranch="feature"))
    stage.settled()
    later = stage.api.session()["metadata"]["git_info"]
    assert later["branch"] == "feature"
    assert "commit_sha" not in later, "that of now is not that of the branch"
    assert later["repo_url"] == "git@example.com:acme/app.git"


def test_case_31_subagents_are_found_by_listing(stage: Stage) -> None:
    """The design lists recursively instead of believing ids in lines: bad ids lead nowhere."""
    stage.say(
        {"type": "user", "toolUseResult": {"agentId": "../../../../etc/passwd"}},
        {"type": "user", "toolUseResult": {"agentId": "abcdef1"}},
    )
    stage.write(b"one\n", "subagents/agent-abcdef1.jsonl")
    stage.write(b"deep\n", "subagents/agent-never-named-anywhere.jsonl")
    stage.settled()
    assert set(stage.api.session()["files"]) == {
        MAIN,
        "agent-abcdef1.jsonl",
        "agent-never-named-anywhere.jsonl",
    }
    assert stage.api.session()["types"]["agent-abcdef1.jsonl"] == "agent"


def test_case_32_subagents_are_found_after_a_restart(stage: Stage) -> None:
    stage.write(b"one\n")
    stage.write(b"one\n", "subagents/agent-abcdef1.jsonl")
    stage.settled()
    stage.restart(without_registry=True)
    stage.write(b"two\n", "subagents/agent-abcdef1.jsonl")
    stage.settled()
    assert stage.lines("agent-abcdef1.jsonl") == ["one", "two"]


RUN = "subagents/workflows/wf_1"


@pytest.mark.parametrize(
    ("capabilities", "taken"),
    [
        ({}, set()),
        ({"workflow_files": True}, {f"{RUN}/agent-abcdef1.jsonl"}),
        ({"workflow_journal": True}, {f"{RUN}/journal.jsonl"}),
        (
            {"workflow_files": True, "workflow_journal": True},
            {f"{RUN}/agent-abcdef1.jsonl", f"{RUN}/journal.jsonl"},
        ),
        ({"workflow_files": "yes"}, set()),
    ],
)
def test_case_33_workflow_files_only_where_advertised(
    stage: Stage, capabilities: dict[str, bool], taken: set[str]
) -> None:
    stage.api.capabilities = capabilities or None
    stage.write(b"one\n")
    stage.settled()
    assert stage.api.count("capabilities") == 0, "no question without a reason"
    stage.write(b"one\n", f"{RUN}/agent-abcdef1.jsonl")
    stage.write(b"one\n", f"{RUN}/journal.jsonl")
    stage.write(b"{}", "subagents/agent-abcdef1.meta.json")
    report = stage.settled()
    stage.settled()
    assert set(stage.api.session()["files"]) == {MAIN, *taken}
    assert stage.api.count("capabilities") == 1
    assert stage.api.side_files == {}
    assert {file.note for file in report.files if file.lines == 0} == {
        "not archived: this backend takes no such files"
    }
    if taken == {f"{RUN}/journal.jsonl"}:
        assert stage.api.session()["types"][f"{RUN}/journal.jsonl"] == "workflow_journal"


def test_case_33_capabilities_that_cannot_be_told_now_are_asked_for_again(stage: Stage) -> None:
    stage.api.capabilities = {"workflow_files": True}
    stage.write(b"one\n")
    stage.write(b"one\n", f"{RUN}/agent-abcdef1.jsonl")
    stage.write(b"one\n", "subagents/agent-abcdef2.jsonl")
    failing = stage.api.always(error(500, "x"), "capabilities")
    report = stage.cycle()
    assert isinstance(report.error, BackendUnavailable)
    assert stage.lines() == stage.lines("agent-abcdef2.jsonl") == ["one"]
    stage.api.rules.remove(failing)
    stage.settled()
    assert stage.lines(f"{RUN}/agent-abcdef1.jsonl") == ["one"]


def test_case_34_files_that_only_the_server_knows_stall_nothing(stage: Stage) -> None:
    stage.write(b"one\n")
    stage.settled()
    stage.api.session()["files"]["../../etc/passwd"] = ["x"]
    stage.api.session()["files"]["agent-gone.jsonl"] = ["x", "y"]
    stage.restart(without_registry=True)
    stage.write(b"two\n")
    report = stage.settled()
    assert stage.lines() == ["one", "two"]
    assert [file.name for file in report.files] == [MAIN]


def test_case_35_subagents_tell_nothing_of_the_session(stage: Stage) -> None:
    stage.say(typed("of the agent", gitBranch="x"), relative="subagents/agent-abcdef1.jsonl")
    stage.settled()
    assert [body for body in stage.api.bodies("chunk") if "metadata" in body] == []


def test_case_36_metadata_is_made_of_the_bytes_that_are_sent(tmp_path: Path) -> None:
    """Masking is the room `redaction`'s, which has its own tests; what it has masked stays so.

    Nothing but the lines that the engine hands over, masked by then, reaches the metadata.
    """
    stage = Stage(tmp_path)
    secret = "cfb_" + "a-b_" * 10
    stage.say(typed(f"my key is {secret}".replace(secret, "[REDACTED:CONFAB_KEY]")))
    stage.settled()
    sent = b"".join(asked.data for asked in stage.api.asked)
    assert b"[REDACTED:CONFAB_KEY]" in sent
    assert stage.api.session()["metadata"]["first_user_message"] == (
        "my key is [REDACTED:CONFAB_KEY]"
    )
    stage.close()


def test_case_37_config_survives_a_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "confab" / "config.json"
    held = {
        "backend_url": "https://confab.example.com/",
        "api_key": KEY,
        "log_level": "warn",
        "auto_update": False,
        "redaction": {"enabled": True, "use_default_patterns": False, "patterns": []},
        "bindings": {"claude-code": {"/d": {"backend_url": "https://x.example", "api_key": "k"}}},
        "of a later version": {"a": [1, None]},
    }
    path.parent.mkdir()
    path.write_text(json.dumps(held))
    write_config(str(path), {"log_level": "debug"})
    assert json.loads(path.read_text()) == {**held, "log_level": "debug"}
    config = load_config(str(path))
    assert (config.backend_url, config.api_key) == ("https://confab.example.com", KEY)
    assert path.stat().st_mode & 0o777 == 0o600


def test_case_38_missing_binding_never_falls_back(tmp_path: Path) -> None:
    other = tmp_path / "other"
    config = {
        "backend_url": "https://main.example.com",
        "api_key": KEY,
        "bindings": {
            "claude-code": {
                str(other): {"backend_url": "https://other.example.com", "api_key": "cfb_other"}
            }
        },
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    environ = {"HOME": str(tmp_path), "CONFAB_HOME": str(tmp_path)}
    paths = Paths(environ)

    def name_of(directory: Path) -> str:
        transcript = str(directory / "projects" / "p" / "x.jsonl")
        return configured_backend(paths, directories.bound_directory(transcript, environ)).name

    assert name_of(tmp_path / ".claude") == "https://main.example.com"
    assert name_of(other) == "https://other.example.com"
    with pytest.raises(ConfigError, match="third"):
        name_of(tmp_path / "third")
    (tmp_path / "config.json").write_text(json.dumps({**config, "bindings": {}}))
    assert name_of(tmp_path / "third") == "https://main.example.com"


def test_case_39_state_and_inbox_are_the_go_clis(tmp_path: Path) -> None:
    paths = Paths({"CONFAB_HOME": str(tmp_path)}).session(SESSION)
    os.makedirs(paths.directory)
    state = states.initial(
        paths, transcript_path="/t.jsonl", cwd="/c", parent=None, run_id="0123456789abcdef"
    )
    states.write(paths.state, state)
    read = json.loads(Path(paths.state).read_text())
    for field in ("provider", "external_id", "transcript_path", "cwd", "pid", "inbox_path"):
        assert field in read
    assert datetime.fromisoformat(read["started_at"]).tzinfo is not None
    assert paths.state.endswith(f"/sync/claude-code/{SESSION}.json")
    assert paths.flat_state.endswith(f"/sync/{SESSION}.json")
    line = {
        "type": "session_end",
        "timestamp": "2026-02-03T10:00:00.123456789+01:00",
        "hook_input": {"session_id": SESSION, "transcript_path": "/t.jsonl", "reason": "exit"},
    }
    Path(paths.inbox).write_text(json.dumps(line) + "\n")
    assert inbox.read(paths.inbox)[0] == [line]
    foreign = {key: read[key] for key in ("provider", "external_id", "pid", "inbox_path")}
    assert not states.is_ours(foreign)


def test_case_40_hooks_answer_json_and_exit_0_on_garbage(tmp_path: Path) -> None:
    """The design's answer is shorter than the Go CLI's: nothing is shown, nothing is stopped."""
    for name in ("session-start", "session-end", "user-prompt-submit"):
        done = subprocess.run(
            [sys.executable, "-m", "confab_sync", "hook", name],
            input=b"\xff not json {",
            capture_output=True,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            cwd=Path(__file__).resolve().parents[2],
            check=False,
        )
        assert done.returncode == 0
        assert json.loads(done.stdout)["continue"] is True


def test_case_41_settings_keep_foreign_hooks(tmp_path: Path) -> None:
    path = tmp_path / "claude" / "settings.json"
    path.parent.mkdir()
    foreign = {"matcher": "*", "hooks": [{"type": "command", "command": "echo hi"}]}
    path.write_text(json.dumps({"model": "x", "hooks": {"SessionStart": [foreign]}}))
    launcher = Paths({"CONFAB_HOME": str(tmp_path / "home")}).launcher
    hooks = Installation(str(path), launcher, str(tmp_path / "home" / "memory.json"))
    assert [hooks.add(), hooks.add()] == [True, False]
    merged = json.loads(path.read_text())
    assert merged["model"] == "x"
    assert foreign in merged["hooks"]["SessionStart"]
    for entries in merged["hooks"].values():
        command = entries[-1]["hooks"][0]["command"]
        assert os.path.basename(command.split()[0]) == "confab", "how the Go CLI knows its own"


def test_case_42_device_login() -> None:
    """Rate limits and dropped connections in the middle of polling are waited out."""
    api, clock = Api(), Clock()
    api.once(
        json_reply(
            200,
            {
                "device_code": "d" * 64,
                "user_code": "ABCD-2345",
                "verification_uri": "https://confab.example.com/auth/device",
                "expires_in": 300,
                "interval": 5,
            },
        ),
        "/auth/device/code",
    )
    asking = client(api, key="")
    code = request_code(asking, "box")
    assert code.link == "https://confab.example.com/auth/device?code=ABCD-2345"
    assert "authorization" not in api.asked[0].headers
    assert api.asked[0].body == {"key_name": "box (Confab CLI)"}
    api.once(error(400, "authorization_pending"), "token")
    api.once(text(429, LIMITED), "token")
    api.once(error(400, "authorization_pending"), "token")
    api.once(json_reply(200, {"access_token": KEY, "token_type": "Bearer"}), "token")
    assert wait_for_key(asking, code, clock=clock, pause=clock.pause) == KEY
    assert clock.waits == [5.0, 5.0, 10.0, 10.0]
    assert "dddd" not in repr(code)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (error(400, "expired_token"), "expired"),
        (error(400, "invalid_grant"), "does not know this code"),
        (error(403, "access_denied"), "e-mail"),
        (error(409, "api_key_limit_exceeded"), "too many API keys"),
        (error(400, "authorization_pending"), "expired"),
        (text(429, LIMITED), "expired"),
    ],
)
def test_case_42_device_login_ends(reply: Reply, message: str) -> None:
    api, clock = Api(), Clock()
    api.always(reply)
    code = DeviceCode("ABCD-2345", "https://x.example/auth/device", 5.0, 300.0, "d")
    with pytest.raises(BackendRefused, match=message):
        wait_for_key(client(api), code, clock=clock, pause=clock.pause)
    assert clock.now <= 1_700_000_000 + 400


def test_case_43_keys_are_accepted_and_never_shown(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "-" in KEY
    assert "_" in KEY[4:]
    assert looks_like_a_key(KEY)
    assert re.fullmatch(wire.KEY_PATTERN, KEY)
    for bad in ("", "cfb_", "abc_" + "x" * 40, KEY + " ", KEY + "\n", "cfb_" + "ü" * 40):
        assert not looks_like_a_key(bad)
    caplog.set_level(logging.DEBUG)
    stage.write(b"one\n")
    stage.api.once(text(401, "Invalid API key"), "init")
    report = stage.cycle()
    stage.settled()
    shown = f"{report!r} {report.error} {client(stage.api)!r} {caplog.text} {capfd.readouterr()}"
    assert KEY not in shown


def test_case_44_one_writer_per_session(tmp_path: Path) -> None:
    """By a file lock that dies with its holder, not by a pid in the state."""
    path = str(tmp_path / "x.lock")
    first = lock.take(path)
    assert first is not None
    assert lock.take(path) is None
    os.close(first)
    second = lock.take(path)
    assert second is not None
    os.close(second)


def test_case_45_downloads(tmp_path: Path) -> None:
    api = Api()
    names = [f"subagents/workflows/wf_{run}/agent-a b&c.jsonl" for run in (1, 2)]
    content = {name: f"{name}\nä\n".encode() for name in names}

    def serve(asked: Asked) -> Reply | None:
        if asked.path.endswith("/files"):
            listed = [
                {"file_name": name, "file_type": "agent", "last_synced_line": 2} for name in names
            ]
            return json_reply(200, {"files": listed})
        if asked.path.endswith("/files/download"):
            return Reply(200, content[asked.query["file_name"][0]], "text/plain; charset=utf-8")
        return None

    api.rules.append(serve)
    there = Downloads(client(api), "x", "s")
    files = there.files()
    assert files == [SourceFile(name, "agent", 2, None, None, "") for name in names]
    assert [b"".join(there.read_file(file.name)) for file in files] == list(content.values())
    content[names[0]] = content[names[0]][:-2]
    with pytest.raises(BackendUnavailable, match="shorter"):
        list(there.read_file(names[0]))
