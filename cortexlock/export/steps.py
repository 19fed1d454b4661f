"""A lockfile's steps as the formats see them: what is installed at the end, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.export.content import LeftOut
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep
from cortexlock.model.package import BuildRequirement, CondaPackage, FromArchive, FromDirectory, FromGit, PipPackage


def script_step(lockfile: Lockfile) -> ScriptStep | None:
    """Return the step that runs the project's script, if there is one."""
    return next((step for step in lockfile.steps if isinstance(step, ScriptStep)), None)


def conda_step(lockfile: Lockfile) -> CondaStep | None:
    """Return the step of conda's packages, if there is one."""
    return next((step for step in lockfile.steps if isinstance(step, CondaStep)), None)


def pip_steps(lockfile: Lockfile) -> tuple[PipStep, ...]:
    """Return the steps that install Python distributions, in their order."""
    return tuple(step for step in lockfile.steps if isinstance(step, PipStep))


def linked(lockfile: Lockfile) -> tuple[CondaPackage, ...]:
    """Return the conda packages that are linked, sorted by name."""
    step = conda_step(lockfile)
    return tuple(each for each in step.packages if each.file) if step is not None else ()


def kept_by_conda(lockfile: Lockfile) -> tuple[CondaPackage, ...]:
    """Return the conda packages that stay as the image has them."""
    step = conda_step(lockfile)
    return tuple(each for each in step.packages if not each.file) if step is not None else ()


def installed(lockfile: Lockfile) -> tuple[PipPackage, ...]:
    """Return the distributions that pip installs, as they are after the last step, sorted by name."""
    found = {each.name: each for step in pip_steps(lockfile) for each in step.packages if each.action != "keep"}
    return tuple(found[name] for name in sorted(found))


def kept(lockfile: Lockfile) -> tuple[PipPackage, ...]:
    """Return the distributions that were asked for and stay as the image has them, sorted by name."""
    changed = {each.name for each in installed(lockfile)}
    found = {each.name: each for step in pip_steps(lockfile) for each in step.packages if each.name not in changed}
    return tuple(found[name] for name in sorted(found))


def build_requirements(lockfile: Lockfile) -> tuple[BuildRequirement, ...]:
    """Return the locked wheels that builds need, sorted by name and version."""
    found = {
        (each.package.name, each.package.version, each.needed_by): each
        for step in pip_steps(lockfile)
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
    script = script_step(lockfile)
    if script is not None:
        yield LeftOut("script", (script.file,))
    archives = linked(lockfile)
    if archives and not conda:
        yield LeftOut("conda", tuple(each.name for each in archives))
    distributions = installed(lockfile)
    if distributions and not pip:
        yield LeftOut("pip", tuple(each.name for each in distributions))
