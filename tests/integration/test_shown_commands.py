"""The commands that the documentation shows, page by page: each is run here, or it is said why not.

Those of the tutorial, and what it says of them, are in `test_tutorial`, which needs the package index.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.predictors.snapshot_script import snapshot_script
from tests.support.environments import make_venv
from tests.support.index_server import IndexServer
from tests.support.locking import lock
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "conda install ": "of a real conda, by export_tools",
    "cortexlock export FORMAT ": "is no command, but how one looks",
    "cortexlock install --platform cuda": "of a machine with an NVIDIA driver",
    "cortexlock predictors capture layout ": "of an OCI layout, by test_predictors_capture",
    "docker ": "of Docker; the files that it gets are tested by test_export and export_tools",
    "pip install ": "of a package index, or by export_tools",
    "python3 -m venv .venv && .venv/bin/pip install ": "of a clone and the package index",
    "sh ": "by test_export, in each shell that there is",
    "skopeo ": "of a registry",
    "uv pip sync ": "by export_tools",
}
"""Beginnings of what is not run here, and whose business it is."""

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if "```console" in path.read_text(encoding="utf-8") and path.name != "tutorial.md"
)
OF_CORTEX = "- name: iris\n  predictor: {type: python, path: predictor.py}\n"


def _shown(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page with the output that is shown below it, empty where none is."""
    for block in re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = each.partition("\n")
            yield command, output.rstrip("\n")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the project that all pages begin with is kept once it is made."""
    return tmp_path_factory.mktemp("kept") / "project"


@pytest.fixture
def project(kept: Path, tmp_path: Path, index_server: IndexServer, monkeypatch: pytest.MonkeyPatch, page: str) -> Path:
    """Return a locked project on top of an environment, in a clone, with two more below `apis`."""
    make_wheel(index_server.directory, "demo", "1.0")
    monkeypatch.setenv("CORTEXLOCK_INDEX_URL", index_server.simple_url)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("VIRTUAL_ENV", str(make_venv(tmp_path / "venv")))
    directory = tmp_path / "project"
    if not kept.exists():
        _make(directory, tmp_path / "venv", index_server.simple_url)
        shutil.copytree(directory, kept, symlinks=True)
    else:
        shutil.copytree(kept, directory, symlinks=True)
    if page.startswith("docs/export/co"):  # with conda packages and a script
        shutil.copytree(ROOT / "examples" / "conda-channel", directory, dirs_exist_ok=True)
    elif page in {"docs/jobs/cortex.md", "docs/jobs/cuda.md"}:
        (directory / "cortex.yaml").write_text(OF_CORTEX)
        (directory / "cortexlock.yaml").unlink()
        (directory / "image.yaml").unlink()
        (directory / "cortexlock.cpu.yaml").unlink()
    if page == "docs/jobs/cuda.md":
        (directory / "cortexlock.yaml").write_text("cortex-version: 0.35.0\nplatforms: [cpu, cuda]\n")
    elif page == "docs/predictors.md":
        (directory / "cortexlock.yaml").unlink()
        (directory / "image.json").write_text(_snapshot())
    monkeypatch.chdir(directory)
    return directory


def _make(directory: Path, environment: Path, index_url: str) -> None:
    (directory / "apis").mkdir(parents=True)
    assert _end("init", directory, "--capture", environment) == 0
    settings = directory / "cortexlock.yaml"
    before = settings.read_text()
    settings.write_text(f"{before}index-url: {index_url}\n")
    (directory / "requirements.txt").write_text("demo\n")
    lock(directory)
    settings.write_text(before)
    for name in ("iris", "sentiment"):
        shutil.copytree(directory, directory / "apis" / name, ignore=shutil.ignore_patterns("apis"))
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run(["/usr/bin/env", "git", *identity, *arguments], cwd=directory, check=True)
    branch = ["update-ref", "refs/remotes/origin/main", "HEAD"]
    subprocess.run(["/usr/bin/env", "git", *branch], cwd=directory, check=True)


def _snapshot() -> str:
    """Return what the script that describes a running image prints here."""
    command = [sys.executable, "-I", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=snapshot_script()).stdout


def _end(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


def _run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command in the current directory, as a shell does; return what it prints."""
    if not command.startswith("cortexlock "):
        done = subprocess.run(["/usr/bin/env", "bash", "-c", command], check=True, capture_output=True, text=True)
        return done.stdout
    line, _, target = command.partition(" > ")
    words = [found for word in shlex.split(line, comments=True)[1:] for found in _globbed(word)]
    capsys.readouterr()
    code = _end(*words)
    printed = capsys.readouterr()
    assert code == 0, f"{command}\n{printed.out}{printed.err}"
    if target:
        Path(target).write_text(printed.out, encoding="utf-8")
        return ""
    return printed.out


def _globbed(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


@pytest.mark.skipif(os.name != "posix", reason="they are commands of a POSIX shell")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_do_what_is_shown(project: Path, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command, output in _shown(page):
        if not any(command.startswith(beginning) for beginning in ELSEWHERE):
            printed = _run(command, capsys)
            assert not output or printed.split() == output.split(), command


def test_what_is_run_elsewhere_is_shown() -> None:
    commands = [command for page in PAGES for command, _ in _shown(page)]
    assert [each for each in ELSEWHERE if not any(command.startswith(each) for command in commands)] == []
    assert len([each for each in commands if not each.startswith(tuple(ELSEWHERE))]) > 20
