"""A backend's count is not taken for lines that are others there, and doubt stops nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpcore
import pytest

from confab_sync.backends.http.client import SECONDS
from confab_sync.backends.http.transport import WHOLE_REQUEST
from confab_sync.config import Send
from confab_sync.engine.known import DIVERGED, REWRITTEN
from confab_sync.engine.masked import MaskedBackend
from confab_sync.engine.position import TAIL, Position
from confab_sync.engine.reader import open_reader
from confab_sync.engine.reduced import ReducedBackend
from confab_sync.engine.stored_lines import LONGEST, Lines, last_lines
from confab_sync.redaction.configured import masker_from
from confab_sync.store.values import Chunk
from tests.backends.http.api import (
    Api,
    ApiTransport,
    Asked,
    Reply,
    backend,
    error,
    json_reply,
    text,
)
from tests.contract.stage import MAIN, Stage
from tests.engine.factories import Bench
from tests.model.seams import Killed, die

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from confab_sync.backends.protocol import Backend

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3
READ = "sync/file"


class Machines:
    """Two machines on which one session goes on, and their server."""

    def __init__(self, directory: Path) -> None:
        self.api = Api()
        self.here, self.there = (self.machine(directory / name) for name in ("here", "there"))

    def machine(self, directory: Path) -> Stage:
        directory.mkdir()
        return Stage(directory, self.api)

    def begin_alike(self, data: bytes = b'{"n":1}\n{"n":2}\n{"n":3}\n') -> None:
        for machine in (self.here, self.there):
            machine.write(data)
            machine.settled()

    @property
    def asked(self) -> int:
        """How often lines were read back."""
        return self.api.count(READ)

    def close(self) -> None:
        self.here.close()
        self.there.close()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path)
    yield found
    found.close()


@pytest.fixture
def stage(machines: Machines) -> Stage:
    return machines.here


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "bench")
    yield bench
    bench.close()


def numbered(who: str, *numbers: int) -> bytes:
    return b"".join(b'{"%s":%d}\n' % (who.encode(), number) for number in numbers)


def note(stage: Stage) -> str:
    return stage.settled().files[0].note


def masking(stage: Stage, settings: Mapping[str, object] | None = None) -> None:
    """Let a machine mask, as its next daemon."""
    found = masker_from(settings)
    assert found is not None
    plain = stage.open_backend

    def opened() -> Backend:
        return MaskedBackend(ReducedBackend(plain(), Send(paths=False)), found, lambda _: None)

    stage.open_backend = opened
    stage.restart()


@pytest.mark.parametrize("mine", [2, 3, 9])
def test_machine_that_goes_on_differently_says_so_also_where_it_is_ahead(
    machines: Machines, mine: int
) -> None:
    """With as many lines as the other has sent, with more, and with many more."""
    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    machines.here.write(numbered("here", *range(4, 4 + mine)))
    for _ in range(3):
        assert note(machines.here) == DIVERGED
        machines.here.write(numbered("here", 99))
    asked = machines.asked
    machines.here.restart()
    assert note(machines.here) == DIVERGED
    assert machines.here.settled().behind == 0, "nothing of it waits to be sent"
    assert machines.asked == asked + 1, "whether the file is that of the backend by now"
    machines.there.write(numbered("there", 6))
    assert note(machines.there) == ""
    assert machines.here.lines()[3:] == ['{"there":4}', '{"there":5}', '{"there":6}']


@pytest.mark.parametrize("mine", [0, 1, 2, 3])
def test_machine_without_a_past_says_so_too(machines: Machines, mine: int) -> None:
    """Whichever is longer: it has the session from elsewhere, or has lost its registry."""
    common = numbered("n", 1, 2, 3)
    machines.there.write(common + numbered("there", 4, 5))
    machines.there.settled()
    machines.here.write(common + numbered("here", *range(4, 4 + mine)))
    assert note(machines.here) == DIVERGED
    assert len(machines.here.lines()) == 5


def test_session_that_was_carried_to_another_machine_goes_on_there(machines: Machines) -> None:
    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    asked = machines.asked
    machines.here.transcript.write_bytes(machines.there.transcript.read_bytes())
    machines.here.write(numbered("here", 6))
    assert note(machines.here) == ""
    assert machines.here.lines()[3:] == ['{"there":4}', '{"there":5}', '{"here":6}']
    machines.there.transcript.write_bytes(machines.here.transcript.read_bytes())
    machines.there.write(numbered("there", 7))
    assert note(machines.there) == ""
    assert machines.asked == asked + 2, "one question for each count that was adopted"
    assert machines.there.lines()[-1] == '{"there":7}'


def diverged(machines: Machines) -> None:
    """Let the session go on differently on both machines, and here be called so."""
    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    machines.here.write(numbered("here", 4))
    assert note(machines.here) == DIVERGED


def test_diverged_file_that_is_replaced_by_the_other_machines_goes_on(machines: Machines) -> None:
    diverged(machines)
    machines.here.transcript.write_bytes(machines.there.transcript.read_bytes())
    machines.here.write(numbered("here", 6))
    machines.here.restart()
    assert note(machines.here) == ""
    assert machines.here.lines()[3:] == ['{"there":4}', '{"there":5}', '{"here":6}']


def test_diverged_file_stays_what_it_is_while_the_server_does_not_say(machines: Machines) -> None:
    diverged(machines)
    machines.api.always(error(503, "Storage temporarily unavailable"), READ)
    machines.here.transcript.write_bytes(machines.there.transcript.read_bytes())
    machines.here.restart()
    assert note(machines.here) == DIVERGED


def test_diverged_file_that_is_too_long_to_be_compared_in_whole_stays_so(
    machines: Machines,
) -> None:
    """That the last lines are the same proves nothing of those before them."""
    diverged(machines)
    same = numbered("same", *range(TAIL // 8))
    for machine in (machines.there, machines.here):
        machine.write(numbered("here", 5) * (machine is machines.here) + same)
    machines.there.settled()
    machines.here.restart()
    assert note(machines.here) == DIVERGED


def test_steady_state_asks_for_no_lines(stage: Stage, machines: Machines) -> None:
    for number in range(5):
        stage.write(numbered("n", number))
        stage.settled()
    stage.sync.settle(stage.cycle(final=True))
    stage.restart()
    stage.write(numbered("n", 5))
    stage.settled()
    assert machines.asked == 0
    assert machines.api.count("init") == 2


def test_lost_answer_costs_one_question(stage: Stage, machines: Machines) -> None:
    stage.write(numbered("n", 1))
    machines.api.lost(Reply(504, b"", "text/html"), "chunk")
    stage.cycle()
    for number in range(2, 5):
        stage.write(numbered("n", number))
        stage.settled()
    assert machines.asked == 1
    assert len(stage.lines()) == 4


def test_as_many_lines_of_somebody_else_are_not_taken_for_a_lost_chunk(
    machines: Machines,
) -> None:
    machines.begin_alike()
    machines.here.write(numbered("here", 4, 5))

    def lose(asked: Asked) -> Reply:
        machines.there.write(numbered("there", 4, 5))
        machines.there.settled()
        return Reply(504, b"", "text/html")

    machines.api.next(lose, "chunk")
    machines.here.cycle()
    assert note(machines.here) == DIVERGED
    assert machines.here.lines()[3:] == ['{"there":4}', '{"there":5}']


@pytest.mark.parametrize(
    "rewritten", [b"one\ntwo\nSIX\n", b"ONE\ntwo\nsix\n", b"one\ntwo\nSIX\nmore\n"]
)
def test_rewrite_that_nobody_is_left_to_notice_is_told(stage: Stage, rewritten: bytes) -> None:
    stage.write(b"one\ntwo\nsix\n")
    stage.settled()
    stage.restart(without_registry=True)
    stage.transcript.write_bytes(rewritten)
    assert note(stage) == DIVERGED
    stage.restart()
    assert note(stage) == DIVERGED
    assert stage.lines() == ["one", "two", "six"]


def test_rewrite_after_a_daemon_died_before_it_took_note_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write(b"one\n")
    stage.settled()
    stage.write(b"two\nsix\n")
    monkeypatch.setattr(stage.ledger, "acknowledge", lambda *_: die())
    with pytest.raises(Killed):
        stage.cycle()
    assert len(stage.lines()) == 3
    stage.restart()
    stage.transcript.write_bytes(b"one\ntwo\nSIX\nmore\n")
    assert note(stage) == DIVERGED
    assert stage.lines() == ["one", "two", "six"]


@pytest.mark.parametrize("growth", [b"", b"more\n"])
def test_lost_registry_and_a_file_that_is_the_same_go_on(
    stage: Stage, machines: Machines, growth: bytes
) -> None:
    stage.write(b"one\ntwo\r\n\n\xff\xfe no text\n{}\n\r\n")
    stage.settled()
    stage.restart(without_registry=True)
    stage.write(growth)
    assert DIVERGED not in note(stage)
    stage.restart()
    stage.settled()
    assert machines.asked == 1, "from then on the registry knows"
    assert len(stage.lines()) == 6 + bool(growth)


SILENT = {
    "no such route": text(404, "404 page not found"),
    "no such session": error(404, "Session not found"),
    "no such file": error(404, "File not found"),
    "key unknown": text(401, "Invalid API key"),
    "restricted": text(401, "Authentication required"),
    "forbidden": error(403, "This session is no longer available"),
    "too often": text(429, "Rate limit exceeded. Please try again later."),
    "failed": error(500, "Failed to read file"),
    "unavailable": error(503, "Storage temporarily unavailable"),
    "gateway": Reply(504, b"<html></html>", "text/html"),
    "redirected": Reply(302, b"", "text/plain", {"Location": "https://elsewhere.example"}),
    "a page": Reply(200, b"<html>sign in</html>\n", "text/html"),
    "JSON": json_reply(200, {"lines": []}),
    "nothing": Reply(200, b"", "text/plain"),
    "packed": Reply(200, b"\x1f\x8b\n\n\n", "text/plain", {"Content-Encoding": "gzip"}),
    "half a line": Reply(200, b'{"there', "text/plain"),
}


@pytest.mark.parametrize("reply", SILENT.values(), ids=SILENT)
def test_count_of_a_server_that_does_not_say_is_believed(machines: Machines, reply: Reply) -> None:
    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    machines.api.always(reply, READ)
    machines.here.write(numbered("here", 4, 5, 6))
    asked = len(machines.api.asked)
    assert note(machines.here) == ""
    paths = [each.path.rpartition("/")[2] for each in machines.api.asked[asked:]]
    assert paths == ["chunk", "files", "init", "file", "chunk"]
    assert machines.api.asked[-1].body["first_line"] == 6
    assert machines.here.clock.waits == []


def test_server_that_does_not_answer_is_believed(machines: Machines) -> None:
    def drop(asked: Asked) -> Reply:
        raise httpcore.ReadTimeout

    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    machines.api.next(drop, READ)
    machines.here.write(numbered("here", 4, 5, 6))
    assert note(machines.here) == ""
    assert not machines.api.rules


def test_question_has_the_deadline_of_a_small_request(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a whole download it is an hour, in which nothing would be sent."""
    stage.write(b"one\n")
    stage.settled()
    seconds = {}
    real = ApiTransport.handle_request

    def noted(self: ApiTransport, request: httpcore.Request) -> httpcore.Response:
        seconds[request.url.target.partition(b"?")[0]] = request.extensions[WHOLE_REQUEST]
        return real(self, request)

    monkeypatch.setattr(ApiTransport, "handle_request", noted)
    stage.restart(without_registry=True)
    stage.settled()
    assert [each for route, each in seconds.items() if route.endswith(READ.encode())] == [SECONDS]


