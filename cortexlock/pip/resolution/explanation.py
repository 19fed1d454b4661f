"""Why there is no solution, in the user's words: lines of the project, packages of the image, versions of the index."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import VERSION_PATTERN, Version

from cortexlock.errors import FileLine, InputError, NoSolutionError
from cortexlock.model.target import Target
from cortexlock.pip.resolution import import_names, other_targets, way_out
from cortexlock.pip.resolution.values import Cause, ImpossibleError, Root, Unhashed

_SHOWN_VERSIONS = 8
_EXACT = re.compile(rf"==\s*(?P<version>{VERSION_PATTERN})(?![.*\w])", re.VERBOSE | re.IGNORECASE)


def explain(  # noqa: PLR0913 - all that the message is made of
    error: ImpossibleError,
    target: Target,
    *,
    file: str,
    exclude_newer: str,
    roots: Sequence[Root] = (),
    installed: Mapping[str, str] = MappingProxyType({}),
    constraints: Sequence[Root] = (),
) -> NoSolutionError:
    """Return the error that the user gets.

    Args:
        error: What the resolver says.
        target: What was resolved for.
        file: The requirements file's name.
        exclude_newer: The cut-off date, or empty.
        roots: What the project asks for.
        installed: Versions of the image's distributions, by normalized name.
        constraints: What the project's files allow without asking for it; pip names them among no causes.
    """
    if error.causes and all(cause.python for cause in error.causes):
        return _other_python(error.causes, target, file, roots)
    impossible = way_out.impossible(error, installed)
    alone = impossible or error.causes
    held = [each for each in constraints if each.name in {cause.name for cause in error.causes}]
    if impossible or (len(error.causes) == 1 and not held):
        cause = alone[0]
        found = _single(error, cause, target, exclude_newer, installed)
        found.place = FileLine(cause.file, cause.line) if cause.file else cause.parent or file
        return found
    if not error.causes:
        return NoSolutionError(error.summary, details=error.details, where=file)
    what = f"these requirements cannot hold together for Python {target.python_minor} ({target.platform}):"
    lines = sorted({f"  {_said(cause, roots)}" for cause in error.causes})
    lines += [f"  {each.place} has the constraint {each.text}" for each in held]
    for name in sorted({cause.name for cause in error.causes if not cause.python}):
        lines += [f"  the image has {name} {installed[name]}"] if name in installed else []
        lines.append(f"  versions of {name} to choose from: {_listed(_readable(error, name))}")
        lines += _passed_over(error, name)
    lines += way_out.of_own_pip(error, installed)
    return NoSolutionError(what, details=lines, where=file, hint=way_out.hint(error, roots))


def unhashed(found: Sequence[Unhashed], file: str) -> InputError:
    """Return the error of a file that demands hashes, and does not have them all."""
    said = {
        "none": "has no hash",
        "unpinned": "has a hash and no exact version: write `==`",
        "tree": "is from a repository or a directory, of which pip knows no hash",
    }
    lines = []
    for each in found[:_SHOWN_VERSIONS]:
        asked = each.where or (f"for {', '.join(each.parents)}" if each.parents else "")
        lines.append(f"  {each.name}{f' ({asked})' if asked else ''} {said[each.reason]}")
    lines += [f"  and {len(found) - _SHOWN_VERSIONS} more"] if len(found) > _SHOWN_VERSIONS else []
    where = next((each.where for each in found if each.where), FileLine(file))
    hint = "write a line `name==version --hash=sha256:…` for each, what others depend on included"
    return InputError("`--require-hashes` holds for all that is installed:", details=lines, where=where, hint=hint)


def _other_python(causes: Sequence[Cause], target: Target, file: str, roots: Sequence[Root]) -> NoSolutionError:
    """Make the error of packages of which every version is for another Python."""
    said = list(dict.fromkeys((cause.parent, cause.requirement) for cause in causes))
    (first, needs), others = said[0], said[1:]
    lines = [f"  {parent} requires {requirement}" for parent, requirement in others[:_SHOWN_VERSIONS]]
    lines += [f"  and {len(others) - _SHOWN_VERSIONS} more"] if len(others) > _SHOWN_VERSIONS else []
    named = (root.place for root in roots if root.name == causes[0].parent_name and root.file)
    where = next(named, FileLine(file))
    hint = f"ask for a version that is for Python {target.python_minor}, if there is one"
    what = f"{first} requires {needs}, the target has {target.python_minor}"
    return NoSolutionError(what, details=lines, where=where, hint=hint)


def _single(
    error: ImpossibleError, cause: Cause, target: Target, exclude_newer: str, installed: Mapping[str, str]
) -> NoSolutionError:
    as_of = f" as of {exclude_newer}" if exclude_newer else ""
    versions = _readable(error, cause.name)
    unread = _passed_over(error, cause.name)
    others = [f"  {each}" for each in other_targets.described(cause.requirement, error.files.get(cause.name, ()))]
    if not versions and not error.other_python and not unread:
        what = f"no index has a package named {cause.name} with a file for Python {target.python_minor}{as_of}"
        hint = import_names.hint(cause.name) or (
            f"{_alike(cause.name, installed)}check the spelling, the indexes, and the cut-off date"
        )
        return NoSolutionError(what, details=others, hint=hint)
    what = f"no version satisfies {cause.requirement} for Python {target.python_minor} ({target.platform}){as_of}"
    lines = [f"  versions to choose from: {_listed(versions, cause.requirement)}"]
    lines += unread
    lines += others if not error.other_python else []
    other = [each for each in error.other_python if _satisfies(each.version, cause.requirement)]
    lines += [
        f"  for another Python: {each.version} Requires-Python {each.requires_python}"
        for each in other[-_SHOWN_VERSIONS:]
    ]
    hint = import_names.hint(cause.name) or _hint(cause.requirement, exclude_newer)
    if unread and not versions:
        hint = "what is passed over cannot be installed as it was published: its makers must put it right"
    return NoSolutionError(what, details=lines, hint=hint)


def _readable(error: ImpossibleError, name: str) -> tuple[str, ...]:
    """Return the versions of a project without those of which each file was passed over."""
    unread = {each.version for each in error.passed_over if each.name == name}
    return tuple(version for version in error.versions.get(name, ()) if version not in unread)


def _passed_over(error: ImpossibleError, name: str) -> list[str]:
    """Return a line for each file of a project that could not be read, the newest last."""
    found = [each for each in error.passed_over if each.name == name]
    more = [f"  and {len(found) - _SHOWN_VERSIONS} more are passed over"] if len(found) > _SHOWN_VERSIONS else []
    return [*more, *(f"  passed over: {each.file}: {each.reason}" for each in found[-_SHOWN_VERSIONS:])]


def _hint(requirement: str, exclude_newer: str) -> str:
    if "+" in requirement.partition(";")[0]:
        return (
            "versions with a `+` are on pages of their own, not on PyPI: name the page with --find-links or "
            "--extra-index-url in the requirements file"
        )
    return "ask for a version that is there" + (", or for a later cut-off date" if exclude_newer else "")


def _alike(name: str, installed: Mapping[str, str]) -> str:
    """Return the question whether a package of the image or a common one is meant; never one that is not known."""
    found = import_names.alike(name, installed)
    if found:
        return f"do you mean {found}, which the image has? "
    found = import_names.alike(name, import_names.COMMON)
    return f"do you mean {found}? " if found else ""


def _satisfies(version: str, requirement: str) -> bool:
    try:
        return Requirement(requirement).specifier.contains(version, prereleases=True)
    except InvalidRequirement:
        return True


def _said(cause: Cause, roots: Sequence[Root]) -> str:
    if cause.parent:
        owner = f"the image's {cause.parent}" if cause.parent_installed else cause.parent
        asked = sorted({str(root.place) for root in roots if root.name == cause.parent_name and root.file})
        owner += f" ({', '.join(asked)})" if asked else ""
        return f"{owner} requires {cause.requirement}"
    return (
        f"{cause.file}:{cause.line} asks for {cause.requirement}" if cause.file else f"asked for: {cause.requirement}"
    )


def _listed(versions: Sequence[str], requirement: str = "") -> str:
    """Return the newest of many versions, or those around the only one that a requirement asks for."""
    if not versions:
        return "none"
    end = len(versions)
    asked = _EXACT.search(requirement)
    if asked:
        before = sum(Version(each) < Version(asked["version"]) for each in versions)
        end = min(end, max(before + _SHOWN_VERSIONS // 2, _SHOWN_VERSIONS))
    start = max(0, end - _SHOWN_VERSIONS)
    older, newer = (
        [f"({start} older)"] if start else [],
        [f"({len(versions) - end} newer)"] if end < len(versions) else [],
    )
    return ", ".join([*older, *versions[start:end], *newer])
