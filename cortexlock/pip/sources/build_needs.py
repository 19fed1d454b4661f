"""What builds need: wheels, and files of which wheels are built in turn, bounded in depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cortexlock.pip.resolution.values import Resolved, SourceTree
from cortexlock.pip.sources import build_failures
from cortexlock.pip.sources.errands import Errands
from cortexlock.pip.sources.source_trees import SourceTrees

_DEPTH = 20
"""Builds for builds for builds: what is published needs three or four."""


class BuildNeeds:
    """Files for builds of one resolution.

    `wheels` and `hashes` can be called from any thread: what must be built in turn is built in the thread that
    resolves, one after the other.
    """

    def __init__(
        self,
        find: Callable[[Sequence[str]], Sequence[Resolved]],
        fetch: Callable[[Resolved], Path],
        trees: Mapping[str, SourceTree],
        sources: SourceTrees,
        errands: Errands,
    ) -> None:
        """Describe how they are had.

        Args:
            find: Resolves requirements for the target.
            fetch: Fetches a file and checks its hash.
            trees: What was found and is no wheel, by sha256.
            sources: Answers about source trees, and builds them.
            errands: Those of the thread that resolves.
        """
        self._find = find
        self._fetch = fetch
        self._trees = trees
        self._sources = sources
        self._errands = errands
        self._open: list[str] = []
        self._built: dict[str, Path] = {}

    def wheels(self, texts: Sequence[str]) -> list[Path]:
        """Fetch the wheels that satisfy requirements; of what has none, they are built.

        Raises:
            NoSolutionError: There are none, a build fails, or what builds need is nested without an end.
            UsageError: There is no interpreter to build with.
            NetworkError: An index does not answer.
        """
        found = self._chosen(texts)
        if self._are_wheels(found):
            return list(map(self._fetch, found))
        return self._errands.ask(partial(self._all_wheels, texts))

    def hashes(self, texts: Sequence[str]) -> list[str]:
        """Return the sha256 of all that builds for some requirements need, sorted; raises as `wheels`."""
        found = self._chosen(texts)
        if self._are_wheels(found):
            return sorted(each.sha256 for each in found)
        return self._errands.ask(lambda: sorted({each.sha256 for each, _ in self.walk(texts, "")}))

    def walk(self, texts: Sequence[str], needing: str, above: tuple[str, ...] = ()) -> Iterator[tuple[Resolved, str]]:
        """Yield each file that a build needs, and each that the builds of these need, with what needs it.

        Args:
            texts: What the build asks for.
            needing: Whose build it is; `name==version` of what is built for another build.
            above: The builds that this one is for.

        Raises:
            NoSolutionError: There are none, or what builds need is nested without an end.
        """
        above = (*above, needing)
        for each in self._chosen(texts):
            yield each, needing
            if each.sha256 in self._trees:
                name = f"{each.name}=={each.version}"
                if name in above or len(above) > _DEPTH:
                    raise build_failures.nested([*above, name])
                yield from self.walk(self._needs(each), name, above)

    def _are_wheels(self, found: Sequence[Resolved]) -> bool:
        return all(each.sha256 not in self._trees for each in found)

    def _chosen(self, texts: Sequence[str]) -> Sequence[Resolved]:
        if not self._errands.is_mine:
            return self._find(texts)
        with self._inside(", ".join(sorted(texts))):
            return self._find(texts)

    def _needs(self, found: Resolved) -> tuple[str, ...]:
        """Return what the build of a file needs; where only a build can tell, that one may need builds, too."""
        with self._inside(f"{found.name}=={found.version}"), build_failures.of_build(found.name):
            return self._sources.build_requirements(self._trees[found.sha256])

    @contextmanager
    def _inside(self, what: str) -> Iterator[None]:
        """Refuse what is asked for in the middle of itself."""
        if what in self._open or len(self._open) > _DEPTH:
            raise build_failures.nested([*self._open, what])
        self._open.append(what)
        try:
            yield
        finally:
            self._open.pop()

    def _all_wheels(self, texts: Sequence[str]) -> list[Path]:
        for _ in self.walk(texts, ""):  # before anything is built, it is certain that there is an end
            pass
        return [self._wheel(each) for each in self._chosen(texts)]

    def _wheel(self, found: Resolved) -> Path:
        if found.sha256 not in self._trees:
            return self._fetch(found)
        if found.sha256 not in self._built:
            with build_failures.of_build(found.name):
                archive = self._fetch(found)
                self._built[found.sha256] = self._sources.wheel(archive, found.name, self._needs(found))
        return self._built[found.sha256]
