"""pip's hash mode: as soon as one requirement has a hash, or `--require-hashes` stands there, all must have one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from cortexlock.errors import FileLine
from cortexlock.pip.internals.requirements import place
from cortexlock.pip.resolution.values import Resolved, Unhashed

if TYPE_CHECKING:
    from pathlib import Path

    from pip._internal.req import InstallRequirement
    from piptools.repositories import PyPIRepository


def is_demanded(repository: PyPIRepository) -> bool:
    """Whether the requirements file says `--require-hashes`; pip itself is not asked to see to it any more.

    It would download each file as a whole, and says what is wrong with paths of this machine.
    """
    options = repository.options
    demanded = bool(options.require_hashes)
    options.require_hashes = False
    return demanded


def is_in_force(requirements: Sequence[InstallRequirement], repository: PyPIRepository) -> bool:
    """Whether the image's pip takes a file without `--require-hashes` for one that has it."""
    options = repository.options
    return not getattr(options, "no_require_hashes", False) and any(
        requirement.hash_options for requirement in requirements if not requirement.constraint
    )


def unhashed(
    requirements: Sequence[InstallRequirement], found: Sequence[Resolved], project: Path
) -> tuple[Unhashed, ...]:
    """Return what pip refuses in its hash mode of what was chosen, sorted by name.

    Args:
        requirements: What is asked for, constraints included.
        found: What was chosen; what is the image's own needs no hash.
        project: The project's directory.
    """
    return tuple(
        each for resolved in found if not resolved.installed for each in _unhashed(requirements, resolved, project)
    )


def _unhashed(requirements: Sequence[InstallRequirement], resolved: Resolved, project: Path) -> Iterator[Unhashed]:
    asked = [each for each in requirements if _is_for(each, resolved)]
    files = [place(each.comes_from, project) for each in asked if not each.constraint]
    where = next((FileLine(file, line) for file, line in files if file), None)
    if resolved.checkout is not None or resolved.directory:
        yield Unhashed(resolved.name, "tree", where, resolved.parents)
    elif not any(each.hash_options or (each.link is not None and each.link.hash) for each in asked):
        yield Unhashed(resolved.name, "none", where, resolved.parents)
    elif not any(each.is_pinned or each.is_direct for each in asked):
        yield Unhashed(resolved.name, "unpinned", where, resolved.parents)


def _is_for(requirement: InstallRequirement, resolved: Resolved) -> bool:
    if requirement.name:
        return canonicalize_name(requirement.name) == resolved.name
    link = requirement.link
    if link is None:
        return False
    return link.url_without_fragment == resolved.url or (link.is_file and link.file_path == resolved.directory)
