"""What a lock has to say besides the lockfile: surprises that nobody should find out about in production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cortexlock.lock import own_pip_notes
from cortexlock.model.counts import counted
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, Step
from cortexlock.model.package import Conflict, FromGit, PackageKey
from cortexlock.model.predictor import Predictor

if TYPE_CHECKING:
    from cortexlock.inputs.look_alikes import LookAlikes
    from cortexlock.model.conda_list import PypiRow
    from cortexlock.model.target import Target
    from cortexlock.pip.resolution.findings import Findings
    from cortexlock.pip.resolution.values import Unhashed

_SHOWN = 8
"""Packages that a note names."""

_SEEDS = frozenset(("pip", "setuptools", "wheel"))
"""Who installs, not what is installed."""


def of_lockfile(lockfile: Lockfile) -> tuple[str, ...]:
    """Say what a lockfile itself tells, where nothing is solved."""
    return (
        *of_channels(lockfile.channels),
        *of_pip_config(lockfile.pip_config),
        *of_overlaps(lockfile.steps),
        *of_local_repositories(lockfile.steps),
        *of_yanked(lockfile.steps),
        *of_prefix_builds(lockfile.steps),
    )


def of_files(unread: LookAlikes, described: str) -> tuple[str, ...]:
    """Say what was looked for in vain, and what looks like it.

    Args:
        unread: What there is.
        described: The file that describes the image, which says the names; empty for an image of the catalog.
    """
    notes = []
    if not unread.found:
        by = f", as {described} says" if described else ""
        notes.append(f"nothing is locked: there is no {_either(unread.looked_for)} here{by}")
    notes += [f"{file} is not read: did you mean {name}?" for file, name in unread.alike]
    notes += [
        f"{file} is not read: say `environment: {file}` in cortexlock.yaml"
        if is_environment_file(file)
        else f"{file} is not read: write what it asks for into {name}"
        for file, name in unread.others
    ]
    return tuple(notes)


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def of_image(previous: Lockfile, predictor: Predictor) -> tuple[str, ...]:
    """Say how the image differs from the one that the lockfile was made for: rebuilt, or another is asked for."""
    then = {each.key: each.version for each in previous.pre_installed}
    now = {PackageKey.of("conda", each.name): each.version for each in predictor.conda_records}
    now |= {PackageKey.of("pip", each.name): each.version for each in predictor.distributions}
    said = [f"Python {previous.assumed_python} -> {predictor.python}"]
    said = [] if previous.assumed_python == predictor.python else said
    said += [
        f"{key.name} {then.get(key, 'none')} -> {now.get(key, 'none')}"
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key) and key != ("conda", "python")
    ]
    if not said:
        return ()
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return (f"the image is another one than the lockfile was made for: {', '.join(said[:_SHOWN])}{more}",)


def of_rows(file: str, rows: Sequence[PypiRow], asked: Sequence[PypiRow], requirements: str | None) -> tuple[str, ...]:
    """Say what becomes of the rows of a conda list that pip had installed.

    Args:
        file: The list's name.
        rows: All of them.
        asked: Those that the pip step asks for.
        requirements: The requirements file, which names the others.
    """
    notes = []
    if asked:
        notes.append(
            f"{file}:{asked[0].line}: `{asked[0].text}` was installed by pip, no conda channel has it: the pip step "
            f"asks for {counted(len(asked), 'such row')} as exact versions; the image's own conda fails on them "
            "(--no-pypi-rows does, too)"
        )
    left = [row for row in rows if row not in asked]
    if left:
        notes.append(
            f"{file}:{left[0].line}: {counted(len(left), 'row')} of what pip had installed left out: {requirements} "
            f"names {', '.join(row.name for row in left)}"
        )
    return tuple(notes)


def of_overlaps(steps: Sequence[Step]) -> tuple[str, ...]:
    """Say which distributions of conda's a step of pip's changes."""
    brought: dict[str, str] = {}
    notes = []
    for step in steps:
        if isinstance(step, CondaStep):
            brought |= dict(pin for package in step.packages for pin in package.distributions)
        elif isinstance(step, PipStep):
            notes += [
                f"pip changes {package.name} {before.version} of conda's to {package.version}"
                for package in step.packages
                for before in package.replaces
                if package.action == "change" and brought.get(package.name) == before.version
            ]
    return tuple(notes)


def of_conflicts(conflicts: Sequence[Conflict]) -> tuple[str, ...]:
    """Say which requirements do not hold between image and lock."""
    return tuple(
        f"{each.package} {each.version} of the image requires {each.requirement}, "
        + (f"{each.found} will be there" if each.found else "which will not be there")
        + (" (it does not hold in the image either)" if each.already else "")
        for each in conflicts
    )


def of_python(predictor: Predictor, target: Target) -> tuple[str, ...]:
    """Say what a change of Python does to the image."""
    from cortexlock.lock import pip_step  # noqa: PLC0415 - a lock that solves nothing does not pay for it

    lost = sum(1 for distribution in predictor.distributions if distribution.name not in _SEEDS)
    gone = counted(lost, "pre-installed pip package")
    notes = [f"conda replaces Python {predictor.python} with {target.python_version}: {gone} of the image will be gone"]
    if not predictor.core:
        notes.append(
            f"Cortex {predictor.cortex_version} does not re-install its core packages: the API will not start unless "
            "the project asks for them"
        )
    notes += [
        f"{name}, a core package of the image, is on no index and not in the lockfile: the image re-installs it from "
        "a directory of its own"
        for name in pip_step.unavailable(predictor)
    ]
    return tuple(notes)


def of_indexes(ambiguous: Sequence[tuple[str, str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Say which packages more than one index offers: pip takes the best version, whoever put it there.

    Args:
        ambiguous: Name, index and other indexes of each.
    """
    return tuple(
        f"{name} is from the index `{index}`, and {' and '.join(f'`{other}`' for other in others)} "
        f"{'has' if len(others) == 1 else 'have'} a package of that name, too: pip takes the best version of any"
        for name, index, others in ambiguous
    )


