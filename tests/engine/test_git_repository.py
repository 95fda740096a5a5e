"""What is read from a repository's files is what git itself would say."""

from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.engine.git_info import GitInfo, ask_git
from confab_sync.engine.git_repository import Repository, find_repository, without_credentials
from tests.contract.stage import git

HOME = "/nowhere"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    git(directory, "init", "-q", "-b", "main")
    git(directory, "commit", "-q", "--allow-empty", "-m", "first")
    return directory


def found(directory: Path, home: str = HOME) -> Repository:
    repository = find_repository(str(directory), home)
    assert repository is not None
    return repository


def test_branch_and_commit_from_anywhere_below(repository: Path) -> None:
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    here = found(below)
    assert (here.branch, here.commit) == ("main", git(repository, "rev-parse", "HEAD"))


def test_no_repository_is_none(tmp_path: Path) -> None:
    assert find_repository(str(tmp_path), HOME) is None
    assert find_repository("", HOME) is None
    assert find_repository("relative", HOME) is None


def test_packed_references(repository: Path) -> None:
    git(repository, "branch", "feature/x")
    git(repository, "pack-refs", "--all")
    git(repository, "checkout", "-q", "feature/x")
    git(repository, "pack-refs", "--all")
    here = found(repository)
    assert not (repository / ".git/refs/heads/feature/x").exists()
    assert (here.branch, here.commit) == ("feature/x", git(repository, "rev-parse", "HEAD"))


def test_loose_reference_is_newer_than_the_packed_one(repository: Path) -> None:
    git(repository, "pack-refs", "--all")
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    assert found(repository).commit == git(repository, "rev-parse", "HEAD")


def test_detached_head_has_a_commit_and_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    here = found(repository)
    assert (here.branch, here.commit) == ("", git(repository, "rev-parse", "HEAD"))


def test_before_the_first_commit_there_is_only_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    here = found(tmp_path)
    assert (here.branch, here.commit) == ("trunk", "")


def test_worktree_has_its_own_branch_and_the_common_remotes(
    repository: Path, tmp_path: Path
) -> None:
    git(repository, "remote", "add", "origin", "https://example.com/app.git")
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    git(tmp_path / "side", "commit", "-q", "--allow-empty", "-m", "there")
    here = found(tmp_path / "side")
    assert (here.branch, here.commit) == ("side", git(tmp_path / "side", "rev-parse", "HEAD"))
    assert [remote.fetch_url for remote in here.remotes] == ["https://example.com/app.git"]
    assert found(repository).branch == "main"


def test_worktree_settings_of_its_own(repository: Path) -> None:
    git(repository, "config", "extensions.worktreeConfig", "true")
    git(repository, "config", "--worktree", "remote.own.url", "https://example.com/own.git")
    assert [remote.name for remote in found(repository).remotes] == ["own"]


def test_submodule_points_to_its_directory(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "main")
    arguments = ("-c", "protocol.file.allow=always", "submodule", "add", "-q")
    git(outer, *arguments, str(repository), "inner")
    assert found(outer / "inner").commit == git(repository, "rev-parse", "HEAD")


def test_remotes_as_git_names_them(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "git@example.com:acme/app.git")
    git(repository, "remote", "add", "fork", "https://example.com/fork.git")
    git(repository, "remote", "set-url", "--push", "fork", "ssh://git@example.com/fork.git")
    git(repository, "config", "branch.main.remote", "fork")
    here = found(repository)
    assert [(r.name, r.fetch_url, r.push_url) for r in here.remotes] == [
        ("origin", "git@example.com:acme/app.git", "git@example.com:acme/app.git"),
        ("fork", "https://example.com/fork.git", "ssh://git@example.com/fork.git"),
    ]
    assert here.tracking == {"main": "fork"}


