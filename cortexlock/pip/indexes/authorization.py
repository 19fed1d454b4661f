"""What a replay needs credentials for, and who supplies them; what to do where a server refuses who asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cortexlock.errors import NetworkError
from cortexlock.inputs import credential_origins, requirements_text
from cortexlock.inputs.configuration import FILE_NAME
from cortexlock.inputs.credential_origins import Origin
from cortexlock.model.lockfile import Credentials, PipStep, Step
from cortexlock.model.package import FromGit, FromUrl
from cortexlock.pip.indexes.locations import Location


def origins(project: Path, file: str, environment: Mapping[str, str]) -> tuple[Origin, ...]:
    """Return where the credentials in a requirements file and what it includes come from.

    Args:
        project: The project's directory.
        file: The requirements file, relative to it; empty: there is none.
        environment: Values of `${NAME}`.

    Raises:
        InputError: A file cannot be read.
    """
    if not file:
        return ()
    return tuple(credential_origins.origins(requirements_text.read(project, file).lines, environment))


def suppliers(
    steps: Iterable[Step], places: Iterable[Location], known: Sequence[Origin], project: Path
) -> tuple[Credentials, ...]:
    """Return what the replay of steps needs credentials for: indexes, then packages, each sorted by name.

    Args:
        steps: The steps of the lockfile.
        places: The indexes and find-links locations.
        known: Where the credentials of direct references come from.
        project: The project's directory.
    """
    packages = [package for step in steps if isinstance(step, PipStep) for package in step.artifacts]
    used = {package.alias for package in packages}
    by_index = {
        place.alias: place.origin.supplied_by for place in places if place.alias in used and place.origin is not None
    }
    found = {alias: _in_file(by, project) for alias, by in by_index.items()}
    direct = {}
    for package in packages:
        source = package.source
        origin = credential_origins.of_url(source.url, known) if isinstance(source, FromGit | FromUrl) else None
        if origin is not None:
            direct[package.name] = origin.supplied_by
    return (
        *(Credentials(by, index=alias) for alias, by in sorted(found.items()) if by),
        *(Credentials(by, package=name) for name, by in sorted(direct.items())),
    )


def hint(error: NetworkError, places: Iterable[Location], known: Iterable[Origin]) -> str | None:
    """Return what to do if a server refuses who asks; None if it fails otherwise."""
    if not error.refused:
        return error.hint
    for origin in known:
        url = origin.url.removeprefix("git+").partition("#")[0]
        if url and error.url and (error.url.startswith(url) or url.rpartition("@")[0] == error.url):
            return origin.hint
    inside = [place for place in places if error.url.startswith(place.url)]
    return max(inside, key=lambda place: len(place.url)).hint if inside else error.hint


def _in_file(supplied_by: tuple[str, ...], project: Path) -> tuple[str, ...]:
    """Return who supplies credentials; nothing for those of the command line, which are no matter of the project."""
    if supplied_by != ("index-url",):
        return supplied_by
    configuration = project / FILE_NAME
    text = configuration.read_text(encoding="utf-8") if configuration.is_file() else ""
    return (FILE_NAME,) if re.search(r"(?m)^index-url\s*:.*@", text) else ()
