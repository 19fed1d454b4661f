"""Wheels into a prefix with the prefix's own pip, as old as 19.3: exactly these files, offline, hashes checked."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import Version

from cortexlock import process
from cortexlock.errors import StepError, UsageError
from cortexlock.pip.install.with_uv import WheelFile, batches, clear_remains
from cortexlock.pip.prefix.distributions import Prefix

_FROM_HOST = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
_OPTIONS = (
    *("--isolated", "--disable-pip-version-check", "--no-cache-dir", "--no-index", "--no-deps"),
    *("--no-compile", "--force-reinstall", "--no-warn-script-location", "--quiet"),
)

_OLDEST = Version("19.3")
"""The oldest pip of the images; older ones write outside of the prefix where a wheel says so."""
_VERSION = re.compile(r"""(?m)^__version__ = ["']([0-9]+(?:\.[0-9]+)*)""")
_HINT = "install with `--installer uv`"


def check_pip(prefix: Prefix) -> None:
    """Refuse a prefix that has no pip, or one that is too old.

    Raises:
        UsageError: It has none, or one from before 19.3.
    """
    file = prefix.site / "pip" / "__init__.py"
    if not file.is_file():
        raise UsageError("the prefix has no pip of its own", where=str(prefix.root), hint=_HINT)
    match = _VERSION.search(file.read_text(encoding="utf-8", errors="replace"))
    found = match[1] if match else "unknown"
    if match is None or Version(found) < _OLDEST:
        raise UsageError(
            f"the prefix's own pip is too old: its version is {found}, it must be {_OLDEST} or later",
            where=str(prefix.root),
            hint=_HINT,
        )


def install(
    wheels: Sequence[WheelFile], *, prefix: Prefix, environment: Mapping[str, str], keep: Sequence[int] = ()
) -> None:
    """Install wheels with the prefix's own pip, replacing other and damaged versions of the same distributions.

    Args:
        wheels: What to install, one per distribution.
        prefix: Where to; it has a pip.
        environment: The caller's variables, of which pip sees where programs and temporary files go, no more.
        keep: File descriptors that stay open in pip: a lock on one of them lasts until it has ended.

    Raises:
        StepError: pip fails; its output is part of the message.
    """
    clear_remains(prefix, {wheel.name for wheel in wheels})
    for batch in batches(wheels, prefix):
        _install(batch, prefix=prefix, environment=environment, keep=keep)


def _install(
    ordered: Sequence[WheelFile], *, prefix: Prefix, environment: Mapping[str, str], keep: Sequence[int]
) -> None:
    with TemporaryDirectory(prefix="cortexlock-") as temporary:
        links = Path(temporary, "wheels")
        links.mkdir()
        for wheel in ordered:
            (links / _known_name(wheel.path.name)).symlink_to(os.path.abspath(wheel.path))  # noqa: PTH100 - as it is
        listed = Path(temporary, "requirements.txt")
        lines = (f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in ordered)
        listed.write_text("".join(lines), encoding="utf-8")
        done = _run(("--require-hashes", "--find-links", links, "--requirement", listed), prefix, environment, keep)
    if done.returncode:
        what = f"pip cannot install the wheels (exit code {done.returncode}):"
        raise StepError(what, details=[done.output], where="pip", output=done.output)


def try_pip(wheels: Sequence[Path], *, prefix: Prefix, environment: Mapping[str, str], place: Path) -> str:
    """Install wheels into a directory of their own, and return what pip has against them, or nothing.

    Args:
        wheels: Paths of the wheels.
        prefix: Whose pip is asked.
        environment: As for `install`.
        place: A directory that is not there yet.

    Raises:
        StepError: pip cannot be started.
    """
    with TemporaryDirectory(prefix="cortexlock-") as temporary:
        links = [Path(temporary, _known_name(wheel.name)) for wheel in wheels]
        for link, wheel in zip(links, wheels, strict=True):
            link.symlink_to(wheel)
        done = _run(("--target", place, *links), prefix, environment, ())
    return done.output or "it says nothing" if done.returncode else ""


def _run(
    arguments: Sequence[str | Path], prefix: Prefix, environment: Mapping[str, str], keep: Sequence[int]
) -> process.Completed:
    kept = {name: environment[name] for name in _FROM_HOST if name in environment}
    variables = {**kept, "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull, "PYTHONNOUSERSITE": "1"}
    command = (prefix.python, "-B", "-m", "pip", "install", *_OPTIONS, *arguments)
    with TemporaryDirectory(prefix="cortexlock-") as nowhere:  # `-m` looks for modules there first
        try:
            return process.run(command, env=variables, cwd=Path(nowhere), keep=keep)
        except OSError as error:
            raise StepError(f"the interpreter does not start: {error}", where=str(prefix.python)) from error


def _known_name(file: str) -> str:
    """Return a wheel's name with a platform tag that each pip knows: an old one does not know what came after it.

    That the file is one for this platform was decided when it was locked, and the machine's C library is checked.
    """
    stem, _, tag = file.removesuffix(".whl").rpartition("-")
    return file if tag == "any" else f"{stem}-linux_{platform.machine()}.whl"
