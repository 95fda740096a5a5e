"""`confab forget` removes every copy of one session, and nothing of it comes back."""

from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync import wire
from confab_sync.cli.forget import command
from confab_sync.cli.forgetting import Removed, forget
from confab_sync.cli.importing import import_sessions
from confab_sync.cli.remains import remains
from confab_sync.cli.search import command as search
from confab_sync.errors import AmbiguousSession, ConfabError, SessionNotFound, UsageError
from confab_sync.presence import inbox, lock, marker, session
from confab_sync.process import this_platform
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo
from tests.backends.http.api import KEY, Api, Reply, json_reply, text
from tests.backends.http.socket_server import serving as serving_api
from tests.cli.archives import NOW, ONE, TWO, Home, go_daemon
from tests.cli.homes import Home as TerminalHome
from tests.cli.homes import in_a_terminal
from tests.server.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

LINES = b'{"type":"user","message":{"role":"user","content":"hello"}}\n' * 2000


def run(home: Home, *arguments: str) -> Result:
    result = CliRunner().invoke(command, list(arguments), obj=home.context, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def archived(tmp_path: Path) -> Home:
    """Two sessions in the store, and what else there is of the first."""
    home = Home(tmp_path)
    for name in (ONE, TWO):
        home.write(LINES + name.encode() + b"\n", name)
        home.archive(name)
        with closing(home.registry()) as registry:
            registry.record("claude-code", name, "ended", "exit")
    os.makedirs(home.paths.logs)
    for rest in ("", ".old"):
        with open(f"{home.paths.logs}/{ONE}.log{rest}", "w", encoding="utf-8") as file:
            file.write("a line\n")
        with open(f"{home.paths.logs}/catch-up.log{rest}", "w", encoding="utf-8") as file:
            file.write(f"T session id={ONE}\nT session id={TWO}\n")
    return home


def stored(home: Home) -> list[str]:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        return [each.external_id for each in store.sessions()]


def traces(home: Home) -> list[str]:
    """The files of ours, the marker apart, that tell of the session."""
    with closing(home.registry()):  # the last one to close brings the journal into the file
        pass
    return sorted(
        os.path.relpath(os.path.join(place, name), home.paths.home)
        for place, _, names in os.walk(home.paths.home)
        for name in names
        if not name.endswith(".off")
        and (ONE in name or ONE.encode() in (home_bytes(os.path.join(place, name))))
    )


def home_bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def test_nothing_of_the_session_is_left_but_the_marker_and_claudes_own_file(
    tmp_path: Path,
) -> None:
    home = archived(tmp_path)
    size = os.path.getsize(home.paths.store)
    said = run(home, ONE[:4], "--yes").output
    assert "Deleted: the copy in ~/confab/store.db, 1 file" in said
    assert f"not touched: ~/.claude/projects/-home-u-app/{ONE}.jsonl" in said
    assert home.marker() == marker.FORGOTTEN
    assert traces(home) == []
    for rest in ("", ".old"):
        with open(f"{home.paths.logs}/catch-up.log{rest}", encoding="utf-8") as file:
            assert file.read() == f"T session id={TWO}\n"
    assert stored(home) == [TWO]
    assert os.path.getsize(home.paths.store) <= size
    assert home.transcript().read_bytes() == LINES + ONE.encode() + b"\n"


def test_nothing_of_it_is_found_by_a_search_any_more(tmp_path: Path) -> None:
    home = archived(tmp_path)
    home.write(b'{"type": "user", "message": {"content": "unforgettable"}}\n', TWO)
    home.archive(TWO)
    arguments = ["unforgettable", "--json"]
    found = CliRunner().invoke(search, arguments, obj=home.context)
    assert [each["id"] for each in json.loads(found.stdout)["sessions"]] == [TWO]
    assert b"unforgett" in home_bytes(home.paths.index)
    run(home, TWO, "--yes")
    assert b"unforgett" not in home_bytes(home.paths.index)


def test_neither_an_import_nor_a_hook_copies_it_again(tmp_path: Path) -> None:
    home = archived(tmp_path)
    run(home, ONE, "--yes")
    import_sessions(home.context)
    assert stored(home) == [TWO]
    session.announce(home.session(), {"type": inbox.START})
    started = session.ensure_daemon(
        home.session(),
        this_platform(),
        home.environ,
        transcript_path=str(home.transcript()),
        cwd="/w",
        parent=None,
    )
    assert not started


def test_without_a_terminal_it_needs_yes_and_changes_nothing(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with pytest.raises(UsageError, match="--yes"):
        run(home, ONE)
    assert (home.marker(), len(stored(home))) == (None, 2)


@pytest.mark.parametrize("answer", ["y", "n"])
def test_in_a_terminal_it_shows_what_will_go_and_asks(tmp_path: Path, answer: str) -> None:
    home = archived(tmp_path)
    status, said = in_a_terminal(TerminalHome(tmp_path, home.context), ["forget", ONE], answer)
    assert "this deletes, for good:" in said
    assert "the copy in ~/confab/store.db" in said
    assert "not touched: ~/.claude/projects" in said
    assert (status, home.marker()) == ((0, marker.FORGOTTEN) if answer == "y" else (1, None))
    assert ("Nothing was deleted." in said) is (answer == "n")


def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again(tmp_path: Path) -> None:
    home = archived(tmp_path)
    here = TerminalHome(tmp_path, home.context)
    status, said = in_a_terminal(here, ["forget", ONE], "perhaps\nno")
    assert (status, said.count("Forget it? [y/N]: ")) == (1, 2)
    assert "Please answer y or n." in said


def test_no_and_several_sessions_are_told_apart(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with pytest.raises(SessionNotFound):
        run(home, "nope", "--yes")
    home.write(b"x\n", ONE[:-1] + "6")
    with pytest.raises(AmbiguousSession):
        run(home, ONE[:8], "--yes")
    assert home.marker() is None


def test_id_that_the_store_gave_means_the_same_session(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        public = store.find_session(ONE).session_id
    assert remains(home.context, public[:13].upper()).external_id == ONE


def test_session_that_was_never_copied_will_not_be(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(LINES)
    told = json.loads(run(home, ONE, "--yes", "--json").output)
    assert told == {
        "external_id": ONE,
        "copies": [],
        "logs": [],
        "untouched": str(home.transcript()),
    }
    assert home.marker() == marker.FORGOTTEN


def test_twice_is_once(tmp_path: Path) -> None:
    home = archived(tmp_path)
    run(home, ONE, "--yes")
    assert run(home, ONE, "--yes").return_value == 0
    assert (home.marker(), stored(home)) == (marker.FORGOTTEN, [TWO])


def test_what_was_cut_off_in_the_middle_is_finished_by_the_next_run(tmp_path: Path) -> None:
    home = archived(tmp_path)
    os.unlink(f"{home.paths.logs}/{ONE}.log")
    os.mkdir(f"{home.paths.logs}/{ONE}.log")
    with pytest.raises(ConfabError, match="cannot be removed"):
        run(home, ONE, "--yes")
    assert remains(home.context, ONE).is_registered
    os.rmdir(f"{home.paths.logs}/{ONE}.log")
    run(home, ONE, "--yes")
    assert traces(home) == []


def test_all_versions_and_side_files_go(tmp_path: Path) -> None:
    home = archived(tmp_path)
    home.write(b"side", relative="tool-results/a.txt")
    home.transcript().write_bytes(b'{"rewritten":1}\n')
    home.archive()
    run(home, ONE, "--yes")
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        size = store.size()
    assert (size.sessions, size.files, size.side_files) == (1, 1, 0)
    assert size.raw_bytes == home.transcript(TWO).stat().st_size


class Clock:
    """Moves only when somebody pauses; what happens meanwhile is `act`."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_daemon_is_asked_to_leave_at_once_and_nothing_goes_while_it_stays(tmp_path: Path) -> None:
    home = archived(tmp_path)
    clock = Clock()
    there = remains(home.context, ONE)
    with home.locked(), pytest.raises(ConfabError, match="still copies"):
        forget(home.context, there, clock=clock, pause=clock.pause)
    stops = [record for record in home.records() if record["type"] == inbox.STOP]
    assert stops
    assert all(record["at_once"] is True for record in stops)
    assert (home.marker(), len(stored(home))) == (marker.FORGOTTEN, 2)
    assert forget(home.context, there) == [Removed(there.copies[0])]


def test_go_cli_daemon_is_left_alone(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with go_daemon(tmp_path) as pid:
        home.state(pid=pid, run_id=None)
        with pytest.raises(ConfabError, match="Go CLI"):
            run(home, ONE, "--yes")
    assert home.marker() is None


def at_server(home: Home, url: str, session_id: str, key: str) -> None:
    os.makedirs(home.paths.home, exist_ok=True)
    with open(home.paths.config, "w", encoding="utf-8") as file:
        json.dump({"backend_url": url, "api_key": key}, file)
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, str(home.transcript()), "/w")
        registry.opened("claude-code", ONE, url, session_id)


def test_copy_at_our_own_server_is_deleted_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with serving(tmp_path / "server") as server:
        with server.store() as store:
            info = SessionInfo("claude-code", ONE, "/t")
            session_id = store.open_session(info).session_id
            store.append(session_id, Chunk(f"{ONE}.jsonl", "transcript", 1, 1, b"{}\n", 3))
        at_server(home, server.url, session_id, server.key())
        told = json.loads(run(home, ONE, "--yes", "--json").output)
        with server.store() as store:
            assert store.sessions() == []
    assert [copy["outcome"] for copy in told["copies"]] == ["deleted"]
    with closing(home.registry()) as registry:
        assert registry.sessions() == []


ABLE = {wire.DELETE_WITH_KEY: True}


@pytest.mark.parametrize(
    ("capabilities", "reply", "outcome", "status", "is_known"),
    [
        ({}, None, "left", 6, False),
        ({"workflow_files": True}, None, "left", 6, False),
        (ABLE, json_reply(404, {"error": "Session not found"}), "gone already", 0, False),
        (ABLE, json_reply(200, {"success": True}), "deleted", 0, False),
        (ABLE, json_reply(200, {}), "left", 6, True),
        (ABLE, text(401, "Invalid API key"), "left", 6, True),
        (ABLE, text(503, "later"), "left", 6, True),
        (ABLE, text(404, "404 page not found"), "left", 6, True),
    ],
)
def test_what_the_server_does_is_said_and_tried_again_where_that_helps(
    tmp_path: Path,
    capabilities: dict[str, bool],
    reply: Reply | None,
    outcome: str,
    status: int,
    is_known: bool,
) -> None:
    home = Home(tmp_path)
    with serving_api(Api(**capabilities)) as server:
        if reply is not None:
            server.api.always(reply, "/sessions/s-1")
        at_server(home, server.url, "s-1", KEY)
        result = run(home, ONE, "--yes", "--json")
    (copy,) = json.loads(result.output)["copies"]
    assert (copy["outcome"], result.return_value) == (outcome, status)
    assert bool(copy["error"]) == (outcome == "left")
    with closing(home.registry()) as registry:
        assert bool(registry.sessions()) == is_known


def test_key_goes_to_no_server_but_its_own(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with serving_api(Api(**ABLE)) as server:
        at_server(home, server.url, "s-1", KEY)
        with open(home.paths.config, "w", encoding="utf-8") as file:
            json.dump({"backend_url": "https://other.example", "api_key": KEY}, file)
        result = run(home, ONE, "--yes")
    assert server.api.asked == []
    assert "confab: still there: the copy at" in result.stderr
    assert result.return_value == 4
    assert remains(home.context, ONE).is_registered


def test_nobody_holds_the_session_afterwards(tmp_path: Path) -> None:
    home = archived(tmp_path)
    run(home, ONE, "--yes")
    assert not lock.is_held(home.session().lock)
    assert os.listdir(home.session().directory) == [f"{ONE}.off"]


@pytest.mark.parametrize("odd", ["../../escape", "a/b", "..", "a b", "\x1b[2J"])
def test_id_that_a_client_of_the_server_made_up_never_becomes_a_path(
    tmp_path: Path, odd: str
) -> None:
    home = archived(tmp_path)
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        store.open_session(SessionInfo("claude-code", odd, "/t"))
    before = sorted(place for place, _, _ in os.walk(tmp_path))
    with pytest.raises(SessionNotFound):
        run(home, odd, "--yes")
    assert sorted(place for place, _, _ in os.walk(tmp_path)) == before
