"""The units with which systemd or launchd keeps `confab serve` running for this user."""

from __future__ import annotations

import plistlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from confab_sync.paths import Paths

SYSTEMD = "systemd"
LAUNCHD = "launchd"
LABEL = "confab.serve"

STOPS_WITHIN = 20
"""Seconds until the system ends a server that does not stop by itself; it takes three."""

POINTLESS = "2 4 7"
"""Exit statuses after which starting again changes nothing: options, settings, port or store."""

_KEPT = ("CONFAB_HOME", "CONFAB_CONFIG_PATH", "XDG_DATA_HOME")
"""Variables that decide where things are; a service gets none of the shell's."""

_SYSTEMD = """\
# Keeps `confab serve` running for this user:
#   confab serve ... --print-unit systemd > ~/.config/systemd/user/confab.service
#   systemctl --user daemon-reload && systemctl --user enable --now confab
#   loginctl enable-linger    (so that it runs while you are not logged in)
#   journalctl --user -u confab    (what it says, a link to sign in at first)

[Unit]
Description=confab serve, the archive of Claude Code sessions

[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
RestartSec=5
RestartPreventExitStatus={pointless}
TimeoutStopSec={stops_within}
UMask=0077
NoNewPrivileges=true

[Install]
WantedBy=default.target
"""

_LAUNCHD = """\
<!-- Keeps `confab serve` running for this user, saved as
       ~/Library/LaunchAgents/confab.serve.plist
     and started with
       launchctl bootstrap gui/$UID ~/Library/LaunchAgents/confab.serve.plist
     What it says is in the file below StandardOutPath, a link to sign in at first. -->
"""


def unit(
    kind: str,
    options: Sequence[str],
    paths: Paths,
    environ: Mapping[str, str],
    python: str = sys.executable,
) -> str:
    """The unit of a server with these options, to be put where `kind` looks for it."""
    command = [python, "-P", "-m", "confab_sync", "serve", *options]
    kept = {name: environ[name] for name in _KEPT if environ.get(name)}
    if kind == SYSTEMD:
        lines = [f"Environment={_quoted(f'{name}={value}')}\n" for name, value in kept.items()]
        return _SYSTEMD.format(
            command=" ".join(_quoted(word).replace("$", "$$") for word in command),
            environment="".join(lines),
            pointless=POINTLESS,
            stops_within=STOPS_WITHIN,
        )
    return _property_list(command, kept, f"{paths.logs}/serve.log")


def _property_list(command: Sequence[str], environ: Mapping[str, str], log: str) -> str:
    content = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ExitTimeOut": STOPS_WITHIN,
        "Umask": 0o077,
        "StandardOutPath": log,
        "StandardErrorPath": log,
        **({"EnvironmentVariables": dict(environ)} if environ else {}),
    }
    head, doctype, rest = plistlib.dumps(content).decode().split("\n", 2)
    return f"{head}\n{doctype}\n{_LAUNCHD}{rest}"


def _quoted(word: str) -> str:
    """A word as systemd reads it: its quotes and specifiers mean themselves (systemd.syntax)."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n")):
        word = word.replace(plain, escaped)
    return f'"{word}"' if not word or set(word) & set(" \t'\";\\") else word
