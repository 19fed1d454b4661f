"""A replay that is killed at any moment is completed by the next one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cortexlock.lockfile.text import dumps
from cortexlock.model.lockfile import PreInstalled
from cortexlock.replay.prefix.receipt import read_receipt
from cortexlock.replay.verify import verify_prefix
from tests.support.full_project import command, install_arguments, run, write_lockfile
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case
from tests.support.wheels import make_sdist, make_wheel

# Ends itself, without any chance to clean up, as soon as it tells of the given thing.
_KILLED = """
import os, signal, sys
from pathlib import Path
from cortexlock.cli.replay_words import words
from cortexlock.lockfile.files import read
from cortexlock.model.project import Configuration, Project
from cortexlock.replay.install import install
from cortexlock.model.replay import InstallOptions

project, prefix, cache, index_url, text = sys.argv[1:]

def on_event(event):
    if text in words(event.fact):
        os.kill(os.getpid(), signal.SIGKILL)

lockfile = read(Path(project, "cortexlock.cpu.yaml"), name="cortexlock.cpu.yaml")
environment = {"PATH": os.environ["PATH"]}
options = InstallOptions(prefix=Path(prefix), cache=Path(cache), environment=environment, index_url=index_url)
install(Project(Path(project), Configuration(), ()), lockfile, options, on_event=on_event)
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path) -> Case:
    case = make_case(tmp_path, index_url=index_server.simple_url)
    case.pre_install(make_wheel(wheelhouse, "changed", "1.0"))
    case.pre_installed.append(PreInstalled("pip", "changed", "1.0"))
    case.script = "echo run >> runs\n"
    case.add(make_wheel(wheelhouse, "changed", "2.0"), instead_of="1.0")
    case.add(make_sdist(wheelhouse, "built", "1.0"))
    return case


@pytest.mark.parametrize(
    "moment",
    [
        "checking project",
        "fetching",
        "building built",
        "installing 2",
        "installed 2",
        "comparing the prefix",
        "is as locked",
    ],
)
def test_the_next_replay_completes_it(case: Case, moment: str, tmp_path: Path) -> None:
    """And leaves the receipt that one leaves which was not killed, and what `verify` finds to be as locked."""
    assert case.index_url is not None
    untouched = shutil.copytree(case.prefix, tmp_path / "untouched", symlinks=True)
    (case.directory / "cortexlock.cpu.yaml").write_text(dumps(case.lockfile))
    arguments = [str(case.directory), str(case.prefix), str(case.cache), case.index_url, moment]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    receipt = case.install()
    assert receipt.state == "completed"
    assert read_receipt(case.prefix) == receipt
    assert installed(case.prefix) == {"built": "1.0", "changed": "2.0"}
    assert (case.directory / "runs").read_text() == "run\n"
    case.install()
    assert case.said("nothing to do")
    assert case.done is not None
    assert verify_prefix(case.lockfile, case.prefix, {}) == case.done.comparison
    shutil.rmtree(case.prefix)
    shutil.copytree(untouched, case.prefix, symlinks=True)
    assert case.install() == receipt


def test_a_script_does_not_outlive_the_replay(case: Case) -> None:
    """Nor what it has started in its session; what has left that, and what a script leaves that has ended, does."""
    case.script = (
        "echo begin >> runs\nsleep 600 &\necho $! >> left\ntouch begun\nwhile ! test -e gate; do sleep 0.1; done\n"
        "echo end >> runs\n"
    )
    write_lockfile(case)
    with subprocess.Popen(command(*install_arguments(case)), stderr=subprocess.DEVNULL) as killed:
        while not (case.directory / "begun").exists():
            assert killed.poll() is None
            time.sleep(0.05)
        killed.kill()
    first = int((case.directory / "left").read_text())
    until = time.monotonic() + 60
    while _is_running(first):
        assert time.monotonic() < until
        time.sleep(0.05)
    (case.directory / "gate").touch()
    assert run(*install_arguments(case)).returncode == 0
    assert (case.directory / "runs").read_text().split() == ["begin", "begin", "end"]
    last = int((case.directory / "left").read_text().split()[-1])
    assert _is_running(last)
    os.kill(last, signal.SIGKILL)


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for has ended, too."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
