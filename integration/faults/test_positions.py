"""A server that says impossible things of what it has: it is asked again, and never obeyed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest

from confab_sync import wire
from integration.faults.conftest import Scenario
from integration.faults.rig import Rig
from integration.faults.server import Act, Forward, changed, instead
from integration.home import Home
from integration.server import Server
from integration.waiting import until
from tests.backends.http.api import Asked, Reply, json_reply

NONSENSE = {
    "empty": {},
    "negative": {"last_synced_line": -1},
    "huge": {"last_synced_line": 10**30},
    "text": {"last_synced_line": "many"},
    "fraction": {"last_synced_line": 1.5},
    "list": [],
    "null": {"last_synced_line": None},
}

NO_SESSION: tuple[object, ...] = (
    {},
    [],
    {"session_id": 7, "files": {}},
    {"session_id": "x", "files": []},
)


def asked_again(rig: Rig) -> None:
    """Let the next chunk be answered with nonsense, so that the daemon asks what there is."""
    rig.front.arm("nonsense for a chunk", instead(json_reply(200, {})))


def says_of_the_transcript(rig: Rig, line: Callable[[int], object]) -> Callable[[Any], Any]:
    """Change what init says of the transcript."""
    name = f"{rig.session.id}.jsonl"

    def change(said: Any) -> Any:
        position = said["files"].get(name, {"last_synced_line": 0})["last_synced_line"]
        return {**said, "files": {**said["files"], name: {"last_synced_line": line(position)}}}

    return change


def positions_that_go_back(rig: Rig) -> None:
    rig.begin(rig.front.url)
    back = says_of_the_transcript(rig, lambda line: max(0, line - 2))
    asked_again(rig)
    rig.front.arm("position going back", changed(back), times=2, route=wire.INIT)
    rig.write(2)
    rig.finish()


def positions_ahead_of_the_file(rig: Rig) -> None:
    """Nothing is sent while it lasts, and the status says so; afterwards the copy is whole."""
    rig.begin(rig.front.url)
    ahead = says_of_the_transcript(rig, lambda line: line + 1000)
    asked_again(rig)
    rig.front.arm("position ahead", changed(ahead), times=1, route=wire.INIT)
    rig.write(2)
    rig.until_fired(1)
    until(lambda: "rewritten" in str(rig.state.get("files")), "the difference is named")
    rig.stop()
    rig.session.start(source="resume")
    rig.write(2)
    rig.finish()


def acknowledgements_that_make_no_sense(rig: Rig) -> None:
    rig.begin(rig.front.url)
    for kind, said in NONSENSE.items():
        rig.front.arm(f"{kind} acknowledged", changed(lambda _, said=said: said))  # type: ignore[misc]
        rig.write(2)
        rig.until_copied()
    rig.finish()


def positions_that_make_no_sense(rig: Rig) -> None:
    rig.begin(rig.front.url)
    name = f"{rig.session.id}.jsonl"
    for kind, said in NONSENSE.items():
        if kind == "huge":  # it is a position ahead of the file
            continue

        def change(answer: Any, said: object = said) -> Any:
            return {**answer, "files": {name: said}}

        asked_again(rig)
        rig.front.arm(f"{kind} position", changed(change), route=wire.INIT)
        rig.write(2)
        rig.until_copied()
    for answer in NO_SESSION:
        asked_again(rig)
        rig.front.arm("nonsense for init", instead(json_reply(200, answer)), route=wire.INIT)
        rig.write(2)
        rig.until_copied()
    rig.finish()


def a_hundred_thousand_unknown_names(rig: Rig) -> None:
    def change(said: Any) -> Any:
        unknown = {f"n{number}": {"last_synced_line": 7} for number in range(100_000)}
        return {**said, "files": {**unknown, **said["files"]}}

    rig.front.arm("100,000 unknown names", changed(change), times=None, route=wire.INIT)
    rig.begin(rig.front.url)
    assert len(rig.state["files"]) == 1
    rig.finish()


def names_that_lead_elsewhere(rig: Rig) -> None:
    names = ("../../escaped.jsonl", "/tmp/escaped.jsonl", "a/../../../escaped.jsonl", "..", "")

    def change(said: Any) -> Any:
        return {
            **said,
            "files": {**said["files"], **{name: {"last_synced_line": 1} for name in names}},
        }

    rig.front.arm("names with .. for init", changed(change), route=wire.INIT)
    rig.begin(rig.front.url)
    files = f"{wire.SESSIONS}/{rig.state['confab_session_id']}/files"
    rig.finish()
    for name in names:
        rig.front.arm("a name with .. in a list", listing(name), times=None, route=files)
        target = rig.home.path / "downloads" / rig.session.id
        done = rig.run("session", "download", rig.session.id, "--output-dir", str(target))
        assert done.returncode != 0
        assert not target.exists()
        rig.front.disarm()
    assert list(rig.home.path.rglob("escaped*")) == []
    assert not Path("/tmp/escaped.jsonl").exists()


def listing(name: str) -> Act:
    """Name this one file of the session, and have something to download for it."""

    def act(asked: Asked, forward: Forward) -> Reply | None:
        if asked.path.endswith("/download"):
            return Reply(200, b"escaped\n", "text/plain")
        file = {"file_name": name, "file_type": "agent", "last_synced_line": 1}
        return json_reply(200, {"files": [file]})

    return act


SCENARIOS = (
    positions_that_go_back,
    positions_ahead_of_the_file,
    acknowledgements_that_make_no_sense,
    positions_that_make_no_sense,
    a_hundred_thousand_unknown_names,
    names_that_lead_elsewhere,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.__name__))
def test_the_copy_is_whole_after(
    scenario: Scenario, outcomes: dict[Scenario, Future[None]]
) -> None:
    outcomes[scenario].result()


@pytest.fixture
def other_server(confab: Path, tmp_path: Path) -> Iterator[Server]:
    """A second server, which knows nothing of the first."""
    started = Server(Home.create(tmp_path / "other", confab))
    started.start()
    yield started
    started.stop()


def test_a_backend_that_is_changed_while_running_gets_everything(
    alone: Rig, other_server: Server
) -> None:
    alone.begin(alone.front.url)
    alone.configure(other_server.url, other_server.key("moved"))
    alone.write(2)
    until(lambda: alone.state.get("backend") == other_server.url, "the other server is used")
    alone.finish()


def test_a_session_that_is_deleted_while_running_stops_and_stays_off(alone: Rig) -> None:
    alone.begin(alone.front.url)
    deleted = httpx.delete(
        f"{alone.server.url}{wire.SESSIONS}/{alone.state['confab_session_id']}",
        headers={"Authorization": f"Bearer {alone.key}"},
        trust_env=False,
    )
    assert deleted.status_code == 200
    alone.write(2)
    alone.session.until_gone()
    alone.write(2)
    alone.session.prompt()
    alone.session.end()
    assert alone.session.state is None
    assert alone.front.count(wire.INIT) == 1
    assert "deleted" in alone.run("sync", "status", alone.session.id).stdout
