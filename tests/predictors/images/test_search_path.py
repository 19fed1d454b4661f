"""Where an interpreter looks for distributions: what a real one says of itself, and what is in other images."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cortexlock import process
from cortexlock.predictors.images.disk import DiskRoot
from cortexlock.predictors.images.environments import environment_of
from cortexlock.predictors.images.image_path import root_of
from cortexlock.predictors.images.search_path import search_path
from tests.support.image_archives import Entries, Link

USR: Entries = {"usr/bin/python3.11": "", "usr/bin/python3": Link("python3.11"), "usr/lib/python3.11/os.py": ""}
VENV: Entries = {
    "opt/venv/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = true\nversion = 3.11.2\n",
    "opt/venv/bin/python": Link("/usr/bin/python3"),
}
OWN = "/opt/venv/lib/python3.11/site-packages"
USER = "/home/me/.local/lib/python3.11/site-packages"
LOCAL, DEBIAN = "/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"
FEDORA = "/usr/lib64/python3.11/site-packages"


def _path(tmp_path: Path, prefix: str, *sites: str, files: Entries, **variables: str) -> list[str]:
    for name, content in {**files, **{f"{site[1:]}/x.dist-info/METADATA": "" for site in sites}}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_text(str(content or ""))
    root = root_of(DiskRoot(tmp_path))
    environment = environment_of(root / prefix)
    assert environment is not None
    return [str(each) for each in search_path(root, environment, {"HOME": "/home/me", **variables}, "/srv")]


def test_debian(tmp_path: Path) -> None:
    assert _path(tmp_path, "/usr", DEBIAN, LOCAL, USER, files=USR) == [USER, LOCAL, DEBIAN]


def test_debian_without_packages_of_its_own(tmp_path: Path) -> None:
    files: Entries = {**USR, "etc/debian_version": "12.1"}
    assert _path(tmp_path, "/usr", LOCAL, "/usr/lib/python3.11/site-packages", files=files) == [LOCAL]


def test_fedora(tmp_path: Path) -> None:
    local = "/usr/local/lib/python3.11/site-packages"
    assert _path(tmp_path, "/usr", FEDORA, local, LOCAL, files=USR) == [local, FEDORA]


def test_a_virtual_environment_that_sees_its_base(tmp_path: Path) -> None:
    files = {**USR, **VENV}
    assert _path(tmp_path, "/opt/venv", OWN, DEBIAN, USER, files=files) == [OWN, USER, DEBIAN]


def test_what_switches_the_users_own_off(tmp_path: Path) -> None:
    files = {**USR, **VENV}
    assert _path(tmp_path, "/opt/venv", OWN, USER, files=files, PYTHONNOUSERSITE="1") == [OWN]
    other = "/other/lib/python3.11/site-packages"
    assert _path(tmp_path, "/opt/venv", other, files={}, PYTHONUSERBASE="/other") == [OWN, other]
    (tmp_path / "opt/venv/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    assert _path(tmp_path, "/opt/venv", files={}) == [OWN]


def test_directories_that_files_name(tmp_path: Path) -> None:
    lines = "# /srv/no\nimport os; os.x\nimport\tos\n\n../more  \n/srv/tree\n/missing\n./x.dist-info/METADATA\n\0\n"
    files: Entries = {
        **USR,
        **{f"{OWN[1:]}/{name}": content for name, content in (("b.pth", lines), (".hidden.pth", "/srv/no\n"))},
        f"{OWN[1:]}/a.pth": "\ufeff/srv/first\n",
        "srv/tree/c.pth": "/srv/no\n",
        "srv/named/d.pth": "/srv/no\n",
        "opt/venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n",
        "opt/venv/bin/python": Link("/usr/bin/python3"),
        **{f"{name}/x": "" for name in ("srv/no", "srv/first", "opt/venv/lib/python3.11/more", "srv/app")},
    }
    found = _path(tmp_path, "/opt/venv", files=files, PYTHONPATH="/srv/named:app:/missing:")
    assert found == ["/srv/named", "/srv/app", OWN, "/srv/first", "/opt/venv/lib/python3.11/more", "/srv/tree"]


@pytest.mark.skipif(sys.platform != "linux", reason="paths of other systems")
def test_a_real_interpreter_says_the_same(tmp_path: Path) -> None:
    base = Path(sys.base_prefix)
    python = base / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    variables = {"HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path}/named"}
    for name in ("named", "tree", f".local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "x.pth").write_text(f"{tmp_path}/tree\n")
    code = "import json, sys; print(json.dumps(sys.path[1:]))"
    said = json.loads(process.run([str(python), "-c", code], env=variables).stdout)
    root = root_of(DiskRoot(Path("/")))
    environment = environment_of(root / str(base))
    assert environment is not None
    found = [str(each) for each in search_path(root, environment, variables)]
    assert found[:3] == [str(tmp_path / "named"), str(tmp_path / name), str(tmp_path / "tree")]
    standard_library = {each for each in said if each.endswith((".zip", "lib-dynload", f"python{environment.minor}"))}
    assert [each for each in said if each not in standard_library] == found
