"""Exports carried out by what they are for: the image's pip, conda and sh, with `verify` as the judge."""

from __future__ import annotations

import ensurepip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.full_project import LOCKED, make_full_case, repository, run, write_lockfile
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_tree, make_wheel

_SHELLS = [shell for shell in ("dash", "busybox", "bash", "sh") if shutil.which(shell)]


@pytest.fixture(scope="module")
def pip_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of the images' pip, from the package index."""
    directory = tmp_path_factory.mktemp("pip")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), "pip==19.3.1"]
    subprocess.run(command, check=True, capture_output=True)
    return next(directory.glob("*.whl"))


def _case(root: Path, index_server: IndexServer, python: Path | str, version: str) -> Case:
    wheelhouse = index_server.directory
    case = make_case(root, index_url=index_server.simple_url, python=python, version=version)
    case.script = "echo run >> runs\n"
    case.add(make_wheel(wheelhouse, "demo", "1.0"))
    make_tree(case.directory / "tree", "tree", "0.1")
    for name in (" blanks ", "-dash", "back\\slash", "`a` $HOME \"b\" 'c'", "@STEPS@", "[x]*?", "ü"):
        (case.directory / "tree" / name).write_text("odd\n", encoding="utf-8")
    case.add_tree("tree", "tree", "0.1")
    case.packages.append(repository(root / "repository"))
    write_lockfile(case)
    return case


