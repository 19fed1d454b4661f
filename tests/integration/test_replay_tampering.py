"""One byte of anything is changed: it is found where it lies, and nothing of it is installed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from cortexlock.replay.prefix.process_lock import LOCK_NAME
from tests.support.full_project import (
    LOCKED,
    LOCKFILE,
    SITE,
    install_arguments,
    keep_builds,
    run,
    verified,
    write_lockfile,
)
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, tree_of
from tests.support.template import Template
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow


@pytest.fixture
def wheelhouse(template: Template) -> Path:
    return template.wheelhouse


@pytest.fixture
def index_server(template: Template) -> IndexServer:
    return template.server


@pytest.fixture
def case(template: Template) -> Case:
    """Return a project whose files are all in the cache."""
    return template.case(_fetch)


def _fetch(case: Case) -> None:
    done = run("fetch", case.directory, "--output", case.cache, "--index-url", str(case.index_url))
    assert done.returncode == 0, done.stderr
    keep_builds(case)


def _forget_builds(case: Case) -> None:
    """Let what is built be built: for tests of what it is built of."""
    shutil.rmtree(case.cache / "built")


def _flip(path: Path, *, at: int | None = None) -> None:
    """Change one byte of a file, in its middle by default."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(content))


def _same(case: Case, done: subprocess.CompletedProcess[str]) -> None:
    """Check that `verify` ends as the installation before it, and says of the prefix what that said."""
    found = run("verify", case.directory, "--prefix", case.prefix)
    assert found.returncode == done.returncode, found.stderr
    said = [line for line in found.stdout.splitlines() if line.startswith("  ")]
    assert set(said) <= set(done.stdout.splitlines()), (said, done.stdout)


def _touched(case: Case) -> dict[str, bytes]:
    return {name: content for name, content in tree_of(case.prefix).items() if name != LOCK_NAME}


def _refused(case: Case, code: int, *what: str, offline: bool = True) -> None:
    before = _touched(case)
    done = run(*install_arguments(case, *(["--offline"] if offline else [])))
    assert done.returncode == code, done.stderr
    for text in what:
        assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert _touched(case) == before
    assert not (case.directory / "runs").exists()
    assert verified(case) == 1


@pytest.mark.parametrize("name", ["wheel-1.0-py3-none-any.whl", "built-1.0.tar.gz", "tool-1.0-py3-none-any.whl"])
def test_a_cached_file(case: Case, index_server: IndexServer, name: str) -> None:
    _forget_builds(case)
    _flip(next(case.cache.rglob(name)))
    _refused(case, 6, name, "its sha256 is")
    asked = len(index_server.asked_for(name))
    _flip_again = next(iter(case.cache.rglob(name)), None)
    assert _flip_again is None  # the bad entry was thrown away
    done = run(*install_arguments(case))
    assert done.returncode == 0, done.stderr
    assert installed(case.prefix) == LOCKED
    assert len(index_server.asked_for(name)) == asked + 1
    _same(case, done)


@pytest.mark.parametrize("name", ["libdemo-1.0-0.conda", "pydemo-1.0-0.tar.bz2"])
def test_a_cached_conda_archive(case: Case, name: str) -> None:
    _flip(next(case.cache.rglob(name)))
    (case.directory / "channel" / "linux-64" / name).unlink()
    _refused(case, 6, name, "the file that is there is not as locked: its sha256 is")


def test_a_cached_file_that_lies_on_this_machine_too_is_replaced(case: Case) -> None:
    _flip(next(case.cache.rglob("libdemo-1.0-0.conda")))
    done = run(*install_arguments(case, "--offline"))
    assert done.returncode == 0, done.stderr
    assert "note: libdemo 1.0 (libdemo-1.0-0.conda): the cached file was not as locked" in done.stdout
    _same(case, done)


@pytest.mark.parametrize("at", [b"1.0", b"sha256", b"content-hash: "])
def test_the_lockfile(case: Case, at: bytes) -> None:
    lockfile = case.directory / LOCKFILE
    _flip(lockfile, at=lockfile.read_bytes().index(at) + len(at) - 1)
    before = _touched(case)
    done = run(*install_arguments(case))
    assert done.returncode in {3, 6}, done.stderr
    assert LOCKFILE in done.stderr
    assert _touched(case) == before
    found = run("verify", case.directory, "--prefix", case.prefix)
    assert (found.returncode, found.stderr) == (done.returncode, done.stderr)


def test_the_script(case: Case) -> None:
    _flip(case.directory / "script.sh", at=0)
    _refused(case, 1, "the lockfile is stale", "script.sh")


def test_the_local_tree(case: Case) -> None:
    _flip(case.directory / "tree" / "tree.py")
    _refused(case, 1, "tree")


