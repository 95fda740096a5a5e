"""Two sessions full of secrets, lived from their beginning to their end."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.home import Home
from integration.leaks.canaries import Aviary, Canary
from integration.session import Session
from integration.waiting import until

BEFORE, AFTER = "what stands before stays", "what stands behind stays as well"

KEPT = (
    *("a text", "a tool result", "JSON in a string", "JSON in JSON in a string", "a JSON key"),
    *("a torn line", "no JSON", "a number", "a subtree", "a half-written line", "a subagent"),
    *("a side file", "the summary", "the first message", "a line's branch", "the branch"),
    *("a remote's path", "the working directory", "the reason of the end"),
)
"""Where a secret is archived, were it not for the masking."""

NEVER_KEPT = (
    *("the prompt's payload", "the rest of a payload", "a remote's userinfo", "the environment"),
    "the proxy's URL",
)
"""Where a secret is not even looked for by the masker, because nothing of it is kept."""

LONGEST_NAME, LONGEST_PATH = 255, 3000
"""Bytes: directories called after secrets, one in the other, must remain possible."""


@dataclass(slots=True)
class SecretSession(Session):
    """A session in a directory of its own, in an environment full of secrets."""

    directory_name: str = "-work-app"
    cwd: str = ""
    said: list[bytes] = field(default_factory=list)
    """What hooks wrote to stdout and stderr."""

    @property
    def transcript(self) -> Path:
        """Where Claude Code would write the transcript."""
        return self.home.claude / "projects" / self.directory_name / f"{self.id}.jsonl"

    def popen_hook(self, name: str, **fields: object) -> subprocess.Popen[bytes]:
        """Start a hook with the session's own directory in its payload."""
        # Not `super()`: a dataclass with slots is made anew, and the name means the old one.
        return Session.popen_hook(self, name, **{"cwd": self.cwd, **fields})

    def hook(self, name: str, **fields: object) -> dict[str, Any]:
        """Run a hook and keep what it says."""
        process = self.popen_hook(name, **fields)
        out, err = process.communicate(timeout=60)
        self.said += [out, err]
        assert (process.returncode, err) == (0, b"")
        return dict(json.loads(out))


@dataclass(slots=True)
class Life:
    """What was planted and where it can be compared."""

    sessions: list[SecretSession]
    aviary: Aviary


def lived(home: Home, aviary: Aviary, proxy_password: Canary) -> Life:
    """Live both sessions over the backend that the home is configured for."""
    environ = environment(aviary, proxy_password)
    ordinary = SecretSession(home, environ, cwd=str(home.project))
    make_repository(home.project, aviary)
    hidden = secret_directory(home, environ, aviary)
    try:
        for session in (hidden, ordinary):
            session.start()
            session.until_phase("waiting", "syncing", "resting")
        for session in (hidden, ordinary):
            live(session, aviary)
    finally:
        for session in (hidden, ordinary):
            session.client.kill()
            session.client.wait()
    return Life([ordinary, hidden], aviary)


def live(session: SecretSession, aviary: Aviary) -> None:
    """Write lines of all kinds, prompt, rest, write again, end."""
    payload = " ".join(canary.text for canary in aviary.every_kind("the prompt's payload"))
    assert session.hook("user-prompt-submit", prompt=payload)
    lines = [make(canary.text) for make, canary in planned(session, aviary)]
    lines[:0] = [first_message(session, aviary), summary(aviary)]
    session.write(b"".join(line + b"\n" for line in lines))
    write_half_lines(session, aviary)
    write_other_files(session, aviary)
    total = sum(1 for path in line_files(session) for _ in path.read_bytes().splitlines())
    session.until_archived(total)
    session.until_phase("resting")
    rest = " ".join(canary.text for canary in aviary.every_kind("the rest of a payload"))
    reason = " ".join(canary.text for canary in aviary.bare("the reason of the end"))
    session.hook("session-end", reason=reason, notes=rest, deep={"password": rest})
    session.until_gone()


def planned(
    session: SecretSession, aviary: Aviary
) -> Iterator[tuple[Callable[[str], bytes], Canary]]:
    """How each secret of each kind becomes a line."""
    branches = iter(aviary.bare("a line's branch"))
    ways: dict[str, Callable[[str], bytes]] = {
        "a text": lambda text: row(session, text, next(branches, None)),
        "a tool result": lambda text: row(session, [tool_result(text)]),
        "JSON in a string": lambda text: row(session, nested(text)),
        "JSON in JSON in a string": lambda text: row(session, nested(nested(text))),
        "a JSON key": lambda text: row(session, "x", result={text: 1}),
        "a torn line": lambda text: row(session, text)[:-9],
        "no JSON": lambda text: f"{BEFORE} {text} {AFTER}".encode(),
    }
    for place, make in ways.items():
        for canary in aviary.every_kind(place):
            yield make, canary
    for name in ("password", "db_password", "clientSecret", "x-api-key"):
        for inner in (False, True):
            yield number_line(session, name, inner=inner), aviary.number("a number")
            yield subtree_line(session, name, inner=inner), aviary.password("a subtree")


def row(
    session: SecretSession, content: object, branch: Canary | None = None, result: object = None
) -> bytes:
    """A line as Claude Code writes it."""
    line = {
        "type": "user",
        "before": BEFORE,
        "message": {"role": "user", "content": content},
        "toolUseResult": result,
        "n": 12345678901234567890,
        "uuid": str(uuid.uuid4()),
        "timestamp": "2026-11-20T13:14:15.678Z",
        "sessionId": session.id,
        "cwd": session.cwd,
        "gitBranch": f"topic/{branch.text}" if branch else "main",
        "after": AFTER,
    }
    return json.dumps(line, ensure_ascii=False).encode()


