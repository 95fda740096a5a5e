"""Whatever is wrong, each command says so in a clear line, with the right exit status.

The commands are taken from the command line itself, so a new one is tried here, too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from confab_sync.cli.context import Context
from confab_sync.cli.importing import import_sessions
from tests.backends.http.api import KEY, Api, Reply
from tests.backends.http.socket_server import serving as serving_api
from tests.claude.test_conversation import assistant, user
from tests.cli.everything import STAYS, Usage, usages
from tests.cli.forkserver import ForkServer, Ran
from tests.cli.test_session_at_server import configure, known

from .homes import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = "abcd1111-1111-1111-1111-111111111111"
TWO = "abcd2222-2222-2222-2222-222222222222"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202egnp\u2066\x9b31m\rtail"
"""Sets a title, clears the screen, colours, turns the direction around, goes to the left."""

ALL = {usage.name: usage for usage in usages()}
ENDING = [usage for usage in ALL.values() if usage.name not in STAYS | {"confab demo"}]
ABOUT_A_SESSION = [usage for usage in ENDING if usage.takes_id]
WRITING = frozenset({"confab export", "confab store backup", "confab save", "confab restore"})
"""Commands that are interrupted at each of these moments, others at one."""
MOMENTS = (0.005, 0.015, 0.04, 0.1)
"""Seconds after which somebody presses Ctrl-C."""

each = pytest.mark.parametrize("usage", ENDING, ids=lambda usage: usage.name)
each_about_a_session = pytest.mark.parametrize(
    "usage", ABOUT_A_SESSION, ids=lambda usage: usage.name
)


@dataclass(frozen=True)
class Lived:
    """A home with two sessions that are archived, as it is found again before each test."""

    home: Home
    snapshot: Path
    server: ForkServer

    @property
    def environ(self) -> dict[str, str]:
        return {
            **self.home.context.environ,
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "PAGER": "cat",
            "COLUMNS": "",
        }

    @property
    def app(self) -> Path:
        """The project that was worked in, with files that commands can be given."""
        return self.home.root / "work"

    def restore(self) -> None:
        shutil.rmtree(self.home.root)
        shutil.copytree(self.snapshot, self.home.root, symlinks=True)

    def run(self, usage: Usage, external_id: str = ONE, **how: Any) -> Ran:
        return self.typed(*usage.about(external_id), **how)

    def typed(self, *words: str, **how: Any) -> Ran:
        return self.server.run(words, self.environ, self.app, **how)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    root = tmp_path_factory.mktemp("bad") / "home"
    (root / "work" / "app").mkdir(parents=True)
    environ = {"HOME": str(root), "CONFAB_HOME": str(root / ".confab")}
    home = Home(root, Context.from_environ(environ))
    for external_id in (ONE, TWO):
        write(home, external_id, "hello")
    import_sessions(home.context)
    snapshot = root.parent / "snapshot"
    shutil.copytree(root, snapshot, symlinks=True)
    server = ForkServer()
    yield Lived(home, snapshot, server)
    server.close()


@pytest.fixture
def lived(place: Lived) -> Lived:
    place.restore()
    return place


def write(home: Home, external_id: str, words: str) -> Path:
    path = home.root / ".claude" / "projects" / "-work" / f"{external_id}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"cwd": str(home.root / "work"), "gitBranch": "main", "sessionId": external_id}
    call = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": words}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": words}
    said = {"type": "text", "text": words}
    path.write_bytes(
        user(words, **about) + b"\n" + assistant(said, call) + b"\n" + user([result]) + b"\n"
    )
    return path


def assert_told_well(ran: Ran) -> None:
    """One line says what is wrong; nothing of Python's shows."""
    told = ran.out + ran.err
    for word in ("Traceback", "fault of its own", "Exception ignored", "Broken pipe"):
        assert word not in told, told
    if ran.status not in (0, 1, 2):
        assert ran.err.count("\n") == 1, ran.err
        assert ran.err.startswith("confab: ") or ran.err == "interrupted\n"


@each_about_a_session
def test_an_id_that_nothing_has_is_told_with_the_way_to_the_right_one(
    lived: Lived, usage: Usage
) -> None:
    before = lived.home.everything().keys()
    ran = lived.run(usage, "zzzz")
    assert_told_well(ran)
    assert ran.status == 3, ran
    assert "no session starts with 'zzzz'; see `confab list`" in ran.err
    assert ran.out == ""
    assert {each for each in lived.home.everything() if not each.startswith(".confab")} <= before