def test_a_local_archive(case: Case) -> None:
    """The locked bytes are used where the cache has them, the others nowhere."""
    name = "archived-1.0-py3-none-any.whl"
    _flip(case.directory / name)
    entry = next(case.cache.rglob(name))
    content = entry.read_bytes()
    entry.unlink()
    _refused(case, 6, name, "has other bytes than those that were locked")
    entry.write_bytes(content)
    done = run(*install_arguments(case, "--offline"))
    assert done.returncode == 0
    _same(case, done)


def test_a_file_of_a_cached_checkout(case: Case) -> None:
    _forget_builds(case)
    root = case.directory.parent
    (root / "repository").rename(root / "gone")
    _flip(next(case.cache.glob("git/*/fromgit.py")))
    done = run(*install_arguments(case))  # of a checkout the objects alone count
    assert done.returncode == 0, done.stderr
    _same(case, done)


def test_a_git_object_of_a_cached_checkout(case: Case) -> None:
    root = case.directory.parent
    (root / "repository").rename(root / "gone")
    checkout = next(case.cache.glob("git/*"))
    objects = [path for path in checkout.glob(".git/objects/**/*") if path.is_file() and path.suffix in {"", ".pack"}]
    _flip(max(objects, key=lambda path: path.stat().st_size))
    _refused(case, 6, "fromgit 1.0: the checkout that is there is not the commit that was locked")


def test_an_installed_file(case: Case) -> None:
    assert run(*install_arguments(case)).returncode == 0
    _flip(case.prefix / SITE / "wheel_a.py")
    done = run("verify", case.directory, "--prefix", case.prefix)
    assert done.returncode == 1
    assert "pip wheel: wheel_a.py differs" in done.stdout
    done = run(*install_arguments(case, "--offline"))
    assert done.returncode == 0, done.stderr
    assert (case.prefix / SITE / "wheel_a.py").read_text() == "a = 1\n"
    _same(case, done)


def test_an_installed_file_of_conda(case: Case) -> None:
    assert run(*install_arguments(case)).returncode == 0
    _flip(case.prefix / "lib" / "libdemo.so")
    done = run("verify", case.directory, "--prefix", case.prefix)
    assert done.returncode == 1
    assert "conda libdemo: lib/libdemo.so was changed" in done.stdout
    done = run(*install_arguments(case, "--offline"))
    assert done.returncode == 0, done.stderr
    _same(case, done)


def test_a_wheel_that_was_built(case: Case, tmp_path: Path) -> None:
    """It is built anew."""
    assert run(*install_arguments(case)).returncode == 0
    built = next(case.cache.glob("built/*/built-1.0-*.whl"))
    _flip(built)
    (case.prefix / SITE / "built.py").unlink()
    done = run(*install_arguments(case))
    assert done.returncode == 0
    _same(case, done)


_ALTERED = (
    "built-1.0.tar.gz",
    "tool-1.0-py3-none-any.whl",
    "wheel-1.0-py3-none-any.whl",
    "libdemo-1.0-0.conda",
)


@pytest.mark.parametrize("name", [*_ALTERED, "*.pack"])
def test_what_the_script_alters_in_the_cache_is_not_installed(case: Case, name: str) -> None:
    _forget_builds(case)
    altered = next(case.cache.rglob(name))
    case.script = f"chmod u+w {altered}\necho evil > {altered}\n"
    write_lockfile(case)
    done = run(*install_arguments(case))
    assert done.returncode == 6, done.stderr
    assert "was changed after it was verified" in done.stderr
    assert "Traceback" not in done.stderr
    found = run("verify", case.directory, "--prefix", case.prefix)
    assert found.returncode == 1
    assert "half-way" in found.stdout


def test_a_built_wheel_in_a_bundle_is_not_taken(case: Case, tmp_path: Path) -> None:
    assert run(*install_arguments(case)).returncode == 0
    honest = next(case.cache.glob("built/*/built-1.0-*.whl"))
    bundle = tmp_path / "bundle"
    assert run("fetch", case.directory, "--output", bundle, "--index-url", str(case.index_url)).returncode == 0
    forged = make_wheel(bundle / "built" / honest.parent.name, "built", "1.0", modules={"built.py": "evil"})
    forged.with_suffix(".sha256").write_text(hashlib.sha256(forged.read_bytes()).hexdigest())
    (case.prefix / SITE / "built.py").unlink()
    case.cache = tmp_path / "other"
    done = run(*install_arguments(case, "--offline", "--from", bundle))
    assert done.returncode == 0, done.stderr
    assert "evil" not in (case.prefix / SITE / "built.py").read_text()
    _same(case, done)
