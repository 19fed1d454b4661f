"""What a prefix holds now, of both managers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cortexlock.conda import prefix as conda_prefix
from cortexlock.conda import prefix_records
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import PackageKey
from cortexlock.pip.prefix.distributions import (
    InstalledDistribution,
    Prefix,
    installed,
    installed_in,
    read_prefix,
)
from cortexlock.pip.prefix.search_path import search_path
from cortexlock.replay.prefix.file_digests import FileDigests
from cortexlock.replay.prefix.package_files import Listing, listings


@dataclass(frozen=True)
class State:
    """A prefix as it is.

    Attributes:
        prefix: Root, interpreter and site-packages.
        distributions: Python distributions by normalized name; more than one of a name where one is stale.
        conda: conda packages by name.
        is_conda: Whether it is a conda environment.
        conda_files: The files of conda packages, relative to the root.
        records: conda's records, by their files; each was checked.
        digests: What is known of its files' digests.
        variables: The variables that its interpreter is run with.
    """

    prefix: Prefix
    distributions: Mapping[str, tuple[InstalledDistribution, ...]]
    conda: Mapping[str, conda_prefix.InstalledPackage]
    is_conda: bool
    conda_files: frozenset[str]
    records: Mapping[Path, Mapping[str, Any]] = field(default_factory=dict)
    digests: FileDigests = field(default_factory=FileDigests, compare=False)
    variables: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def listings(self) -> Mapping[PackageKey, Listing]:
        """The files that each package lists; see `package_files.listings`."""
        return listings(self)

    @cached_property
    def elsewhere(self) -> Mapping[str, InstalledDistribution]:
        """Distributions that the interpreter sees and the prefix does not hold, by name: nothing touches them.

        Those of a virtual environment's base, of the user, of `PYTHONPATH`, of directories that a `.pth` names.
        """
        found = {each.name: each for each in reversed((*self._seen[0], *self._seen[1]))}
        return {name: each for name, each in found.items() if name not in self.distributions}

    @cached_property
    def in_front(self) -> Mapping[str, InstalledDistribution]:
        """Distributions elsewhere that the interpreter sees before those of the prefix, by name."""
        return {each.name: each for each in reversed(self._seen[0])}

    @cached_property
    def _seen(self) -> tuple[list[InstalledDistribution], list[InstalledDistribution]]:
        """What the interpreter sees elsewhere, in its order: before the prefix's site-packages, and after them."""
        found: tuple[list[InstalledDistribution], list[InstalledDistribution]] = ([], [])
        own, after = self.prefix.site.resolve(), 0
        try:
            for site in search_path(self.prefix.root, self.variables):
                if site == own:
                    after = 1
                else:
                    found[after].extend(installed_in(site))
        except OSError:  # what cannot be read is not seen
            pass
        return found

    @property
    def keys(self) -> frozenset[PackageKey]:
        """The keys of all packages that are there."""
        of_pip = (PackageKey("pip", name) for name in self.distributions)
        return frozenset((*of_pip, *(PackageKey.of("conda", name) for name in self.conda)))

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of a distribution that are there."""
        return tuple(each.version for each in self.distributions.get(name, ()))

    def found(self, package: PreInstalled) -> tuple[str, ...] | None:
        """Return the versions that are there of what an image has.

        None where nobody can tell: a package of conda's, in an environment without conda.
        """
        if package.manager == "pip":
            name = package.key.name
            if name in self.distributions or name not in self.elsewhere:
                return self.versions(name)
            return (self.elsewhere[name].version,)
        if not self.is_conda:
            return None
        there = self.conda.get(package.name)
        return (there.version,) if there else ()

    def of_pip(self, name: str) -> tuple[InstalledDistribution, ...]:
        """Return the distributions of a name that are not part of a conda package."""
        return tuple(each for each in self.distributions.get(name, ()) if not self.is_of_conda(each))

    def is_of_conda(self, distribution: InstalledDistribution) -> bool:
        """Whether a distribution's metadata are files of a conda package."""
        metadata = distribution.metadata
        if not metadata.is_relative_to(self.prefix.root):
            return False
        path = metadata.relative_to(self.prefix.root).as_posix()
        return any(each in self.conda_files for each in (path, f"{path}/METADATA", f"{path}/PKG-INFO"))

    def summary(self) -> dict[str, dict[str, str]]:
        """Return the versions by name, of `conda` and of `pip`."""
        return {
            "conda": {name: package.version for name, package in sorted(self.conda.items())},
            "pip": {name: found[-1].version for name, found in sorted(self.distributions.items())},
        }


def read_state(root: Path, environment: Mapping[str, str], digests: FileDigests | None = None) -> State:
    """Look at a prefix.

    Args:
        root: The prefix.
        environment: Variables for its interpreter, which is asked for its version only if no file tells it.
        digests: What is known of its files from an earlier look.

    Raises:
        UsageError: It is no prefix with a Python.
        DifferenceError: A record of a conda package cannot be read.
        IntegrityError: A record names files outside the prefix.
    """
    prefix = read_prefix(root, environment)
    found: dict[str, tuple[InstalledDistribution, ...]] = {}
    for distribution in installed(prefix):
        found[distribution.name] = (*found.get(distribution.name, ()), distribution)
    records = prefix_records.read(prefix.root)
    return State(
        prefix,
        found,
        conda_prefix.installed(prefix.root) if records else {},
        (prefix.root / "conda-meta").is_dir(),
        frozenset(path for record in records.values() for path in prefix_records.paths(record)),
        records,
        digests or FileDigests(),
        environment,
    )
