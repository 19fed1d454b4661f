"""The wheels and sdists that tests are made with are ones that pip, uv and packaging accept."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from installer.sources import WheelFile
from packaging.metadata import Metadata

from tests.support.wheels import make_sdist, make_tree, make_wheel


def test_a_wheel_has_a_valid_record(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "My.Package", "1.0", entry_points={"run": "my_package:main"}, data={"data/x": "y"})
    assert path.name == "my_package-1.0-py3-none-any.whl"
    with WheelFile.open(path) as wheel:
        wheel.validate_record(validate_contents=True)
        assert wheel.version == "1.0"


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (make_wheel(tmp_path / each, "a", "1", requires=["b>1"]).read_bytes() for each in "12")
    assert one == two
    one, two = (make_sdist(tmp_path / each, "a", "1", requires=["b>1"]).read_bytes() for each in "12")
    assert one == two


def test_metadata_says_what_was_asked_for(tmp_path: Path) -> None:
    path = make_wheel(
        tmp_path,
        "a",
        "1",
        requires=["b>=2"],
        requires_python=">=3.6",
        extras={"more": ["c", 'd<3; python_version < "3.7"']},
        modules={},
        tag="py2.py3-none-any",
    )
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        metadata = Metadata.from_email(archive.read("a-1.dist-info/METADATA"))
        assert b"Tag: py2-none-any\nTag: py3-none-any\n" in archive.read("a-1.dist-info/WHEEL")
    assert all(name.startswith("a-1.dist-info/") for name in names)
    assert [str(each) for each in metadata.requires_dist or []] == [
        "b>=2",
        'c; extra == "more"',
        'd<3; python_version < "3.7" and extra == "more"',
    ]
    assert str(metadata.requires_python) == ">=3.6"
    assert metadata.provides_extra == ["more"]


@pytest.mark.parametrize("pep643", [True, False])
def test_an_sdist_tells_its_requirements_only_under_pep643(tmp_path: Path, pep643: bool) -> None:  # noqa: FBT001 - parametrized
    path = make_sdist(tmp_path, "a", "1", requires=["b"], pep643=pep643)
    with tarfile.open(path) as archive:
        file = archive.extractfile("a-1/PKG-INFO")
        assert file is not None
        text = file.read().decode()
    assert ("Requires-Dist: b" in text) is pep643
    assert text.startswith("Metadata-Version: 2.2" if pep643 else "Metadata-Version: 1.2")


def test_the_backend_in_the_tree_builds_what_the_interpreter_decides(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree", "a-b", "1", requires=["c"], dynamic='["d%d" % sys.version_info[0]]')
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    code = f"import backend; print(backend.build_wheel({str(wheels)!r}))"
    built = subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, capture_output=True, text=True)
    path = wheels / built.stdout.strip()
    assert path.name == "a_b-1-py3-none-any.whl"
    with WheelFile.open(path) as wheel:
        wheel.validate_record(validate_contents=True)
        assert "Requires-Dist: d3" in wheel.read_dist_info("METADATA")
    with zipfile.ZipFile(path) as archive:
        assert "a_b.py" in archive.namelist()
