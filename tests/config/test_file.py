"""config.json is read whole, and written without losing anything."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from confab_sync.config import Config, load_config, write_config
from confab_sync.errors import ConfigError
from tests.config.factories import OF_THE_GO_CLI, written
from tests.processes import finish, line_of, python


def test_a_missing_file_means_the_embedded_store(tmp_path: Path) -> None:
    config = load_config(str(tmp_path / "config.json"))
    assert config == Config()
    assert config.backend == "embedded"
    assert config.auto_update
    assert config.bound_directories == ()


def test_a_directory_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(str(tmp_path))


def test_writing_creates_a_private_file_in_a_private_directory(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.json"
    write_config(str(path), {"log_level": "debug"})
    assert path.read_text() == '{\n  "log_level": "debug"\n}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_leaves_the_mode_of_an_existing_directory_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_config(str(tmp_path / "config.json"), {})
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_writing_keeps_unknown_keys_and_the_order(tmp_path: Path) -> None:
    path = written(tmp_path, OF_THE_GO_CLI)
    config = write_config(path, {"log_level": "error", "api_key": None, "added": "é\ud800"})
    expected = {**OF_THE_GO_CLI, "log_level": "error", "added": "é\ud800"}
    del expected["api_key"]
    stored = json.loads(Path(path).read_text())
    assert stored == expected
    assert list(stored) == list(expected)
    assert config.raw == expected


def test_writing_what_is_there_already_only_makes_it_private(tmp_path: Path) -> None:
    path = written(tmp_path, {"log_level": "info"})
    os.chmod(path, 0o644)
    before = os.stat(path)
    write_config(path, {"log_level": "info"})
    after = os.stat(path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stat.S_IMODE(after.st_mode) == 0o600


def test_a_wrong_change_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    with pytest.raises(ConfigError, match="backend_url"):
        write_config(path, {"backend_url": 7})
    assert Path(path).read_text() == "{}"


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    target = written(tmp_path, {})
    link = tmp_path / "link.json"
    link.symlink_to(target)
    write_config(str(link), {"log_level": "info"})
    assert link.is_symlink()
    assert json.loads(Path(target).read_text()) == {"log_level": "info"}


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")

    def write(number: int) -> None:
        for step in range(5):
            write_config(path, {f"key{number}.{step}": step})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_config(path).raw) == 20


WRITER = """
import sys
from confab_sync.config import write_config
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    write_config(sys.argv[1], {f"key-{sys.argv[2]}-{number}": number})
"""


def test_no_writer_of_many_processes_undoes_what_another_wrote(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    writers = [python(WRITER, str(path), str(number)) for number in range(4)]
    assert [line_of(writer) for writer in writers] == ["ready"] * 4
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        finish(writer)
    assert len(load_config(str(path)).raw) == 80
    assert sorted(os.listdir(tmp_path)) == ["config.json", "config.json.lock"]


def test_key_of_one_server_never_becomes_that_of_another(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    write_config(path, {"backend_url": "https://a.example", "api_key": "cfb_a"})
    assert write_config(path, {"backend_url": "https://a.example"}).api_key == "cfb_a"
    assert write_config(path, {"log_level": "debug"}).api_key == "cfb_a"
    assert write_config(path, {"backend_url": "https://b.example"}).api_key == ""
    write_config(path, {"api_key": "cfb_b"})
    assert write_config(path, {"backend_url": None}).api_key == ""
