"""The machine that a replay runs on: its platform, C library and NVIDIA driver against those of the lockfile."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping

from packaging.version import Version

from cortexlock.conda import detection
from cortexlock.errors import DifferenceError, UsageError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.predictor import MACHINES

_COMPATIBLE_SINCE = 11
"""From CUDA 11 on, a driver for any version of the same major one serves (NVIDIA's minor version compatibility)."""


def check_machine(lockfile: Lockfile) -> None:
    """Refuse a machine that the lockfile is not for.

    Raises:
        UsageError: It is another one.
        DifferenceError: Its C library is older than the image's.
    """
    wanted = {str(subdir): machine for subdir, machine in MACHINES.items()}.get(lockfile.subdir)
    if (sys.platform, platform.machine()) != ("linux", wanted):
        raise UsageError(
            f"the lockfile is for {lockfile.subdir}, this machine is {sys.platform} on {platform.machine()}",
            hint="install inside the predictor's image",
        )
    library, version = platform.libc_ver()
    if library != "glibc":
        raise UsageError(
            f"the lockfile is for glibc {lockfile.glibc}, and this machine's C library is "
            + (library or "another one, musl perhaps"),
            hint="install inside the predictor's image",
        )
    if Version(version) < Version(lockfile.glibc):
        raise DifferenceError(
            f"this machine has glibc {version}, the lockfile is for glibc {lockfile.glibc}",
            hint="install inside the predictor's image",
        )


def check_gpu(lockfile: Lockfile, environment: Mapping[str, str]) -> None:
    """Refuse a machine whose NVIDIA driver cannot run what the lockfile is for.

    Args:
        lockfile: What was locked; without CUDA there is nothing to check.
        environment: The caller's variables.

    Raises:
        DifferenceError: There is no driver, or it is too old.
    """
    wanted = next((each.version for each in lockfile.virtual_packages if each.name == detection.NAME), None)
    if wanted is None:
        return
    found = detection.cuda_version(environment)
    if found is None:
        raise DifferenceError(
            f"the lockfile is for CUDA {wanted}, and this machine has no NVIDIA driver that answers",
            hint="install where there is a GPU; to build an image on a machine without one, say --no-gpu-check",
        )
    if not _serves(found, wanted):
        raise DifferenceError(
            f"this machine's NVIDIA driver supports CUDA up to {found}, the lockfile is for CUDA {wanted}",
            hint="update the driver; to build an image for another machine, say --no-gpu-check",
        )


def _serves(found: str, wanted: str) -> bool:
    try:
        driver, image = Version(found), Version(wanted)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False
    return driver >= image or (driver.major == image.major and image.major >= _COMPATIBLE_SINCE)
