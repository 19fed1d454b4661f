"""The wheels that builds need: resolved for the target in the thread that resolves, whoever asks, and each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.internals.observed import Observed
from cortexlock.pip.internals.resolver import PipResolver
from cortexlock.pip.resolution.values import ImpossibleError, Preference, Resolved
from cortexlock.pip.sources import build_failures, build_requirements
from cortexlock.pip.sources.errands import Errands


class BuildWheels:
    """Wheels for builds of one resolution; its methods can be called from any thread."""

    def __init__(
        self, resolver: PipResolver, preferences: Mapping[str, Preference], directory: Path, errands: Errands
    ) -> None:
        """Resolve build requirements.

        Args:
            resolver: Resolves, in the thread of the errands.
            preferences: Versions that come first, by normalized name.
            directory: Where wheels are kept.
            errands: Those of the thread that resolves.
        """
        self._resolver = resolver
        self._preferences = preferences
        self._directory = directory
        self._errands = errands
        self._found: dict[tuple[str, ...], tuple[tuple[Resolved, ...], Observed]] = {}

    def find(self, texts: Sequence[str]) -> tuple[Resolved, ...]:
        """Resolve build requirements for the target.

        Raises:
            NoSolutionError: They have no solution, or none of wheels alone: builds would need builds.
            NetworkError: An index does not answer.
            CancelledError: The resolution is over.
        """
        asked = tuple(sorted(texts))
        if asked not in self._found:
            self._errands.ask(partial(self._resolve, asked))
        wheels, observed = self._found[asked]
        if self._errands.is_mine:  # it is needed, and not only guessed at
            self._resolver.observed.add(observed)
        return wheels

    def fetched(self, texts: Sequence[str]) -> list[Path]:
        """Return the files of these wheels, which are fetched; raises as `find`, and `IntegrityError`."""
        return [self._resolver.download(wheel, self._directory) for wheel in self.find(texts)]

    def hashes(self, texts: Sequence[str]) -> list[str]:
        """Return the sha256 of these wheels, sorted; raises as `find`."""
        return sorted(wheel.sha256 for wheel in self.find(texts))

    def _resolve(self, texts: tuple[str, ...]) -> None:
        if texts in self._found:  # several threads have asked
            return
        with self._resolver.observed.apart() as observed:
            requirements = pip_requirements.from_texts(texts)
            try:
                found = self._resolver.resolve(requirements, preferences=self._preferences, of_build=True)
            except ImpossibleError as error:
                raise build_failures.impossible(error, texts) from error
        for wheel in found:
            if wheel.source is not None:
                raise build_failures.no_wheel(wheel)
        self._found[texts] = tuple(build_requirements.without_context(wheel) for wheel in found), observed
