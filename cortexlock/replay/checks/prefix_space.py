"""Whether the disk of a prefix holds what is about to be installed."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from cortexlock.conda.archive import Listing
from cortexlock.errors import StepError
from cortexlock.replay.plan import Plan

_CONDA_RATIO = 4
"""How much larger a conda package is than its archive, about."""

_SDIST_RATIO = 4
"""How much larger what an sdist installs is than the sdist, about."""


def check_prefix_space(planned: Plan, files: Mapping[str, Path], listings: Mapping[str, Listing], prefix: Path) -> None:
    """Refuse to begin what the disk cannot hold.

    Args:
        planned: What is left to do.
        files: Verified artifacts, by sha256.
        listings: What the archives of the conda packages bring, by name of the package.
        prefix: The root of the prefix.

    Raises:
        StepError: The file system of the prefix has too little space, or room for too few files.
    """
    needed = files_needed = 0
    for step in planned.steps:
        for archive in step.conda:
            found = files.get(archive.sha256)
            needed += _CONDA_RATIO * (archive.size or (found.stat().st_size if found else 0))
        for package in step.pip:
            path = files.get(package.sha256)
            if path is not None and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as wheel:
                    needed += sum(info.file_size for info in wheel.infolist())
                    files_needed += len(wheel.infolist())
            else:
                needed += _SDIST_RATIO * package.size
    free = shutil.disk_usage(prefix).free
    if needed > free:
        raise StepError(
            f"the prefix's disk has {free >> 20} MB left, and {needed >> 20} MB are needed",
            where=str(prefix),
            hint="make space, then install again",
        )
    disk = os.statvfs(prefix)
    files_needed += sum(len(listing.files) for listing in listings.values())
    if disk.f_files and files_needed > disk.f_favail:  # file systems without a number of their own say 0
        raise StepError(
            f"the prefix's disk has room for {disk.f_favail} more files, and {files_needed} are needed",
            where=str(prefix),
            hint="make room (inodes), then install again",
        )
