"""A machine without the target's Python: a lock makes one from the project's channels, and the next one uses it."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile, PipStep
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.conda_python import python_package
from tests.support.index_server import IndexServer
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.slow

PROGRAM = Path(sysconfig.get_path("scripts")) / "cortexlock"
MAKING = "making a Python 3.6 from ./channel"
DYNAMIC = "['needed'] if sys.version_info[:2] == (3, 6) else ['wrong']"


@pytest.fixture
def project(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Path:
    """A project that asks for an sdist whose requirements only a build under the target's Python tells."""
    directory = tmp_path / "project"
    directory.mkdir()
    make_sdist(wheelhouse, "added", "2.0", dynamic=f"({DYNAMIC})")
    for name in ("needed", "wrong"):
        make_wheel(wheelhouse, name, "1.0")
    (directory / "requirements.txt").write_text("added\n", encoding="utf-8")
    (directory / "cortexlock.yaml").write_text(
        "predictor: python\ncortex-version: 0.18.0\nplatforms: [cpu, cuda]\nchannels: [./channel]\n"
        f"index-url: {index_server.simple_url}\n",
        encoding="utf-8",
    )
    return directory


def _lock(project: Path, *, code: int = 0) -> tuple[str, str]:
    """Lock where neither PATH nor HOME has a Python 3.6; return what is said, and progress with it."""
    home, tools = project.parent / "home", project.parent / "tools"
    for directory in (home, tools):
        directory.mkdir(exist_ok=True)
    for name in ("sh", "git"):
        found = shutil.which(name)
        if found and not (tools / name).exists():
            (tools / name).symlink_to(found)
    done = subprocess.run(
        [PROGRAM, "lock", project, "--cache-dir", project.parent / "cache", "--verbose"],
        env={"PATH": str(tools), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


def _read(project: Path) -> Lockfile:
    return files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")


@pytest.mark.interpreter
def test_a_lock_makes_the_interpreter_and_the_next_one_uses_it(project: Path, tmp_path: Path, python36: Path) -> None:
    (tmp_path / "scratch").mkdir()
    python = python_package(python36, tmp_path / "scratch")
    conda_packages.write_channel(project / "channel", [python])
    said = "".join(_lock(project))
    assert said.count(MAKING) == 1, said  # one for both platforms
    lockfile = _read(project)
    pip = lockfile.step("pip")
    assert isinstance(pip, PipStep)
    assert [package.name for package in pip.packages] == ["added", "needed"]
    assert lockfile.channels == ()

    shutil.rmtree(project / "channel")
    (project / "cortexlock.cpu.yaml").unlink()
    said = "".join(_lock(project))
    assert MAKING not in said
    assert _read(project) == lockfile


def test_channels_without_python_say_so(project: Path) -> None:
    conda_packages.write_channel(project / "channel", [Package("tool")])
    _, errors = _lock(project, code=2)
    assert "no Python 3.6 on this machine" in errors
    assert "there is none from ./channel either (no python 3.6 that can be installed here)" in errors
    assert "--python" in errors
