"""Lists that begin with `@EXPLICIT`, as `conda list --explicit` makes them: the URL of one archive a line.

A URL may end with `#` and the archive's hash: 32 hexadecimal digits for MD5, 64 for SHA-256, with or without the name
of the hash before it. conda installs such a list without a solve.
"""

from __future__ import annotations

from collections.abc import Iterable

from cortexlock.errors import InputError
from cortexlock.model.conda_list import ExplicitUrl
from cortexlock.model.predictor import SUBDIR, SubdirName
from cortexlock.patterns import pattern

MARK = "@EXPLICIT"
_HASH = pattern(r"(?:(?:md5|sha256)[:=])?(?P<digits>[0-9a-fA-F]{64}|[0-9a-fA-F]{32})")
_URL = pattern(r"(?:https?|file)://\S+/(?P<subdir>[^/\s]+)/(?P<file>[^/\s]+)")
_FILE = pattern(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[^-]+)\.(?:tar\.bz2|conda)")
_MD5 = 32  # hexadecimal digits
_MOST = 100  # errors that a survey has


def read(lines: Iterable[tuple[int, str]], *, name: str, subdir: SubdirName = SUBDIR) -> tuple[ExplicitUrl, ...]:
    """Read the lines of such a list.

    Args:
        lines: Lines that say something, with their 1-based numbers.
        name: The file's name.
        subdir: The image's conda subdir.

    Raises:
        InputError: A line is no URL of an archive for the image, or names a package that another line names too; or
            there is no such line at all.
    """
    found, errors = _found(lines, name, subdir, most=1)
    if errors:
        raise errors[0]
    return tuple(found.values())


def survey(
    lines: Iterable[tuple[int, str]], *, name: str, subdir: SubdirName = SUBDIR
) -> tuple[tuple[ExplicitUrl, ...], tuple[InputError, ...]]:
    """Read what can be read of such a list; return it with all that is wrong, a hundred errors at most, in file order.

    Args:
        lines: As for `read`.
        name: The file's name.
        subdir: The image's conda subdir.
    """
    found, errors = _found(lines, name, subdir, most=_MOST)
    return tuple(found.values()), tuple(errors)


def _found(
    lines: Iterable[tuple[int, str]], name: str, subdir: SubdirName, *, most: int
) -> tuple[dict[str, ExplicitUrl], list[InputError]]:
    """Return archives by package, and so many errors at most."""
    found: dict[str, ExplicitUrl] = {}
    errors: list[InputError] = []
    mark = None
    for number, line in lines:
        if line == MARK:
            mark = mark or number
            continue
        try:
            package, url = _read(number, line, name, subdir)
            if package in found:
                what = f"{package} is there twice, first in line {found[package].line}"
                raise InputError.at(name, number, what, hint="keep one of the two lines")
            found[package] = url
        except InputError as error:
            errors.append(error)
        if len(errors) == most:
            break
    if not found and not errors:
        hint = "write the URL of one archive a line, or remove the line `@EXPLICIT` to name packages instead"
        errors.append(InputError.at(name, mark, "the list is @EXPLICIT and names no archive", hint=hint))
    return found, errors


def parts(url: str) -> tuple[str, str, str]:
    """Return name, version and build of the package that an archive's URL names (`name-version-build.conda`)."""
    match = _FILE.fullmatch(url.rpartition("/")[2])
    return (match["name"], match["version"], match["build"]) if match else ("", "", "")


def _read(number: int, line: str, name: str, subdir: SubdirName) -> tuple[str, ExplicitUrl]:
    url, _, fragment = line.partition("#")
    url = url.strip()
    matched = _URL.fullmatch(url)
    package = parts(url)[0]
    if matched is None or not package:
        raise InputError.at(
            name,
            number,
            f"`{url}` is no URL of a conda package, and the list is @EXPLICIT",
            hint="a line is https://channel/linux-64/name-version-build.conda; remove the line `@EXPLICIT` to name "
            "packages instead",
        )
    if matched["subdir"] not in {subdir, "noarch"}:
        raise InputError.at(
            name,
            number,
            f"`{matched['file']}` is a package for {matched['subdir']}, the image is {subdir}",
            hint=f"run `conda list --explicit > {name}` in a {subdir} environment",
        )
    if not fragment.strip():
        return package.lower(), ExplicitUrl(number, url)
    hashed = _HASH.fullmatch(fragment.strip())
    if hashed is None:
        raise InputError.at(
            name,
            number,
            f"`#{fragment.strip()}` is neither an MD5 nor a SHA-256",
            hint="`conda list --explicit --md5` gives the hashes",
        )
    digits = hashed["digits"].lower()
    if len(digits) == _MD5:
        return package.lower(), ExplicitUrl(number, url, md5=digits)
    return package.lower(), ExplicitUrl(number, url, sha256=digits)
