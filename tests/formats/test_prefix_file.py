"""Files that anybody may have put into an environment: read within bounds, or one error that names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError
from cortexlock.formats import prefix_file


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "Expecting value"),
        (b"[" * 200_000, "nested too deep"),
        (b"9" * 5000, "a number in it has thousands of digits"),
        (json.dumps({"name": "demo"}).encode("utf-16"), "utf-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"name": "\xe9"}', "utf-8"),
    ],
    ids=["empty", "deep", "number", "utf-16", "mark", "latin-1"],
)
def test_json_that_is_none(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(DifferenceError, match=what) as caught:
        prefix_file.read_json(path)
    assert caught.value.where == str(path)


def test_json(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"name": "café"}', encoding="utf-8")
    assert prefix_file.read_json(tmp_path / "record.json") == {"name": "café"}
