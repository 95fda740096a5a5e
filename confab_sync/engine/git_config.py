"""Reading git's configuration files without git: sections, quoting, includes.

Source: git-config(1), "Syntax", "Includes" and "Conditional includes".
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from dataclasses import dataclass

LARGEST = 1024 * 1024
"""Bytes of one file that are read: more is no configuration."""

DEEPEST = 10
"""Levels of includes (git itself allows as many)."""

_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_VARIABLE = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=(.*))?$", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What conditional includes ask about: the repository, its branch, the user's home."""

    git_dir: str
    branch: str
    home: str


Settings = list[tuple[str, str, str, str]]
"""(section, subsection, key, value) in the order of the files; section and key in lower case."""


def read_settings(path: str, around: Surroundings, depth: int = DEEPEST) -> Settings:
    """All settings of the file at `path` and of those it includes; none if it cannot be read."""
    data = read_small_file(path, LARGEST)
    found: Settings = []
    for setting in _parse((data or b"").decode("utf-8", "replace")):
        found.append(setting)
        section, condition, key, value = setting
        wanted = section == "include" or (section == "includeif" and _holds(condition, around))
        if wanted and key == "path" and depth > 0:
            included = _resolved(value, os.path.dirname(path), around.home)
            found += read_settings(included, around, depth - 1)
    return found


def read_small_file(path: str, largest: int) -> bytes | None:
    """The content of a regular file, at most `largest` bytes of it; None when there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(largest)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _parse(text: str) -> Settings:
    found: Settings = []
    section = subsection = ""
    for line in _logical_lines(text):
        rest = line.strip()
        header = _SECTION.match(rest)
        if header:
            section, dot, old_style = header[1].lower().partition(".")
            subsection = old_style if dot else re.sub(r"\\(.)", r"\1", header[2] or "")
            rest = rest[header.end() :].strip()
        if not rest or rest[0] in "#;":
            continue
        variable = _VARIABLE.match(rest)
        if variable and section:
            value = "true" if variable[2] is None else _unquoted(variable[2])
            found.append((section, subsection, variable[1].lower(), value))
    return found


def _logical_lines(text: str) -> list[str]:
    """The lines, those that end in a backslash joined with the next one."""
    lines: list[str] = []
    joined = ""
    for line in text.splitlines():
        joined += line
        if (len(joined) - len(joined.rstrip("\\"))) % 2:
            joined = joined[:-1]
            continue
        lines.append(joined)
        joined = ""
    return [*lines, joined] if joined else lines


def _unquoted(text: str) -> str:
    """A value without quotes, escapes, the comment behind it and the blanks around it."""
    value, kept, quoted = "", 0, False
    characters = iter(text.strip())
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            value += _ESCAPES.get(following, following)
            kept = len(value)
        elif character == '"':
            quoted = not quoted
            kept = len(value)
        elif character in "#;" and not quoted:
            break
        else:
            value += character
            if quoted or not character.isspace():
                kept = len(value)
    return value[:kept]


def _holds(condition: str, around: Surroundings) -> bool:
    kind, _, pattern = condition.partition(":")
    if kind == "onbranch":
        return fnmatch.fnmatchcase(around.branch, _with_all_below(pattern))
    if kind not in ("gitdir", "gitdir/i"):
        return False
    pattern = pattern.replace("~/", around.home + "/", 1) if pattern[:2] == "~/" else pattern
    if not pattern.startswith("/"):
        pattern = f"*/{pattern}"
    pattern, path = _with_all_below(pattern), around.git_dir
    if kind == "gitdir/i":
        pattern, path = pattern.lower(), path.lower()
    return fnmatch.fnmatchcase(path, pattern)


def _with_all_below(pattern: str) -> str:
    return f"{pattern}*" if pattern.endswith("/") else pattern


def _resolved(path: str, directory: str, home: str) -> str:
    if path.startswith("~/"):
        return home + path[1:]
    return os.path.join(directory, path)
