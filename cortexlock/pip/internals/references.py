"""Direct references: what is wrong with what a requirement names, said with the line that names it.

pip knows no lines by then. It drops what has another name as if there were no such package, and lets exceptions
through of the libraries that open archives.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from pip._internal import exceptions
from pip._internal.models.wheel import Wheel
from pip._internal.resolution.resolvelib.factory import Factory

from cortexlock.errors import CortexlockError, FileLine, InputError, IntegrityError, NetworkError, NoSolutionError
from cortexlock.formats.source_archive import DamagedArchiveError
from cortexlock.inputs import url_secrets
from cortexlock.pip.internals.failures import is_refusal
from cortexlock.pip.internals.requirements import place
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError
from cortexlock.pip.resolution.values import PassedOver

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.req import InstallRequirement

NO_ARCHIVE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    exceptions.InvalidWheel,
    DamagedArchiveError,
)
"""What pip, the libraries below it and our own unpacking raise for files that are no archives."""

_IN_MESSAGE = "because of HTTP error "


class _UnreadableError(exceptions.InstallationError):
    """Why a file is no candidate, among pip's own reasons."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def with_places(project: Path, on_passed_over: Callable[[PassedOver], None]) -> Callable[..., Any]:
    """Make a stand-in for pip's `Factory._make_base_candidate_from_link` that says which line names a bad file.

    A file of an index that cannot be read is no candidate, where pip gives up.

    Args:
        project: The project's directory, that paths in messages are relative to.
        on_passed_over: Told about each such file.
    """
    make: Any = vars(Factory)["_make_base_candidate_from_link"]  # it has both the file and its requirement
    from_index = _from_index(make, project, on_passed_over)

    def make_candidate(
        self: Factory,
        link: Link,
        template: InstallRequirement,
        name: str | None,
        version: Any,  # noqa: ANN401 - pip's own
    ) -> Any:  # noqa: ANN401 - pip's own
        if template.link is None:
            return from_index(self, link, template, name, version)
        file, line = place(template.comes_from, project)
        where = FileLine(file, line) if file else template.name or None
        if name and link.is_wheel:
            _refuse_other_name(name, canonicalize_name(Wheel(link.filename).name), where)
        try:
            found = make(self, link, template, name, version)
        except NO_ARCHIVE as error:
            raise _no_archive(link, project, where, error) from error
        except UnreadableSpecifierError as error:
            raise _unreadable(link, project, where, error) from error
        except exceptions.InstallationError as error:
            raise _not_there(error, link, where) or error from error
        failure = self._build_failures.get(link) if found is None else None
        if isinstance(failure, exceptions.MetadataInconsistent) and failure.field == "name":
            _refuse_other_name(failure.f_val, failure.m_val, where)
        return found

    return make_candidate


def _from_index(
    make: Callable[..., Any], project: Path, on_passed_over: Callable[[PassedOver], None]
) -> Callable[..., Any]:
    """Wrap pip's making of candidates: a file of an index that cannot be read is none."""

    def from_index(
        self: Factory,
        link: Link,
        template: InstallRequirement,
        name: str | None,
        version: Any,  # noqa: ANN401 - pip's own
    ) -> Any:  # noqa: ANN401 - pip's own
        try:
            found = make(self, link, template, name, version)
        except NO_ARCHIVE as error:
            raise _no_archive(link, project, None, error) from error
        except (UnreadableSpecifierError, exceptions.UnsupportedWheel) as error:
            found = None
            self._build_failures[link] = _UnreadableError(_reason(error))
        if found is None:
            reason = _failure(self._build_failures[link])
            on_passed_over(PassedOver(str(name), str(version), link.filename, reason))
        return found

    return from_index


def for_the_target(project: Path) -> Callable[..., Iterator[Any]]:
    """Make a stand-in for `Factory._make_requirements_from_install_req` that says which line names a foreign wheel.

    Args:
        project: The project's directory, that paths in messages are relative to.
    """
    make: Any = vars(Factory)["_make_requirements_from_install_req"]  # it looks at tags before there is a candidate

    def make_requirements(self: Factory, ireq: InstallRequirement, requested_extras: Any) -> Iterator[Any]:  # noqa: ANN401
        try:
            yield from make(self, ireq, requested_extras)
        except exceptions.UnsupportedWheel as error:
            file, line = place(ireq.comes_from, project)
            name = ireq.link.filename if ireq.link is not None else str(ireq.name)
            what, hint = f"{name} is no wheel for the image's Python and platform", "name one that is, or an sdist"
            if "not a supported wheel" not in str(error):
                what, hint = f"{name} is no wheel that pip takes: {_reason(error)}", "put it right"
            raise NoSolutionError(what, where=FileLine(file, line) if file else None, hint=hint) from error

    return make_requirements


def _refuse_other_name(asked: str, found: str, where: FileLine | str | None) -> None:
    if asked != found:
        raise InputError(
            f"it is {found}, not {asked}", where=where, hint=f"write {found}, or name the source of {asked}"
        )


def _no_archive(link: Link, project: Path, where: FileLine | str | None, error: Exception) -> CortexlockError:
    if not link.is_file or where is None:
        return IntegrityError(f"{link.filename} is no archive that can be read: {_reason(error)}", where=where)
    what = f"{_shown(link, project)} is no archive that can be read: {_reason(error)}"
    return InputError(what, where=where, hint="put it right")


def _unreadable(
    link: Link, project: Path, where: FileLine | str | None, error: UnreadableSpecifierError
) -> CortexlockError:
    what = f"{_shown(link, project)} cannot be used: {error}"
    if link.is_file:
        return InputError(what, where=where, hint="put it right; a version is written as PEP 440 has it, 1.0.dev1")
    return NoSolutionError(what, where=where, hint="name another version of it, or have its makers put it right")


def _failure(error: exceptions.InstallationError) -> str:
    """Return why pip or we did not take a candidate."""
    if isinstance(error, _UnreadableError):
        return error.reason
    if isinstance(error, exceptions.MetadataInconsistent):
        return f"its metadata has the {error.field.lower()} {error.m_val}"
    return _reason(error)


def _shown(link: Link, project: Path) -> str:
    if not link.is_file:
        return link.filename
    path = Path(link.file_path)
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else path.name


def _not_there(error: exceptions.InstallationError, link: Link, where: FileLine | str | None) -> NetworkError | None:
    """Say that a server does not give a file; pip's text has the path of the requirements file."""
    _, separator, reason = str(error).partition(_IN_MESSAGE)
    if not separator:
        return None
    url = url_secrets.without(link.url_without_fragment)
    what = f"{url} does not come: {reason.partition(' for url')[0]}"
    hint = "check the URL; nothing was written"
    return NetworkError(what, where=where, hint=hint, url=url, refused=is_refusal(reason))


def _reason(error: Exception) -> str:
    if isinstance(error, exceptions.InvalidWheel):  # its text has the path of a temporary file
        return "not a wheel"
    if isinstance(error, CortexlockError):
        return error.what
    if isinstance(error.__cause__ or error.__context__, UnicodeDecodeError):  # as pip 26.2 says it
        return "its metadata is not UTF-8"
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
