"""Wheels for any Python 3, unpacked into a new environment by this process: uv would ask the interpreter first."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from cortexlock.errors import IntegrityError
from cortexlock.pip.install import wheel_check


def install(wheels: Sequence[Path], environment: Path) -> bool:
    """Install wheels into a virtual environment that nothing is installed in yet.

    Args:
        wheels: Files that nobody has looked into.
        environment: The environment's directory.

    Returns:
        Whether that was done. What is for one Python or one machine, or is not as wheels are, is left to uv.
    """
    sites = list((environment / "lib").glob("python3*/site-packages"))
    if os.name == "nt" or len(sites) != 1 or not all(map(_is_pure, wheels)):
        return False
    # Imported here: most locks build nothing.
    from installer import install as unpack  # noqa: PLC0415
    from installer.destinations import SchemeDictionaryDestination  # noqa: PLC0415
    from installer.exceptions import InstallerError  # noqa: PLC0415
    from installer.sources import WheelFile  # noqa: PLC0415

    (site,) = sites
    schemes = {"purelib": site, "platlib": site, "scripts": environment / "bin", "data": environment}
    destination = SchemeDictionaryDestination(
        {**{name: str(path) for name, path in schemes.items()}, "headers": str(environment / "include" / "site")},
        interpreter=str(environment / "bin" / "python"),
        script_kind="posix",
        overwrite_existing=True,  # two wheels with one file
    )
    scripts = environment / "bin"
    before = set(scripts.iterdir()) if scripts.is_dir() else set[Path]()
    with suppress(IntegrityError, InstallerError, OSError, ValueError, KeyError, zipfile.BadZipFile):
        for wheel in wheels:
            wheel_check.check(wheel)
        for wheel in wheels:
            with WheelFile.open(wheel) as source:
                unpack(source, destination, additional_metadata={})
        for script in set(scripts.iterdir()) - before if scripts.is_dir() else ():
            script.chmod(0o755)  # whatever the archive says, as pip and uv do it
        return True
    return False


def _is_pure(wheel: Path) -> bool:
    try:
        tags = parse_wheel_filename(wheel.name)[3]
    except InvalidWheelFilename:
        return False
    return any((tag.interpreter, tag.abi, tag.platform) == ("py3", "none", "any") for tag in tags)
