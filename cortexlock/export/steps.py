"""A lockfile's steps as the formats see them: what is installed at the end, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.export.content import LeftOut
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import BuildRequirement, CondaPackage, FromArchive, FromDirectory, FromGit, PipPackage


def linked(lockfile: Lockfile) -> tuple[CondaPackage, ...]:
    """Return the conda packages that are linked, sorted by name."""
    return tuple(each for step in lockfile.conda_steps for each in step.linked)


def installed(lockfile: Lockfile) -> tuple[PipPackage, ...]:
    """Return the distributions that pip installs, as they are after the last step, sorted by name."""
    return tuple(each for each in lockfile.final_distributions().values() if each.action != "keep")


def without_isolation(lockfile: Lockfile) -> tuple[str, ...]:
    """Return the names of what is built in the environment itself, after all others, sorted."""
    return tuple(each.name for each in installed(lockfile) if each.no_build_isolation and each.needs_build)


def kept(lockfile: Lockfile) -> tuple[PipPackage, ...]:
    """Return the distributions that were asked for and stay as the image has them, sorted by name."""
    return tuple(each for each in lockfile.final_distributions().values() if each.action == "keep")


def build_requirements(lockfile: Lockfile) -> tuple[BuildRequirement, ...]:
    """Return the locked wheels that builds need, sorted by name and version."""
    found = {
        (each.package.name, each.package.version, each.needed_by): each
        for step in lockfile.pip_steps
        for each in step.build_requirements
    }
    return tuple(found[key] for key in sorted(found))


def tree_of(package: PipPackage) -> str | None:
    """Return the directory of the project that a distribution is built from, or None."""
    return package.source.path if isinstance(package.source, FromDirectory) else None


def archive_of(package: PipPackage) -> str | None:
    """Return the path of the project's archive that a distribution is installed from, or None."""
    return package.source.path if isinstance(package.source, FromArchive) else None


def is_from_git(package: PipPackage) -> bool:
    """Whether a distribution is built from a commit of a repository."""
    return isinstance(package.source, FromGit)


def not_carried(lockfile: Lockfile, *, conda: bool = False, pip: bool = False) -> Iterator[LeftOut]:
    """Yield the steps that a format does not carry, which has conda's packages or pip's, but runs no script."""
    if lockfile.script_steps:
        yield LeftOut("script", tuple(step.file for step in lockfile.script_steps))
    archives = linked(lockfile)
    if archives and not conda:
        yield LeftOut("conda", tuple(each.name for each in archives))
    distributions = installed(lockfile)
    if distributions and not pip:
        yield LeftOut("pip", tuple(each.name for each in distributions))


def not_isolated(lockfile: Lockfile) -> Iterator[LeftOut]:
    """Yield what no list of requirements can say: pip builds all of a list before it installs anything of it."""
    names = without_isolation(lockfile)
    if names:
        yield LeftOut("no-build-isolation", names)
