"""git sources: URLs, references, commits, credentials."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cortexlock.errors import InputError, NetworkError, UsageError
from cortexlock.inputs.trees import tree_hash
from cortexlock.pip.sources import git
from cortexlock.pip.sources.git import Repository
from tests.support.file_server import FileServer
from tests.support.processes import ArgumentWatch

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - it opens a server of the tests alone


def run(directory: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", **identity}
    command = ["/usr/bin/env", "git", *arguments]
    completed = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=True)
    return completed.stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with two commits on `main`, a branch, a lightweight and an annotated tag."""
    directory = tmp_path / "work"
    directory.mkdir()
    run(directory, "init", "-q", "-b", "main")
    (directory / "setup.py").write_bytes(b"# one\r\n")
    (directory / "build").mkdir()
    (directory / "build" / "data.txt").write_text("a file of the project")
    run(directory, "add", "-f", ".")
    run(directory, "commit", "-qm", "one")
    run(directory, "tag", "light")
    run(directory, "tag", "-a", "annotated", "-m", "annotated")
    run(directory, "branch", "feature/x")
    (directory / "setup.py").write_text("# two\n")
    run(directory, "commit", "-qam", "two")
    return directory


@pytest.fixture
def bare(work: Path, tmp_path: Path) -> Path:
    run(tmp_path, "clone", "-q", "--bare", str(work), "bare.git")
    return tmp_path / "bare.git"


def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("git+https://example.org/a/b.git", Repository("https://example.org/a/b.git")),
        ("git+https://example.org/a/b@v1.0#egg=b", Repository("https://example.org/a/b", "v1.0")),
        ("git+https://example.org/a/b@feature/x", Repository("https://example.org/a/b", "feature/x")),
        (
            "git+https://example.org/a/b.git@main#egg=b&subdirectory=python/pkg",
            Repository("https://example.org/a/b.git", "main", "python/pkg"),
        ),
        ("git+ssh://git@example.org/a/b.git@main", Repository("ssh://git@example.org/a/b.git", "main")),
        ("git+file:///srv/b.git", Repository("file:///srv/b.git")),
        (
            f"git+https://{TOKEN}@example.org/a/b.git@main#egg=b",
            Repository("https://example.org/a/b.git", "main", "", f"https://{TOKEN}@example.org/a/b.git"),
        ),
        (
            f"git+https://user:{TOKEN}@example.org:8443/b.git",
            Repository("https://example.org:8443/b.git", secret=f"https://user:{TOKEN}@example.org:8443/b.git"),
        ),
    ],
)
def test_a_url_is_read(url: str, expected: Repository) -> None:
    assert git.parse(url) == expected
    assert TOKEN not in repr(git.parse(url))


def test_another_scheme_is_refused() -> None:
    with pytest.raises(InputError, match="not a git repository"):
        git.parse("git+rsync://example.org/b.git")


@pytest.mark.parametrize("reference", ["", "main", "feature/x", "light", "annotated"])
def test_a_reference_becomes_its_commit(reference: str, work: Path, bare: Path, tmp_path: Path) -> None:
    found = git.check_out(Repository(bare.as_uri(), reference), tmp_path / "out", environment=environment(tmp_path))
    assert found.commit == run(work, "rev-parse", f"{reference or 'main'}^{{commit}}")
    expected = b"# two\n" if reference in {"", "main"} else b"# one\r\n"
    assert (tmp_path / "out" / "setup.py").read_bytes() == expected
    assert (tmp_path / "out" / "build" / "data.txt").is_file()


@pytest.mark.parametrize("digits", [40, 9])
def test_a_commit_that_is_no_tip_is_found(digits: int, work: Path, bare: Path, tmp_path: Path) -> None:
    (work / "later").touch()
    run(work, "add", ".")
    wanted = run(work, "rev-parse", "HEAD")
    run(work, "commit", "-qm", "three")
    run(work, "push", "-q", str(bare), "main")
    repository = Repository(bare.as_uri(), wanted[:digits])
    assert git.check_out(repository, tmp_path / "out", environment=environment(tmp_path)).commit == wanted
    assert not (tmp_path / "out" / "later").exists()


@pytest.mark.parametrize("reference", ["nowhere", "0" * 40])
def test_a_missing_reference_is_an_error(reference: str, bare: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=reference):
        git.check_out(Repository(bare.as_uri(), reference), tmp_path / "out", environment=environment(tmp_path))


def test_a_missing_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="git ls-remote fails"):
        git.check_out(Repository("file:///nowhere.git", "main"), tmp_path / "out", environment=environment(tmp_path))


