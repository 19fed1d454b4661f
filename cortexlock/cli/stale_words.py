"""Why a lockfile is not what its project asks for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cortexlock.inputs.configuration import frozen_as_written
from cortexlock.model import stale_facts as facts
from cortexlock.model.predictor import PLATFORMS
from cortexlock.model.stale_facts import FileIs

_FILES = {
    FileIs.NEW: "is new since the lockfile was made",
    FileIs.GONE: "is gone",
    FileIs.UNUSED: "is no longer used",
    FileIs.CHANGED: "has changed since the lockfile was made",
    FileIs.MISSING: "there is no such lockfile",
}


def words(fact: facts.StaleFact | str) -> str:  # noqa: PLR0911 - one for each fact
    """Return why a lockfile is stale as one line; what an error says as it is."""
    match fact:
        case str():
            return fact
        case FileIs():
            return _FILES[fact]
        case facts.NoStep(step):
            return f"has no {step} step in the lockfile"
        case facts.OtherTree(package, unreadable):
            return f"{unreadable} ({package} is built of it)" if unreadable else f"{_FILES[FileIs.CHANGED]} ({package})"
        case facts.NotForProject(label):
            return f"the project is not for {kind_of(label)} {label}"
        case facts.ReplacedPython() | facts.Broken():
            return f"strict: {_refused(fact)}"
        case _:
            return _setting(fact)


def kind_of(label: str) -> str:
    """Return what the label of a lockfile names: `the platform`, or `the image`."""
    return "the platform" if label in PLATFORMS else "the image"


def _refused(fact: facts.ReplacedPython | facts.Broken) -> str:
    match fact:
        case facts.ReplacedPython(before, after):
            return f"conda replaces Python {before} of the image with {after}"
        case facts.Broken(conflict):
            there = f"{conflict.found} would be there" if conflict.found else "which would not be there"
            return f"{conflict.package} {conflict.version} requires {conflict.requirement}, {there}"


_Setting = (
    facts.OtherSetting
    | facts.OtherFreeze
    | facts.OtherChannels
    | facts.OtherPredictorFile
    | facts.OtherIndex
    | facts.OtherBinding
    | facts.MissingBuildRequirement
    | facts.OtherIsolation
    | facts.OtherPredictor
    | facts.OtherImage
)


def _setting(fact: _Setting) -> str:  # noqa: PLR0911 - one for each fact
    match fact:
        case facts.OtherSetting(key, now, then):
            return f"`{key}` is {_value(now)}, {_made_for(_value(then))}"
        case facts.OtherFreeze(now, then):
            before = frozen_as_written(then) or "nothing frozen"
            return f"`freeze` is {frozen_as_written(now)}, the lockfile was made with {before}"
        case facts.OtherChannels(now, then):
            return f"`channels` are {_listed(now)}, the lockfile has {_listed(then) or 'none'}"
        case facts.OtherPredictorFile(now, then, image):
            said = f"the image `{image}`" if image else "`predictor`"
            return f"{said} is {_listed(now)}, {_made_for(then or 'an image of the catalog')}"
        case facts.OtherPredictor(now, then):
            return f"the predictor is {now}, {_made_for(then)}"
        case facts.OtherImage(now, then):
            return f"the image is {now}, {_made_for(then)}"
        case facts.OtherIsolation(package, isolated):
            now, then = ("with", "without") if isolated else ("without", "with")
            return f"{package} is to be built {now} isolation, it is locked to be built {then} it"
        case facts.MissingBuildRequirement(package, requirement):
            return f"the build of {package} needs {requirement}, the lockfile does not have it"
        case facts.OtherIndex() | facts.OtherBinding():
            return _index(fact)


def _index(fact: facts.OtherIndex | facts.OtherBinding) -> str:
    match fact:
        case facts.OtherIndex(name, gone):
            then = "gone, and the lockfile was made with it" if gone else "new since the lockfile was made"
            return f"the index `{name}` is {then}"
        case facts.OtherBinding(package, index, owner):
            now = f"`packages` binds it to `{owner}`" if owner else "its `packages` do not have it"
            return f"{package} is locked from the index `{index}`, and {now}"


def _made_for(what: str) -> str:
    return f"the lockfile was made for {what}"


def _value(value: str | bool) -> str:  # noqa: FBT001 - a value of the configuration
    return str(value).lower() if isinstance(value, bool) else value


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values)
