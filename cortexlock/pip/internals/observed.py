"""What stand-ins of pip come across while it resolves: files that nobody can read, versions that are no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cortexlock.pip.resolution.values import MovedPreference, PassedOver


class Observed:
    """Facts of all resolutions of one resolver; its methods are told to whoever comes across them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._passed_over: dict[str, PassedOver] = {}
        self._unversioned: dict[str, PassedOver] = {}
        self._moved: dict[str, MovedPreference] = {}

    def pass_over(self, found: PassedOver) -> None:
        """Take down a file that would have been chosen."""
        self._passed_over[found.file] = found

    def leave_out(self, found: PassedOver) -> None:
        """Take down a file without a version, which is never a candidate."""
        self._unversioned[found.file] = found

    def move(self, found: MovedPreference) -> None:
        """Take down a preferred version without a file for the target."""
        self._moved[found.name] = found

    @contextmanager
    def apart(self) -> Iterator[Observed]:
        """Take down what comes meanwhile in an object of its own: nobody knows yet whether it matters."""
        passed_over, moved, seen = self._passed_over, self._moved, Observed()
        self._passed_over, self._moved = seen._passed_over, seen._moved
        try:
            yield seen
        finally:
            self._passed_over, self._moved = passed_over, moved

    def add(self, seen: Observed) -> None:
        """Take down what was taken down apart."""
        self._passed_over |= seen._passed_over
        self._moved |= seen._moved

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """Files of indexes that were tried and could not be read, sorted."""
        return tuple(self._passed_over[file] for file in sorted(self._passed_over))

    @property
    def unreadable(self) -> tuple[PassedOver, ...]:
        """All files that nobody can install, those that were never a candidate included."""
        return (*self._unversioned.values(), *self._passed_over.values())

    @property
    def moved(self) -> tuple[MovedPreference, ...]:
        """Preferred versions without a file for the target, sorted by name."""
        return tuple(self._moved[name] for name in sorted(self._moved))
