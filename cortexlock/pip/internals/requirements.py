"""Requirements files as pip reads them: options go to the finder, lines become pip's requirements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from pip._internal.exceptions import PipError
from pip._internal.req import parse_requirements, req_file
from pip._internal.req.constructors import install_req_from_line, install_req_from_parsed_requirement

from cortexlock.errors import CortexlockError, InputError
from cortexlock.inputs import environment_file, requirements_text, url_secrets
from cortexlock.model.file_kind import is_environment_file
from cortexlock.pip.internals import diagnostics, unreadable_line
from cortexlock.pip.internals.replaced import replaced
from cortexlock.pip.metadata.requirements import is_name
from cortexlock.pip.resolution.values import Root

if TYPE_CHECKING:
    from pip._internal.req import InstallRequirement
    from piptools.repositories import PyPIRepository

    from cortexlock.pip.resolution.request import PipRequest

_PLACE = re.compile(r"-[rc] (?P<file>.*) \(line (?P<line>\d+)\)$")
_PROGRAM = re.compile(r"^\S+: error: ", re.MULTILINE)
_PLACE_IN_MESSAGE = re.compile(r" \(from line \d+ of .*\)")


def of_request(request: PipRequest, repository: PyPIRepository) -> tuple[InstallRequirement, ...]:
    """Return all that a resolution is asked for: what its file says, and what stands in no file.

    Args:
        request: The resolution.
        repository: Gets the file's options: indexes, find-links, format control.

    Raises:
        InputError: A line cannot be read, or asks for what cannot be locked.
    """
    pins = from_pins(request.pins, request.project)
    if request.only_pins:
        return pins
    return parse(request.project / request.file, request.project, repository, request.environment) + pins


def parse(
    file: Path, project: Path, repository: PyPIRepository, environment: Mapping[str, str]
) -> tuple[InstallRequirement, ...]:
    """Read a requirements file with what it includes.

    Args:
        file: The requirements file.
        project: The project's directory, that paths in messages are relative to.
        repository: Gets the file's options: indexes, find-links, format control.
        environment: Values of `${NAME}`.

    Returns:
        Requirements and constraints, in an order that does not depend on the order of the lines.

    Raises:
        InputError: A line cannot be read, or asks for what cannot be locked.
    """
    found: list[InstallRequirement] = []

    def expanded(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        return ((number, url_secrets.expand(text, environment)) for number, text in lines)

    # pip puts values in as they are, and a URL has another host then; it knows no environment files.
    with (
        _option_errors(file, project),
        replaced(req_file, "expand_env_variables", expanded),
        replaced(req_file, "get_file_content", _content_of(project, req_file.get_file_content)),
    ):
        parsed = list(
            parse_requirements(
                str(file), session=repository.session, finder=repository.finder, options=repository.options
            )
        )
    for line in parsed:
        name, number = place(line.comes_from, project)
        try:
            requirement = install_req_from_parsed_requirement(line, isolated=True, user_supplied=True)
        except PipError as error:
            said = _PLACE_IN_MESSAGE.sub("", diagnostics.said(error)).strip()
            raise unreadable_line.error(name, number, said, line.requirement) from error
        for each in (requirement.name, *sorted(requirement.extras)):
            if each and not is_name(each):
                hint = "names start and end with a letter or a digit"
                raise InputError.at(name, number, f"`{each}` is no name", hint=hint)
        if requirement.link is not None and requirement.link.is_vcs and not requirement.link.scheme.startswith("git"):
            raise InputError.at(
                name,
                number,
                f"of version control systems, only git can be locked: {requirement.link}",
                hint="name a release, an archive's URL, a git repository or a local directory",
            )
        found.append(requirement)
    return tuple(
        sorted(found, key=lambda requirement: (requirement.constraint, str(requirement.req), str(requirement)))
    )


def _content_of(project: Path, read: Callable[..., tuple[str, str]]) -> Callable[..., tuple[str, str]]:
    """Return what reads a file as pip does, and of an environment file its list for pip."""

    def content(url: str, session: object, **options: bool) -> tuple[str, str]:
        if is_environment_file(url):
            return url, environment_file.requirements_text(Path(url), name=_relative(Path(url), project))
        return read(url, session, **options)

    return content


def from_texts(texts: Sequence[str]) -> tuple[InstallRequirement, ...]:
    """Make requirements of the PEP 508 texts that a build asks for.

    Raises:
        InputError: One of them is none.
    """
    return tuple(_from_text(text) for text in sorted(texts))


def from_pins(pins: Sequence[tuple[str, str, int]], project: Path) -> tuple[InstallRequirement, ...]:
    """Make requirements of texts that stand in no requirements file.

    Args:
        pins: The PEP 508 text, and file and line that ask for it; the file is empty where the image itself does.
        project: The project's directory.

    Raises:
        InputError: One of them is none.
    """
    return tuple(_from_pin(*pin, project) for pin in sorted(pins))


def from_held(texts: Sequence[str]) -> tuple[InstallRequirement, ...]:
    """Make constraints of texts that hold without being asked for.

    Raises:
        InputError: One of them is none.
    """
    return tuple(_from_text(text, constraint=True) for text in sorted(texts))


def _from_pin(text: str, file: str, line: int, project: Path) -> InstallRequirement:
    comes_from = f"-r {project / file} (line {line})" if file else None
    try:
        return install_req_from_line(text, comes_from=comes_from, isolated=True, user_supplied=True)
    except PipError as error:
        raise InputError.at(file, line, f"`{text}` is no requirement", hint="write it as PEP 508 has it") from error


def _from_text(text: str, *, constraint: bool = False) -> InstallRequirement:
    try:
        found = install_req_from_line(text, isolated=True, constraint=constraint, user_supplied=not constraint)
    except PipError as error:
        if constraint:
            hint = "correct it in the predictor file"
            raise InputError(f"the image's constraint `{text}` is no requirement", hint=hint) from error
        raise InputError(
            f"a build asks for `{text}`, which is no requirement",
            hint="a requirement is written as PEP 508 has it; ask for another version of the project that is built",
        ) from error
    _refuse_device(found, text)
    return found


def _refuse_device(requirement: InstallRequirement, text: str) -> None:
    """Refuse a pipe or a device in the place of an archive: pip would read it without end."""
    link = requirement.link
    if link is None or not link.is_file:
        return
    path = Path(link.file_path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"a build asks for `{text}`, which is no regular file", hint="name an archive, or a project")


def roots(requirements: Sequence[InstallRequirement], project: Path) -> tuple[Root, ...]:
    """Return what the project asks for, constraints and what markers exclude left out."""
    return _as_written((each for each in requirements if not each.constraint), project)


def constraints(requirements: Sequence[InstallRequirement], project: Path) -> tuple[Root, ...]:
    """Return the constraints of the project's files, what markers exclude left out."""
    return _as_written((each for each in requirements if each.constraint), project)


