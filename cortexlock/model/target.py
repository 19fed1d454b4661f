"""What dependencies are resolved for: predictor x platform. Nothing here depends on the host."""

from __future__ import annotations

import re

from cortexlock.model.predictor import MACHINES, PlatformName, Predictor, SubdirName
from cortexlock.quick_dataclass import dataclass

_MANYLINUX_ALIASES = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
_OLDEST_GLIBC_MINOR = {"x86_64": 5, "aarch64": 17}  # of the first manylinux for a machine
_LAST_PYTHON_WITH_MALLOC_ABI = (3, 7)


def minor_of(version: str) -> str:
    """Return major and minor version, `3.6` of `3.6.9`."""
    return ".".join(version.split(".")[:2])


def numbers_of(version: str) -> tuple[int, int, int]:
    """Return the three numbers of an interpreter's version, `(3, 6, 9)`; a patch that nobody tells is 0.

    Args:
        version: Two numbers or more; a pre-release, such as `3.14.0rc1`, is that of which it is one.
    """
    found = [int(digits) for digits in re.findall(r"(?:^|\.)([0-9]+)", version)]
    major, minor, patch = [*found, 0, 0, 0][:3]
    return major, minor, patch


def prerelease_of(version: str) -> str:
    """Return what makes a version of an interpreter a pre-release, `rc1` of `3.14.0rc1`; nothing of a final one."""
    found = re.search(r"[0-9]((?:a|b|rc)[0-9]+)$", version)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class VirtualPackage:
    """A conda virtual package (`__glibc`, `__cuda`): a fact about the machine that packages can depend on."""

    name: str
    version: str
    build: str = "0"


@dataclass(frozen=True, slots=True)
class Target:
    """The interpreter, marker environment, wheel tags and virtual packages of a predictor's image.

    Attributes:
        platform: The accelerator.
        subdir: The conda subdir.
        python: The interpreter's version as a tuple, `(3, 6, 9)`.
        glibc: The C library's version as a tuple, `(2, 27)`.
        cuda: The CUDA version, or None.
        prerelease: What makes the interpreter's version a pre-release, `rc1`; empty: it is final.
    """

    platform: PlatformName
    subdir: SubdirName
    python: tuple[int, int, int]
    glibc: tuple[int, int]
    cuda: str | None
    prerelease: str = ""

    @classmethod
    def of(cls, predictor: Predictor) -> Target:
        """Derive the target of an image."""
        glibc_major, glibc_minor = (int(part) for part in predictor.glibc.split(".")[:2])
        return cls(
            predictor.platform,
            predictor.subdir,
            numbers_of(predictor.python),
            (glibc_major, glibc_minor),
            predictor.cuda,
            prerelease_of(predictor.python),
        )

    @property
    def python_version(self) -> str:
        """The interpreter's full version, `3.6.9`, or `3.14.0rc1`."""
        return self.python_final + self.prerelease

    @property
    def python_final(self) -> str:
        """The version that it is, or will be, `3.14.0`: what pip compares `Requires-Python` with."""
        return ".".join(map(str, self.python))

    @property
    def python_minor(self) -> str:
        """The interpreter's major and minor version, `3.6`."""
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def machine(self) -> str:
        """What kind of machine it is, as `uname -m` says: `x86_64` or `aarch64`."""
        return MACHINES[self.subdir]

    @property
    def abi(self) -> str:
        """The ABI tag: `cp36m` up to Python 3.7, `cp38` from then on (PEP 3149, bpo-36707)."""
        flags = "m" if self.python[:2] <= _LAST_PYTHON_WITH_MALLOC_ABI else ""
        return f"cp{self.python[0]}{self.python[1]}{flags}"

    @property
    def wheel_platforms(self) -> tuple[str, ...]:
        """Platform tags, the best first (PEP 600 and its legacy aliases), then that of any Linux: `linux_x86_64`."""
        machine = self.machine
        tags: list[str] = []
        for minor in range(self.glibc[1], _OLDEST_GLIBC_MINOR[machine] - 1, -1):
            tags.append(f"manylinux_{self.glibc[0]}_{minor}_{machine}")
            alias = _MANYLINUX_ALIASES.get((self.glibc[0], minor))
            if alias:
                tags.append(f"{alias}_{machine}")
        return (*tags, f"linux_{machine}")

    @property
    def marker_environment(self) -> dict[str, str]:
        """The environment that markers are evaluated in (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python_version,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python_version,
            "python_version": self.python_minor,
            "sys_platform": "linux",
        }

    @property
    def virtual_packages(self) -> tuple[VirtualPackage, ...]:
        """The image's conda virtual packages, sorted by name."""
        found = [
            VirtualPackage("__archspec", "1", self.machine),
            VirtualPackage("__glibc", ".".join(map(str, self.glibc))),
            VirtualPackage("__linux", "0"),
            VirtualPackage("__unix", "0"),
        ]
        if self.cuda is not None:
            found.append(VirtualPackage("__cuda", self.cuda))
        return tuple(sorted(found, key=lambda package: package.name))
