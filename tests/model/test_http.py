"""Whatever happens, a real server has every line once and in order; what is rewritten is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from confab_sync.server.rates import Buckets, Rates
from tests.model.copies import Copies, copies
from tests.model.engines import NOW, Engine, Wire, over_http
from tests.model.machine import SessionModel
from tests.model.profile import PATIENCE, chosen
from tests.server.serving import Serving, serving

ANSWERS = (
    (500, "application/json", '{"error":"Failed to upload chunk"}'),
    (503, "application/json", '{"error":"Storage temporarily unavailable"}'),
    (429, "text/plain", "Rate limit exceeded. Please try again later."),
    (401, "text/plain", "Invalid API key"),
    (404, "text/html", "<html>no such page</html>"),
    (200, "text/html", "<html>sign in</html>"),
    (200, "application/json", '{"last_synced_line": 1000000}'),
    (200, "application/json", "{}"),
)


def without_limits(monotonic: Callable[[], float]) -> Rates:
    many = Buckets(1e6, 10**6, monotonic)
    return Rates(many, many, many, many, many)


class Shared:
    """The server of all examples, each of which has a session of its own there."""

    serving: Serving
    key: str
    numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    directory = tmp_path_factory.mktemp("server")
    with serving(directory, rates=without_limits) as Shared.serving:
        Shared.key = Shared.serving.key()
        yield


class OverHttp(SessionModel):
    """Our own server on a real socket: it counts lines, and keeps no generations."""

    keeps_generations = False

    def engine_in(self, directory: Path) -> Engine:
        self.external_id = f"session-{next(Shared.numbers)}"
        self.wire = Wire()
        found = Shared.serving
        return Engine(
            directory, self.external_id, over_http(found.url, Shared.key, self.wire, directory)
        )

    def copied(self) -> Copies:
        return copies(Shared.serving.path, self.external_id, NOW)

    def as_copied(self, line: bytes) -> bytes:
        return line.decode("utf-8", "replace").encode()

    @rule(times=st.integers(1, 3), is_stored=st.booleans())
    def connection_breaks(self, times: int, is_stored: bool) -> None:
        if is_stored:
            self.wire.answered += times
        else:
            self.wire.sent += times

    @rule(answer=st.sampled_from(ANSWERS), times=st.integers(1, 4))
    def somebody_else_answers(self, answer: tuple[int, str, str], times: int) -> None:
        self.wire.answers += [answer] * times

    def mend(self) -> None:
        super().mend()
        self.wire.mend()


@pytest.mark.timeout(PATIENCE)
def test_server_has_every_line_once_and_in_order_whatever_happens() -> None:
    run_state_machine_as_test(OverHttp, settings=chosen(120))
