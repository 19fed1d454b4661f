"""The files of a page as lines of text, by the second in which they were published.

A page of today serves any cut-off date: only the lines up to that are read, in a file of a megabyte often the fourth
part of it.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence

from cortexlock.formats import json_text
from cortexlock.pip.indexes.page_filter import File, is_file, published

_TAB = b"\t"
_AFTER_TAB = b"\n"


def written(files: Sequence[File]) -> bytes:
    """Return files as lines: the second, the place in the page, and the file as JSON, which has no tabs in it."""
    lines = [
        b"\t".join((published(file).encode(), b"%d" % place, json.dumps(file, separators=(",", ":")).encode()))
        for place, file in enumerate(files)
    ]
    return b"\n".join(sorted(lines))


def up_to(rows: bytes, second: str) -> tuple[File, ...]:
    """Return the files that were published until a second, and those that have no such time, in the order of the page.

    Args:
        rows: What `written` has returned, perhaps long ago.
        second: As `page_filter.last_second` has it.

    Raises:
        ValueError: The rows are not as they were written.
    """
    lines = rows.split(b"\n") if rows else []
    wanted = [line.split(_TAB, 2) for line in lines[: bisect_left(lines, second.encode() + _AFTER_TAB)]]
    if any(len(parts) != 3 for parts in wanted):  # noqa: PLR2004 - as they are written
        raise ValueError("a row has not three parts")
    wanted.sort(key=lambda parts: int(parts[1]))
    found = json_text.parsed(b"[" + b",".join(text for _, _, text in wanted) + b"]")
    if not all(map(is_file, found)):
        raise ValueError("a row has no file")
    return tuple(found)
