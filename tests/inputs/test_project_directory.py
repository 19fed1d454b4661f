"""A project directory into a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cortexlock.errors import InputError, UsageError
from cortexlock.inputs.project_directory import merge, read, root
from cortexlock.model.project import Configuration, Index


def test_configuration_apis_and_options(tmp_path: Path) -> None:
    (tmp_path / "cortex.yaml").write_text("- {name: a, predictor: {type: python}}\n")
    (tmp_path / "cortex_gpu.yaml").write_text("- {name: b, predictor: {type: python}, compute: {gpu: 1}}\n")
    (tmp_path / "cortexlock.yaml").write_text("cortex-version: 0.23.0\nslim: true\n")
    project = read(tmp_path, Configuration(slim=False))
    assert project.directory == tmp_path
    assert project.configuration == Configuration(cortex_version="0.23.0", slim=False)
    assert [(api.name, api.gpu) for api in project.apis] == [("a", False), ("b", True)]


def test_a_relative_directory_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    assert read(Path()).directory == tmp_path


@pytest.mark.parametrize(
    "name", ["script.sh", "dependencies.sh", "conda-packages.txt", "requirements.txt", "cortexlock.yaml"]
)
def test_one_file_makes_a_project(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert read(tmp_path).apis == ()


def test_a_lockfile_makes_a_project_of_what_is_below(tmp_path: Path) -> None:
    (tmp_path / "cortexlock.cuda.yaml").write_text("")
    (tmp_path / "src").mkdir()
    assert read(tmp_path / "src").directory == root(tmp_path / "src") == tmp_path


def test_what_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to lock here") as caught:
        read(tmp_path)
    assert "requirements.txt" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="there is no directory `missing`"):
        read(tmp_path / "missing")
    (tmp_path / "cortex.yaml").write_text("a: [\n")
    with pytest.raises(UsageError, match="not a directory"):
        read(tmp_path / "cortex.yaml")
    with pytest.raises(InputError, match=r"cortex\.yaml:2"):
        read(tmp_path)


def test_what_the_command_line_says_goes_first() -> None:
    said = Configuration(
        predictor="python", platforms=("cpu",), channels=("a",), indexes=(Index("i", "https://example.org"),)
    )
    assert merge(said, Configuration()) == said
    merged = merge(said, Configuration(predictor="onnx", platforms=("cuda",), index_url="https://example.org"))
    assert merged == Configuration(
        predictor="onnx", platforms=("cuda",), channels=("a",), index_url="https://example.org", indexes=said.indexes
    )


def test_a_predictor_type_takes_the_place_of_files_and_they_of_a_type() -> None:
    files = Configuration(predictor_files=("image.yaml",), cortex_version="0.16.0")
    assert merge(files, Configuration(predictor="onnx")) == Configuration(predictor="onnx", cortex_version="0.16.0")
    assert merge(Configuration(predictor="onnx"), Configuration(predictor_files=("a.yaml",))) == Configuration(
        predictor_files=("a.yaml",)
    )
    assert merge(files, Configuration(slim=True)).predictor_files == ("image.yaml",)


@pytest.mark.parametrize("name", ["cortex.yaml", "cortexlock.yaml"])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("dangling", "it is a link to what is not there"),
        ("loop", "Too many levels of symbolic links"),
        ("directory", "it is a directory"),
        ("pipe", "it is no regular file"),
    ],
)
def test_what_has_the_name_of_a_file_and_is_none(tmp_path: Path, name: str, kind: str, reason: str) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    if kind == "directory":
        (tmp_path / name).mkdir()
    elif kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to(name if kind == "loop" else "nowhere")
    with pytest.raises(InputError, match=f"{name}: cannot be read: {reason}"):
        read(tmp_path)


def test_the_project_above_is_above_the_directory_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "cortexlock.yaml").write_text("predictor: python\n")
    monkeypatch.chdir(tmp_path / "one")
    with pytest.raises(UsageError, match="nothing to lock here"):
        read(Path("../two"))
