"""Files of no package are found, and what has its reasons to be in no list is not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.unlisted_files import unlisted_files
from tests.support.deep_directories import deep


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site-packages with a package that RECORD lists."""
    site = tmp_path / "lib" / "python3.7" / "site-packages"
    _write(site, "demo/__init__.py", "demo-1.0.dist-info/METADATA", "README.txt", "demo/__pycache__/__init__.x.pyc")
    (site / "demo-1.0.dist-info" / "RECORD").write_text(
        "demo/__init__.py,sha256=x,0\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/RECORD,,\n../../../bin/demo,,\n"
    )
    return site


def _write(site: Path, *paths: str, content: bytes = b"") -> None:
    for path in paths:
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)


def _strays(site: Path, *metadata: str, python: str = "3.7.1", conda: tuple[str, ...] = ()) -> list[str]:
    root = site.parents[2]
    names = ("demo-1.0.dist-info", *metadata)
    found = {name: (InstalledDistribution(name, "1.0", site, site / name),) for name in names}
    files = frozenset(f"lib/python3.7/site-packages/{path}" for path in conda)
    return list(unlisted_files(State(Prefix(root, python, site), found, {}, is_conda=bool(conda), conda_files=files)))


def test_what_is_listed_is_no_stray(site: Path) -> None:
    _write(site, "of_conda.py", "_virtualenv.py")
    (site / "_virtualenv.pth").write_text("import _virtualenv")
    assert _strays(site, conda=("of_conda.py",)) == []


def test_what_python_loads_is_a_stray(site: Path) -> None:
    paths = ["demo/evil.py", "evil.pth", "evil.so", "evil/__init__.py", "demo-1.0.dist-info/entry_points.txt"]
    _write(site, *paths, "_virtualenv.pth", "sitecustomize.py", "old.pyc")
    (site / "linked").symlink_to(site / "demo")
    assert _strays(site) == sorted([*paths, "_virtualenv.pth", "sitecustomize.py", "old.pyc", "linked"])


def test_the_hash_is_of_what_python_loads(site: Path) -> None:
    _write(site, "evil.py", "evil.txt", content=b"evil")
    prefix = Prefix(site.parents[2], "3.7.1", site)
    found = unlisted_files(State(prefix, {}, {}, is_conda=False, conda_files=frozenset()))
    assert found["evil.py"] == hashlib.sha256(b"evil").hexdigest()
    assert found["evil.txt"] == ""


@pytest.mark.parametrize(("flags", "stray"), [(0, False), (1, True), (3, False)])
def test_byte_code_that_is_taken_unchecked_is_a_stray(site: Path, flags: int, *, stray: bool) -> None:
    path = "demo/__pycache__/__init__.cpython-37.pyc"
    _write(site, path, content=b"\x42\x0d\r\n" + flags.to_bytes(4, "little") + bytes(8))
    assert _strays(site) == ([path] if stray else [])
    assert _strays(site, python="3.6.9") == []  # what is there then is a time
    assert _strays(site, conda=(path,)) == []


def test_distributions_without_a_list_have_what_they_name(site: Path) -> None:
    _write(site, "mod.py", "_ext.cpython-37m.so", "pkg/a.py", "Old-1.0.egg-info/PKG-INFO", "other.py")
    (site / "Old-1.0.egg-info" / "top_level.txt").write_text("mod\n_ext\npkg\n")
    assert _strays(site, "Old-1.0.egg-info") == ["other.py"]


def test_a_distribution_that_names_nothing_may_have_any_module(site: Path) -> None:
    _write(site, "Old-1.0.egg-info", "mod.py", "pkg/a.py", "demo/evil.py", "evil.pth", "sitecustomize.py")
    assert _strays(site, "Old-1.0.egg-info") == ["demo/evil.py", "evil.pth", "sitecustomize.py"]


def test_installed_files_are_a_list(site: Path) -> None:
    _write(site, "mod.py", "more.py", "Old-1.0.egg-info/PKG-INFO")
    (site / "Old-1.0.egg-info" / "installed-files.txt").write_text("../mod.py\nPKG-INFO\n")
    assert _strays(site, "Old-1.0.egg-info") == ["more.py"]


def test_eggs_and_links_to_them(site: Path) -> None:
    """An egg is known by its distribution; what only is called like one is not."""
    _write(site, "easy-install.pth")
    assert _strays(site) == ["easy-install.pth"]
    _write(site, "old-1.0-py3.7.egg/EGG-INFO/PKG-INFO", "old-1.0-py3.7.egg/old.py", "dev.egg-link")
    developed = site.parent / "dev"
    (site / "dev.egg-link").write_text(f"{developed}\n.")
    assert _strays(site, "old-1.0-py3.7.egg/EGG-INFO", str(developed / "dev.egg-info")) == []
    assert _strays(site) == sorted(
        ["easy-install.pth", "dev.egg-link", "old-1.0-py3.7.egg/EGG-INFO/PKG-INFO", "old-1.0-py3.7.egg/old.py"]
    )


def test_byte_code_beside_its_source_is_no_stray(site: Path) -> None:
    """Python takes the source; without one it takes the byte code."""
    _write(site, "demo/__init__.pyc", "demo/gone.pyc")
    assert _strays(site) == ["demo/gone.pyc"]


def test_a_file_deeper_than_the_stack(site: Path) -> None:
    with deep(site, 1200):
        (site.joinpath(*"d" * 1200) / "evil.py").touch()
        assert _strays(site) == ["d/" * 1200 + "evil.py"]
