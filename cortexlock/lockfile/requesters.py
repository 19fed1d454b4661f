"""Who asks for what in a lockfile: from a dependency file, through packages, to a package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage, PackageKey, PipPackage, normalized

_MOST_WAITING = 10_000
"""Paths that are followed at one time: a dense graph has more of them than anybody can read."""

RequestPath = tuple[PackageKey, ...]
"""Packages, each asked for by the one before it; the first by a dependency file, or by nobody but the image."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Packages of a lockfile, and who asks for them.

    Attributes:
        packages: The packages as the last step that knows them says it.
        files: The dependency files that ask for a package.
        requesters: The packages that ask for a package, sorted.
    """

    packages: Mapping[PackageKey, CondaPackage | PipPackage]
    files: Mapping[PackageKey, tuple[str, ...]]
    requesters: Mapping[PackageKey, tuple[PackageKey, ...]]

    def paths_to(self, key: PackageKey, *, most: int) -> Iterator[RequestPath]:
        """Yield the shortest paths to a package first, each without a circle; `most` of them."""
        waiting: list[RequestPath] = [(key,)]
        found = 0
        while waiting and found < most:
            path = waiting.pop(0)
            first = path[0]
            above = [each for each in self.requesters.get(first, ()) if each not in path]
            if self.files.get(first) or not above:
                yield path
                found += 1
            if len(waiting) < _MOST_WAITING:
                waiting += [(each, *path) for each in above]

    def asked_by(self, key: PackageKey) -> tuple[PackageKey, ...]:
        """Return what a package asks for, sorted."""
        return tuple(sorted(each for each, above in self.requesters.items() if key in above))

    def roots(self) -> tuple[PackageKey, ...]:
        """Return what dependency files ask for, sorted."""
        return tuple(sorted(key for key, files in self.files.items() if files))


def graph_of(lockfile: Lockfile) -> Graph:
    """Return who asks for what in a lockfile."""
    packages = {package.key: package for step in lockfile.steps for package in step.packages}
    names = {
        "conda": {key.name: key for key in packages if key.manager == "conda"},
        "pip": {key.name: key for key in packages if key.manager == "pip"},
    }
    files: dict[PackageKey, tuple[str, ...]] = {}
    requesters: dict[PackageKey, tuple[PackageKey, ...]] = {}
    inputs = {step.file for step in lockfile.steps} | {each.file for each in lockfile.inputs}
    for key, package in packages.items():
        files[key] = tuple(each for each in package.by if each in inputs)
        asking = (names[key.manager].get(normalized(each)) for each in package.by if each not in inputs)
        requesters[key] = tuple(sorted(each for each in asking if each is not None))
    return Graph(packages, files, requesters)