def tool_result(text: str) -> dict[str, object]:
    """What a tool has answered."""
    return {
        "type": "tool_result",
        "tool_use_id": "toolu_01AbCdEfGhIjKlMnOpQrStUv",
        "content": [{"type": "text", "text": f"{BEFORE}\n{text}\n{AFTER}"}],
    }


def nested(text: str) -> str:
    """A text in JSON."""
    return json.dumps({"before": BEFORE, "inner": text, "after": AFTER})


def number_line(session: SecretSession, name: str, *, inner: bool) -> Callable[[str], bytes]:
    """A line with a secret that is a number, in JSON or in JSON in a string."""

    def make(text: str) -> bytes:
        value = {"user": "ann", name: int(text), "port": 5432}
        return row(session, json.dumps(value)) if inner else row(session, "x", result=value)

    return make


def subtree_line(session: SecretSession, name: str, *, inner: bool) -> Callable[[str], bytes]:
    """A line in which a whole subtree is secret."""

    def make(text: str) -> bytes:
        value = {"user": "ann", name: {"a": [text, {"b": text}]}, "port": 5432}
        return row(session, json.dumps(value)) if inner else row(session, "x", result=value)

    return make


def first_message(session: SecretSession, aviary: Aviary) -> bytes:
    """A first prompt that is too long for a title, which is cut somewhere in a secret."""
    texts = [canary.text for canary in aviary.every_kind("the first message")]
    return row(session, " ".join(texts))


def summary(aviary: Aviary) -> bytes:
    """A line that gives the session a title."""
    texts = [canary.text for canary in aviary.every_kind("the summary")]
    return json.dumps({"type": "summary", "summary": " ".join(texts)}).encode()


def write_half_lines(session: SecretSession, aviary: Aviary) -> None:
    """Write lines in two pieces, cut in the middle of a secret; the daemon looks in between."""
    canaries = aviary.every_kind("a half-written line")
    for first in range(0, len(canaries), 60):
        some = canaries[first : first + 60]
        line = row(session, [tool_result(canary.text) for canary in some]) + b"\n"
        cut = line.index(some[0].secret.encode()) + len(some[0].secret) // 2
        session.write(line[:cut])
        until(lambda: "unfinished" in json.dumps(session.state), "half a line is seen")
        session.write(line[cut:])


def write_other_files(session: SecretSession, aviary: Aviary) -> None:
    """Write a subagent's transcript and side files."""
    lines = [row(session, canary.text) + b"\n" for canary in aviary.every_kind("a subagent")]
    session.write_subagent("a1b2c3", b"".join(lines))
    results = session.directory / "tool-results"
    results.mkdir(parents=True)
    texts = [canary.text for canary in aviary.every_kind("a side file")]
    (results / "output.txt").write_text("".join(f"{BEFORE} {text} {AFTER}\n" for text in texts))


def line_files(session: SecretSession) -> list[Path]:
    """The files of the session that grow line by line."""
    return [session.transcript, *session.directory.glob("subagents/*.jsonl")]


def make_repository(directory: Path, aviary: Aviary) -> None:
    """Make a repository whose remotes and branch hold secrets."""
    git = directory / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    branch = "/".join(canary.text for canary in aviary.bare("the branch", most=15))
    (git / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    ways = (
        "https://ann:{}@git.example/a/b.git",
        "https://{}@git.example/a/b.git",
        "https://git.example/a/b.git?access_token={}",
        "ssh://git:{}@git.example:22/a/b.git",
    )
    urls = [
        ways[number % len(ways)].format(canary.text)
        for number, canary in enumerate(aviary.bare("a remote's userinfo", most=38))
    ]
    paths = [canary.text for canary in aviary.bare("a remote's path")]
    urls += [
        f"https://git.example/{'/'.join(paths[first : first + 6])}/b.git"
        for first in range(0, len(paths), 6)
    ]
    remotes = [f'[remote "r{number}"]\n\turl = "{url}"\n' for number, url in enumerate(urls)]
    (git / "config").write_text("[core]\n\trepositoryformatversion = 0\n" + "".join(remotes))


def secret_directory(home: Home, environ: dict[str, str], aviary: Aviary) -> SecretSession:
    """A session in a directory that is called after secrets, as are all those around it."""
    directory = home.path / "work"
    for canary in aviary.bare("the working directory"):
        longest = max(len(canary.text), len(os.fsencode(directory / canary.text)) - LONGEST_PATH)
        if longest > LONGEST_NAME:
            aviary.drawn.remove(canary)
            continue
        directory = directory / canary.text
    directory.mkdir(parents=True)
    encoded = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(directory))
    started_in = {"CLAUDE_PROJECT_DIR": str(directory), "PWD": str(directory)}
    environ = {**environ, **started_in}
    return SecretSession(home, environ, directory_name=encoded[:200], cwd=str(directory))


def environment(aviary: Aviary, proxy_password: Canary) -> dict[str, str]:
    """What Claude Code's own environment may hold, and hands to hooks."""
    names = iter(("GITHUB_TOKEN", "ANTHROPIC_API_KEY", "NPM_TOKEN", "AWS_SECRET_ACCESS_KEY"))
    found = {
        f"{next(names, 'X')}_{n}": canary.text
        for n, canary in enumerate(aviary.every_kind("the environment"))
    }
    proxy = f"http://ann:{proxy_password.text}@127.0.0.1:9"
    return {
        **found,
        **dict.fromkeys(("http_proxy", "HTTPS_PROXY", "ALL_PROXY"), proxy),
        "CONFAB_SYNC_INTERVAL_MS": "500",
        "CONFAB_SYNC_JITTER_MS": "0",
        "CONFAB_REST_AFTER_MS": "1500",
    }