def of_findings(step: PipStep, found: Findings, target: Target, exclude_newer: str) -> tuple[str, ...]:
    """Say what a resolution of pip's found out and the lockfile has no place for.

    Args:
        step: The step.
        found: What was found out.
        target: What it was resolved for.
        exclude_newer: The cut-off date, or empty.
    """
    versions = {package.name: package.version for package in step.packages}
    moved = (each for each in found.moved if versions.get(each.name, each.version) != each.version)
    return (
        *of_undated(found.undated, exclude_newer),
        *(f"{each.file} was passed over: {each.reason}" for each in found.passed_over),
        *of_unhashed(found.unhashed),
        *own_pip_notes.of_versions(found.own_pip),
        *(f"{name} {version} has no extra `{extra}`" for name, version, extra in found.unknown_extras),
        *(f"the build of {each.name} asks for {each.requirement}, and finds {each.found}" for each in found.unsuited),
        *(
            f"{each.name} {each.version} -> {versions[each.name]}: the locked version has "
            f"{'only an sdist' if each.has_sdist else 'no file'} for Python {target.python_minor} "
            f"({target.platform}){f' as of {exclude_newer}' if exclude_newer else ''}, so it is not kept"
            for each in moved
        ),
    )


def of_unhashed(unhashed: Sequence[Unhashed]) -> tuple[str, ...]:
    """Say what has no hash where others have: the image's own pip takes all or nothing."""
    if not unhashed:
        return ()
    names = [f"{each.name} ({each.where})" if each.where else each.name for each in unhashed]
    listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    verb = "has" if len(names) == 1 else "have"
    what = f"some requirements have hashes, and {listed} {verb} none with an exact version"
    return (f"{what}: the image's own pip refuses such a file, the lockfile has a hash of each",)


def of_undated(undated: Sequence[tuple[str, tuple[str, ...]]], exclude_newer: str) -> tuple[str, ...]:
    """Say where the cut-off date does not hold, because no upload times are there.

    Args:
        undated: The alias of each index or page, with the names of what is locked from there.
        exclude_newer: The date.
    """
    return tuple(
        f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} from `{alias}`, which has no upload times: "
        f"exclude-newer {exclude_newer} does not hold there"
        for alias, names in undated
    )


def of_upgrades(upgraded: Sequence[str], steps: Sequence[Step]) -> tuple[str, ...]:
    """Say which of the packages that are to be upgraded stay as the image has them: nothing asks for another version.

    Args:
        upgraded: Names, as the command line has them.
        steps: The locked steps.
    """
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - as above

    names = {canonicalize_name(name) for name in upgraded}
    return tuple(
        f"{package.name} {package.version} is the image's own, and stays: ask for another version in "
        f"{step.file or 'the pip requirements'}"
        for step in steps
        for package in step.packages
        if package.action == "keep" and canonicalize_name(package.name) in names
    )


def of_local_repositories(steps: Sequence[Step]) -> tuple[str, ...]:
    """Say which repositories are named by a path of this machine: a replay elsewhere does not have them."""
    return tuple(
        f"{package.name} is from {package.source.url}, a path of this machine, which the lockfile names: "
        "elsewhere it cannot be installed"
        for step in steps
        if isinstance(step, PipStep)
        for package in step.packages
        if isinstance(package.source, FromGit) and package.source.url.startswith("file:")
    )


def of_yanked(steps: Sequence[Step]) -> tuple[str, ...]:
    """Say which files their makers have withdrawn (PEP 592)."""
    return tuple(
        f"{package.name} {package.version} is yanked: its makers have withdrawn it; ask for another version"
        for step in steps
        if isinstance(step, PipStep)
        for package in (*step.packages, *(build.package for build in step.build_requirements))
        if package.yanked
    )


def of_prefix_builds(steps: Sequence[Step]) -> tuple[str, ...]:
    """Say of what metadata were taken from an sdist: what `install` builds of it may say something else."""
    return tuple(
        f"{package.name} {package.version}: its requirements are those that its maker wrote into the sdist; `--python` "
        "with an environment like the image has a build tell them"
        for step in steps
        for package in (step.packages if isinstance(step, PipStep) else ())
        if package.metadata
    )


def of_unlocked(no_build_isolation: Sequence[str], lockfile: Lockfile) -> tuple[str, ...]:
    """Say which normalized names the setting has in vain: a typing error would leave a build isolated."""
    keys = lockfile.keys
    return tuple(
        f"`no-build-isolation` names {name}, which is not locked: is it written right?"
        for name in no_build_isolation
        if PackageKey.of("pip", name) not in keys
    )


def of_channels(channels: Sequence[str]) -> tuple[str, ...]:
    """Say which channels are directories of one machine: the lockfile has their paths."""
    return tuple(
        f"the channel {channel} is a directory outside the project: whoever replays the lockfile needs it there"
        for channel in channels
        if channel.startswith(("file://", "/"))
    )


def of_pip_config(settings: Sequence[str]) -> tuple[str, ...]:
    """Say out loud that the configuration of one machine counted."""
    if not settings:
        return ()
    return (f"{' and '.join(settings)} of your own pip configuration counted: others need the same to install",)
