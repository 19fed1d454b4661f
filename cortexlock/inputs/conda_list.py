"""Read `conda-packages.txt` as the images' conda, 4.7.12, reads a `--file` list, and what people put in its place.

Lines are those of `conda_spec`, files that are no list those of `conda_kinds`, entries of an `environment.yml` those of
`conda_hints.of_environment`. An export of `conda list` may have rows of what pip installed, a list that begins with
`@EXPLICIT` names archives. What conda refuses, and what cannot be read with certainty, is an `InputError` that names
the file, the line, what is wrong and what to do.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.errors import InputError
from cortexlock.formats import content
from cortexlock.inputs import conda_explicit, conda_hints, conda_kinds, conda_spec, environment_file, typography
from cortexlock.inputs.conda_spec import UnreadableLineError
from cortexlock.model.conda_list import CondaList, CondaSpec, PypiRow
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.lock_facts import InUtf16
from cortexlock.model.predictor import SUBDIR, SubdirName

_SAVE = "save it as UTF-8; PowerShell's `>` writes UTF-16, `| Out-File -Encoding utf8` does not"
_MOST = 100  # errors that a survey has
_PIP_BUILDS = {"pypi_0", "dev_0"}  # of the rows that `conda list` has for what pip installed; the second: editable
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path, *, name: str, subdir: SubdirName = SUBDIR) -> CondaList:
    """Read a list of conda packages.

    Args:
        path: The file.
        name: Its name in messages and lockfiles, relative to the project.
        subdir: The image's conda subdir.

    Returns:
        What it asks for, in file order; a package that stands there twice is there twice.

    Raises:
        InputError: The file, or a line of it, cannot be read with certainty.
    """
    if is_environment_file(name):
        found, errors = _of_environment(path, name)
        if errors:
            raise errors[0]
        return found
    text, notes = _text(path, name)
    lines, said = _lines(text)
    conda_kinds.check(lines, said, text, name, subdir)
    if _is_explicit(said):
        return CondaList(explicit=conda_explicit.read(said, name=name, subdir=subdir), notes=notes)
    rows = [parse_line(line, name=name, line=number) for number, line in said]
    pypi = tuple(_pypi_row(spec, name) for spec in rows if spec.build in _PIP_BUILDS)
    return CondaList(tuple(spec for spec in rows if spec.build not in _PIP_BUILDS), pypi, notes=notes)


def survey(path: Path, *, name: str, subdir: SubdirName = SUBDIR) -> tuple[CondaList, tuple[InputError, ...]]:
    """Read what can be read of a list, line by line, and return it with all that is wrong, in file order.

    A file that is refused as a whole (an export of another platform, a table, a file for pip) has that one error. The
    first error is that of `read`; after a hundred of them the rest is not looked at.

    Args:
        path: The file.
        name: Its name in messages.
        subdir: The image's conda subdir.

    Raises:
        InputError: The file is no text.
    """
    if is_environment_file(name):
        return _of_environment(path, name)
    text, notes = _text(path, name)
    lines, said = _lines(text)
    found = CondaList(notes=notes)
    errors: list[InputError] = []
    with _collected(errors):
        conda_kinds.check(lines, said, text, name, subdir)
    if errors:
        return found, tuple(errors)
    if _is_explicit(said):
        explicit, refused = conda_explicit.survey(said, name=name, subdir=subdir)
        return replace(found, explicit=explicit), refused
    specs: list[CondaSpec] = []
    pypi: list[PypiRow] = []
    for number, line in said:
        with _collected(errors):
            spec = parse_line(line, name=name, line=number)
            if spec.build in _PIP_BUILDS:
                pypi.append(_pypi_row(spec, name))
            else:
                specs.append(spec)
        if len(errors) == _MOST:  # it is no list of conda's; nobody reads more of them
            break
    return replace(found, specs=tuple(specs), pypi=tuple(pypi)), tuple(errors)


def _of_environment(path: Path, name: str) -> tuple[CondaList, tuple[InputError, ...]]:
    """Read the dependencies of an environment file, where `=1.2` means `1.2.*`, and return what is wrong, too.

    Raises:
        InputError: The file is none.
    """
    read = environment_file.read(path, name=name)
    specs: list[CondaSpec] = []
    errors: list[InputError] = []
    for entry in read.conda:
        with _collected(errors):
            line = conda_hints.of_environment(entry.text) or entry.text
            specs.append(replace(parse_line(line, name=name, line=entry.line), text=entry.text))
    return CondaList(tuple(specs), channels=read.channels), tuple(errors)


@contextmanager
def _collected(errors: list[InputError]) -> Iterator[None]:
    """Keep an error instead of raising it."""
    try:
        yield
    except InputError as error:
        errors.append(error)


def _lines(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the lines of a text with their numbers, and those of them that say something."""
    # Lines end as in a text file: `str.splitlines` would end them at form feeds and the like too.
    lines = [(number, line.strip()) for number, line in enumerate(io.StringIO(text, newline=None), start=1)]
    return lines, [(number, line) for number, line in lines if line and not line.startswith("#")]


def _is_explicit(said: Sequence[tuple[int, str]]) -> bool:
    return any(line == conda_explicit.MARK for _, line in said)


def parse_line(text: str, *, name: str, line: int) -> CondaSpec:
    """Read one line that is neither empty nor only a comment.

    Args:
        text: The line, without surrounding white space.
        name: The file's name.
        line: The line's 1-based number.

    Raises:
        InputError: conda cannot read the line, or would drop part of it.
    """
    try:
        return conda_spec.read_line(text, line)
    except UnreadableLineError as error:
        what = conda_hints.unclosed(text.partition("#")[0].rstrip()) or error.what
        hint = conda_hints.hint(text) or error.hint
        raise InputError.at(name, line, f"{what}{typography.unseen(text)}", hint=hint) from None


def text_of(path: Path, name: str) -> str:
    """Return a list as text, whatever is in it.

    Raises:
        InputError: It is no text.
    """
    return _text(path, name)[0]


def _text(path: Path, name: str) -> tuple[str, tuple[InUtf16, ...]]:
    """Return the file's text and notes on it; UTF-8, and UTF-16 with a byte order mark, are read with certainty."""
    try:
        raw = content.read(path)
    except OSError as error:
        raise content.unreadable(name, error) from None
    if raw.startswith(_UTF32):
        raise InputError.at(name, 1, "the file is UTF-32", hint="save it as UTF-8")
    if raw.startswith(_UTF16):
        try:
            text = raw.decode("utf-16")
        except UnicodeDecodeError as error:
            line = raw[: error.start].decode("utf-16", "replace").count("\n") + 1
            raise InputError.at(name, line, "the line is not UTF-16, as the file says", hint=_SAVE) from None
        return text, (InUtf16(name),)
    if b"\0" in raw:
        raise InputError.at(name, raw.count(b"\n", 0, raw.index(b"\0")) + 1, "the file is no text", hint=_SAVE)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(name, line, "the line is not UTF-8", hint="save the file as UTF-8") from None


def _pypi_row(spec: CondaSpec, name: str) -> PypiRow:
    version = spec.bare_version
    try:
        Version(version)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        raise InputError.at(
            name,
            spec.line,
            f"`{spec.text}` was installed by pip, and `{version}` is no version that pip could be asked for",
            hint="remove the line, and write what is meant into the pip requirements",
        ) from None
    return PypiRow(spec.line, spec.text, canonicalize_name(spec.name), version)
