"""The files that builds need: resolved for the target in the thread that resolves, whoever asks, and each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.internals.observed import Observed
from cortexlock.pip.internals.resolver import PipResolver
from cortexlock.pip.resolution.values import ImpossibleError, Preference, Resolved, SourceTree
from cortexlock.pip.sources import build_failures
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
        self.trees: dict[str, SourceTree] = {}
        """What has been found and is no wheel, by its sha256: a wheel must be built of it."""

    def find(self, texts: Sequence[str]) -> tuple[Resolved, ...]:
        """Resolve build requirements for the target.

        Raises:
            NoSolutionError: They have no solution.
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

    def fetch(self, found: Resolved) -> Path:
        """Return the file of what was found, which is fetched; raises as `find`, and `IntegrityError`."""
        return self._resolver.download(found, self._directory)

    def _resolve(self, texts: tuple[str, ...]) -> None:
        if texts in self._found:  # several threads have asked
            return
        with self._resolver.observed.apart() as observed:
            requirements = pip_requirements.from_texts(texts)
            try:
                found = self._resolver.resolve(requirements, preferences=self._preferences, of_build=True)
            except ImpossibleError as error:
                raise build_failures.impossible(error, texts) from error
        for each in found:
            if each.source is not None and not each.file:
                raise build_failures.no_file(each)
        self.trees.update({each.sha256: each.source for each in found if each.source is not None})
        self._found[texts] = tuple(map(_without_context, found)), observed


def _without_context(found: Resolved) -> Resolved:
    """Drop who asked, and where pip has unpacked it: one file that two builds need is one."""
    return replace(found, requires=(), parents=(), requested=False, source=None, unknown_extras=())