def test_no_git_is_an_error(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no git"):
        git.check_out(Repository(bare.as_uri()), tmp_path / "out", environment={"PATH": str(tmp_path)})


def test_the_tree_hash_does_not_depend_on_the_users_configuration(bare: Path, tmp_path: Path) -> None:
    hashes = set()
    for number, autocrlf in enumerate(("true", "input", "false")):
        home = tmp_path / f"home{number}"
        home.mkdir()
        (home / ".gitconfig").write_text(f"[core]\n\tautocrlf = {autocrlf}\n\teol = crlf\n")
        out = tmp_path / f"out{number}"
        git.check_out(Repository(bare.as_uri(), "light"), out, environment=environment(home))
        hashes.add(tree_hash(out, checkout=True))
    assert len(hashes) == 1


def test_submodules_are_checked_out(work: Path, bare: Path, tmp_path: Path) -> None:
    run(work, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", bare.as_uri(), "module")
    run(work, "commit", "-qm", "with a module")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text('[protocol "file"]\n\tallow = always\n')
    git.check_out(Repository(work.as_uri()), tmp_path / "out", environment=environment(home))
    assert (tmp_path / "out" / "module" / "setup.py").is_file()


@pytest.fixture
def private(bare: Path) -> Iterator[FileServer]:
    """The repository behind a password, over git's dumb protocol: plain files."""
    run(bare, "update-server-info")
    with FileServer(bare.parent, auth=("user", TOKEN)) as server:
        yield server


def test_a_private_repository_opens_and_its_token_is_kept_out(private: FileServer, tmp_path: Path) -> None:
    repository = git.parse(f"git+{private.with_auth(private.url)}/bare.git@main")
    git.check_out(repository, tmp_path / "out", environment=environment(tmp_path))
    assert (tmp_path / "out" / "setup.py").is_file()
    kept = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert kept == []


def test_a_wrong_token_is_an_error_without_it(private: FileServer, tmp_path: Path) -> None:
    repository = git.parse(f"git+http://user:not-{TOKEN}@{private.host}/bare.git@main")
    with pytest.raises(NetworkError) as caught:
        git.check_out(repository, tmp_path / "out", environment=environment(tmp_path))
    assert "credentials" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="arguments of other processes are read from /proc")
@pytest.mark.parametrize(("user", "password"), [("user", TOKEN), (TOKEN, "")])
def test_no_token_reaches_arguments_or_credential_helpers(bare: Path, tmp_path: Path, user: str, password: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[credential]\n\thelper = store\n")
    run(bare, "update-server-info")
    info = f"{user}:{password}" if password else user
    with FileServer(bare.parent, auth=(user, password)) as server, ArgumentWatch() as watch:
        server.delay = 0.03
        repository = git.parse(f"git+http://{info}@{server.host}/bare.git@main")
        git.check_out(repository, tmp_path / "out", environment=environment(home))
    assert watch.met("remote-http")
    assert watch.met(TOKEN) == []
    assert [path.name for path in home.iterdir()] == [".gitconfig"]


def test_a_port_is_no_address_of_scp() -> None:
    assert git.parse("git+ssh://git@example.org:2222/r.git").url == "ssh://git@example.org:2222/r.git"


@pytest.mark.parametrize("reference", ["--upload-pack=touch MARK", "-x"])
def test_a_reference_is_no_option(reference: str, bare: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no branch, tag or commit"):
        git.check_out(Repository(bare.as_uri(), reference), tmp_path / "out", environment=environment(tmp_path))


@pytest.mark.parametrize("which", ["tag", "branch", "full", "short"])
def test_a_build_sees_the_tags_that_lead_to_the_commit(which: str, work: Path, bare: Path, tmp_path: Path) -> None:
    run(work, "tag", "v1.2.3")
    run(work, "tag", "-a", "release", "-m", "release", "HEAD~1")
    run(work, "checkout", "-q", "--orphan", "elsewhere")
    run(work, "commit", "-qm", "elsewhere")
    run(work, "tag", "v9")
    run(work, "push", "-q", "--tags", str(bare))
    commit = run(work, "rev-parse", "v1.2.3")
    reference = {"tag": "v1.2.3", "branch": "main", "full": commit, "short": commit[:9]}[which]
    out = tmp_path / "out"
    found = git.check_out(Repository(bare.as_uri(), reference), out, environment=environment(tmp_path))
    first = run(work, "rev-parse", "main~1")
    assert found.commit == commit
    assert found.tags[0] == f"v1.2.3={commit}"
    assert sorted(found.tags[1:]) == [f"annotated^{{}}={first}", f"light={first}", f"release^{{}}={first}"]
    assert run(out, "describe", "--tags", "--long") == f"v1.2.3-0-g{commit[:7]}"
    assert run(out, "describe", "--long", "--match", "rel*") == f"release-1-g{commit[:7]}"
    assert run(out, "rev-list", "--count", "HEAD") == "2"
    assert run(out, "status", "--porcelain") == ""
    assert run(out, "tag").split() == ["annotated", "light", "release", "v1.2.3"]


def test_a_token_does_not_follow_a_redirect(tmp_path: Path) -> None:
    seen: list[str | None] = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_error(404)

        def log_message(self, *_arguments: object) -> None:
            pass

    class First(Other):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", f"http://127.0.0.1:{other.server_port}{self.path}")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as other, ThreadingHTTPServer(("127.0.0.1", 0), First) as first:
        for server in (other, first):
            Thread(target=server.serve_forever, daemon=True).start()
        repository = git.parse(f"git+http://user:{TOKEN}@127.0.0.1:{first.server_port}/r.git@main")
        with pytest.raises(NetworkError) as caught:
            git.check_out(repository, tmp_path / "out", environment=environment(tmp_path))
        for server in (other, first):
            server.shutdown()
    assert seen == []
    assert TOKEN not in str(caught.value)
    assert "write that address" in str(caught.value)
