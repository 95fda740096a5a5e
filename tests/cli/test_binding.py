"""A configuration directory has its own backend, and nothing else ever gets its sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from confab_sync.cli import doctor, hooks, login, setup, status, uninstall
from confab_sync.cli.binding import place_of
from confab_sync.config import load_config
from confab_sync.errors import BackendUnauthorized, ConfigError, UsageError
from tests.cli.homes import Home, home, transcript
from tests.server.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://work.example"
KEY = "cfb_" + "k" * 40


def with_directory(tmp_path: Path, name: str = "work", **environ: str) -> tuple[Home, Path]:
    here = home(tmp_path, **environ)
    directory = here.root / name
    directory.mkdir()
    return here, directory.resolve()


def set_up(here: Home, *arguments: str, typed: str = "") -> str:
    result = CliRunner().invoke(
        setup.command,
        ["--no-import", *arguments],
        obj=here.context,
        input=typed,
        catch_exceptions=False,
    )
    return result.output


def bindings(here: Home) -> dict[str, Any]:
    found = json.loads((here.confab / "config.json").read_text())["bindings"]["claude-code"]
    assert isinstance(found, dict)
    return found


def test_its_hooks_and_its_server_are_its_own(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    said = set_up(here, "--config-dir", str(work), "--backend-url", URL)
    assert said.startswith("confab is set up for ~/work: ")
    assert f"nothing is sent until you run `confab login --config-dir {work}`" in said
    assert "SessionStart" in json.loads((work / "settings.json").read_text())["hooks"]
    assert not here.settings.exists()
    assert bindings(here) == {str(work): {"backend_url": URL, "api_key": ""}}
    config = load_config(here.context.paths.config)
    assert config.backend == "embedded"
    assert config.target(str(work)).backend_url == URL


def test_what_the_go_cli_wrote_beside_it_stays(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    here.confab.mkdir()
    held = {
        "backend_url": "https://main.example",
        "api_key": KEY,
        "bindings": {
            "codex": {"/x": {"backend_url": "https://x.example"}},
            "claude-code": {"/other": {"backend_url": "https://o.example", "new": 1}},
        },
    }
    (here.confab / "config.json").write_text(json.dumps(held))
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    now = json.loads((here.confab / "config.json").read_text())
    assert now["bindings"]["claude-code"].pop(str(work)) == {"backend_url": URL, "api_key": ""}
    assert now == held


def test_it_is_known_by_its_real_name(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    link = here.root / "link"
    link.symlink_to(work)
    set_up(here, "--config-dir", f"{link}/", "--backend-url", URL)
    assert list(bindings(here)) == [str(work)]
    assert place_of(here.context, "~/work").directory == str(work)


def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    here = home(tmp_path)
    with pytest.raises(UsageError, match="CLAUDE_CONFIG_DIR"):
        set_up(here, "--config-dir", str(here.root / "not there"), "--backend-url", URL)
    assert here.everything() == {}


def test_one_whose_sessions_lie_in_another_is_refused(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    (here.root / ".claude" / "projects").mkdir(parents=True)
    (work / "projects").symlink_to(here.root / ".claude" / "projects")
    with pytest.raises(UsageError, match="cannot be told from those of"):
        set_up(here, "--config-dir", str(work), "--backend-url", URL)


def test_the_default_one_means_the_usual_setup(tmp_path: Path) -> None:
    here, _ = with_directory(tmp_path, ".claude")
    set_up(here, "--config-dir", str(here.root / ".claude"), "--backend-url", URL)
    config = load_config(here.context.paths.config)
    assert (config.backend_url, dict(config.bindings)) == (URL, {})
    assert here.settings.exists()


def test_without_a_server_it_is_bound_to_the_store_on_this_machine(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    assert "  copies    ~/.confab/store.db\n" in set_up(here, "--config-dir", str(work))
    assert bindings(here) == {str(work): {"embedded": True}}
    assert load_config(here.context.paths.config).target(str(work)).embedded


def test_where_the_others_go_to_a_server_it_has_to_be_said_where_it_goes(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here, "--backend-url", "https://main.example")
    with pytest.raises(UsageError, match="--backend-url https://…, or --embedded"):
        set_up(here, "--config-dir", str(work))
    set_up(here, "--config-dir", str(work), "--embedded")
    assert bindings(here) == {str(work): {"embedded": True}}
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    assert bindings(here) == {str(work): {"backend_url": URL, "api_key": ""}}
    set_up(here, "--embedded")
    assert load_config(here.context.paths.config).backend == "embedded"


def test_the_store_has_no_server_and_no_key(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    with pytest.raises(UsageError, match="no server, and no key"):
        set_up(here, "--config-dir", str(work), "--embedded", "--backend-url", URL)
    here.confab.mkdir(exist_ok=True)
    both = {str(work): {"backend_url": URL, "embedded": True}}
    (here.confab / "config.json").write_text(json.dumps({"bindings": {"claude-code": both}}))
    with pytest.raises(ConfigError, match="not both"):
        load_config(here.context.paths.config)


def test_twice_is_the_same_as_once(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    before = here.everything()
    assert "already set up for ~/work; nothing was changed" in set_up(
        here, "--config-dir", str(work)
    )
    assert here.everything() == before


def test_a_key_is_tried_and_shared_by_directories_of_one_server_only(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    other = here.root / "other"
    other.mkdir()
    with serving(tmp_path / "server") as server:
        key = server.key()
        named = ["--backend-url", server.url]
        with pytest.raises(BackendUnauthorized):
            set_up(here, "--config-dir", str(work), *named, "--api-key-stdin", typed=KEY)
        assert not (here.confab / "config.json").exists()
        set_up(here, "--config-dir", str(work), *named, "--api-key-stdin", typed=key)
        said = set_up(here, "--config-dir", str(other), *named)
        assert key[:8] in said
        assert {each["api_key"] for each in bindings(here).values()} == {key}
    set_up(here, "--config-dir", str(other), "--backend-url", URL)
    assert bindings(here)[str(other)]["api_key"] == ""


def test_login_and_logout_are_those_of_the_directory(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    with serving(tmp_path / "server") as server:
        with pytest.raises(UsageError, match=f"first: confab setup --config-dir {work}"):
            here.run(login.command, "--config-dir", str(work))
        set_up(here, "--config-dir", str(work), "--backend-url", server.url)
        with pytest.raises(UsageError, match=f"or `confab login --config-dir {work}`"):
            here.run(login.command)
        key = tmp_path / "key"
        key.write_text(server.key())
        here.run(login.command, "--config-dir", str(work), "--api-key-file", str(key))
        assert bindings(here)[str(work)]["api_key"] == key.read_text()
        said = here.run(login.logout).output
        assert said.startswith("You are not logged in.\nAnother login is still there: ")
        assert f"`confab logout --config-dir {work}`" in said
        assert here.run(login.logout, "--config-dir", str(work)).output.startswith("Logged out")
        assert bindings(here)[str(work)] == {"backend_url": server.url, "api_key": ""}


def test_hooks_of_it_are_added_removed_and_told(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    of = ("--config-dir", str(work))
    assert here.run(hooks.group, "status", *of).exit_code == 1
    here.run(hooks.group, "add", *of)
    assert here.run(hooks.group, "status", *of).exit_code == 0
    assert here.run(hooks.group, "status").exit_code == 1
    assert "~/work/settings.json" in here.run(hooks.group, "remove", *of).output
    assert not (work / "settings.json").exists()


def test_one_that_is_let_go_falls_back_to_nobody(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here, "--backend-url", "https://main.example")
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    said = here.run(uninstall.command, "--config-dir", str(work)).output
    assert "Hooks removed from ~/work/settings.json." in said
    assert "Nothing of its sessions is sent any more" in said
    assert here.settings.exists()
    config = load_config(here.context.paths.config)
    assert config.target(None).backend_url == "https://main.example"
    with pytest.raises(ConfigError, match="no backend is bound"):
        config.target(str(work))
    with pytest.raises(UsageError, match="--purge"):
        here.run(uninstall.command, "--config-dir", str(work), "--purge")


def test_uninstalling_takes_the_hooks_out_of_every_directory(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    here.run(uninstall.command)
    assert not (work / "settings.json").exists()


def test_the_directory_of_the_environment_is_bound_where_others_are(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    third = home(tmp_path, CLAUDE_CONFIG_DIR=str(here.root / "third"))
    set_up(here, "--config-dir", str(work), "--backend-url", URL)
    set_up(third, "--backend-url", "https://third.example")
    assert bindings(here)[str(here.root / "third")]["backend_url"] == "https://third.example"
    assert load_config(here.context.paths.config).backend_url == ""


def test_directories_that_go_nowhere_since_then_are_named(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    third = home(tmp_path, CLAUDE_CONFIG_DIR=str(here.root / "third"))
    set_up(third)
    remedy = f"confab setup --config-dir {here.root / 'third'}"
    assert remedy in set_up(here, "--config-dir", str(work), "--backend-url", URL)
    told = json.loads(here.run(doctor.command, "--json").output)["checks"]
    (found,) = [each for each in told if each["name"] == "backend of ~/third"]
    assert (found["verdict"], found["remedy"]) == ("fail", remedy)


def test_the_doctor_names_the_login_and_the_hooks_of_the_directory(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here)
    set_up(here, "--config-dir", str(work), "--backend-url", "http://127.0.0.1:1")
    (work / "settings.json").unlink()
    told = json.loads(here.run(doctor.command, "--json").output)["checks"]
    by_name = {each["name"]: each for each in told}
    assert by_name["backend"]["verdict"] == "ok"
    assert by_name["server http://127.0.0.1:1 of ~/work"]["verdict"] == "fail"
    assert by_name["hooks in ~/work/settings.json"]["remedy"] == (
        f"confab hooks add --config-dir {work}"
    )
    here.run(hooks.group, "add", "--config-dir", str(work))
    work.rename(here.root / "moved")
    told = json.loads(here.run(doctor.command, "--json").output)["checks"]
    assert [each["verdict"] for each in told if each["name"] == "binding of ~/work"] == ["warn"]


def test_the_status_says_which_directory_goes_where(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    set_up(here)
    with serving(tmp_path / "server") as server:
        arguments = ["--backend-url", server.url, "--api-key-stdin"]
        set_up(here, "--config-dir", str(work), *arguments, typed=server.key())
        shown = here.run(status.command).output
        told = json.loads(here.run(status.command, "--json").output)
    assert "backends  ~/.claude: embedded, in ~/.confab/store.db\n" in shown
    assert f"          ~/work: {server.url} answers, as " in shown
    assert [each["directories"] for each in told["backends"]] == [
        [str(here.root / ".claude")],
        [str(work)],
    ]


def test_sessions_of_it_are_imported_to_its_own_server_and_no_others(tmp_path: Path) -> None:
    here, work = with_directory(tmp_path)
    transcript(here)
    of_work = work / "projects" / "-p" / "aaaaaaaa-1111-2222-3333-444455556666.jsonl"
    of_work.parent.mkdir(parents=True)
    of_work.write_text('{"type":"user"}\n')
    with serving(tmp_path / "server") as server:
        arguments = ["--config-dir", str(work), "--backend-url", server.url, "--api-key-stdin"]
        result = CliRunner().invoke(
            setup.command,
            ["--import", *arguments],
            obj=here.context,
            input=server.key(),
            catch_exceptions=False,
        )
        assert "Imported 1 of 1 session," in result.output
        with server.store() as store:
            assert [each.external_id for each in store.sessions()] == [of_work.stem]
    assert not (here.confab / "store.db").exists()
