"""Builds with the real setuptools under Python 3.6: an sdist-like tree, and development mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.model.package import BuildRequirement
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, locked, make_case

pytestmark = [pytest.mark.interpreter, pytest.mark.index]

_SETUP = """
import sys
from setuptools import setup
setup(
    name="old",
    version="1.0",
    package_dir={"": "src"},
    py_modules=["old"],
    install_requires=["dataclasses"] if sys.version_info < (3, 7) else [],
    entry_points={"console_scripts": ["old = old:main"]},
)
"""


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path, python36: Path) -> Case:
    """Return a project with a tree that has a setup.py, and with setuptools for Python 3.6 as a build requirement."""
    case = make_case(tmp_path, index_url=index_server.simple_url, python=python36, version="3.6.9")
    download = [
        sys.executable,
        "-m",
        "pip",
        "--isolated",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(wheelhouse),
    ]
    names = ["setuptools==59.6.0", "wheel==0.37.1"]
    subprocess.run([*download, *names], check=True, env={**os.environ, "PIP_CONFIG_FILE": os.devnull})
    case.build_requirements = [BuildRequirement(locked(path), ("old",)) for path in sorted(wheelhouse.iterdir())]
    (case.directory / "pkg" / "src").mkdir(parents=True)
    (case.directory / "pkg" / "setup.py").write_text(_SETUP)
    (case.directory / "pkg" / "src" / "old.py").write_text("def main():\n    print('old')\n")
    return case


@pytest.mark.parametrize("editable", [False, True])
def test_a_setup_py_is_built_by_the_target_s_python(case: Case, editable: bool) -> None:  # noqa: FBT001 - a parameter
    case.add_tree("pkg", "old", "1.0", editable=editable)
    case.install()
    assert installed(case.prefix) == {"old": "1.0"}
    metadata = next(case.prefix.glob("lib/python3.6/site-packages/old-1.0.dist-info/METADATA")).read_text()
    assert "Requires-Dist: dataclasses" in metadata
    source = case.directory / "pkg" / "src" / "old.py"
    assert (case.run("import old; print(old.__file__)") == str(source)) is editable
    script = subprocess.run([case.prefix / "bin" / "old"], check=True, capture_output=True, text=True)
    assert script.stdout == "old\n"
    assert sorted(path.name for path in (case.directory / "pkg").iterdir()) == ["setup.py", "src"]
    case.install()
    assert case.said("nothing to do")
