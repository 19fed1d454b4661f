"""Wheels into a prefix with uv: exactly these files, offline, hashes checked, nothing resolved.

uv installs into prefixes of Python 3.6 and into prefixes without pip. It unpacks wheels into a cache of this one call
and links the files from there: once that is gone the prefix has the only link, so that no edit of an installed file
reaches a cache, and nothing was written twice. Byte code is not compiled (uv's compiler needs a newer Python).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import canonicalize_name

from cortexlock.errors import StepError
from cortexlock.pip.install.uv import OFFLINE, run_uv
from cortexlock.pip.prefix.distributions import Prefix, installed
from cortexlock.pip.prefix.recorded_files import brought, discard

_OPTIONS = ("--no-deps", "--no-build", "--require-hashes", "--break-system-packages")
_INTERPRETERS = "interpreter-v*"
"""Where uv's cache has what it asked interpreters, by path and time of change: a start of Python each, 0.1 s. Where a
release of uv has another name for it, uv asks again."""


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A wheel to install: normalized name, version, where it is, and its hash, hexadecimal."""

    name: str
    version: str
    path: Path
    sha256: str


def install(  # noqa: PLR0913 - what, where to, and with what
    wheels: Sequence[WheelFile],
    *,
    prefix: Prefix,
    environment: Mapping[str, str],
    keep: Sequence[int] = (),
    workspace: Path | None = None,
    known: Path | None = None,
) -> None:
    """Install wheels, replacing other and damaged versions of the same distributions.

    Wheels that bring the same file are installed one after the other, as they are given, so that it is the same one
    that wins on every machine.

    Args:
        wheels: What to install, one per distribution.
        prefix: Where to.
        environment: The caller's variables, of which uv sees where temporary files go, no more.
        keep: File descriptors that stay open in uv: a lock on one of them lasts until it has ended.
        workspace: An existing directory for what is removed again. On the file system of the prefix, files are linked
            rather than copied.
        known: The directory that `try_uv` was given, for a prefix in which nobody else has changed anything since.

    Raises:
        StepError: uv fails; its output is part of the message.
        IntegrityError: A file is not a wheel.
    """
    clear_remains(prefix, {wheel.name for wheel in wheels})
    for batch in batches(wheels, prefix):
        # Not in the workspace: uv reads such paths as URLs, in which a `#` of the prefix's own path means something.
        with (
            TemporaryDirectory(prefix="cortexlock-") as temporary,
            TemporaryDirectory(prefix="cortexlock-", dir=workspace) as cache,
        ):
            for facts in () if known is None else known.glob(_INTERPRETERS):
                shutil.copytree(facts, Path(cache, facts.name))
            links = Path(temporary, "wheels")
            links.mkdir()
            for wheel in batch:
                (links / wheel.path.name).symlink_to(os.path.abspath(wheel.path))  # noqa: PTH100 - keeps the name
            listed = Path(temporary, "requirements.txt")
            lines = (f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in batch)
            listed.write_text("".join(lines), encoding="utf-8")
            linked = ("--cache-dir", cache, "--link-mode", "hardlink")
            # Only where it may have an effect: it makes uv ask the interpreter anew, too.
            anew = ("--reinstall",) if _may_have(prefix, [wheel.name for wheel in batch]) else ()
            options = (*OFFLINE, *linked, *_OPTIONS, *anew, "--find-links", links, "--python", prefix.python)
            completed = run_uv(
                ("pip", "install", *options, "--requirements", listed), environment=environment, keep=keep
            )
        if completed.returncode:
            what = f"uv cannot install the wheels (exit code {completed.returncode}):"
            raise StepError(what, details=[completed.output], where="pip", output=completed.output)


def try_uv(wheels: Sequence[Path], *, prefix: Prefix, environment: Mapping[str, str], place: Path, known: Path) -> str:
    """Install wheels into a directory of their own, and return what uv has against them, or nothing.

    Args:
        wheels: Paths of the wheels.
        prefix: Whose interpreter they are for.
        environment: As for `install`.
        place: A directory that is not there yet.
        known: An existing directory, in which uv keeps what it finds out about the interpreter.

    Raises:
        StepError: uv cannot be started.
    """
    cached = ("--cache-dir", known, "--link-mode", "copy")
    options = (*OFFLINE, *cached, "--no-deps", "--target", place, "--python", prefix.python)
    done = run_uv(("pip", "install", *options, *wheels), environment=environment)
    return done.output or "it says nothing" if done.returncode else ""


def _may_have(prefix: Prefix, names: Collection[str]) -> bool:
    """Whether anything in site-packages, readable or not, may be metadata of a distribution of these names."""
    there = [canonicalize_name(entry.name) for entry in prefix.site.iterdir()] if prefix.site.is_dir() else []
    return any(entry.startswith(name) for entry in there for name in names)


def clear_remains(prefix: Prefix, names: Collection[str]) -> None:
    """Remove metadata without a list of files: an installation that was killed left it, and uv would leave it beside.

    The files that such a distribution had are overwritten, or stay where nobody knows of them.
    """
    for distribution in installed(prefix) if names else ():
        metadata = distribution.metadata
        if distribution.name in names and metadata.suffix == ".dist-info" and not (metadata / "RECORD").is_file():
            discard(metadata)


def batches(wheels: Sequence[WheelFile], prefix: Prefix) -> Iterator[list[WheelFile]]:
    """Split wheels so that no two of a batch bring the same file, and none overtakes such another that is before it.

    Raises:
        IntegrityError: A file is not a wheel.
    """
    found: list[tuple[list[WheelFile], set[str]]] = []
    for wheel in wheels:
        files = {os.path.normpath(file.path) for file in brought(wheel.path, prefix)}
        after = max((number for number, (_, taken) in enumerate(found) if taken & files), default=-1) + 1
        if after == len(found):
            found.append(([], set()))
        found[after][0].append(wheel)
        found[after][1].update(files)
    return (batch for batch, _ in found)