def _sh(case: Case, script: Path, *options: str | Path, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    command = ["busybox", "sh"] if shell == "busybox" else [shell]
    environment = {**os.environ, "PIP_INDEX_URL": str(case.index_url), "PIP_NO_CACHE_DIR": "1"}
    arguments = ["--project", str(case.directory), "--prefix", str(case.prefix), *map(str, options)]
    return subprocess.run(
        [*command, str(script), *arguments], check=False, capture_output=True, text=True, env=environment, timeout=120
    )


def _pip_into(case: Case) -> None:
    """Install the pip that the interpreter brings along; `ensurepip` takes seconds to compile it."""
    case.pre_install(*Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    assert "pip" in installed(case.prefix)


@pytest.fixture
def old_case(tmp_path: Path, index_server: IndexServer, python36: Path, pip_wheel: Path) -> Case:
    """Return a case in an environment as old as the images', with the images' pip."""
    case = _case(tmp_path, index_server, python36, "3.6.9")
    case.packages = [each for each in case.packages if each.file]  # the backend of the others is newer than that pip
    write_lockfile(case)
    case.pre_install(pip_wheel)
    return case


@pytest.mark.interpreter
@pytest.mark.index
@pytest.mark.parametrize("shell", _SHELLS)
def test_a_script_does_what_install_does(old_case: Case, tmp_path: Path, shell: str) -> None:
    case = old_case
    script = tmp_path / "replay.sh"
    done = run("export", "script", case.directory, "-o", script)
    assert done.returncode == 0, done.stderr
    done = _sh(case, script, shell=shell)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as locked" in done.stdout
    assert installed(case.prefix).items() >= {"demo": "1.0"}.items()
    verified = run("verify", case.directory, "--prefix", case.prefix)
    assert verified.returncode == 0, verified.stdout
    subprocess.run(
        [case.prefix / "bin" / "python", "-m", "pip", "uninstall", "-qy", "demo"], check=True, capture_output=True
    )
    checked = _sh(case, script, "--check", shell=shell)
    assert checked.returncode == 1
    assert "demo 1.0 is locked and not there" in checked.stderr


def test_a_changed_byte_is_found_before_anything_is_touched(tmp_path: Path, index_server: IndexServer) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    case = _case(tmp_path, index_server, sys.executable, version)
    script, bundle = tmp_path / "replay.sh", tmp_path / "bundle"
    index = ["--index-url", str(case.index_url)]
    assert run("fetch", case.directory, "-o", bundle, "--cache-dir", case.cache, *index).returncode == 0
    assert run("export", "script", case.directory, "--from", bundle, "-o", script).returncode == 0
    (wheel,) = bundle.rglob("demo-*.whl")
    (pack,) = bundle.rglob("pack-*.pack")
    pack.chmod(0o644)
    for changed in (wheel, pack, case.directory / "cortexlock.cpu.yaml", case.directory / "script.sh"):
        before = changed.read_bytes()
        changed.write_bytes(before + b"\n")
        done = _sh(case, script, "--from", bundle)
        assert done.returncode == 6, done.stdout + done.stderr
        assert (changed.name if changed != pack else "the locked commit of fromgit") in done.stderr
        assert not (case.directory / "runs").exists()
        changed.write_bytes(before)
    for name in ("tree.py", " blanks ", "back\\slash"):
        before = (case.directory / "tree" / name).read_bytes()
        (case.directory / "tree" / name).write_bytes(b"other = 1\n")
        done = _sh(case, script, "--from", bundle)
        assert (done.returncode, f"tree/{name} has other bytes" in done.stderr) == (6, True)
        (case.directory / "tree" / name).write_bytes(before)


def test_a_changed_byte_is_found_before_it_is_exported(tmp_path: Path, index_server: IndexServer) -> None:
    case = _case(tmp_path, index_server, sys.executable, ".".join(map(str, sys.version_info[:3])))
    for name, code in (("script.sh", 1), ("cortexlock.cpu.yaml", 6), ("tree/tree.py", 1)):
        changed = case.directory / name
        before = changed.read_bytes()
        changed.write_bytes(before.replace(b"2.27", b"2.28", 1) if name.endswith(".yaml") else before + b"\n")
        for wanted in ("cortex", "script"):
            done = run("export", wanted, case.directory, "-o", tmp_path / "exported")
            assert (done.returncode, name.partition("/")[0] in done.stderr) == (code, True), done.stderr
            assert not (tmp_path / "exported").exists()
        changed.write_bytes(before)
    (case.directory / "tree" / "line\nbreak").write_text("")
    case.packages = [each for each in case.packages if each.name != "tree"]
    case.add_tree("tree", "tree", "0.1")
    write_lockfile(case)
    done = run("export", "script", case.directory, "-o", tmp_path / "exported")
    assert (done.returncode, "a line break" in done.stderr) == (2, True)
    assert run("export", "cortex", case.directory, "-o", tmp_path / "exported").returncode == 0


def test_a_bundle_needs_no_network(tmp_path: Path, index_server: IndexServer) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    case = _case(tmp_path, index_server, sys.executable, version)
    _pip_into(case)
    bundle = tmp_path / "a bundle"
    index = ["--index-url", str(case.index_url)]
    done = run("fetch", case.directory, "-o", bundle, "--cache-dir", case.cache, "--export", "script", *index)
    assert done.returncode == 0, done.stderr
    case.index_url = "http://127.0.0.1:9/simple/"
    done = _sh(case, bundle / "cortexlock.cpu.sh", "--from", bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (case.directory / "runs").read_text() == "run\n"


def test_what_a_format_cannot_carry_is_said(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    done = run("export", "requirements", case.directory, "-o", "-")
    assert done.returncode == 2
    for text in ("the script script.sh", "conda packages: libdemo, pydemo", "local trees", "fromgit", "--partial"):
        assert text in done.stderr
    done = run("export", "requirements", case.directory, "-o", "-", "--partial")
    assert done.returncode == 0
    assert "wheel==1.0 \\\n    --hash=sha256:" in done.stdout
    assert "fromgit" not in done.stdout
    again = run("export", "requirements", case.directory, "-o", "-", "--partial")
    assert again.stdout == done.stdout


def test_cortex_has_all_that_its_start_up_reads(tmp_path: Path, wheelhouse: Path, index_server: IndexServer) -> None:
    case = make_full_case(tmp_path, wheelhouse, index_server.simple_url)
    deployed = tmp_path / "deployed"
    done = run("export", "cortex", case.directory, "-o", deployed)
    assert done.returncode == 0, done.stderr
    assert (deployed / "script.sh").read_text() == case.script
    conda = (deployed / "conda-packages.txt").read_text().splitlines()
    assert conda[1] == "@EXPLICIT"
    for line in conda[2:]:
        assert (deployed / line.partition("#")[0]).is_file()
    requirements = (deployed / "requirements.txt").read_text()
    for name in LOCKED:
        assert name in requirements
    assert "--hash" not in requirements  # pip would refuse the tree
    for changed in (deployed / "conda-packages.txt", deployed / "requirements.txt", *deployed.glob("tree/*.py")):
        before = changed.read_bytes()
        changed.write_bytes(before + b"\n")
        done = _start_up(deployed)
        assert (done.returncode, changed.name in done.stdout) == (6, True), done.stderr
        changed.write_bytes(before)
    assert _start_up(deployed).returncode == 0
    assert (deployed / "tree" / "setup.py").exists() or (deployed / "tree" / "pyproject.toml").exists()


def _start_up(deployed: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as Cortex's start-up does, but for its own commands."""
    text = (deployed / "dependencies.sh").read_text()
    (deployed / "checked.sh").write_text(text[: text.index("\nEND\n") + 5])
    command = ["/usr/bin/env", "bash", "-e", str(deployed / "checked.sh")]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
