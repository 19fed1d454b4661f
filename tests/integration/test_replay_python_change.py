"""conda changes Python: what pip had is gone, the core packages come anew, and a second replay has nothing to do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import archive, install
from cortexlock.conda.install import LinkPlace
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled
from cortexlock.model.package import Replaced
from cortexlock.replay.install import install as replay
from cortexlock.replay.prefix.receipt import Receipt
from tests.support import conda_packages
from tests.support.conda_python import python_package
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.interpreters import find_python
from tests.support.replay import Case, locked
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.interpreter


@pytest.fixture
def python37(python36: Path) -> Path:
    """Return a Python 3.7, beside the 3.6 under pyenv or on PATH."""
    found = find_python("3.7", env={"PYENV_ROOT": str(python36.parents[3]), "PATH": os.environ["PATH"]})
    if found is None:
        pytest.skip("no Python 3.7 on this machine")
    return found


def _run(case: Case, lockfile: Lockfile) -> Receipt:
    case.events.clear()
    return replay(case.project, lockfile, case.options(), on_event=case.events.append).receipt


def test_python_is_changed_by_conda(
    tmp_path: Path, index_server: IndexServer, wheelhouse: Path, python36: Path, python37: Path
) -> None:
    directories = [tmp_path / name for name in ("project", "prefix", "work", "scratch36", "scratch37")]
    for directory in directories:
        directory.mkdir()
    project, prefix, work, scratch36, scratch37 = directories
    old, old_archive = conda_packages.write(tmp_path / "archives", python_package(python36, scratch36))
    archive.verify(old_archive, old)
    install.link([(old, old_archive)], LinkPlace(prefix, work, os.environ))

    case = Case(project, prefix, tmp_path / "cache", index_server.simple_url)
    case.pre_install(make_wheel(wheelhouse, "core-package", "1.0"), make_wheel(wheelhouse, "lost", "1.0"))
    (project / "requirements.txt").write_text("added\n")
    (project / "conda-packages.txt").write_text("python=3.7\n")
    new_package = python_package(python37, scratch37)
    conda_packages.write_channel(project / "channel", [new_package])
    new = conda_packages.locked(new_package, conda_packages.archive(new_package))
    core = replace(locked(make_wheel(wheelhouse, "core-package", "1.0")), action="add")
    code = "import sys\nPYTHON = sys.version_info[:2]\n"
    added = locked(make_sdist(wheelhouse, "added", "2.0", modules={"added.py": code}))
    case.conda.append(new)
    case.packages.append(added)
    case.pre_installed += [
        PreInstalled("conda", "python", old.version),
        PreInstalled("pip", "core-package", "1.0"),
        PreInstalled("pip", "lost", "1.0"),
    ]
    steps = (
        CondaStep("conda-packages.txt", (replace(new, action="change", replaces=(Replaced("conda", old.version),)),)),
        PipStep("core", (core,), step="core"),
        PipStep("requirements.txt", (added,)),
    )
    lockfile = replace(case.lockfile, python=new.version, steps=steps)

    receipt = _run(case, lockfile)
    assert receipt.python == new.version
    assert receipt.steps == ("conda", "core", "pip")
    assert case.run("import added, core_package; print(added.PYTHON)") == "(3, 7)"
    in_new = {path.name for path in (prefix / "lib" / "python3.7" / "site-packages").glob("*.dist-info")}
    assert in_new == {"added-2.0.dist-info", "core_package-1.0.dist-info"}
    assert "lost" not in receipt.installed["pip"]
    assert installed(prefix)["added"] == "2.0"

    _run(case, lockfile)
    assert case.said("nothing to do")
