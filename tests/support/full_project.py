"""A project with something of everything that a replay knows, and `cortexlock` as a program of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cortexlock.errors import CortexlockError
from cortexlock.inputs.trees import tree_hash
from cortexlock.lockfile.text import dumps
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import BuildRequirement, CondaPackage, FromArchive, FromGit, PipPackage
from cortexlock.model.predictor import CondaRecord
from cortexlock.replay.install import plan
from cortexlock.replay.verify import verify_prefix
from tests.support.conda_packages import Package, archive, locked, write_channel
from tests.support.image import write_conda_records
from tests.support.replay import Case, make_case
from tests.support.replay import locked as locked_file
from tests.support.wheels import make_sdist, make_tree, make_wheel

LOCKFILE = "cortexlock.cpu.yaml"
SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
LOCKED = {"archived": "1.0", "built": "1.0", "changed": "2.0", "fromgit": "1.0", "tree": "0.1", "wheel": "1.0"}
"""What the prefix has after a replay."""


def make_full_case(root: Path, wheelhouse: Path, index_url: str, *, python: Path | str = sys.executable) -> Case:
    """Make a project with a script, conda packages, wheels, an sdist, a local archive, a local tree and a repository.

    Its lockfile is written.

    Args:
        root: Where project, prefix, cache and repository go.
        wheelhouse: What the index serves.
        index_url: The index.
        python: The interpreter of the prefix.
    """
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    version = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    case = make_case(root, index_url=index_url, python=python, version=version)
    site = f"lib/python{version.rpartition('.')[0]}/site-packages"
    (case.directory / "conda-packages.txt").write_text("libdemo\npydemo\n")
    write_conda_records(case.prefix, [CondaRecord("python", version)])
    case.script = "echo run >> runs\n"
    packages = [
        Package("libdemo", files={"lib/libdemo.so": "binary" * 1000, "share/demo.txt": "text"}, suffix=".conda"),
        Package("pydemo", files={f"{site}/pydemo.py": "x = 1\n"}),
    ]
    write_channel(case.directory / "channel", packages)
    case.conda += [locked(package, archive(package)) for package in packages]
    case.conda.append(CondaPackage("python", version, action="keep"))
    case.pre_install(make_wheel(wheelhouse, "changed", "1.0"))
    case.pre_installed += [PreInstalled("conda", "python", version), PreInstalled("pip", "changed", "1.0")]
    case.add(make_wheel(wheelhouse, "changed", "2.0"), instead_of="1.0")
    case.add(make_wheel(wheelhouse, "wheel", "1.0", modules={"wheel_a.py": "a = 1\n", "wheel_b.py": "b = 1\n"}))
    case.add(make_sdist(wheelhouse, "built", "1.0"))
    tool = locked_file(make_wheel(wheelhouse, "tool", "1.0"))
    case.build_requirements.append(BuildRequirement(tool, ("built",)))
    make_tree(case.directory / "tree", "tree", "0.1")
    case.add_tree("tree", "tree", "0.1")
    archived = locked_file(make_wheel(case.directory, "archived", "1.0"))
    case.packages.append(replace(archived, source=FromArchive(archived.file)))
    case.packages.append(repository(root / "repository"))
    write_lockfile(case)
    return case


def keep_builds(case: Case) -> None:
    """Build what is built, once, for tests that are about something else: the wheels are in the case's cache."""
    root = case.directory.parent
    copy = root.with_name("building")
    shutil.copytree(root, copy, symlinks=True)
    there = replace(case, directory=copy / "project", prefix=copy / "prefix", cache=copy / "cache")
    done = run(*install_arguments(there))
    assert done.returncode == 0, done.stderr
    shutil.copytree(there.cache / "built", case.cache / "built")
    shutil.rmtree(copy)


def write_lockfile(case: Case) -> Path:
    """Write the case's lockfile into its project."""
    path = case.directory / LOCKFILE
    path.write_text(dumps(case.lockfile), encoding="utf-8")
    return path


def command(*arguments: str | Path) -> list[str]:
    """Return a command line of `cortexlock`."""
    return [sys.executable, "-m", "cortexlock", *map(str, arguments)]


def run(
    *arguments: str | Path, env: Mapping[str, str] | None = None, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `cortexlock` to its end.

    Args:
        arguments: Its command line.
        env: Variables beside those of this process.
        before: A command that runs it.
    """
    variables = {**os.environ, **(env or {})}
    return subprocess.run(
        [*before, *command(*arguments)], check=False, capture_output=True, text=True, env=variables, timeout=120
    )


def verified(case: Case) -> int:
    """Return what `verify` ends with; what is as locked for it leaves `install` nothing to do, and only that."""
    differs = verify_prefix(case.lockfile, case.prefix, {}).differs
    try:
        is_done = plan(case.project, case.lockfile, case.options()).is_done
    except CortexlockError:  # the project is not what was locked any more
        return int(differs)
    assert is_done is not differs
    return int(differs)


def install_arguments(case: Case, *more: str | Path) -> list[str | Path]:
    """Return the arguments of an installation of a case."""
    index = ["--index-url", case.index_url] if case.index_url else []
    return ["install", case.directory, "--prefix", case.prefix, "--cache-dir", case.cache, *index, *more]


def repository(directory: Path) -> PipPackage:
    """Make a repository of what is in a directory and of the project `fromgit`; return it as locked."""
    shutil.rmtree(directory / ".git", ignore_errors=True)
    make_tree(directory, "fromgit", "1.0")
    people = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", **people}

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["/usr/bin/env", "git", *arguments], cwd=directory, env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("add", "-f", ".")
    git("commit", "-qm", "one")
    sha256 = tree_hash(directory, checkout=True)
    return PipPackage("fromgit", "1.0", sha256=sha256, source=FromGit(directory.as_uri(), git("rev-parse", "HEAD")))
