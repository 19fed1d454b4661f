"""What a resolution finds out, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cortexlock.model import resolution_facts as facts
from cortexlock.model.counts import counted

_SHOWN = 8
"""Packages that a note names."""


def words(fact: facts.ResolutionFact) -> str:  # noqa: PLR0911 - one for each fact
    """Return a fact as one line."""
    match fact:
        case facts.MadeAnew(lockfile, reason):
            return f"{lockfile} was not readable and is made anew, with none of its versions: {reason}"
        case facts.Merged(lockfile):
            return f"{lockfile} had the conflict markers of a merge: versions of both sides were kept where they fit"
        case facts.OtherImage(changes):
            said = [f"{name} {before or 'none'} -> {after or 'none'}" for name, before, after in changes]
            return f"the image is another one than the lockfile was made for: {_first(said)}"
        case facts.Unmet(conflict):
            there = f"{conflict.found} will be there" if conflict.found else "which will not be there"
            already = " (it does not hold in the image either)" if conflict.already else ""
            return (
                f"{conflict.package} {conflict.version} of the image requires {conflict.requirement}, {there}{already}"
            )
        case facts.StaysInImage(name, version, file):
            where = file or "the pip requirements"
            return f"{name} {version} is the image's own, and stays: ask for another version in {where}"
        case facts.NotLocked(name):
            return f"`no-build-isolation` names {name}, which is not locked: is it written right?"
        case facts.AskedRows() | facts.DroppedRows():
            return _rows(fact)
        case facts.LostDistributions() | facts.NoCore() | facts.UnavailableCore() | facts.LeftBehind():
            return _python(fact)
        case facts.OwnPipLeaves() | facts.OwnPipLeavesMore():
            return _own_pip(fact)
        case _:
            return _of_pip(fact)


def _rows(fact: facts.AskedRows | facts.DroppedRows) -> str:
    match fact:
        case facts.AskedRows(file, line, text, count):
            return (
                f"{file}:{line}: `{text}` was installed by pip, no conda channel has it: the pip step "
                f"asks for {counted(count, 'such row')} as exact versions; the image's own conda fails on them "
                "(--no-pypi-rows does, too)"
            )
        case facts.DroppedRows(file, line, requirements, names):
            left = f"{counted(len(names), 'row')} of what pip had installed left out"
            return f"{file}:{line}: {left}: {requirements} names {', '.join(names)}"


def _python(fact: facts.LostDistributions | facts.NoCore | facts.UnavailableCore | facts.LeftBehind) -> str:
    match fact:
        case facts.LostDistributions(before, after, count):
            gone = counted(count, "pre-installed pip package")
            return f"conda replaces Python {before} with {after}: {gone} of the image will be gone"
        case facts.NoCore(cortex_version):
            return (
                f"Cortex {cortex_version} does not re-install its core packages: the API will not start unless "
                "the project asks for them"
            )
        case facts.UnavailableCore(name):
            return (
                f"{name}, a core package of the image, is on no index and not in the lockfile: the image re-installs "
                "it from a directory of its own"
            )
        case facts.LeftBehind(names, before, after):
            moved, were = ("it moves", "was") if len(names) == 1 else ("they move", "were")
            return (
                f"{', '.join(names)} of the image {were} linked for Python {before}: where of pure Python, "
                f"{moved} to Python {after} in a replay, as conda does it; what is not will not be found there"
            )


def _own_pip(fact: facts.OwnPipLeaves | facts.OwnPipLeavesMore) -> str:
    match fact:
        case facts.OwnPipLeaves(pip, name, version, locked, broken):
            said = "; ".join(f"{each} {its}, which requires {requirement}" for each, its, requirement in broken)
            instead = f" in place of {locked}" if locked else ""
            return (
                f"the image's own pip {pip} takes what it comes to first, and would leave {name} "
                f"{version}{instead}{f'; broken then: {said}' if said else ''}"
            )
        case facts.OwnPipLeavesMore(count):
            return f"the image's own pip would leave {count} more otherwise"


_OfPip = (
    facts.Ambiguous
    | facts.AsksForNothing
    | facts.Undated
    | facts.PassedOver
    | facts.Unhashed
    | facts.UnknownExtra
    | facts.UnsuitedBuild
    | facts.MovedVersion
)


def _of_pip(fact: _OfPip) -> str:  # noqa: PLR0911 - one for each fact
    match fact:
        case facts.Ambiguous(name, index, others):
            has = "has" if len(others) == 1 else "have"
            listed = " and ".join(f"`{other}`" for other in others)
            return (
                f"{name} is from the index `{index}`, and {listed} {has} a package of that name, too: "
                "pip takes the best version of any"
            )
        case facts.AsksForNothing(file, python):
            return f"{file} has no line that holds for Python {python}"
        case facts.Undated(names, index, exclude_newer):
            what = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} from `{index}`, which has no upload times"
            return f"{what}: exclude-newer {exclude_newer} does not hold there"
        case facts.PassedOver(file, reason):
            return f"{file} was passed over: {reason}"
        case facts.Unhashed(names):
            verb = "has" if len(names) == 1 else "have"
            what = f"some requirements have hashes, and {_first(names)} {verb} none with an exact version"
            return f"{what}: the image's own pip refuses such a file, the lockfile has a hash of each"
        case facts.UnknownExtra(name, version, extra):
            return f"{name} {version} has no extra `{extra}`"
        case facts.UnsuitedBuild(name, requirement, found):
            return f"the build of {name} asks for {requirement}, and finds {found}"
        case facts.MovedVersion():
            has = "only an sdist" if fact.has_sdist else "no file"
            then = f" as of {fact.exclude_newer}" if fact.exclude_newer else ""
            return (
                f"{fact.name} {fact.before} -> {fact.after}: the locked version has {has} for Python {fact.python} "
                f"({fact.platform}){then}, so it is not kept"
            )


def _first(said: Sequence[str]) -> str:
    more = f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
    return f"{', '.join(said[:_SHOWN])}{more}"
