"""What to write where requirements cannot hold together, and what the image's own pip would have done there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from cortexlock.pip.resolution import first_come
from cortexlock.pip.resolution.values import Cause, ImpossibleError, Root

_LOOSEN = "loosen one of them; a package of the image changes only if a requirement asks for another version"


def impossible(error: ImpossibleError, installed: Mapping[str, str]) -> tuple[Cause, ...]:
    """Return the causes that nothing satisfies, whatever the others say; those of the project first.

    Args:
        error: What the resolver says.
        installed: Versions of the image's distributions, by normalized name.
    """
    found = [cause for cause in error.causes if not cause.python and not _is_possible(cause, error, installed)]
    return tuple(sorted(dict.fromkeys(found), key=lambda cause: (not cause.file, cause.file, cause.line)))


def hint(error: ImpossibleError, roots: Sequence[Root]) -> str:
    """Return what to write: what the others require in the line that stands alone, where there is such a version.

    Args:
        error: What the resolver says; its causes are about one project.
        roots: What the project asks for.
    """
    own, others = _own_and_others(error)
    if len(own) == 1 and others:
        wanted = _together(others, error.versions.get(own[0].name, ()))
        where = f"{own[0].file}:{own[0].line}" if own[0].file else ""
        if wanted and where:
            return f"write `{own[0].name}{wanted}` in {where}, or ask for another version of {_names(others)}"
    if not own and len(others) > 1 and all(_asked(each, roots) for each in others):
        lines = sorted({f"{each.parent_name} ({_asked(each, roots)})" for each in others})
        return f"ask for another version of {' or '.join(lines)}"
    return _LOOSEN


def of_own_pip(error: ImpossibleError, installed: Mapping[str, str]) -> list[str]:
    """Return what the image's own pip does there: with the resolver from before 20.3 it refuses nothing.

    Args:
        error: What the resolver says.
        installed: Versions of the image's distributions, by normalized name.
    """
    version = installed.get("pip")
    own, others = _own_and_others(error)
    if version is None or not first_come.is_way_of(version) or len(own) > 1 or not others:
        return []  # two lines for one project are refused by all pips
    said = f"  the image's own pip {version} refuses nothing here: it takes"
    if not own:
        return [f"{said} what it comes to first, and leaves the other broken"]
    line = f" as {own[0].file}:{own[0].line} asks" if own[0].file else ""
    return [f"{said} {own[0].requirement}{line}, and leaves {_names(others)} broken"]


def _own_and_others(error: ImpossibleError) -> tuple[list[Cause], list[Cause]]:
    """Return the causes of the project and those of packages; none of both if they are about several projects."""
    causes = list(dict.fromkeys(error.causes))
    if len({cause.name for cause in causes}) != 1 or causes[0].python:
        return [], []
    own = [cause for cause in causes if not cause.parent]
    return own, [cause for cause in causes if cause.parent]


def _names(causes: Sequence[Cause]) -> str:
    return " and ".join(sorted({cause.parent_name for cause in causes}))


def _asked(cause: Cause, roots: Sequence[Root]) -> str:
    return next((str(root.place) for root in roots if root.name == cause.parent_name and root.file), "")


def _together(causes: Sequence[Cause], versions: Sequence[str]) -> SpecifierSet | None:
    """Return what all of them require, if one of these versions satisfies it."""
    try:
        wanted = SpecifierSet(",".join(str(Requirement(cause.requirement).specifier) for cause in causes))
    except InvalidRequirement:
        return None
    return wanted if str(wanted) and any(wanted.contains(each, prereleases=True) for each in versions) else None


def _is_possible(cause: Cause, error: ImpossibleError, installed: Mapping[str, str]) -> bool:
    try:
        asked = Requirement(cause.requirement)
    except InvalidRequirement:
        return True
    versions = [*error.versions.get(cause.name, ()), *([installed[cause.name]] if cause.name in installed else [])]
    return asked.url is not None or any(asked.specifier.contains(each, prereleases=True) for each in versions)