@each_about_a_session
def test_an_id_that_several_have_is_told_with_those_that_it_could_be(
    lived: Lived, usage: Usage
) -> None:
    ran = lived.run(usage, "abcd")
    assert_told_well(ran)
    assert ran.status == 3, ran
    assert ONE in ran.err
    assert TWO in ran.err
    assert ran.out == ""


@each
def test_a_broken_config_is_told_with_its_line_and_stays_as_it_is(
    lived: Lived, usage: Usage
) -> None:
    config = lived.home.confab / "config.json"
    config.write_text('{\n"backend_url": }\n')
    config.chmod(0o600)
    before = lived.home.everything()
    ran = lived.run(usage)
    assert_told_well(ran)
    assert config.read_text() == '{\n"backend_url": }\n'
    if ran.status == 4:
        assert re.fullmatch(r"confab: .*/config\.json, line 2: not JSON \(.*\)\n", ran.err)
        assert ran.out == ""
        changed = {
            name
            for name, content in lived.home.everything().items()
            if before.get(name, b"") != content and not name.endswith((".lock", "-shm", "-wal"))
        }
        assert changed == set()


@each
def test_output_that_nobody_reads_is_no_trouble(lived: Lived, usage: Usage) -> None:
    usual = lived.run(usage)
    lived.restore()
    ran = lived.run(usage, closed=True)
    assert_told_well(ran)
    assert ran.status in (0, usual.status)
    assert ran.err in ("", usual.err)


@each
def test_twenty_columns_are_enough(lived: Lived, usage: Usage) -> None:
    usual = lived.run(usage)
    lived.restore()
    ran = lived.run(usage, columns=20)
    assert "Traceback" not in ran.out
    assert (ran.status == 0) == (usual.status == 0)  # in a terminal some ask before they fail


@pytest.mark.parametrize("words", [("list",), ("sync", "status", "--all"), ("status",)])
def test_tables_keep_to_a_narrow_terminal_and_leave_nothing_out(
    lived: Lived, words: tuple[str, ...]
) -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m", "", lived.typed(*words, columns=40).out)
    assert max(len(line.rstrip("\r")) for line in shown.split("\n")) <= 40, shown
    assert "…" not in shown
    if words != ("status",):
        assert ONE[:8] in shown
        assert TWO[:8] in shown


INTERRUPTED = [
    (usage, moment)
    for number, usage in enumerate(ALL.values())
    for moment in (MOMENTS if usage.name in WRITING else [MOMENTS[number % len(MOMENTS)]])
]


@pytest.mark.parametrize(
    ("usage", "after"), INTERRUPTED, ids=[f"{usage.name} {after}" for usage, after in INTERRUPTED]
)
def test_ctrl_c_ends_a_command_with_one_word_and_leaves_nothing_half_written(
    lived: Lived, usage: Usage, after: float
) -> None:
    before = lived.home.everything().keys()
    ran = lived.run(usage, interrupt_after=after)
    if ran.status == 130:  # whatever the command had said before that
        assert ran.err.endswith("interrupted\n")
        assert "Traceback" not in ran.err
    else:
        assert_told_well(ran)
    left = [name for name in lived.home.everything().keys() - before if ".tmp" in name]
    assert left == []
    if usage.name in WRITING:
        assert lived.typed("store", "check").status == 0


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "status", "--watch"),
        ("events", "--follow"),
        ("show", ONE, "--follow"),
        ("serve", "--port", "0"),
    ],
)
def test_what_goes_on_for_ever_ends_with_ctrl_c(lived: Lived, words: tuple[str, ...]) -> None:
    ran = lived.typed(*words, interrupt_after=1.0)
    assert_told_well(ran)
    assert ran.status in (0, 130)


