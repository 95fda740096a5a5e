"""The zip for a bug report has canaries all around it, and none in it."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from pathlib import Path
from typing import Any

from confab_sync.cli.bundle import LINES, bundle
from confab_sync.cli.checks.check import FAIL, OK, Check
from confab_sync.cli.context import Context

ID = "0b1c2d3e-1111-2222-3333-444455556666"
USER = "annacanary"
KEY = "cfb_" + "CanaryKey0123456789abcdefghijklmnopqrstu"
OTHER_KEY = "cfb_" + "OtherCanary0123456789abcdefghijklmnopqr"
TOKEN = "ghp_" + "c4N4ry0123456789abcdefABCDEF01234567"
PATTERN = "canarypattern[0-9]+"
SERVER = "canary-server.example"
PROJECT = "canaryproject"
SAID = "what the canary said"


def made(directory: Path, config: Any = None) -> Context:
    """A home in which everything private is a canary."""
    home = directory / "home" / USER
    logs = home / ".confab" / "logs"
    logs.mkdir(parents=True)
    transcripts = home / ".claude" / "projects" / f"-home-{USER}-{PROJECT}"
    transcripts.mkdir(parents=True)
    (transcripts / f"{ID}.jsonl").write_text(json.dumps({"message": SAID}) + "\n")
    content = {
        "backend_url": f"https://{SERVER}/base",
        "api_key": KEY,
        "log_level": "debug",
        "ignore": [f"{home}/{PROJECT}"],
        "redaction": {"patterns": [{"name": "mine", "pattern": PATTERN, "type": "MINE"}]},
        "bindings": {
            "claude-code": {
                f"{home}/.claude-{PROJECT}": {
                    "backend_url": f"https://two.{SERVER}",
                    "api_key": OTHER_KEY,
                }
            }
        },
        f"/{PROJECT}": TOKEN,
    }
    text = json.dumps(content) if config is None else config
    (home / ".confab" / "config.json").write_text(text)
    log = [
        f"2026-03-01T10:00:00Z working pid=12 path={home}/{PROJECT}/x",
        f"2026-03-01T10:00:01Z cycle_failed error='{KEY} at https://{SERVER}/base is wrong'",
        f"2026-03-01T10:00:02Z cycle_failed error='Bearer {OTHER_KEY}' token={TOKEN}",
        f"2026-03-01T10:00:03Z exposed path=/Users/{USER}/{PROJECT} host={socket.gethostname()}",
        f"2026-03-01T10:00:04Z odd user={USER} ran /home/someoneelse/{PROJECT} canarypattern77",
        f"2026-03-01T10:00:04Z odd path={transcripts}/{ID}.jsonl mail=x@{SERVER}",
        "2026-03-01T10:00:05Z cycle lines=39 behind=0 café",
    ]
    (logs / f"{ID}.log").write_text("\n".join(log) + "\n")
    return Context.from_environ({"HOME": str(home), "USER": USER, "API_CANARY": TOKEN})


def checks(context: Context) -> list[Check]:
    home = context.environ["HOME"]
    return [
        Check("launcher", OK, f"{home}/.confab/bin/confab starts this confab"),
        Check(
            f"server https://{SERVER}", FAIL, f"knows you as {USER}@canary.example", "confab login"
        ),
    ]


def opened(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.comment == b""
        return {name: archive.read(name).decode() for name in archive.namelist()}


CANARIES = (KEY, OTHER_KEY, TOKEN, USER, SERVER, PROJECT, SAID, PATTERN, "canary", "someoneelse")


def test_no_canary_is_in_it(tmp_path: Path) -> None:
    context = made(tmp_path)
    files = opened(bundle(context, checks(context)))
    for name, text in files.items():
        for canary in (*CANARIES, socket.gethostname()):
            assert canary.lower() not in f"{name}\n{text}".lower(), (canary, name)


def test_no_canary_is_in_it_when_the_settings_are_broken(tmp_path: Path) -> None:
    context = made(tmp_path, config=f'{{"api_key": "{KEY}", !')
    files = opened(bundle(context, checks(context)))
    for canary in (KEY, OTHER_KEY, TOKEN, USER, SAID, "someoneelse"):
        assert canary not in "".join(files.values())
    assert files["config.json"] == '"cannot be read"'


def test_masking_that_is_off_does_not_count_here(tmp_path: Path) -> None:
    context = made(tmp_path, config='{"redaction": {"enabled": false}}')
    assert TOKEN not in "".join(opened(bundle(context, [])).values())


def test_it_holds_what_helps(tmp_path: Path) -> None:
    context = made(tmp_path)
    files = opened(bundle(context, checks(context)))
    assert sorted(files) == ["config.json", "doctor.json", "logs/1.log", "versions.json"]
    assert "cycle lines=39 behind=0 café" in files["logs/1.log"]
    assert files["logs/1.log"].count("\n") == 7
    assert json.loads(files["doctor.json"])[0]["found"] == "~/.confab/bin/confab starts this confab"
    assert "confab" in json.loads(files["versions.json"])
    settings = json.loads(files["config.json"])
    assert settings["log_level"] == "debug"
    assert settings["backend_url"] == "[CUT]"
    assert settings["api_key"].startswith("[")


def test_of_each_log_the_end_is_taken(tmp_path: Path) -> None:
    context = made(tmp_path)
    log = Path(context.paths.logs) / f"{ID}.log"
    log.write_text("".join(f"line {number}\n" for number in range(50_000)))
    rows = opened(bundle(context, []))["logs/1.log"].splitlines()
    assert len(rows) == LINES
    assert rows[-1] == "line 49999"


def test_links_in_the_place_of_logs_are_not_followed(tmp_path: Path) -> None:
    context = made(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("canary behind a link\n")
    (Path(context.paths.logs) / "link.log").symlink_to(secret)
    assert "behind a link" not in "".join(opened(bundle(context, [])).values())
