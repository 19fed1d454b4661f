"""Wheels for any Python, unpacked into a new environment: as uv does it, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cortexlock.pip.install import pure_wheels
from cortexlock.pip.install.uv import install_files
from tests.support.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it is uv that installs on Windows")


def _environment(directory: Path) -> Path:
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(directory)], check=True)
    return directory


def test_what_is_installed_is_what_uv_installs(tmp_path: Path) -> None:
    wheels = [
        make_wheel(
            tmp_path,
            "demo",
            "1.0",
            tag="py2.py3-none-any",
            modules={
                "demo.py": "def main():\n    print('demo runs')\n",
                "space/__init__.py": "",
                "space/a.py": "A = 1\n",
            },
            entry_points={"demo": "demo:main"},
            data={
                "data/share/x": "x",
                "scripts/run": "#!python\nimport demo; demo.main()\n",
                "purelib/more.py": "B = 2\n",
            },
        ),
        make_wheel(tmp_path, "other", "2.0", modules={"space/__init__.py": "", "space/b.py": "C = 3\n"}),
    ]
    ours, theirs = _environment(tmp_path / "ours"), _environment(tmp_path / "theirs")
    before = _files(ours)
    assert pure_wheels.install(wheels, ours)
    done = install_files(wheels, python=theirs / "bin" / "python", environment=os.environ)
    assert done.returncode == 0, done.output
    of_uv = ("INSTALLER", "REQUESTED", "direct_url.json", "__pycache__", ".lock")
    assert {each for each in _files(theirs) if not each.endswith(of_uv)} == _files(ours)
    assert len(_files(ours) - before) == 15
    for command in ("demo", "run"):
        said = subprocess.run([ours / "bin" / command], check=True, capture_output=True, text=True).stdout
        assert said == "demo runs\n"


def _files(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def test_what_is_for_one_python_is_left_to_uv(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    site = environment / "lib" / "python3.6" / "site-packages"
    site.mkdir(parents=True)
    for tag in ("cp36-cp36m-manylinux1_x86_64", "py2-none-any", "cp27-none-any"):
        assert not pure_wheels.install([make_wheel(tmp_path, "demo", "1.0", tag=tag)], environment)
    assert not list(site.iterdir())


@pytest.mark.parametrize("member", ["../evil.py", "/evil.py", "demo-1.0.data/scripts/../../../evil"])
def test_what_is_not_safe_is_left_to_uv_untouched(tmp_path: Path, member: str) -> None:
    environment = tmp_path / "environment"
    site = environment / "lib" / "python3.6" / "site-packages"
    site.mkdir(parents=True)
    wheel = make_wheel(tmp_path, "demo", "1.0")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(member, "")
    assert not pure_wheels.install([make_wheel(tmp_path, "fine", "1.0"), wheel], environment)
    (tmp_path / "odd.whl").write_bytes(b"no wheel")
    assert not pure_wheels.install([tmp_path / "odd.whl"], environment)
    assert not list(site.iterdir())
