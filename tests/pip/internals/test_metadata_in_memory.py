"""Distributions whose METADATA is in memory: pip finds in them what it finds in its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pip._internal.metadata.importlib._dists import Distribution
from pip._internal.utils.temp_dir import global_tempdir_manager

from cortexlock.pip.internals import metadata_in_memory
from cortexlock.pip.metadata.core_metadata import metadata_file

if TYPE_CHECKING:
    from pip._internal.metadata import BaseDistribution

_OURS = metadata_file(
    "A.b_c",
    "1.0+cpu",
    ["c>=1", "é ; extra == 'x: y'", 'd[z]>=2,!=3; extra == "x"', "odd\u2028one: two"],
    ["x", "y"],
    ">=3.6",
)
_OTHERS = b"Metadata-Version: 2.1\r\nName: a\r\nVersion: 1\r\nRequires-Dist: c\r\n (>=1)\r\n\r\nName: b\r\nText\rmore\n"


def _facts(found: BaseDistribution) -> dict[str, object]:
    metadata = found.metadata
    return {
        "fields": {name: metadata.get_all(name) for name in metadata if name != "Description"},
        "name": (found.canonical_name, found.raw_name),
        "version": (found.version, found.raw_version),
        "python": found.requires_python,
        "extras": list(found.iter_provided_extras()),
        "text": found.read_text("METADATA"),
        "entries": list(found.iter_entry_points()),
        "direct": found.direct_url,
        "installed": (found.installed_location, found.local, found.editable, found.installer),
    }


@pytest.mark.parametrize(
    ("content", "made"),
    [
        (_OURS, metadata_in_memory.of_ours(_OURS)),
        (_OURS, metadata_in_memory.of_content(_OURS)),
        (_OTHERS, metadata_in_memory.of_content(_OTHERS)),
    ],
    ids=["ours", "ours, read", "others"],
)
def test_it_is_what_pip_makes_with_a_directory(content: bytes, made: BaseDistribution) -> None:
    with global_tempdir_manager():
        pips = Distribution.from_metadata_file_contents(content, "a-1.0-py3-none-any.whl", "a")
        assert _facts(made) == _facts(pips)
    with pytest.raises(FileNotFoundError):
        made.read_text("RECORD")


def test_what_is_not_utf8_is_refused_when_it_is_read() -> None:
    found = metadata_in_memory.of_content(b"Name: \xff\n")
    with pytest.raises(UnicodeDecodeError):
        found.read_text("METADATA")