def test_masked_line_is_compared_as_it_would_be_sent(machines: Machines) -> None:
    for machine in (machines.here, machines.there):
        masking(machine)
    secret = json.dumps({"use": TOKEN}).encode() + b"\n"
    machines.begin_alike(numbered("n", 1, 2) + secret)
    machines.here.restart(without_registry=True)
    machines.here.write(numbered("here", 4))
    assert note(machines.here) == ""
    assert TOKEN not in str(machines.here.lines())
    assert len(machines.here.lines()) == 4


@pytest.mark.parametrize("is_masked_first", [True, False])
def test_masking_that_was_switched_in_between_is_no_difference(
    stage: Stage, is_masked_first: bool
) -> None:
    plain = stage.open_backend
    if is_masked_first:
        masking(stage)
    stage.write(numbered("n", 1) + json.dumps({"use": TOKEN}).encode() + b"\n")
    stage.settled()
    if is_masked_first:
        stage.open_backend = plain
        stage.restart(without_registry=True)
    else:
        stage.close()
        masking(stage)
        stage.restart(without_registry=True)
    stage.write(numbered("n", 3))
    assert note(stage) == ""
    assert len(stage.lines()) == 3


def test_other_rules_of_masking_are_no_difference(stage: Stage) -> None:
    masking(stage)
    stage.write(json.dumps({"use": TOKEN, "of": "project-x"}).encode() + b"\n")
    stage.settled()
    masking(stage, {"patterns": [{"name": "x", "pattern": "project-x", "type": "project"}]})
    stage.restart(without_registry=True)
    stage.write(numbered("n", 2))
    assert note(stage) == ""
    assert len(stage.lines()) == 2


