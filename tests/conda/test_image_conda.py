"""What an image's conda knows of its machine."""

from __future__ import annotations

import pytest

from cortexlock.conda.image_conda import virtual_packages
from cortexlock.model.target import VirtualPackage

MACHINE = tuple(VirtualPackage(name, "1") for name in ("__archspec", "__cuda", "__glibc", "__linux", "__unix"))


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("4.7.0", []),
        ("4.7.12", ["__cuda"]),
        ("4.8.0", ["__cuda", "__glibc"]),
        ("4.9.2", ["__archspec", "__cuda", "__glibc", "__unix"]),
        ("4.10.0", ["__archspec", "__cuda", "__glibc", "__linux", "__unix"]),
        ("24.7.1", ["__archspec", "__conda", "__cuda", "__glibc", "__linux", "__unix"]),
        ("", ["__archspec", "__cuda", "__glibc", "__linux", "__unix"]),
    ],
)
def test_a_conda_knows_the_virtual_packages_of_its_time(version: str, known: list[str]) -> None:
    found = virtual_packages(version, MACHINE)
    assert [package.name for package in found] == known
    assert [package.version for package in found if package.name == "__conda"] == [version] * ("__conda" in known)
