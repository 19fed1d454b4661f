"""Keeps the secrets of a project out of what is written and said: which they are, in errors, in a lockfile."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

from cortexlock.errors import CortexlockError, FileLine, IntegrityError
from cortexlock.inputs import url_secrets
from cortexlock.inputs.requirements_text import Line
from cortexlock.model.project import PipSettings, Project
from cortexlock.patterns import pattern

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Value = TypeVar("_Value", bound="DataclassInstance")
_PROXIES = frozenset(("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "PIP_PROXY"))
_OF_AN_INDEX = pattern(r"-i|-f|--(?:index-url|pypi-url|extra-index-url|find-links)")
_SHORTEST = 4
"""What is shorter stands in any text by chance, and is no credential that could be kept."""


def of_project(
    project: Project, lines: Iterable[Line], environment: Mapping[str, str], *further: str | None
) -> frozenset[str]:
    """Return the credentials that are in force where a project is locked or installed.

    Args:
        project: The project, whose configuration counts.
        lines: The lines of its requirements files.
        environment: The caller's variables: values of `${NAME}`, and proxies.
        further: Other texts with URLs: options of the command line.
    """
    said = project.configuration
    texts = [
        said.index_url or "",
        *said.channels,
        *(address for _, address in said.channel_aliases),
        *(index.url for index in said.indexes),
    ]
    settings = said.pip_settings or PipSettings()
    texts += [settings.index_url or "", *settings.extra_index_urls, *settings.find_links]
    texts += [text for text in further if text]
    texts += [value for name, value in environment.items() if name.upper() in _PROXIES]
    texts += [line.text for line in lines]
    return url_secrets.find(texts, environment)


def of_indexes(
    project: Project, lines: Iterable[Line], environment: Mapping[str, str], *further: str | None
) -> frozenset[str]:
    """Return what may be a token in the paths of indexes' URLs: it is said nowhere.

    Args:
        project: The project, whose configuration counts.
        lines: The lines of its requirements files.
        environment: Values of `${NAME}`.
        further: Other URLs of indexes: options of the command line.
    """
    said, settings = project.configuration, project.configuration.pip_settings or PipSettings()
    urls = [said.index_url, *(index.url for index in said.indexes), *further]
    urls += [settings.index_url, *settings.extra_index_urls, *settings.find_links]
    urls += [line.text for line in lines if _OF_AN_INDEX.match(line.text)]
    return url_secrets.of_paths(url_secrets.expand(url, environment) for url in urls if url)


@contextmanager
def redacted(found: Iterable[str]) -> Iterator[None]:
    """Take credentials out of the errors that leave a `with` block, and out of the traceback of a bug.

    Raises:
        RuntimeError: In place of a bug's exception whose traceback has a credential: that text, redacted.
    """
    found = frozenset(found)
    try:
        yield
    except CortexlockError as error:
        error.summary = url_secrets.redact(error.summary, found)
        error.details = tuple(url_secrets.redact(each, found) for each in error.details)
        error.place = _redacted_place(error.place, found)
        if isinstance(error.advice, str):  # those with a command have nothing of a project
            error.advice = url_secrets.redact(error.advice, found)
        error.args = (error.summary,)
        raise
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        clean = url_secrets.redact(text, found)
        if clean == text:
            raise
        raise RuntimeError(clean) from None


def _redacted_place(place: FileLine | str | None, found: Iterable[str]) -> FileLine | str | None:
    if isinstance(place, FileLine):
        return replace(place, file=url_secrets.redact(place.file, found))
    return url_secrets.redact(place, found) if place else place


def of_value(value: _Value, found: Collection[str]) -> _Value:
    """Return a fact, a frozen dataclass, without credentials in its texts and tuples of texts."""
    said: dict[str, object] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, str):
            said[field.name] = url_secrets.redact(part, found)
        elif isinstance(part, tuple):
            said[field.name] = tuple(url_secrets.redact(each, found) for each in part)
    return replace(value, **said)


def refuse(texts: Iterable[tuple[str, str]], found: Iterable[str]) -> None:
    """Check that no text that is about to be written, given with its name, has a credential in it.

    Raises:
        IntegrityError: One has; nothing may be written then.
    """
    found = tuple(secret for secret in found if len(secret) >= _SHORTEST)
    for name, text in texts:
        if any(secret in text for secret in found):
            raise IntegrityError(
                "a credential of the project would stand in the lockfile: nothing was written",
                where=name,
                hint="this is a bug of cortexlock; please report it, without the credential",
            )
