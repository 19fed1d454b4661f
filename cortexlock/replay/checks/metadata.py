"""What wheels say of their requirements, against what the lock was told of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement

from cortexlock.errors import IntegrityError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.conflicts import Present, broken
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.requirements import marker_environment_of
from cortexlock.replay.prefix.state import State

_LARGEST = 1 << 24
"""Bytes of the largest METADATA that is read."""


def check_metadata(lockfile: Lockfile, planned: Plan, files: Mapping[str, Path], state: State) -> None:
    """Refuse wheels that ask for what the lockfile neither has nor says to be missing.

    What was locked was what the index said of a wheel (PEP 658): one that asks for more is not what its index said.

    Args:
        lockfile: What was locked.
        planned: What is left to do.
        files: Verified artifacts, by sha256.
        state: The prefix, whose interpreter decides on markers.

    Raises:
        IntegrityError: There is such a wheel.
    """
    versions = {key.name: version for key, version in lockfile.versions_after(len(lockfile.steps)).items()}
    present = {name: Present(version, ()) for name, version in versions.items()}
    wheels = {
        package.name: Present(package.version, tuple(required_by(files[package.sha256])))
        for step in planned.steps
        for package in step.pip
        if package.file.endswith(".whl") and package.sha256 in files
    }
    final = lockfile.final_distributions()
    present |= {name: wheel for name, wheel in wheels.items() if name in final}
    known = {(each.package, each.requirement, each.found) for each in lockfile.conflicts}
    image = {each.key: each.version for each in lockfile.pre_installed}
    python = lockfile.python if lockfile.changes_python else state.prefix.python_version
    environment = marker_environment_of(lockfile, python)
    for each in broken({}, present, environment):
        other = PackageKey.of("pip", Requirement(each.requirement).name)
        is_image_s = image.get(PackageKey("pip", each.package)) == each.version and image.get(other, "") == each.found
        if each.package in wheels and (each.package, each.requirement, each.found) not in known and not is_image_s:
            there = f"{each.found} is locked" if each.found else "it is not locked"
            raise IntegrityError(
                f"the wheel asks for {each.requirement}, and {there}: it asks for more than its index said of it",
                where=f"{each.package} {each.version}",
                hint="tell who runs the index; name the requirement in the project, and lock again",
            )


def required_by(wheel: Path) -> Iterator[str]:
    """Yield the requirements of a wheel, of which the form has been checked."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            directory, _, name = member.filename.rpartition("/")
            if name == "METADATA" and directory.endswith(".dist-info") and "/" not in directory:
                if member.file_size > _LARGEST:
                    continue
                text = archive.read(member).decode("utf-8", errors="replace")
                yield from (str(value) for value in HeaderParser().parsestr(text).get_all("Requires-Dist", ()))
