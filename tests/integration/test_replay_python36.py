"""A replay into a real Python 3.6 environment: wheels, an sdist, a script, what goes wrong, and a second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, IntegrityError
from cortexlock.model.lockfile import PreInstalled
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from tests.support.image import installed
from tests.support.index_server import IndexServer
from tests.support.replay import Case, make_case, tree_of
from tests.support.wheels import make_sdist, make_tree, make_wheel

pytestmark = pytest.mark.interpreter


@pytest.fixture
def case(tmp_path: Path, index_server: IndexServer, wheelhouse: Path, python36: Path) -> Case:
    """Return a project with two wheels, an sdist and a tree, and an image with a version that is changed."""
    case = make_case(tmp_path, index_url=index_server.simple_url, python=python36, version="3.6.9")
    case.pre_install(make_wheel(wheelhouse, "changed", "1.0"), make_wheel(wheelhouse, "kept", "1.0"))
    case.pre_installed += [PreInstalled("pip", "changed", "1.0"), PreInstalled("pip", "kept", "1.0")]
    case.script = "python --version > version\n"
    case.add(make_wheel(wheelhouse, "changed", "2.0", tag="cp36-cp36m-linux_x86_64"), instead_of="1.0")
    case.add(make_wheel(wheelhouse, "added", "1.0", entry_points={"added": "added:main"}))
    code = "import sys\nPYTHON = sys.version_info[:2]\n"
    case.add(make_sdist(wheelhouse, "built", "1.0", modules={"built.py": code}))
    make_tree(case.directory / "tree", "tree", "0.1", dynamic="['added'] if sys.version_info < (3, 7) else []")
    case.add_tree("tree", "tree", "0.1")
    return case


def _touched(case: Case) -> dict[str, bytes]:
    return {name: content for name, content in tree_of(case.prefix).items() if name != LOCK_NAME}


def test_all_is_installed_imported_and_left_alone_the_second_time(case: Case) -> None:
    case.install()
    found = {"added": "1.0", "built": "1.0", "changed": "2.0", "kept": "1.0", "tree": "0.1"}
    assert installed(case.prefix) == found
    assert case.run("import added, built, changed, tree; print(changed.__version__, built.PYTHON)") == "2.0 (3, 6)"
    assert (case.directory / "version").read_text().startswith("Python 3.6.")
    metadata = next(case.prefix.glob("lib/python3.6/site-packages/tree-0.1.dist-info/METADATA"))
    assert "Requires-Dist: added" in metadata.read_text()
    assert case.said("note: the prefix has Python 3.6.")
    before = tree_of(case.prefix)
    case.install()
    assert case.said("nothing to do")
    assert tree_of(case.prefix) == before


def test_wrong_bytes_are_refused_with_nothing_installed(case: Case, index_server: IndexServer) -> None:
    before = _touched(case)
    index_server.fail("added-1.0-py3-none-any.whl", "wrong-bytes")
    with pytest.raises(IntegrityError, match="index `default`"):
        case.install()
    assert _touched(case) == before
    assert not (case.directory / "version").exists()


def test_a_tampered_cache_is_not_used(case: Case, index_server: IndexServer) -> None:
    case.install()
    for entry in case.cache.rglob("*.whl"):
        entry.write_bytes(b"evil")
    site = case.prefix / "lib" / "python3.6" / "site-packages"
    (site / "added.py").write_text("broken")
    (site / "built.py").write_text("broken")
    index_server.fail("added-1.0-py3-none-any.whl", "wrong-bytes")
    with pytest.raises(IntegrityError):
        case.install()
    index_server.fail("added-1.0-py3-none-any.whl", "slow", times=0)
    case.install()
    assert case.run("import added, built; print(added.__version__, built.PYTHON)") == "1.0 (3, 6)"


def test_drift_is_refused(case: Case, wheelhouse: Path) -> None:
    case.pre_install(make_wheel(wheelhouse, "kept", "1.1"))
    with pytest.raises(DifferenceError, match=r"pip kept: 1\.1, the image has 1\.0"):
        case.install()
    assert installed(case.prefix) == {"changed": "1.0", "kept": "1.1"}


def test_an_editable_tree_is_installed_where_it_is(case: Case) -> None:
    make_tree(case.directory / "here", "here", "1.0")
    case.add_tree("here", "here", "1.0", editable=True)
    case.install()
    assert case.run("import here; print(here.__file__)") == str(case.directory / "here" / "here.py")
