"""A replay with the prefix's own pip: that of the oldest images, under their Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.model.lockfile import PreInstalled
from tests.support.full_project import install_arguments, run, write_lockfile
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_sdist, make_tree, make_wheel

pytestmark = [pytest.mark.interpreter, pytest.mark.index]

_SITE = "lib/python3.6/site-packages"


_PIP = "pip==19.3.1"


@pytest.fixture(scope="module")
def old_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of the images' pip, from the package index."""
    directory = tmp_path_factory.mktemp("pip")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), _PIP]
    subprocess.run(command, check=True, capture_output=True)
    return next(directory.glob("*.whl"))


@pytest.fixture
def case(tmp_path: Path, wheelhouse: Path, index_server: IndexServer, python36: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url, python=python36, version="3.6.9")
    case.pre_install(make_wheel(wheelhouse, "changed", "1.0", modules={"changed.py": "", "changed_old.py": ""}))
    case.pre_installed.append(PreInstalled("pip", "changed", "1.0"))
    new = make_wheel(wheelhouse, "changed", "2.0", tag="cp36-cp36m-manylinux_2_17_x86_64.manylinux2014_x86_64")
    case.add(new, instead_of="1.0")
    case.add(make_wheel(wheelhouse, "added", "1.0", entry_points={"added": "added:main"}))
    case.add(make_sdist(wheelhouse, "built", "1.0"))
    make_tree(case.directory / "tree", "tree", "0.1")
    case.add_tree("tree", "tree", "0.1")
    write_lockfile(case)
    return case


def test_without_pip_it_is_refused(case: Case) -> None:
    done = run(*install_arguments(case, "--installer", "pip"))
    assert done.returncode == 2
    assert "the prefix has no pip of its own" in done.stderr
    assert installed(case.prefix) == {"changed": "1.0"}
    subprocess.run([case.prefix / "bin" / "python", "-m", "ensurepip"], check=True, capture_output=True)
    done = run(*install_arguments(case, "--installer", "pip"))
    assert done.returncode == 2
    assert "too old: its version is 18.1" in done.stderr


def test_all_is_installed_and_repaired(case: Case, old_pip: Path) -> None:
    case.pre_install(old_pip)
    arguments = install_arguments(case, "--installer", "pip")
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    locked = {"added": "1.0", "built": "1.0", "changed": "2.0", "tree": "0.1"}
    assert installed(case.prefix).items() >= locked.items()
    assert (case.prefix / _SITE / "added-1.0.dist-info" / "INSTALLER").read_text() == "pip\n"
    assert (case.prefix / "bin" / "added").exists()
    assert not (case.prefix / _SITE / "changed_old.py").exists()
    assert "nothing to do" in run(*arguments).stdout
    (case.prefix / _SITE / "added.py").write_text("damage")
    (case.prefix / _SITE / "tree.py").unlink()
    assert run(*arguments).returncode == 0
    done = run("verify", case.directory, "--prefix", case.prefix)
    assert done.returncode == 0, done.stdout


def test_what_it_says_when_it_fails(case: Case, old_pip: Path) -> None:
    case.pre_install(old_pip)
    (case.prefix / _SITE / "pip" / "__init__.py").write_text(
        "__version__ = '19.3.1'\nraise SystemExit('no pip today')\n"
    )
    done = run(*install_arguments(case, "--installer", "pip"))
    assert done.returncode == 6  # found before anything is touched
    assert "no pip today" in done.stderr
    assert "Traceback" not in done.stderr
