"""What a resolution chose, free of pip's own types: versions, who asked, and the one artifact of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from pip._internal.models.link import Link
from pip._internal.resolution.resolvelib.candidates import (
    AlreadyInstalledCandidate,
    ExtrasCandidate,
    RequiresPythonCandidate,
)

from cortexlock.errors import FileLine, IntegrityError
from cortexlock.pip.internals import download
from cortexlock.pip.internals.requirements import place
from cortexlock.pip.internals.substitutes import archive_of
from cortexlock.pip.resolution.values import Checkout, Resolved, SourceTree

if TYPE_CHECKING:
    from pip._internal.network.session import PipSession
    from pip._internal.req import InstallRequirement


@dataclass(frozen=True, slots=True)
class Facts:
    """What was learnt of artifacts while pip resolved.

    Attributes:
        session: Reads what an index does not say.
        sizes: Sizes in bytes that indexes gave, by URL.
        redirects: The pages that were asked for, by URL of those that answered.
        checkouts: Commits that were checked out, by URL as required.
        project: The project's directory, that paths in messages are relative to.
    """

    session: PipSession
    sizes: Mapping[str, int]
    redirects: Mapping[str, str]
    checkouts: Mapping[str, Checkout]
    project: Path


def of(result: Any, facts: Facts) -> tuple[Resolved, ...]:  # noqa: ANN401 - a resolvelib Result of pip's own types
    """Return what a resolution chose, what is kept of the image included, sorted by name.

    Raises:
        IntegrityError: A direct reference has another hash than it says.
    """
    found = []
    unknown = _unknown_extras(result)
    for candidate in result.mapping.values():
        if isinstance(candidate, ExtrasCandidate | RequiresPythonCandidate):
            continue
        parents, requested = _parents(result, str(candidate.project_name))
        resolved = Resolved(
            str(candidate.project_name),
            str(candidate.version),
            isinstance(candidate, AlreadyInstalledCandidate),
            tuple(candidate.dist.metadata.get_all("Requires-Dist") or ()),
            parents,
            requested,
            unknown_extras=tuple(sorted(unknown.get(str(candidate.project_name), ()))),
        )
        found.append(resolved if resolved.installed else _with_artifact(resolved, candidate, facts))
    return tuple(sorted(found, key=lambda resolved: resolved.name))


def _unknown_extras(result: Any) -> dict[str, set[str]]:  # noqa: ANN401 - a resolvelib Result
    """Return the extras that were asked for and that a distribution does not have, by normalized name."""
    found: dict[str, set[str]] = {}
    for candidate in result.mapping.values():
        if isinstance(candidate, ExtrasCandidate):
            there = {canonicalize_name(extra) for extra in candidate.base.dist.iter_provided_extras()}
            unknown = {str(extra) for extra in candidate.extras if canonicalize_name(extra) not in there}
            found.setdefault(str(candidate.project_name), set()).update(unknown)
    return found


def check_hashes(
    requirements: Sequence[InstallRequirement], found: Sequence[Resolved], session: PipSession, project: Path
) -> None:
    """Compare what was chosen with `--hash` options; pip does so when it downloads, which is not done here.

    Raises:
        IntegrityError: A file has none of the hashes that its requirement demands.
    """
    for requirement in requirements:
        for resolved in found if requirement.hash_options and not requirement.constraint else ():
            url = requirement.link.url_without_fragment if requirement.link else ""
            if resolved.installed or (requirement.name or url) not in (resolved.name, resolved.url):
                continue
            allowed = requirement.hash_options
            if resolved.sha256 and resolved.sha256 in allowed.get("sha256", ()):
                continue
            others = {name for name in allowed if name != "sha256" and resolved.file}
            measured = download.measure(Link(resolved.url), session, others)
            if not any(measured.digests[name] in allowed[name] for name in others):
                file, line = place(requirement.comes_from, project)
                raise IntegrityError(
                    f"{resolved.file or resolved.name} has none of the hashes that are asked for",
                    where=FileLine(file, line) if file else resolved.name,
                    hint="if the file is the right one, correct the hash; otherwise find out who changed it",
                )


def _with_artifact(resolved: Resolved, candidate: Any, facts: Facts) -> Resolved:  # noqa: ANN401 - a candidate of pip's
    link: Link = candidate.source_link
    if link.is_vcs:
        path = Path(candidate.get_install_requirement().unpacked_source_directory)
        checkout = facts.checkouts[link.url]
        tree = SourceTree(path, local=False, name=resolved.name)
        return replace(resolved, checkout=checkout, editable=candidate.is_editable, source=tree)
    if link.is_existing_dir():
        tree = SourceTree(Path(link.file_path), local=True, name=resolved.name)
        return replace(resolved, directory=link.file_path, editable=candidate.is_editable, source=tree)
    requirement = candidate.get_install_requirement()
    direct = requirement.original_link is not None
    page = "" if direct else str(getattr(link.comes_from, "url", link.comes_from) or "")
    file, line = place(requirement.comes_from, facts.project)
    sha256, size = _digest(link, facts, direct=direct, where=FileLine(file, line) if file else None)
    return replace(
        resolved,
        # pip takes `file:vendor/x.whl` relative to the working directory, and turns it into another one in URLs.
        url=Path(link.file_path).absolute().as_uri() if direct and link.is_file else _without_user_info(link),
        page=facts.redirects.get(page, page),
        file=link.filename,
        sha256=sha256,
        size=size,
        yanked=link.is_yanked,
        source=None if link.is_wheel else _sdist(requirement, resolved.name),
    )


def _sdist(requirement: InstallRequirement, name: str) -> SourceTree:
    # What is kept of an archive is enough in place of the archive, which was not unpacked then.
    path = Path(requirement.unpacked_source_directory) if requirement.source_dir else Path()
    return SourceTree(path, local=False, name=name, archive=archive_of(requirement.link))


def _digest(link: Link, facts: Facts, *, direct: bool, where: FileLine | None) -> tuple[str, int]:
    """Return sha256 and size of a file: as its index says, or by reading it.

    A direct reference has no index that says anything; the hash that it may have is a demand.
    """
    if link.hash_name == "sha256" and link.hash and not direct:
        return link.hash, facts.sizes.get(link.url_without_fragment) or _measured(link, facts)
    demanded = link.hash_name if direct and link.hash_name else "sha256"
    measured = download.measure(link, facts.session, {"sha256", demanded})
    if direct and link.hash and link.hash != measured.digests[demanded]:
        raise IntegrityError(
            f"{link.filename}: its {demanded} is {measured.digests[demanded]}, the requirement says {link.hash}",
            where=where,
            hint="if the file is the right one, correct the hash; otherwise find out who changed it",
        )
    return measured.digests["sha256"], measured.size


def _measured(link: Link, facts: Facts) -> int:
    """Return the size of a file whose index page does not say it."""
    if link.is_file:
        return Path(link.file_path).stat().st_size
    response = facts.session.head(link.url_without_fragment, allow_redirects=True)
    return int(response.headers.get("Content-Length", 0)) if response.ok else 0


def _parents(result: Any, name: str) -> tuple[tuple[str, ...], bool]:  # noqa: ANN401 - a resolvelib Result
    """Return who depends on a distribution, with any of its extras, and whether the project asks for it."""
    found: set[str] = set()
    requested = False
    for identifier in result.mapping:
        if canonicalize_name(identifier.partition("[")[0]) != name:
            continue
        for parent in result.graph.iter_parents(identifier):
            if parent is None:
                requested = True
            else:
                found.add(canonicalize_name(parent.partition("[")[0]))
    return tuple(sorted(found - {name})), requested


def _without_user_info(link: Link) -> str:
    scheme, separator, rest = link.url_without_fragment.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"
