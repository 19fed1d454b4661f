"""A digest that is made beside: of files, of what is in memory, and of what is written meanwhile."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from cortexlock.errors import IntegrityError
from cortexlock.predictors.images import file_digest
from cortexlock.predictors.images.file_digest import FileDigest
from cortexlock.predictors.images.streams import Blob
from tests.support.image_archives import digest, layer

CONTENT = layer({"a": "x" * 70_000, "b": "y"})


@pytest.fixture(autouse=True)
def _always_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_digest, "_ALONE", 100)
    monkeypatch.setattr(file_digest, "_PIECE", 1000)


def _files(tmp_path: Path) -> list[IO[bytes]]:
    (tmp_path / "a").write_bytes(b"before" + CONTENT + b"after")
    unnamed = tempfile.TemporaryFile()  # noqa: SIM115 - the test closes it
    unnamed.write(b"before" + CONTENT + b"after")
    unnamed.flush()
    return [(tmp_path / "a").open("rb"), unnamed, io.BytesIO(b"before" + CONTENT + b"after")]


def _read(blob: Blob, meanwhile: Callable[[], object] = bool) -> None:
    with blob.unpacked() as stream:
        assert stream.piece()
        meanwhile()


def test_it_is_that_of_the_part(tmp_path: Path) -> None:
    for file in _files(tmp_path):
        with file:
            found = FileDigest(file, 6, len(CONTENT), "sha512")
            assert found.hexdigest() == hashlib.sha512(CONTENT).hexdigest()
            found.stop()


def test_of_a_part_beyond_the_end_it_is_that_of_what_is_there(tmp_path: Path) -> None:
    for file in _files(tmp_path):
        with file:
            found = FileDigest(file, 6, 1 << 40, "sha256").hexdigest()
            assert found == hashlib.sha256(CONTENT + b"after").hexdigest()


def test_a_layer_is_compared_while_its_members_are_read(tmp_path: Path) -> None:
    for file in _files(tmp_path):
        with file:
            with Blob(file, 6, len(CONTENT), "layer", digest(CONTENT)).unpacked() as stream:
                assert stream.piece()
            with pytest.raises(IntegrityError, match="its sha256 is"):
                _read(Blob(file, 6, len(CONTENT), "layer", digest(b"other")))


@pytest.mark.skipif(not hasattr(os, "preadv"), reason="the file is read in one place at a time")
def test_a_file_that_is_written_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    with path.open("rb") as file, pytest.raises(IntegrityError, match="written while it was read"):
        _read(Blob(file, 0, len(CONTENT), "layer", digest(CONTENT)), lambda: path.write_bytes(CONTENT + b"more"))


def test_what_ends_early_ends_the_reading_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)

    def fail() -> None:
        raise KeyboardInterrupt

    with (tmp_path / "a").open("rb") as file, pytest.raises(KeyboardInterrupt):
        _read(Blob(file, 0, len(CONTENT), "layer", digest(CONTENT)), fail)
    assert "cortexlock-digest" not in {each.name for each in threading.enumerate()}
