"""What the disk of a prefix cannot hold is not begun."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from cortexlock.conda.archive import Listing
from cortexlock.errors import StepError
from cortexlock.model.lockfile import PipStep
from cortexlock.model.package import CondaPackage, FromDirectory, FromIndex, PipPackage
from cortexlock.replay.checks.prefix_space import check_prefix_space
from cortexlock.replay.plan import Plan, PlannedStep


def test_a_full_disk_is_found_before_anything_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "big-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(30 << 20))
    package = PipPackage("big", "1.0", file=wheel.name, sha256="a" * 64, source=FromIndex("default"))
    conda = CondaPackage("lib", "1.0", size=5 << 20)
    tree = PipPackage("tree", "1.0", sha256="b" * 64, source=FromDirectory("."))
    sdist = PipPackage(
        "source", "1.0", file="source-1.0.tar.gz", sha256="c" * 64, size=1 << 20, source=FromIndex("default")
    )
    step = PlannedStep(PipStep("requirements.txt", ()), conda=(conda,), pip=(package, tree, sdist))
    planned = Plan(steps=(step,), content_hash="")
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as in the standard library
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 54 << 20))
    check_prefix_space(planned, {"a" * 64: wheel}, {}, tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(0, 0, 53 << 20))
    with pytest.raises(StepError, match="53 MB left, and 54 MB are needed"):
        check_prefix_space(planned, {"a" * 64: wheel}, {}, tmp_path)


def test_a_disk_without_room_for_more_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = namedtuple("disk", "f_files f_favail f_blocks f_bavail f_bfree f_frsize", defaults=(9, 9, 9, 9))  # noqa: PYI024
    planned = Plan(steps=(), content_hash="")
    listings = {"lib": Listing(files=("lib/a", "lib/b"))}
    for files, left in ((0, 0), (100, 2)):
        monkeypatch.setattr(os, "statvfs", lambda _path, files=files, left=left: disk(files, left))
        check_prefix_space(planned, {}, listings, tmp_path)
    monkeypatch.setattr(os, "statvfs", lambda _path: disk(100, 1))
    with pytest.raises(StepError, match="room for 1 more files, and 2 are needed"):
        check_prefix_space(planned, {}, listings, tmp_path)
