"""Locked distributions as lines of a requirements file, for pip 9 and later."""

from __future__ import annotations

from collections.abc import Iterable

from cortexlock.export.content import IndexPlace
from cortexlock.model.index_alias import DEFAULT_INDEX
from cortexlock.model.package import FromArchive, FromDirectory, FromGit, FromUrl, PipPackage


def option_lines(packages: Iterable[PipPackage], indexes: Iterable[IndexPlace]) -> list[str]:
    """Return the options that name the indexes of packages, but for PyPI, which pip knows.

    User and password are environment variables, which pip replaces by their values.
    """
    packages, indexes = tuple(packages), tuple(indexes)
    used = {package.alias for package in packages}
    lines = ["--no-index"] if asks_no_index(packages, indexes) else []
    for place in indexes:
        if place.alias in used and place.is_declared:
            option = "--find-links" if place.kind == "links" else "--extra-index-url"
            lines.append(f"{'--index-url' if place.alias == DEFAULT_INDEX else option} {place.url}")
    return lines


def asks_no_index(packages: Iterable[PipPackage], indexes: Iterable[IndexPlace]) -> bool:
    """Whether pages of find-links have all that is fetched: then PyPI is not to learn what is installed.

    A build asks an index for what it requires, so that it is as with an index.
    """
    packages = tuple(packages)
    links = {place.alias for place in indexes if place.kind == "links"}
    used = {package.alias for package in packages} - {None}
    return bool(used) and used <= links and not any(package.needs_build for package in packages)


def can_be_hashed(package: PipPackage) -> bool:
    """Whether pip can check the hash: it refuses repositories and directories where one line has a hash."""
    return bool(package.file)


def line(package: PipPackage, *, hashed: bool = True) -> str:
    """Return the line of a distribution, without comment.

    Args:
        package: A locked distribution; one that is kept has no source, and is pinned by its version.
        hashed: Whether the line has the hash, where it can have one.
    """
    text = _requirement(package)
    if hashed and package.file:
        return f"{text} \\\n    --hash=sha256:{package.sha256}"
    return text


def with_comment(text: str, package: PipPackage) -> str:
    """Return a line with a comment that says who asks for the package."""
    asked = ", ".join(package.by)
    return f"{text}\n    # via {asked}" if asked else text


def _requirement(package: PipPackage) -> str:
    match package.source:
        case FromGit(url, commit, _, subdirectory, editable):
            at = f"git+{url}@{commit}"
            if editable:
                return f"-e {at}#egg={package.name}" + (f"&subdirectory={subdirectory}" if subdirectory else "")
            return f"{package.name} @ {at}" + (f"#subdirectory={subdirectory}" if subdirectory else "")
        case FromDirectory(path, editable):
            path = path if path.startswith(".") else f"./{path}"
            return f"-e {path}" if editable else path
        case FromArchive(path):
            return f"./{path}"
        case FromUrl(url, subdirectory):
            return f"{package.name} @ {url}" + (f"#subdirectory={subdirectory}" if subdirectory else "")
        case _:
            return f"{package.name}=={package.version}"