def test_line_beside_a_masked_one_tells_the_difference(machines: Machines) -> None:
    for machine in (machines.here, machines.there):
        masking(machine)
        machine.write(numbered("n", 1))
    secret = json.dumps({"use": TOKEN}).encode() + b"\n"
    machines.there.write(numbered("there", 2) + secret)
    machines.there.settled()
    machines.here.write(numbered("here", 2) + secret)
    assert note(machines.here) == DIVERGED


def test_line_that_is_too_long_to_be_compared_stops_nothing(
    stage: Stage, machines: Machines
) -> None:
    stage.write(b"one\n" + b"x" * (20 * 1024 * 1024) + b"\n")
    stage.settled()
    stage.restart(without_registry=True)
    stage.write(b"three\n")
    assert DIVERGED not in note(stage)
    assert stage.lines()[-1] == "three"
    assert machines.asked == 0


def test_other_files_of_the_session_go_on(machines: Machines) -> None:
    machines.begin_alike()
    machines.there.write(numbered("there", 4, 5))
    machines.there.settled()
    machines.here.write(numbered("here", 4, 5, 6))
    machines.here.write(numbered("agent", 1), "subagents/agent-abcdef1.jsonl")
    machines.here.settled()
    assert machines.here.lines("agent-abcdef1.jsonl") == ['{"agent":1}']