def test_included_settings(repository: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    texts = {
        repository / ".git" / "beside": "remote.a.url=https://example.com/a.git",
        home / "of-home": "remote.b.url=https://example.com/b.git",
        home / "on-main": "remote.c.url=https://example.com/c.git",
        home / "elsewhere": "remote.d.url=https://example.com/d.git",
        home / "on-feature": "remote.e.url=https://example.com/e.git",
    }
    for path, text in texts.items():
        key, value = text.split("=")
        git(repository, "config", "-f", str(path), key, value)
    for condition, where in {
        "include.path": "beside",
        f"includeIf.gitdir:{tmp_path}/.path": "~/of-home",
        "includeIf.onbranch:ma*.path": "~/on-main",
        "includeIf.gitdir:/somewhere/else/.path": "~/elsewhere",
        "includeIf.onbranch:feature/.path": "~/on-feature",
    }.items():
        git(repository, "config", "--add", condition, where)
    assert {remote.name for remote in found(repository, str(home)).remotes} == {"a", "b", "c"}


def test_settings_that_include_themselves_come_to_an_end(repository: Path) -> None:
    git(repository, "config", "include.path", "config")
    assert found(repository).branch == "main"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ann:secret@example.com/a.git", "https://example.com/a.git"),
        ("https://ghp_secret@example.com:8443/a.git", "https://example.com:8443/a.git"),
        ("https://example.com/a.git?token=secret#secret", "https://example.com/a.git"),
        ("ssh://git:secret@example.com/a.git", "ssh://git@example.com/a.git"),
        ("git+ssh://git@example.com/a.git", "git+ssh://git@example.com/a.git"),
        ("https://ann:secret@[::1]:1/a", "https://[::1]:1/a"),
        ("git@example.com:acme/app.git", "git@example.com:acme/app.git"),
        ("/srv/git/app.git", "/srv/git/app.git"),
        ("https://[broken/secret", ""),
        ("https://example.com:secret/a", ""),
    ],
)
def test_urls_lose_their_credentials(url: str, kept: str) -> None:
    assert without_credentials(url) == kept


@pytest.mark.parametrize(
    "head", [b"", b"\0\xff", b"ref: refs/heads/../../../etc/passwd\n", b"ref: ref: x\n", b"cafe\n"]
)
def test_head_that_makes_no_sense_is_no_commit(repository: Path, head: bytes) -> None:
    (repository / ".git" / "HEAD").write_bytes(head)
    assert found(repository).commit == ""


def test_references_that_lead_in_a_circle_end(repository: Path) -> None:
    (repository / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/main\n")
    assert found(repository).commit == ""


def test_git_itself_is_asked_once_where_only_it_can_read(repository: Path) -> None:
    (repository / ".git" / "reftable").mkdir()
    asked = []

    def ask(directory: str) -> tuple[str, str]:
        asked.append(directory)
        return "c" * 40, "main"

    now = [0.0]
    info = GitInfo(HOME, lambda: now[0], ask)
    assert info.now(str(repository)) == {"branch": "main", "commit_sha": "c" * 40}
    now[0] += 100
    info.now(str(repository))
    assert asked == [str(repository)]


def test_git_names_commit_and_branch(repository: Path, tmp_path: Path) -> None:
    assert ask_git(str(repository)) == (git(repository, "rev-parse", "HEAD"), "main")
    git(repository, "checkout", "-q", "--detach")
    assert ask_git(str(repository)) == (git(repository, "rev-parse", "HEAD"), "")
    assert ask_git(str(tmp_path / "missing")) == ("", "")


def test_repository_is_read_again_after_a_moment(repository: Path) -> None:
    now = [0.0]
    info = GitInfo(HOME, lambda: now[0])
    info.now(str(repository))
    git(repository, "checkout", "-q", "-b", "later")
    assert (info.now(str(repository)) or {})["branch"] == "main"
    now[0] += 6
    assert (info.now(str(repository)) or {})["branch"] == "later"


def test_past_session_is_not_given_the_commit_of_today(repository: Path) -> None:
    info = GitInfo(HOME, lambda: 0.0)
    assert info.on_branch(str(repository), "main", is_live=False) == {"branch": "main"}
    living = info.on_branch(str(repository), "main", is_live=True)
    assert living == {"branch": "main", "commit_sha": git(repository, "rev-parse", "HEAD")}
    assert info.on_branch("/nowhere", "main", is_live=True) == {"branch": "main"}
