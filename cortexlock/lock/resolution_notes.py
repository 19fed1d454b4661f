"""What a solve finds out and a lockfile has no place for: surprises that nobody should find out about in production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name

from cortexlock.model import resolution_facts as facts
from cortexlock.model.conda_list import PypiRow
from cortexlock.model.lockfile import Lockfile, PipStep, Step
from cortexlock.model.package import Conflict, PackageKey
from cortexlock.model.predictor import Predictor
from cortexlock.model.resolution_facts import ResolutionFact
from cortexlock.model.target import Target
from cortexlock.pip.resolution.findings import Findings
from cortexlock.pip.resolution.values import OwnPip, Unhashed

_SHOWN = 8
"""Packages of which it is said what the image's own pip would leave."""

_SEEDS = frozenset(("pip", "setuptools", "wheel"))
"""Who installs, not what is installed."""


def of_rows(
    file: str, rows: Sequence[PypiRow], asked: Sequence[PypiRow], requirements: str | None
) -> Iterator[ResolutionFact]:
    """Yield what becomes of the rows of a conda list that pip had installed.

    Args:
        file: The list's name.
        rows: All of them.
        asked: Those that the pip step asks for.
        requirements: The requirements file, which names the others.
    """
    if asked:
        yield facts.AskedRows(file, asked[0].line, asked[0].text, len(asked))
    left = [row for row in rows if row not in asked]
    if left:
        yield facts.DroppedRows(file, left[0].line, requirements or "", tuple(row.name for row in left))


def of_conflicts(conflicts: Sequence[Conflict]) -> tuple[ResolutionFact, ...]:
    """Return which requirements do not hold between image and lock."""
    return tuple(facts.Unmet(each) for each in conflicts)


def of_python(predictor: Predictor, target: Target, unavailable: Sequence[str]) -> tuple[ResolutionFact, ...]:
    """Return what a change of Python does to the image, whose core packages with these names are on no index."""
    lost = sum(1 for distribution in predictor.distributions if distribution.name not in _SEEDS)
    return (
        facts.LostDistributions(predictor.python, target.python_version, lost),
        *(() if predictor.core else (facts.NoCore(predictor.cortex_version),)),
        *(facts.UnavailableCore(name) for name in unavailable),
    )


def of_indexes(ambiguous: Sequence[tuple[str, str, tuple[str, ...]]]) -> tuple[facts.Ambiguous, ...]:
    """Return which packages more than one index offers: pip takes the best version, whoever put it there.

    Args:
        ambiguous: Name, index and other indexes of each.
    """
    return tuple(facts.Ambiguous(name, index, others) for name, index, others in ambiguous)


def of_findings(step: PipStep, found: Findings, target: Target, exclude_newer: str) -> tuple[ResolutionFact, ...]:
    """Return what a resolution of pip's found out and the lockfile has no place for.

    Args:
        step: The step.
        found: What was found out.
        target: What it was resolved for.
        exclude_newer: The cut-off date, or empty.
    """
    versions = {package.name: package.version for package in step.packages}
    moved = (each for each in found.moved if versions.get(each.name, each.version) != each.version)
    return (
        *([] if step.packages else [facts.AsksForNothing(step.file or "", target.python_minor)]),
        *(facts.Undated(names, alias, exclude_newer) for alias, names in found.undated),
        *(facts.PassedOver(each.file, each.reason) for each in found.passed_over),
        *_unhashed(found.unhashed),
        *of_own_pip(found.own_pip),
        *(facts.UnknownExtra(name, version, extra) for name, version, extra in found.unknown_extras),
        *(facts.UnsuitedBuild(each.name, each.requirement, each.found) for each in found.unsuited),
        *(
            facts.MovedVersion(
                name=each.name,
                before=each.version,
                after=versions[each.name],
                has_sdist=each.has_sdist,
                python=target.python_minor,
                platform=target.platform,
                exclude_newer=exclude_newer,
            )
            for each in moved
        ),
    )


def _unhashed(unhashed: Sequence[Unhashed]) -> tuple[ResolutionFact, ...]:
    names = tuple(f"{each.name} ({each.where})" if each.where else each.name for each in unhashed)
    return (facts.Unhashed(names),) if names else ()


def of_own_pip(found: Sequence[OwnPip]) -> Iterator[ResolutionFact]:
    """Yield what the image's own pip would have left, and what that would have broken."""
    for each in found[:_SHOWN]:
        yield facts.OwnPipLeaves(each.pip, each.name, each.version, each.locked, tuple(each.broken))
    if len(found) > _SHOWN:
        yield facts.OwnPipLeavesMore(len(found) - _SHOWN)


def of_upgrades(upgraded: Sequence[str], steps: Sequence[Step]) -> tuple[ResolutionFact, ...]:
    """Return which of the packages that are to be upgraded stay as the image has them: nothing asks for another.

    Args:
        upgraded: Names, as the command line has them.
        steps: The locked steps.
    """
    names = {canonicalize_name(name) for name in upgraded}
    return tuple(
        facts.StaysInImage(package.name, package.version, step.file)
        for step in steps
        for package in step.packages
        if package.action == "keep" and canonicalize_name(package.name) in names
    )


def of_unlocked(no_build_isolation: Sequence[str], lockfile: Lockfile) -> tuple[ResolutionFact, ...]:
    """Return which normalized names the setting has in vain: a typing error would leave a build isolated."""
    keys = lockfile.keys
    return tuple(facts.NotLocked(name) for name in no_build_isolation if PackageKey.of("pip", name) not in keys)
