"""Python changes under a package of pure Python that stays: it is imported, and its command runs, as before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cortexlock.conda import archive, install, prefix
from cortexlock.conda.install import LinkPlace
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.conda_python import python_package
from tests.support.interpreters import find_python

pytestmark = pytest.mark.interpreter
TOOL = Package(
    "tool",
    noarch="python",
    subdir="noarch",
    depends=["python >=3"],
    files={
        "site-packages/tool.py": "import sys\ndef main():\n    print('%d.%d' % sys.version_info[:2])\n",
        "site-packages/tool-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n",
    },
    commands=["tool = tool:main"],
)


def test_a_kept_package_of_pure_python_works_under_the_new_python(tmp_path: Path, python36: Path) -> None:
    python37 = find_python("3.7", env={"PYENV_ROOT": str(python36.parents[3]), "PATH": os.environ["PATH"]})
    if python37 is None:
        pytest.skip("no Python 3.7 on this machine")
    root, work = tmp_path / "prefix", tmp_path / "work"
    made = []
    for name, python in (("a", python36), ("b", python37)):
        (tmp_path / name).mkdir()
        made.append(conda_packages.write(tmp_path / "archives", python_package(python, tmp_path / name)))
    for directory in (root, work):
        directory.mkdir()
    old, new = made
    for found, tool in ((old, conda_packages.write(tmp_path / "archives", TOOL)), (new, None)):
        wanted = [found, tool] if tool else [found]
        for package, path in wanted:
            archive.verify(path, package)
        install.link(wanted, LinkPlace(root, work, os.environ))
        said = subprocess.run([root / "bin" / "tool"], check=True, capture_output=True, text=True, env={}).stdout
        assert said.strip() == ".".join(found[0].version.split(".")[:2])
    assert not list((root / "lib" / "python3.6").rglob("tool*.py"))
    assert prefix.verify(root, [new[0], conda_packages.write(tmp_path / "archives", TOOL)[0]]) == ()
    assert install.link([new], LinkPlace(root, work, os.environ)) == ()
