"""Whether the installer takes the wheels, asked of it before anything is touched.

What an installer refuses differs from one to the next and from release to release: of each wheel a stub is made, with
its metadata and without what it holds, and these are installed into a directory that is thrown away.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from cortexlock.errors import Hint, IntegrityError, StepError
from cortexlock.model.package import PipPackage
from cortexlock.model.replay import InstallOptions
from cortexlock.pip.install.stubs import make_stub
from cortexlock.pip.install.with_pip import try_pip
from cortexlock.pip.install.with_uv import try_uv
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.pip.prefix.interpreter import check_starts
from cortexlock.replay.plan import Plan

_ROOM = 1 << 18
"""Bytes that the stubs of wheels and what is known of an interpreter take at least."""


def check_installable(
    planned: Plan, files: Mapping[str, Path], prefix: Prefix, options: InstallOptions, known: Path
) -> None:
    """Refuse wheels that the installer refuses, and those of another distribution than the lockfile says.

    Args:
        planned: What is left to do.
        files: Verified artifacts, by sha256.
        prefix: The prefix, whose interpreter they are for.
        options: Who installs.
        known: As for `try_uv`.

    Raises:
        IntegrityError: The installer refuses one, with what it says; or the file's name has another name or version.
        DifferenceError: The interpreter would wait for a file of the prefix that is none.
        StepError: The interpreter does not start, or does not end; temporary files cannot be written.
    """
    packages = [
        package
        for step in planned.steps
        for package in step.pip
        if package.file.endswith(".whl") and package.sha256 in files
    ]
    if not packages:
        return
    for package in packages:
        _refuse_another(package)
    check_starts(prefix.python, prefix.site, options.environment, minor=prefix.python_minor)
    wheels = {f"{package.name} {package.version}": files[package.sha256] for package in packages}
    attempt = try_pip if options.installer == "pip" else partial(try_uv, known=known)
    with TemporaryDirectory(prefix="cortexlock-") as temporary:
        stubs = {name: _stub(name, wheel, Path(temporary)) for name, wheel in wheels.items()}
        said = attempt(
            list(stubs.values()), prefix=prefix, environment=options.environment, place=Path(temporary, "to")
        )
        if not said:
            return
        _refuse_full(Path(temporary))
        for number, (name, stub) in enumerate(stubs.items()):
            place = Path(temporary, f"to-{number}")
            alone = attempt([stub], prefix=prefix, environment=options.environment, place=place)
            if alone:
                raise _refused(name, alone, options)
        raise _refused("pip step", said, options)


def _refuse_full(directory: Path) -> None:
    """Refuse a directory for temporary files that cannot hold any: no wheel is to blame then."""
    try:
        (directory / "room").write_bytes(b"\0" * _ROOM)
    except OSError as error:
        raise StepError(
            f"temporary files cannot be written: {error.strerror}",
            where=str(directory.parent),
            hint="make space, or let TMPDIR name another directory",
        ) from error


def _refuse_another(package: PipPackage) -> None:
    """Check that the name of a wheel's file, which its dist-info must bear out, says what the lockfile says."""
    try:
        name, version, *_ = parse_wheel_filename(package.file)
    except ValueError:  # an address may end in any name; the installer judges it
        return
    if (name, version) != (package.name, Version(package.version)):
        raise IntegrityError(
            f"the file {package.file} is of {name} {version}",
            where=f"{package.name} {package.version}",
            hint=Hint("the lockfile was tampered with: run ", "lock", " and review the change"),
        )


def _stub(name: str, wheel: Path, directory: Path) -> Path:
    try:
        return make_stub(wheel, directory)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise IntegrityError(
            f"the wheel is damaged: {error}", where=name, hint="the wheel is broken or was tampered with"
        ) from error


def _refused(where: str, said: str, options: InstallOptions) -> IntegrityError:
    other = "pip" if options.installer == "uv" else "uv"
    return IntegrityError(
        f"{options.installer} does not install the wheel:",
        details=[said],
        where=where,
        hint=f"the wheel is broken: lock another version, or try `--installer {other}`",
    )
