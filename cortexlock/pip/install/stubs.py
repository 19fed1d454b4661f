"""Stubs of wheels: all of their metadata, and every other member empty."""

from __future__ import annotations

import zipfile
from pathlib import Path

_LARGEST = 1 << 27


def make_stub(wheel: Path, directory: Path) -> Path:
    """Write the stub of a wheel, under the wheel's own name, into a directory.

    Members other than metadata are left out, but for those of `NAME.data`, of which installers look for each in RECORD.

    Raises:
        OSError: It cannot be read or written.
        zipfile.BadZipFile: It is damaged.
    """
    stub = directory / wheel.name
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(stub, "w") as written:
        for member in archive.infolist():
            top = member.filename.partition("/")[0]
            if member.is_dir():
                continue
            if top.endswith(".dist-info") and member.file_size <= _LARGEST:
                written.writestr(member.filename, archive.read(member))
            elif top.endswith(".data"):
                written.writestr(member.filename, b"")
    return stub
