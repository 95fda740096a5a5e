"""The launcher: a few lines of shell with a stable path, which hooks in settings.json call.

It starts the Python that confab is installed for, so the interpreter may move with an
upgrade while settings.json stays as it is. If that Python is gone, a hook is still
answered as Claude Code expects, because a failing hook would be shown to the user.
"""

from __future__ import annotations

import os
import stat

import confab_sync
from confab_sync.errors import ConfabError
from confab_sync.files import replace_private_file
from confab_sync.paths import make_private_directory

MARK = "# The launcher of confab, written by `confab setup`."

_SCRIPT = """\
#!/bin/sh
{mark}
# Hooks call it for every session and every prompt, so it starts nothing but confab itself.
python={python}
boot={boot}
{statusline}
if [ -x "$python" ] && [ -r "$boot" ]; then
    case "$1" in
        hook) exec "$python" -I -S "$boot" "$@" ;;
        *) exec "$python" -I "$boot" cli "$@" ;;
    esac
fi
case "$1" in
    hook)
        echo '{answer}'
        exit 0
        ;;
    *)
        printf 'confab: its Python is gone (%s); {remedy}\\n' "$python" >&2
        exit 1
        ;;
esac
"""

_STATUS_LINE = """\
if [ "$1" = statusline ] && [ ! -t 0 ]; then
    # Claude Code asks for this again and again, so nothing is started at all.
    id=
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            *'"session_id"'*) id=${line#*'"session_id"'} id=${id#*'"'} id=${id%%'"'*} ; break ;;
        esac
        line=
    done
    case $id in '') exit 0 ;; *[!A-Za-z0-9_-]*) exit 0 ;; esac
    state=${CONFAB_HOME:-$HOME/.confab}/sync/claude-code/$id
    if [ -e "$state.off" ]; then echo 'confab: not copied'; exit 0; fi
    connection= behind=
    [ -r "$state.json" ] && while IFS= read -r line; do
        case $line in
            '  "connection": '*) connection=${line#*: \\"} connection=${connection%%\\"*} ;;
            '  "behind_bytes": '*) behind=${line#*: } behind=${behind%,} ;;
            '  "files": '*) break ;;
        esac
    done < "$state.json"
    case $connection,$behind in
        online,0) echo 'confab: saved' ;;
        online,*) echo 'confab: saving' ;;
        offline,*) echo 'confab: offline, saved later' ;;
        error,*) echo 'confab: not saved, see confab sync status' ;;
        idle,*) echo 'confab: ready' ;;
    esac
    exit 0
fi"""

_REMEDY = "install confab-sync again, then run `confab setup`"

_ANSWER = '{"continue":true,"suppressOutput":true}'

_EXECUTABLE_MAGIC = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)
"""How a program that is no script begins: ELF, Mach-O (32 and 64 bit, both orders, universal)."""


def boot_path() -> str:
    """The script that every process of this installation starts with."""
    return os.path.join(os.path.dirname(os.path.abspath(confab_sync.__file__)), "boot.py")


def interpreter(executable: str, base_executable: str) -> str:
    """The Python to call: never the shim of a version manager, which is slow and may change.

    `executable` is preferred, since a virtual environment's own path says which packages
    there are; then what it leads to, then `base_executable` (see `sys._base_executable`).
    Raises `ConfabError` when none of them is a program.
    """
    candidates = [executable, os.path.realpath(executable) if executable else "", base_executable]
    for candidate in candidates:
        if candidate and _is_program(candidate):
            return os.path.abspath(candidate)
    raise ConfabError(f"no Python to start from: '{executable}' is not an interpreter")


def script(python: str, boot: str) -> bytes:
    """The launcher's text for this interpreter and this `boot.py`, both absolute paths."""
    text = _SCRIPT.format(
        mark=MARK,
        python=_quoted(python),
        boot=_quoted(boot),
        statusline=_STATUS_LINE,
        answer=_ANSWER,
        remedy=_REMEDY,
    )
    return os.fsencode(text)


def write(path: str, content: bytes) -> bool:
    """Put the launcher at `path` (0700, as its directory); False when it was there already.

    Raises `ConfabError` when something that is no launcher stands there, or when the
    place cannot be written.
    """
    try:
        make_private_directory(os.path.dirname(path))
        existing = read(path)
        if existing == content and stat.S_IMODE(os.stat(path).st_mode) == 0o700:
            return False
        if os.path.lexists(path) and not is_launcher(path):
            raise ConfabError(f"{path} is another program; move it away, then try again")
        replace_private_file(path, content, 0o700)
    except OSError as error:
        raise ConfabError(f"{path} cannot be written: {error.strerror}") from error
    return True


def read(path: str) -> bytes | None:
    """The launcher's text; None when there is no file."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def is_launcher(path: str) -> bool:
    """Whether the file at `path` is a launcher that confab wrote, in this version or another."""
    try:
        with open(path, "rb") as stream:
            return MARK.encode() in stream.read(4096).splitlines()[:3]
    except OSError:
        return False


def is_whole(path: str) -> bool:
    """Whether a launcher stands at `path` that can be run."""
    return is_launcher(path) and os.access(path, os.X_OK)


def _is_program(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            magic = stream.read(4)
    except OSError:
        return False
    return magic in _EXECUTABLE_MAGIC and os.access(path, os.X_OK)


def _quoted(text: str) -> str:
    """`text` as one word of the shell, always in single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"
