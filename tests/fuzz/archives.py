"""What the fuzzers of archives start from, and how they read what became of it."""

from __future__ import annotations

import bz2
import io
import tarfile
import zipfile
from pathlib import Path

from cortexlock.conda import archive
from tests.support import conda_packages
from tests.support.conda_packages import Member, Package

_PACKAGE = Package(
    "demo",
    files={"lib/demo.txt": "demo", "bin/demo": "#!/bin/sh\n", "lib/link": Member(tarfile.SYMTYPE, "demo.txt")},
    noarch="python",
    commands=["demo = demo:main"],
)
_OLD = Package("demo", files={"lib/demo.txt": "demo"}, old=True)
_NEW = Package("demo", files={"lib/demo.txt": "demo"}, suffix=".conda")


def conda_archives() -> list[bytes]:
    """Return conda packages of either format."""
    return [conda_packages.archive(package) for package in (_PACKAGE, _OLD, _NEW)]


def conda_members() -> list[bytes]:
    """Return what is in conda packages, before it is compressed."""
    return [bz2.decompress(conda_packages.archive(package)) for package in (_PACKAGE, _OLD)]


def read_conda_archive(path: Path) -> None:
    """Read a conda package whose hashes are the locked ones, whatever it holds."""
    content = path.read_bytes()
    package = _NEW if content.startswith(b"PK") else _PACKAGE
    archive.verify(path, conda_packages.locked(package, content))


def read_conda_members(path: Path) -> None:
    """Read a conda package of members that are not quite right."""
    path.write_bytes(bz2.compress(path.read_bytes(), 1))
    read_conda_archive(path)


def wheel() -> bytes:
    """Return a wheel."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        for name in (
            "demo.py",
            "demo-1.0.data/data/share/x",
            "demo-1.0.dist-info/METADATA",
            "demo-1.0.dist-info/RECORD",
        ):
            written.writestr(name, "demo.py,,\n" if name.endswith("RECORD") else "x")
    return content.getvalue()


def sdist() -> bytes:
    """Return an sdist with links, not compressed."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as written:
        for name, kind, target in (
            ("demo/setup.py", b"0", ""),
            ("demo/a", b"2", "setup.py"),
            ("demo/é" * 30, b"1", "demo/setup.py"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            written.addfile(info)
    return content.getvalue()
