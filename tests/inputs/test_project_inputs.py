"""The dependency files of a project are read at one moment, and their credentials are known from then on."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs import project_inputs
from cortexlock.model.project import Configuration, Project
from cortexlock.predictors import catalog

IMAGE = catalog.find("python", "0.18.0", "cpu")


def _read(directory: Path, **environment: str) -> project_inputs.ProjectInputs:
    return project_inputs.read(Project(directory, Configuration(), ()), IMAGE, environment)


def test_all_files_are_read_with_what_they_include(tmp_path: Path) -> None:
    (tmp_path / "dependencies.sh").write_text("true\n")
    (tmp_path / "conda-packages.txt").write_text("zlib=1.2\n")
    (tmp_path / "requirements.txt").write_text("-r more.txt\n")
    (tmp_path / "more.txt").write_text("six\n")
    found = _read(tmp_path)
    assert found.script_sha256 == sha256(b"true\n").hexdigest()
    assert [spec.name for spec in found.conda.specs] == ["zlib"]
    assert [(line.file, line.text) for line in found.requirements.lines] == [
        ("requirements.txt", "-r more.txt"),
        ("more.txt", "six"),
    ]
    names = ["conda-packages.txt", "dependencies.sh", "more.txt", "requirements.txt"]
    assert [each.file for each in found.hashes] == names
    (tmp_path / "more.txt").write_text("six==1.16\n")
    assert [each.file for each in found.hashes if each not in _read(tmp_path).hashes] == ["more.txt"]


def test_a_project_without_files_says_nothing(tmp_path: Path) -> None:
    found = _read(tmp_path)
    assert (found.hashes, found.script_sha256, found.requirements.lines, found.conda.specs) == ((), "", (), ())


def test_credentials_are_known_and_stand_in_no_representation(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-i https://${TOKEN}@example.org/simple\n")
    (tmp_path / "conda-packages.txt").write_text("https://me:s3cret@example.org/channel::zlib\n")
    found = _read(tmp_path, TOKEN="t0ken")  # noqa: S106 - no password
    assert {"t0ken", "s3cret"} <= found.secrets
    assert "t0ken" not in repr(found)


def test_the_error_of_a_file_has_no_credential_of_another(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-i https://me:s3cret@example.org/simple\n./s3cret.whl\n")
    with pytest.raises(InputError, match="there is no file") as caught:
        _read(tmp_path)
    assert (caught.value.where, "s3cret" in str(caught.value)) == ("requirements.txt:2", False)