def test_embedded_store_begins_a_new_generation_where_nobody_is_left_to_notice(
    bench: Bench,
) -> None:
    bench.write(b"one\ntwo\nsix\n")
    bench.cycle()
    bench.restart()
    for path in list(bench.directory.glob("registry.db*")):
        path.unlink()
    bench.write(b"one\ntwo\nSIX\n")
    assert bench.cycle().files[0].note == REWRITTEN
    assert bench.stored() == b"one\ntwo\nSIX\n"
    assert bench.stored(generation=1) == b"one\ntwo\nsix\n"


def test_store_that_cannot_say_is_believed(tmp_path: Path) -> None:
    api = Api()
    there = backend(api, tmp_path)
    bench = Bench(tmp_path / "bench")
    for each in (there, bench.backend):
        assert each.has_lines("no-such-session", _chunk()) is None
    bench.close()


def _chunk() -> Chunk:
    return Chunk(MAIN, "transcript", 1, 1, b"one\n", 4)


@pytest.mark.parametrize(
    ("data", "position", "after", "expected"),
    [
        (b"1\n2\n3\n", Position(3, 6), 0, Lines(b"1\n2\n3\n", 1, 3)),
        (b"1\n2\n3\n", Position(3, 6), 1, Lines(b"2\n3\n", 2, 2)),
        (b"1\n2\n3\n4\n", Position(3, 6), 2, Lines(b"3\n", 3, 1)),
        (b"1\n2\n3\n", Position(3, 6), 3, None),
        (b"1\n2\n3", Position(3, 5, open_end=True), 1, Lines(b"2\n3", 2, 2)),
        (b"1\n2\n3", Position(3, 5), 1, None),
        (b"1\n2\n3\n", Position(3, 6, open_end=True), 1, None),
        (b"1\n", Position(3, 6), 1, Lines(b"1\n", 3, 1)),
        (b"", Position(3, 6), 1, None),
        (b"x" * TAIL + b"\n2\n", Position(2, TAIL + 3), 0, Lines(b"2\n", 2, 1)),
        (b"x\n" + b"y" * TAIL + b"\n", Position(2, TAIL + 3), 1, Lines(b"y" * TAIL + b"\n", 2, 1)),
        (b"x" * LONGEST + b"\n", Position(1, LONGEST + 1), 0, None),
    ],
)
def test_last_lines_are_whole_and_have_their_numbers(
    tmp_path: Path, data: bytes, position: Position, after: int, expected: Lines | None
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with open_reader(str(path)) as reader:
        assert last_lines(reader, position, after) == expected
