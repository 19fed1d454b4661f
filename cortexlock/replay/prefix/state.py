"""What a prefix holds now, of both managers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cortexlock.conda import prefix as conda_prefix
from cortexlock.conda.prefix import InstalledPackage
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix, installed, read_prefix


@dataclass(frozen=True, slots=True)
class State:
    """A prefix as it is.

    Attributes:
        prefix: Root, interpreter and site-packages.
        distributions: Python distributions by normalized name; more than one of a name where one is stale.
        conda: conda packages by name.
        is_conda: Whether it is a conda environment.
        conda_files: The files of conda packages, relative to the root.
    """

    prefix: Prefix
    distributions: Mapping[str, tuple[InstalledDistribution, ...]]
    conda: Mapping[str, InstalledPackage]
    is_conda: bool
    conda_files: frozenset[str]

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of a distribution that are there."""
        return tuple(each.version for each in self.distributions.get(name, ()))

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


def read_state(root: Path, environment: Mapping[str, str]) -> State:
    """Look at a prefix.

    Raises:
        UsageError: It is no prefix with a Python.
        DifferenceError: A record of a conda package cannot be read.
    """
    prefix = read_prefix(root, environment)
    found: dict[str, tuple[InstalledDistribution, ...]] = {}
    for distribution in installed(prefix):
        found[distribution.name] = (*found.get(distribution.name, ()), distribution)
    is_conda = (prefix.root / "conda-meta").is_dir()
    packages = conda_prefix.installed(prefix.root) if is_conda else {}
    return State(prefix, found, packages, is_conda, frozenset(_conda_files(prefix.root)))


def _conda_files(root: Path) -> Iterator[str]:
    """Yield the files of conda packages, relative to the prefix."""
    for record in conda_prefix.records(root).values():
        yield from record.get("files") or ()
        yield from (entry["_path"] for entry in (record.get("paths_data") or {}).get("paths") or ())
