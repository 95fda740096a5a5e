"""Claude Code's own directories: its configuration, and in it the projects of its sessions.

Source: the behaviour sheet §1 and contract §4.1. Imported by hooks, so it needs nothing but
`os`.
"""

from __future__ import annotations

import os

from confab_sync.paths import user_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def config_dir(environ: Mapping[str, str]) -> str:
    """Claude Code's configuration directory."""
    return (
        environ.get("CONFAB_CLAUDE_DIR")
        or environ.get("CLAUDE_CONFIG_DIR")
        or os.path.join(user_home(environ), ".claude")
    )


def projects_dirs(environ: Mapping[str, str], bound: tuple[str, ...] = ()) -> list[str]:
    """Every directory below which transcripts may lie, symlinks resolved.

    The default one, those of `CONFAB_CLAUDE_DIR` and `CLAUDE_CONFIG_DIR`, and those of
    the configuration directories that config.json binds to a backend (`bound`).
    """
    named = [environ.get("CONFAB_CLAUDE_DIR"), environ.get("CLAUDE_CONFIG_DIR")]
    roots = [os.path.join(user_home(environ), ".claude"), *(name for name in named if name), *bound]
    return list(dict.fromkeys(os.path.realpath(f"{root}/projects") for root in roots))


def bound_directory(transcript_path: str, environ: Mapping[str, str]) -> str | None:
    """The configuration directory that a transcript belongs to; None for the default one.

    `<directory>/projects/<project>/<id>.jsonl`, with symlinks resolved (contract §4.1).
    """
    default = environ.get("CONFAB_CLAUDE_DIR") or os.path.join(user_home(environ), ".claude")
    directory = transcript_path
    for _ in range(3):
        directory = os.path.dirname(directory)
    resolved = os.path.realpath(directory)
    return None if resolved == os.path.realpath(default) else resolved


LONGEST_NAME = 200
"""Characters of a project's directory; longer names are cut and get a hash at the end."""


def project_dir(projects: str, cwd: str) -> str | None:
    """Where below `projects` the sessions of a working directory lie (behaviour sheet §1).

    `cwd` has its symlinks resolved. None for a name that is cut off, unless there is exactly
    one directory that begins like it: how the end of the name is made is not known.
    """
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in cwd)
    if len(name) <= LONGEST_NAME:
        return f"{projects}/{name}"
    start = name[:LONGEST_NAME] + "-"
    try:
        found = [each for each in os.listdir(projects) if each.startswith(start)]
    except OSError:
        return None
    return f"{projects}/{found[0]}" if len(found) == 1 else None
