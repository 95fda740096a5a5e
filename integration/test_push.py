"""The store reaches a server whole whatever kills the push, and another machine reads it there."""

from __future__ import annotations

import json
import random
import subprocess
import uuid
from pathlib import Path

from integration.home import Home
from integration.server import Server

SESSIONS = 8


def write_sessions(home: Home, rng: random.Random) -> dict[str, dict[str, bytes]]:
    """Sessions from before confab came: the content of each one's files, by name."""
    directory = home.claude / "projects" / "-work"
    directory.mkdir(parents=True)
    written = {}
    for _ in range(SESSIONS):
        name = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        files = {
            f"{name}.jsonl": lines(rng, 400),
            f"{name}/subagents/agent-a1b2c3.jsonl": lines(rng, 40),
            f"{name}/tool-results/1.txt": rng.randbytes(20_000).hex().encode(),
        }
        for relative, data in files.items():
            path = directory / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        written[name] = files
    return written


def lines(rng: random.Random, count: int) -> bytes:
    text = [
        json.dumps(
            {"type": "user", "message": {"role": "user", "content": rng.randbytes(900).hex()}}
        )
        for _ in range(count)
    ]
    return "".join(f"{line}\n" for line in text).encode()


def push(home: Home, server: Server, key: str, seconds: float) -> bool:
    """Push everything, and kill it after some time; whether it was through by then."""
    with subprocess.Popen(
        [str(home.executable), "push", "--all", "--to", server.url, "--api-key-stdin"],
        env=home.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(key + "\n")
        process.stdin.close()
        try:
            return process.wait(timeout=seconds) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            return False


def test_a_push_that_is_killed_again_and_again_brings_everything_there_once(
    home: Home, server: Server, confab: Path, tmp_path: Path
) -> None:
    rng = random.Random(5)
    written = write_sessions(home, rng)
    home.confab("setup", "--import")
    key = server.key("laptop")
    other = Home.create(tmp_path / "other", confab)  # before the server has had enough of us
    other.confab("setup", "--backend-url", server.url, "--api-key-stdin", typed=server.key("other"))
    kills = 0
    while not push(home, server, key, rng.uniform(0.1, 0.3) * 1.2**kills):
        kills += 1
        assert kills < 200
    assert kills
    said = home.confab(
        "push", "--all", "--to", server.url, "--api-key-stdin", typed=key + "\n"
    ).stdout
    assert f"At {server.url} now: {SESSIONS} of {SESSIONS} sessions; sent: 0 lines" in said

    for name, files in written.items():
        target = other.path / "out" / name
        other.confab("session", "download", name, "--output-dir", str(target))
        found = {
            str(path.relative_to(target)): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file()
        }
        assert found == files
