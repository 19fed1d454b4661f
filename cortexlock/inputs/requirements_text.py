r"""`requirements.txt` as text: logical lines, the files that it includes, the local trees and archives that it names.

Light on purpose: it serves hashing and `check`, needs no pip, evaluates no marker and expands no environment variable.
The rules are pip's (its documentation, "Requirements File Format"): a `\` at the end joins lines, then comments go;
`-r` and `-c` are relative to the file that says them, local trees to the working directory, which is the project.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from cortexlock.errors import FileLine, InputError
from cortexlock.formats import conflict_markers, content
from cortexlock.formats.versions import is_bounded
from cortexlock.inputs import requirement_paths
from cortexlock.model.file_kind import is_environment_file
from cortexlock.patterns import pattern
from cortexlock.quick_dataclass import dataclass

_COMMENT = pattern(r"(?:^|\s+)#.*$")
_CODING = pattern(rb"coding[:=]\s*([-\w.]+)")
_INCLUDE = pattern(r"(?:-[rc]\s*=?\s*|--(?:requirement|constraint)(?:\s*=\s*|\s+))(?P<file>.+)")
_EDITABLE = pattern(r"(?:-e\s*|--editable(?:\s*=\s*|\s+))(?P<requirement>.+)")
_DIRECT = pattern(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*(?P<url>\S+)")
_BUILD_OPTION = pattern(r"\s(?P<option>--(?:config|global|install)-[a-z]+|-C(?=\s*\S+=))")
_URL = pattern(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # one letter is a drive
_EXTRAS = pattern(r"\[[^\]/]*\]$")
_COMPRESSED = (".tgz", ".tbz", ".txz", ".tlz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.lz", ".tar.lzma")
_ARCHIVES = (".whl", ".zip", ".tar", *_COMPRESSED)
_DEEPEST = 100  # files that include one another
_LONGEST = 1 << 18  # characters of a line: hashes of 2,000 files

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line, without comment and surrounding white space, and where it starts (1-based)."""

    file: str
    number: int
    text: str

    @property
    def place(self) -> FileLine:
        """File and line."""
        return FileLine(self.file, self.number)


@dataclass(frozen=True, slots=True)
class Requirements:
    """A requirements file with everything that it includes.

    Attributes:
        files: It and what it includes, in the order in which they are met; relative to the project.
        lines: Their lines; an include stands before the lines of the file that it names.
        trees: Local directories that are to be installed, relative to the project, sorted; `.` is the project.
        archives: Local archives that are to be installed, relative to the project, sorted.
    """

    files: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    trees: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()


def read(directory: Path, name: str) -> Requirements:
    """Read a requirements file and all that it includes.

    Args:
        directory: The project.
        name: The file, relative to the project, POSIX separators.

    Raises:
        InputError: A file is missing or cannot be decoded, includes itself, is on the network or outside the project.
    """
    files: list[str] = []
    lines = list(_read(directory, name, None, files))
    trees: set[str] = set()
    archives: set[str] = set()
    for line in lines:
        path = local_path(line)
        if path is not None and path.lower().endswith(_ARCHIVES) and not (directory / path).is_dir():
            archives.add(path)
        elif path is not None:
            trees.add(path)
    return Requirements(tuple(files), tuple(lines), tuple(sorted(trees)), tuple(sorted(archives)))


def check_build_options(requirements: Requirements) -> None:
    """Check that no requirement asks for a build with options: a lockfile does not have them.

    Raises:
        InputError: One does.
    """
    for line in requirements.lines:
        found = _BUILD_OPTION.search(line.text)
        if found:
            raise InputError.at(
                line.file,
                line.number,
                f"`{found['option']}` of a requirement cannot be locked: it would be built without",
                hint="build a wheel with it, commit it and name it here, or say it in the project's own setup.cfg",
            )


def check_paths(directory: Path, requirements: Requirements) -> None:
    """Check that local archives, and what is named by a `file:` URL, are there.

    Raises:
        InputError: One is not.
    """
    hint = "put it there, and commit it"
    for archive in requirements.archives:
        if not (directory / archive).is_file():
            line = next(line for line in requirements.lines if local_path(line) == archive)
            raise InputError.at(line.file, line.number, f"there is no file `{archive}`", hint=hint)
    for line in requirements.lines:
        path = local_path(line) if "file:" in line.text.lower() else None
        if path is not None and not (directory / path).exists():
            raise InputError.at(line.file, line.number, f"there is no file or directory `{path}`", hint=hint)


def decode(raw: bytes, *, file: str) -> str:
    """Return the text of a requirements file as pip does: byte order mark, coding comment, else UTF-8.

    What pip would read by the locale of the machine is refused.

    Raises:
        InputError: It cannot be decoded.
    """
    try:
        for mark, encoding in _MARKS:
            if raw.startswith(mark):
                return raw[len(mark) :].decode(encoding)
        for line in raw.split(b"\n")[:2]:
            coding = _CODING.search(line) if line.startswith(b"#") else None
            if coding:
                return raw.decode(coding[1].decode("ascii"))
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line_number = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(
            file,
            line_number,
            f"the line is not {error.encoding}",
            hint="save the file as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-",
        ) from None
    except LookupError as error:
        raise InputError.at(file, 1, f"the encoding that it names is unknown: {error}", hint="write utf-8") from None


