"""Hashes of files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from cortexlock.storage.digests import file_digest, stream_digest


def test_a_file_and_a_stream_have_the_hash_of_their_bytes(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    (tmp_path / "file").write_bytes(content)
    assert file_digest(tmp_path / "file") == hashlib.sha256(content).hexdigest()
    assert file_digest(tmp_path / "file", "md5") == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert stream_digest(io.BytesIO(content)) == hashlib.sha256(content).hexdigest()
