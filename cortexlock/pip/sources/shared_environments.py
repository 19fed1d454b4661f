"""The build environments of a command: builds that need the same wheels share one, each with a home of its own.

setuptools asks for wheel by a hook, in an environment without it, so that the build of a tree needs two environments,
one after the other. Where that is certain, the second is made beside the first, and has loaded its backend by the time
that the hook has asked.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from cortexlock.pip.sources.build import BuildEnvironment
from cortexlock.pip.sources.builds_ahead import BuildsAhead
from cortexlock.pip.sources.hook_servers import HookServers
from cortexlock.storage.digests import file_digest
from cortexlock.storage.whole_directory import exclusive

_BACKEND = "setuptools.build_meta"
"""What builds trees without `pyproject.toml` (PEP 517)."""

_NEEDS_NO_WHEEL = Version("70.1")
"""The first setuptools whose backend asks for nothing: it makes wheels by itself."""


class SharedEnvironments:
    """Environments, made when they are needed or sooner; any thread can ask for them."""

    def __init__(
        self,
        wheels: Callable[[Sequence[str]], Sequence[Path]],
        scratch: Path,
        environment: Mapping[str, str],
        *,
        hooks: HookServers | None,
        ahead: BuildsAhead | None,
    ) -> None:
        """Make none yet.

        Args:
            wheels: Resolves build requirements for the target and fetches their wheels.
            scratch: Where environments are made, and end with it, unless `hooks` has a place for them.
            environment: The caller's variables.
            hooks: Runs hooks of build backends; has a place for what all processes of a command share.
            ahead: Has threads for what is made sooner; None: nothing is.
        """
        self._wheels = wheels
        self._scratch = scratch
        self._environment = environment
        self._hooks = hooks
        self._ahead = ahead
        self._made: dict[tuple[Path, ...], BuildEnvironment] = {}
        self._locks: dict[tuple[Path, ...], Lock] = {}

    def get(self, python: Path, texts: Sequence[str], *, by_default: bool) -> BuildEnvironment:
        """Return an environment with exactly the wheels that texts ask for, and with an empty home.

        Args:
            python: The interpreter.
            texts: Build requirements.
            by_default: Whether it is for a tree that says nothing of how it is built.

        Raises:
            BuildFailedError: It cannot be made.
            CortexlockError: As `wheels` does.
        """
        wheels = tuple(sorted(self._wheels(texts)))
        if by_default and self._ahead is not None and asks_for_wheel(wheels):
            self._ahead.beside(("wheel", *texts), lambda: self._load(python, (*texts, "wheel")))
        return self._of(python, wheels).another()

    def _load(self, python: Path, texts: Sequence[str]) -> None:
        """Make an environment, and have its backend loaded."""
        self._of(python, tuple(sorted(self._wheels(texts)))).load(_BACKEND)

    def _of(self, python: Path, wheels: tuple[Path, ...]) -> BuildEnvironment:
        with self._locks.setdefault(wheels, Lock()):
            if wheels not in self._made:
                self._made[wheels] = self._there(python, wheels)
        return self._made[wheels]

    def _there(self, python: Path, wheels: tuple[Path, ...]) -> BuildEnvironment:
        """Return an environment, which is made unless another process of the command has made the same one."""
        place = self._scratch if self._hooks is None else self._hooks.place
        name = f"build-{_key(python, wheels)}"
        made = BuildEnvironment(python, place, self._environment, name=name, hooks=self._hooks)
        whole = place / name / "whole"
        with exclusive(place / name):
            if whole.exists():
                made.adopt()
            else:
                shutil.rmtree(place / name, ignore_errors=True)  # who made it was killed
                made.__enter__()
                made.install(wheels)
                whole.touch()
        return made


def _key(python: Path, wheels: Sequence[Path]) -> str:
    """Return what tells environments apart: by what is in the wheels, wherever they are."""
    found = sorted(f"{each.name} {file_digest(each)}" for each in wheels)
    return hashlib.sha256("\0".join([str(python), *found]).encode()).hexdigest()[:16]


def asks_for_wheel(wheels: Sequence[Path]) -> bool:
    """Whether setuptools is among wheels, in a version whose backend asks for wheel, and wheel is not."""
    versions = dict[str, Version]()
    for each in wheels:
        try:
            name, version, _, _ = parse_wheel_filename(each.name)
        except InvalidWheelFilename:
            continue
        versions[name] = version
    return "wheel" not in versions and "setuptools" in versions and versions["setuptools"] < _NEEDS_NO_WHEEL
