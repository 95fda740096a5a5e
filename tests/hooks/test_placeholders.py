from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.hooks import placeholders
from tests.processes import CHECKOUT

ODD = {b"PLAIN": b"1", b"\xff\xfe": b"caf\xe9 \xf0\x9f\x90\x8d", b"EMPTY": b""}


def said(code: str, environ: dict[bytes, bytes] | None = None) -> object:
    """What `code` prints as JSON in a process with placeholders, in which `os` was not loaded."""
    begin = (
        f"import sys; sys.path.insert(0, {CHECKOUT!r}); assert 'os' not in sys.modules\n"
        "from confab_sync.hooks import placeholders; placeholders.install()\n"
        "def say(*values): print(__import__('json').dumps(values))\n"
        "exec(sys.argv[1])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", begin, code],
        env={} if environ is None else environ,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return json.loads(done.stdout)


def test_what_hooks_call_does_not_load_the_real_module() -> None:
    code = (
        "from __future__ import annotations\n"
        "import os, os.path\n"
        "used = [os.open, os.fork, os.O_CLOEXEC, os.stat_result, os._exit, os.devnull]\n"
        "done = [os.path.realpath('.'), os.path.lexists('/'), os.environ.get('HOME')]\n"
        "found = [name in sys.modules for name in ('os', '_collections_abc', 'os.path')]\n"
        "say(*found, hasattr(sys.modules['__future__'], 'division'))\n"
    )
    assert said(code) == [True, False, True, True]


def test_environment_and_file_names_are_those_of_the_real_module() -> None:
    code = (
        "import os\n"
        "mine, encoded = dict(os.environ), os.fsencode('\\udcff\\xe9')\n"
        "os.makedirs\n"
        "say(mine == dict(os.environ), 'PLAIN' in mine, encoded == os.fsencode('\\udcff\\xe9'))\n"
    )
    assert said(code, ODD) == [True, True, True]


@given(st.text() | st.binary() | st.text(st.characters(codec="utf-8")).map(Path))
def test_every_file_name_is_encoded_as_the_real_module_does(name: str | bytes | Path) -> None:
    try:
        expected = os.fsencode(name)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            placeholders._fsencode(name)
    else:
        assert placeholders._fsencode(name) == expected


def test_no_name_means_something_else_than_in_the_real_module() -> None:
    code = (
        "import os\n"
        "before = dict(vars(os)); os.makedirs; real = sys.modules['os']\n"
        "say([name for name, value in before.items()\n"
        "     if name[:2] != '__' and vars(real).get(name, value) != value])\n"
    )
    assert said(code) == [["fsencode"]]


def test_a_placeholder_that_is_asked_for_more_becomes_the_real_module() -> None:
    code = (
        "import os\n"
        "import subprocess, tempfile, codeop, __future__\n"
        "with tempfile.TemporaryDirectory() as place:\n"
        "    os.makedirs(place + '/a/b')\n"
        "    os.environ['NEW'] = 'value'\n"
        "    told = subprocess.run(['/bin/sh', '-c', 'echo $NEW'], capture_output=True).stdout\n"
        "    walked = len(list(os.walk(place)))\n"
        "real = sys.modules['os']\n"
        "say(told.decode(), walked, os.walk is real.walk, __future__.division.optional)"
    )
    assert said(code) == ["value\n", 3, True, [2, 2, 0, "alpha", 2]]


def test_what_nobody_has_is_missing_as_usual_and_loads_the_real_module_once() -> None:
    code = (
        "import os\n"
        "missing = [hasattr(os, 'nonsense')]; real = sys.modules['os']\n"
        "missing += [hasattr(os, 'nonsense'), hasattr(os, '__path__')]\n"
        "try:\n    from os import nonsense\nexcept ImportError: missing.append(False)\n"
        "say(*missing, sys.modules['os'] is real, real is os)\n"
    )
    assert said(code) == [False, False, False, False, True, False]


def test_nothing_looks_for_garbage() -> None:
    assert said("import gc; say(gc.isenabled())") == [False]


def test_modules_that_are_loaded_already_stay() -> None:
    code = (
        "placeholder = sys.modules.pop('os'); import os as real; import __future__\n"
        "placeholders.install()\n"
        "say(sys.modules['os'] is real, sys.modules['__future__'] is __future__)"
    )
    assert said(code) == [True, True]