def _as_written(requirements: Iterable[InstallRequirement], project: Path) -> tuple[Root, ...]:
    found = []
    for requirement in requirements:
        if not requirement.match_markers():
            continue
        file, line = place(requirement.comes_from, project)
        name = canonicalize_name(requirement.name) if requirement.name else ""
        found.append(Root(name, str(requirement.req or requirement.link), file, line or 0))
    return tuple(found)


def place(comes_from: object, project: Path) -> tuple[str, int | None]:
    """Return file, relative to the project, and line of pip's `-r FILE (line N)`; empty and None for anything else."""
    match = _PLACE.match(comes_from) if isinstance(comes_from, str) else None
    if match is None:
        return "", None
    return _relative(Path(match["file"]), project), int(match["line"])


def _relative(file: Path, project: Path) -> str:
    return file.relative_to(project).as_posix() if file.is_relative_to(project) else file.name


@contextmanager
def _option_errors(file: Path, project: Path) -> Iterator[None]:
    """Say which line has an option that pip does not know: pip quotes the line, but does not number it."""
    try:
        yield
    except PipError as error:
        first, _, rest = str(error).strip().partition("\n")
        quoted = first.partition(": ")[2].strip()
        name, number = _quoted_line(_relative(file, project), project, quoted)
        rest = _PROGRAM.sub("", rest).strip()
        unknown = rest.removeprefix("no such option: ")
        if unknown != rest:
            what = f"pip knows no option {unknown} in requirements files"
        else:
            what = f"{first}\n{rest}" if rest else first
        raise InputError.at(name, number, what, hint="write options as `pip help install` has them") from error


def _quoted_line(file: str, project: Path, quoted: str) -> tuple[str, int | None]:
    """Return file and line of what pip quotes: in a requirements file, or in one that it includes."""
    with suppress(CortexlockError):  # a file that cannot be read is another error, which pip has met first
        for line in requirements_text.read(project, file).lines:
            if quoted and quoted in line.text:
                return line.file, line.number
    return file, None