def is_include(text: str) -> bool:
    """Whether a line includes a file: `-r FILE`, `-c FILE`."""
    return text.startswith("-") and _INCLUDE.fullmatch(text) is not None


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield lines that say something, joined where they end in a `\`, with the number of their first line."""
    start = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        is_comment = line.lstrip().startswith("#")
        start = start if parts else number
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        # A comment ends a continuation; the space keeps it apart from what it is joined to.
        parts.append(f" {line}" if is_comment else line)
        yield from _stripped(start, parts)
        parts = []
    yield from _stripped(start, parts)


def _stripped(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    text = "".join(parts)
    text = _COMMENT.sub("", text).strip() if "#" in text else text.strip()
    if text:
        yield number, text


def _read(
    directory: Path, name: str, said: Line | None, files: list[str], including: tuple[str, ...] = ()
) -> Iterator[Line]:
    """Yield the lines of a file, each include followed by the lines of what it includes; each file once."""
    files.append(name)
    open_files = (*including, name)
    try:
        raw = _raw(directory, name)
    except OSError as error:
        unreadable = content.unreadable(name, error)
        if said:
            unreadable.summary, unreadable.place = f"`{name}` {unreadable.summary}", said.place
        raise unreadable from None
    for number, text in logical_lines(decode(raw, file=name)):
        line = _line(name, number, text)
        yield line
        if text.startswith("-"):
            requirement_paths.refuse_backslashes(text.partition(" ")[2] or text, text, name, number)
        include = _INCLUDE.fullmatch(text) if text.startswith("-") else None
        if include:
            requirement_paths.refuse_variables(include["file"], name, number)
            included = requirement_paths.inside(posixpath.dirname(name), _unquoted(include["file"]), name, number)
            if included in open_files:
                what = f"`{included}` includes itself"
                raise InputError.at(line.file, line.number, what, hint="remove the line")
            if len(open_files) == _DEEPEST:
                what = f"{_DEEPEST} files include one another"
                raise InputError.at(line.file, line.number, what, hint="put what they ask for into one file")
            if included not in files:
                yield from _read(directory, included, line, files, open_files)


def _line(name: str, number: int, text: str) -> Line:
    if conflict_markers.is_marker(text):
        raise conflict_markers.error(name, number)
    if len(text) > _LONGEST:
        raise InputError.at(name, number, f"it has {len(text)} characters", hint="write a requirement in each line")
    if not is_bounded(text):
        what = "no requirement has a hundred brackets, or a number of a thousand digits"
        raise InputError.at(name, number, what, hint="write a requirement as PEP 508 has it: `name>=1.0`")
    return Line(name, number, text)


def _raw(directory: Path, name: str) -> bytes:
    """Return the bytes of a file; of an environment file its list for pip, each entry in its line."""
    if is_environment_file(name):
        from cortexlock.inputs import environment_file  # noqa: PLC0415 - few projects have one

        return environment_file.requirements_text(directory / name, name=name).encode()
    return content.read(directory / name)


def local_path(line: Line) -> str | None:
    """Return the local path that a line asks to install, relative to the project; None if it asks for another thing.

    Raises:
        InputError: The path leads out of the project, or what is asked for is an address that is no URL.
    """
    text = line.text
    editable = _EDITABLE.fullmatch(text) if text.startswith("-") else None
    if editable:
        text = editable["requirement"]
    elif text.startswith("-"):
        return None
    else:
        requirement_paths.refuse_backslashes(text, text, line.file, line.number)
    # Options of one requirement and its marker follow after white space.
    text = _unquoted(text)
    text = re.split(r"\s+--|\s+;|;\s+", text, maxsplit=1)[0].strip() if "--" in text or ";" in text else text.strip()
    requirement_paths.refuse_scp(text, line.file, line.number)
    direct = _DIRECT.fullmatch(text) if "@" in text else None
    name = direct["name"] if direct else ""
    if direct:
        text = direct["url"]
        requirement_paths.refuse_scp(text, line.file, line.number)
    if direct or ("/" in text and _URL.match(text)):
        requirement_paths.refuse_wrong_urls(text, line.file, line.number)
    if text.lower().startswith("file:"):
        text = unquote(text[len("file:") :].partition("#")[0])
        text = text.removeprefix("//localhost") if text.startswith("//localhost/") else text.removeprefix("//")
    elif not (editable or _looks_like_path(text)) or _URL.match(text):
        return None
    return requirement_paths.inside("", _EXTRAS.sub("", text), line.file, line.number, name=name)


def _looks_like_path(text: str) -> bool:
    return text.startswith(".") or "/" in text or text.lower().endswith(_ARCHIVES)


def _unquoted(text: str) -> str:
    """Return text without the quotation marks around it and without its escapes, as a shell reads it."""
    if not any(mark in text for mark in "\"'\\"):
        return text
    import shlex  # noqa: PLC0415 - rarely needed

    try:
        return " ".join(shlex.split(text))
    except ValueError:
        return text
