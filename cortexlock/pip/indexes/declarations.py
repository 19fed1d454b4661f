"""What requirements files say of indexes: their options, read as pip reads them."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cortexlock.inputs import credential_origins, requirements_text, url_secrets
from cortexlock.inputs.credential_origins import Origin
from cortexlock.inputs.requirements_text import Requirements

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Declared:
    """What requirements files say of indexes, in order, as written but for variables; `None`: no primary index.

    `origins` tells where the credentials of their URLs come from.
    """

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = field(default=(), compare=False)


def declared(file: Path, environment: Mapping[str, str], *, project: Path | None = None) -> Declared:
    """Read the options for indexes of a requirements file and of what it includes, as pip does.

    Args:
        file: The requirements file; one that is not there declares nothing.
        environment: Values of `${NAME}`.
        project: The project, which may hold included files; the file's directory by default.

    Raises:
        InputError: A file cannot be read, or one that is included is not there.
    """
    if not file.is_file():
        return Declared()
    directory = project or file.parent
    return declared_by(
        requirements_text.read(directory, file.relative_to(directory).as_posix()), environment, directory
    )


def declared_by(requirements: Requirements, environment: Mapping[str, str], directory: Path) -> Declared:
    """Return the options for indexes of requirements files that have been read.

    Args:
        requirements: The files.
        environment: Values of `${NAME}`.
        directory: The project.
    """
    index_url: str | None = None
    extras: list[str] = []
    links: list[str] = []
    for line in requirements.lines:
        for option, written in _options(line.text) if line.text.startswith("-") else ():
            value = url_secrets.expand(written, environment)
            match option:
                case "index_url":
                    index_url = value
                    extras.clear()  # as pip: a later --index-url starts anew
                case "extra_index_url":
                    extras.append(value)
                case _:
                    links.append(_as_url(value, directory / line.file))
    origins = tuple(credential_origins.origins(requirements.lines, environment))
    return Declared(index_url, tuple(dict.fromkeys(extras)), tuple(dict.fromkeys(links)), origins)


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Yield the options for indexes of a line; what is wrong with a line is for the resolution to tell."""
    parser = _OptionParser(add_help=False)
    parser.add_argument("-i", "--index-url", "--pypi-url", action="append")
    parser.add_argument("--extra-index-url", action="append")
    parser.add_argument("-f", "--find-links", action="append")
    try:
        options, _ = parser.parse_known_args(shlex.split(text))
    except (argparse.ArgumentError, ValueError):
        return
    for name, values in vars(options).items():
        for value in values or ():
            yield name, value


class _OptionParser(argparse.ArgumentParser):
    """A parser that raises, and never ends the program."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise argparse.ArgumentError(None, message)


def _as_url(value: str, file: Path) -> str:
    """Return a find-links value as a URL; a path is relative to its file, as for pip."""
    return value if _URL.match(value) else (file.parent / value).resolve().as_uri()
