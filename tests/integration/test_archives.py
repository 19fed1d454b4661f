"""Local archives end to end: locked by their path, installed from the project, refused once they are others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environments import make_venv
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.slow


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command line."""
    command = [sys.executable, "-m", "cortexlock", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="replays are for Linux")
def test_archives_of_the_project(tmp_path: Path) -> None:
    project, prefix, cache = (tmp_path / name for name in ("project", "prefix", "cache"))
    make_wheel(project / "vendor", "a-wheel", "1.0", requires=["from-index"])
    make_sdist(project / "vendor", "an-sdist", "2.0")
    (tmp_path / "files").mkdir()
    make_wheel(tmp_path / "files", "from-index", "3.0")
    make_venv(prefix)
    lines = ("a-wheel @ file:vendor/a_wheel-1.0-py3-none-any.whl", f"./vendor/{_sdist(project)}")
    (project / "requirements.txt").write_text("\n".join(lines) + "\n")
    assert (
        run("predictors", "capture", "--platform", "cpu", "-o", str(project / "image.yaml"), str(prefix)).returncode
        == 0
    )
    with IndexServer(tmp_path / "files") as index:
        (project / "cortexlock.yaml").write_text(f"predictor: image.yaml\nindex-url: {index.simple_url}\n")
        locked = run("lock", "--cache-dir", str(cache), str(project))
        assert locked.returncode == 0, locked.stderr
        text = (project / "cortexlock.cpu.yaml").read_text()
        assert "archive: vendor/a_wheel-1.0-py3-none-any.whl" in text
        assert str(tmp_path) not in text
        place = ("--prefix", str(prefix), "--cache-dir", str(tmp_path / "another-cache"), str(project))
        make_wheel(project / "vendor", "a-wheel", "1.0", modules={"a_wheel.py": "evil"})
        refused = run("install", *place)
        assert refused.returncode == 1
        assert "vendor/a_wheel-1.0-py3-none-any.whl has changed since" in refused.stderr.replace(":", "")
        make_wheel(project / "vendor", "a-wheel", "1.0", requires=["from-index"])
        done = run("install", *place)
        assert done.returncode == 0, done.stderr
    assert {"a-wheel": "1.0", "an-sdist": "2.0", "from-index": "3.0"}.items() <= installed(prefix).items()


def _sdist(project: Path) -> str:
    return next(path.name for path in (project / "vendor").iterdir() if path.name.endswith(".tar.gz"))
