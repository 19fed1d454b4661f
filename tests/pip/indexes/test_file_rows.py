"""Files of a page as lines: those up to a second, in the order of the page."""

from __future__ import annotations

import pytest

from cortexlock.pip.indexes import file_rows
from cortexlock.pip.indexes.page_filter import File, last_second

_NAMES = ("a-1.0\t.tar.gz", "a-1.0\n.zip", "ä-1.0.zip", "a-\ud800.zip", "a-1.0-odd.whl")
_TIMES = (
    None,
    "",
    "2019-12-31T23:59:59.999999Z",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.500000Z",
    "2020-01-01T00:00:01Z",
    "2020-01-01T02:00:00+02:00",
)


def _file(name: str, time: str | None) -> File:
    return {"filename": name, "url": f"files/{name}", **({} if time is None else {"upload-time": time})}


def test_files_up_to_a_second_are_in_the_order_of_the_page() -> None:
    files = [_file(name, time) for name in _NAMES for time in _TIMES] * 3  # more than nine, in no order of time
    files = files[::2] + files[1::2]
    rows = file_rows.written(files)
    assert file_rows.up_to(rows, last_second(None)) == tuple(files)
    late = [file for file in files if (file.get("upload-time") or "") == "2020-01-01T00:00:01Z"]
    odd = [file for file in files if file["filename"].endswith(".whl")]  # for pip to judge
    found = file_rows.up_to(rows, last_second("2020-01-01T00:00:00Z"))
    assert found == tuple(file for file in files if file not in late or file in odd)
    assert len(found) == len(files) - 4 * 3


def test_a_page_without_files() -> None:
    assert file_rows.up_to(file_rows.written([]), last_second(None)) == ()


@pytest.mark.parametrize("rows", [b"1", b"\t0", b"\tx\t{}", b"\t0\t{", b"\t0\t7", b'\t0\t{"url": 7}', b"\t0\t{}\n\n"])
def test_what_is_no_row_is_refused(rows: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        file_rows.up_to(rows, last_second(None))
