"""What a replay tells of, in words."""

from __future__ import annotations

from cortexlock.model import replay_facts as facts
from cortexlock.model.counts import counted
from cortexlock.model.replay_facts import Doing, Why

_DOING = {
    Doing.WAITS: "waiting for another replay in this prefix",
    Doing.CHECKS: "checking project and prefix",
    Doing.NOTHING_TO_DO: "there is nothing to do",
    Doing.GOES_ON: "an earlier replay of this lockfile was ended half-way; it is completed",
    Doing.FETCHES: "fetching artifacts",
    Doing.COMPARES: "comparing the prefix with the lockfile",
    Doing.AS_LOCKED: "the prefix is as locked",
}
_WHY = {
    Why.CONDA_REPLACES: "which conda replaces",
    Why.CONDA_CHANGES: "which conda changes",
    Why.NOT_LOCKED_ANY_MORE: "which the lockfile has no more",
    Why.STRANGE: "which is in neither image nor lockfile",
    Why.UNREADABLE: "whose list of files no installer can read",
}


def words(fact: facts.Fact | str) -> str:  # noqa: PLR0911 - one for each fact
    """Return a fact as one line; what is text already (of a program, the name of a file) as it is."""
    match fact:
        case str():
            return fact
        case Doing():
            return _DOING[fact]
        case facts.Script(file, ended):
            return f"{file} has ended well" if ended else f"running {file}"
        case facts.Linking(count, ended):
            return f"{'linked' if ended else 'linking'} {counted(count, 'package')}"
        case facts.Installing(count, ended):
            return f"{'installed' if ended else 'installing'} {counted(count, 'distribution')}"
        case facts.Building(name, version, in_prefix):
            return f"building {name} {version}{' with what is installed' if in_prefix else ''}"
        case facts.CheckingOut(name, version):
            return f"checking out {name} {version}"
        case facts.Gathered(files, checkouts):
            trees = f" and {counted(checkouts, 'git checkout')}" if checkouts else ""
            return f"{counted(files, 'file')}{trees} {'is' if files == 1 and not trees else 'are'} there, as locked"
        case facts.Removal() | facts.FileRemoval():
            return _removal(fact)
        case _:
            return _note(fact)


def _removal(fact: facts.Removal | facts.FileRemoval) -> str:
    match fact:
        case facts.FileRemoval(path):
            return f"removing {path}, which is of no package"
        case facts.Removal(name, version, why):
            copy = "pip's copy of " if why is Why.CONDA_CHANGES else ""
            return f"removing {copy}{name} {version}, {_WHY[why]}"


def _note(
    fact: facts.OtherImage | facts.HasRun | facts.Altered | facts.LinkScripts | facts.SharedFiles | facts.FetchedAnew,
) -> str:
    match fact:
        case facts.OtherImage(found, expected):
            return f"the last replay here was for {found}, the lockfile is for {expected}"
        case facts.HasRun(file):
            return f"{file} has run here before and is not run again"
        case facts.LinkScripts(package, files, run):
            done = "run, as --allow-link-scripts says" if run else "not run; --allow-link-scripts lets them run"
            return f"link scripts of the conda package {package} are {done}: {', '.join(files)}"
        case facts.SharedFiles(package, files, owner, is_of_pip):
            whose = f"{owner}, which pip installed" if is_of_pip else f"the conda package {owner}"
            return f"{first_of(files)} of the conda package {package} is of {whose}, too"
        case facts.FetchedAnew(where):
            return f"{where}: the cached file was not as locked, it is fetched anew"
        case facts.Altered():
            return _altered(fact)


def _altered(fact: facts.Altered) -> str:
    package = f"{fact.file}: {fact.manager} {fact.name}"
    if not fact.after:
        return f"{package} {fact.before} removed"
    return f"{package} {fact.before} changed to {fact.after}" if fact.before else f"{package} {fact.after} added"


def first_of(files: tuple[str, ...]) -> str:
    """Return the first of several files, and how many more there are."""
    more = f" and {counted(len(files) - 1, 'more file')}" if len(files) > 1 else ""
    return f"{files[0]}{more}"