READING = (
    ("list",), ("list", "--json"), ("list", "--project", HOSTILE),
    ("show", ONE), ("show", ONE, "--tools"), ("show", ONE, "--markdown"), ("show", ONE, "--json"),
    ("show", HOSTILE), ("search", "gnp"), ("search", "gnp", "--json"), ("search", HOSTILE),
    ("status",), ("status", "--json"), ("doctor",), ("doctor", "--json"),
    ("sync", "status", "--all"), ("sync", "status", ONE),
    ("sync", "status", "--all", "--json"), ("sync", "status", HOSTILE),
    ("events",), ("statusline",), ("save", "--all", "--dry-run"), ("save", ONE), ("restore", ONE),
    ("session", "list-files", ONE), ("session", "list-files", ONE, "--json"),
    ("session", "get-summary", ONE), ("session", "download", ONE, "--output-dir", "copy"),
    ("export", ONE, "out"), ("export", ONE, "out", "--format", "markdown", "--tools"),
    ("export", ONE, "out", "--format", "html", "--tools"), ("export", ONE, HOSTILE),
    ("ignore", "--list"), ("ignore", HOSTILE), ("config", "list"), ("config", "get", HOSTILE),
    ("config", "set", "log_level", HOSTILE), ("forget", ONE, "--yes"), ("redact", HOSTILE),
    ("store", "backup", HOSTILE), ("store", "prune", "--keep", HOSTILE), ("completion", HOSTILE),
    ("setup", "--backend-url", HOSTILE), ("setup", "--config-dir", HOSTILE),
    ("pause", "--for", HOSTILE),
    ("serve", "users", "add", HOSTILE), ("serve", "keys", "add", HOSTILE), (HOSTILE,),
    ("login", "--backend-url", HOSTILE), ("hooks", "add", "--config-dir", HOSTILE),
    ("sync", "stop", HOSTILE), ("restore", ONE, "--to", HOSTILE),
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(place: Lived, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A home in which everything that comes from a session tries to steer the terminal."""
    root = tmp_path_factory.mktemp("hostile") / "home"
    work = root / "work" / HOSTILE.replace("/", "")
    work.mkdir(parents=True)
    environ = {"HOME": str(root), "CONFAB_HOME": str(root / ".confab")}
    home = Home(root, Context.from_environ(environ))
    path = write(home, ONE, f"say {HOSTILE}")
    told = path.read_bytes().replace(b'"main"', json.dumps(HOSTILE).encode())
    path.write_bytes(
        told.replace(json.dumps(str(root / "work")).encode(), json.dumps(str(work)).encode())
    )
    names = path.with_suffix("") / "tool-results"
    names.mkdir(parents=True)
    (names / HOSTILE).write_text(HOSTILE)
    elsewhere = root / ".claude" / "projects" / f"-{HOSTILE}"
    elsewhere.mkdir(parents=True)
    (elsewhere / f"{TWO}.jsonl").write_bytes(path.read_bytes())
    import_sessions(home.context)
    (elsewhere / "abcd3333.jsonl").write_bytes(path.read_bytes())
    snapshot = root.parent / "snapshot"
    shutil.copytree(root, snapshot, symlinks=True)
    return replace(place, home=home, snapshot=snapshot)


@pytest.mark.parametrize("columns", [0, 80])
@pytest.mark.parametrize("words", READING, ids=lambda words: ascii(" ".join(words))[1:-1])
def test_nothing_from_elsewhere_steers_the_terminal(
    hostile: Lived, words: tuple[str, ...], columns: int
) -> None:
    hostile.restore()
    ran = hostile.typed(*words, columns=columns)
    assert "Traceback" not in ran.out + ran.err
    assert "fault of its own" not in ran.out + ran.err
    shown = ran.out + ran.err
    if columns:  # what confab itself says to the terminal: colours, the cursor, a bar
        shown = re.sub(r"\x1b\[([0-9;]*m|\?25[lh])|\r(?=\n|\x1b| |[A-Z])", "", shown)
    steering = {c for c in shown if not c.isprintable() and c != "\n"}
    assert steering == set(), ascii(shown)
    for document in [*hostile.app.glob("out/*.md"), *hostile.app.glob("out/*.html")]:
        assert {c for c in document.read_text() if not c.isprintable()} <= {"\n"}


@each_about_a_session
@pytest.mark.parametrize("trouble", ["down", "expired"])
def test_a_server_that_is_down_or_has_forgotten_the_key_is_told_with_the_remedy(
    lived: Lived, usage: Usage, trouble: str
) -> None:
    """Of a session that is kept there; some commands need no server."""
    api = Api()
    api.always(Reply(401, b"Invalid API key", "text/plain"))
    with serving_api(api) as running:
        url = running.url if trouble == "expired" else "http://127.0.0.1:1"
        configure(lived.home, backend_url=url, api_key=KEY)
        (lived.home.confab / "config.json").chmod(0o600)
        known(lived.home, "ffff-at-the-server", url, "11111111-1111-4111-8111-111111111111")
        ran = lived.run(usage, "ffff")
    assert_told_well(ran)
    if ran.status == 6:
        assert url in ran.err
        if trouble == "expired":
            assert "`confab login`" in ran.err
