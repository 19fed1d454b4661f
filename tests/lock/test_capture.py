"""Capturing: an environment, or a snapshot of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.errors import InputError, UsageError
from cortexlock.lock.capture import capture_prefix, capture_snapshot, like, refuse_another_file, write
from cortexlock.predictors import catalog
from cortexlock.predictors.capture import Said
from cortexlock.predictors.predictor_file import read
from tests.support.predictors import example

_GLIBC = Said(glibc="2.27")


def test_like() -> None:
    assert like("onnx:0.16.0", "cuda") == catalog.find("onnx", "0.16.0", "cuda")
    assert like("onnx", None) == catalog.find("onnx", None, "cpu")
    assert like(None, "inf") is None
    with pytest.raises(UsageError):
        like("", "cpu")


def test_an_environment_with_a_broken_record(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").write_text("")
    with pytest.raises(UsageError, match="no interpreter"):
        capture_prefix(tmp_path / "bin", example(), _GLIBC, {})
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "python-3.6.9-0.json").write_text('{"name": "python", "version": "3.6.9"}')
    assert capture_prefix(tmp_path, example(), _GLIBC, {}).predictor.python == "3.6.9"
    (tmp_path / "conda-meta" / "zlib-1.json").write_text("{")
    with pytest.raises(InputError, match=r"zlib-1\.json: the record cannot be read") as caught:
        capture_prefix(tmp_path, example(), _GLIBC, {})
    assert caught.value.where == str(tmp_path)
    (tmp_path / "conda-meta" / "python-3.6.9-0.json").write_text("{")
    with pytest.raises(InputError, match="the environment cannot be read"):
        capture_prefix(tmp_path, example(), _GLIBC, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"Unable to find image", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (json.dumps({"a": 1}).encode(), "not a snapshot"),
    ],
)
def test_a_file_that_is_no_snapshot(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "image.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        capture_snapshot(file, example(), _GLIBC)
    assert caught.value.where == "image.json"
    assert caught.value.hint


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "image.yaml"
    write(file, example())
    assert read(file, file="") == example()
    (tmp_path / "link.yaml").symlink_to("image.yaml")
    with pytest.raises(UsageError, match="is a symbolic link") as caught:
        write(tmp_path / "link.yaml", example())
    assert caught.value.hint == "name another file with --output"
    with pytest.raises(UsageError):
        write(tmp_path, example())
    with pytest.raises(UsageError):
        write(tmp_path / "missing" / "image.yaml", example())


def test_no_other_file_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("flask\n# predictor-version: 1\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["predictors", "capture", str(tmp_path), "-o", str(file)])
    assert ended.value.code == 2
    assert "no predictor file" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "flask\n# predictor-version: 1\n"
    file.write_bytes(b"")
    refuse_another_file(file)
    write(file, example())
    refuse_another_file(file)  # the image moved
    refuse_another_file(tmp_path)
    refuse_another_file(tmp_path / "image.yaml")
