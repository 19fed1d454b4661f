"""Files that people put in place of a conda list: tables, exports of another platform, and what is no list at all.

Each is recognized by a line that conda refuses, so that nothing that conda reads is taken for something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cortexlock.errors import InputError
from cortexlock.formats import yaml_text
from cortexlock.formats.conflict_markers import MARKER
from cortexlock.inputs import conda_explicit, conda_hints, conda_spec
from cortexlock.inputs.conda_spec import UnreadableLineError
from cortexlock.model.predictor import SubdirName
from cortexlock.patterns import pattern

Lines = Sequence[tuple[int, str]]

_PLATFORM = pattern(r"#\s*platform:\s*(?P<subdir>\S+)")
_TABLE_ROW = pattern(r"(?P<name>[^\s=<>!~]+)\s+[0-9]\S*\s+\S+(?:\s+\S+)?")
_PIP_ONLY = pattern(r"-(?!\s)|.*(?:===|;|git\+|\s@\s|--hash)")
_ENVIRONMENT = pattern(r"(?:name|channels|dependencies|prefix|variables)\s*:(?:\s|$)")
_COMMAND = pattern(
    r"(?:(?:RUN|sudo)\s+)*(?:(?:conda|mamba|micromamba)\s+(?:install|create|update|activate)|(?:pip3?|apt|apt-get)\s+install"
    r"|FROM|RUN|export|source|set)\s"
)
_CONDA_INSTALL = pattern(r"(?:RUN\s+|sudo\s+)*(?:conda|mamba|micromamba)\s+(?:install|create)\s(?P<packages>.*)")
_SECTION = pattern(r"\[[\w.\" -]+\]$")
_OTHER = (
    (pattern(r"<"), "HTML or XML", "download the file itself, not the page that shows it"),
    (_SECTION, "TOML or INI", None),
    (pattern(r"---$|\w[\w -]*:(?:\s|$)"), "YAML", None),
    (pattern(r"(?:import|from)\s+[\w.]+(?:\s+import\s|$)"), "Python", None),
)
_ONE_A_LINE = "write one package a line, as `package=version`; `conda list --export` makes such a list"


def check(lines: Lines, said: Lines, text: str, name: str, subdir: SubdirName) -> None:
    """Refuse a file that is no list of packages for the image.

    Args:
        lines: All its lines with their 1-based numbers.
        said: Those that say something.
        text: The whole.
        name: The file's name in messages.
        subdir: The image's conda subdir.

    Raises:
        InputError: It is something else; the message says what, and what to write.
    """
    _check_platform(lines, said, name, subdir)
    if any(line == conda_explicit.MARK for _, line in said):
        return
    for number, line, what, hint in (*_conflicts(said), *_tables(said, name), *_others(said, text, name)):
        if _is_refused(line):
            raise InputError.at(name, number, what, hint=hint)


Found = Iterator[tuple[int, str, str, str]]  # number, line, what it is, what to do


def _check_platform(lines: Lines, said: Lines, name: str, subdir: SubdirName) -> None:
    """Refuse an export of another platform: its builds do not exist for the image."""
    for number, line in lines:
        found = _PLATFORM.match(line)
        if found and found["subdir"] != subdir:
            after = [(at, row) for at, row in said if at > number and row != conda_explicit.MARK]
            first = (
                f"; line {after[0][0]}, `{after[0][1]}`, is the first of {len(after)} such packages" if after else ""
            )
            raise InputError.at(
                name,
                number,
                f"the list was exported on {found['subdir']}, the image is {subdir}{first}",
                hint="list only the packages that the project asks for (`conda env export --from-history` names them), "
                "as `package=version` without builds, and remove this comment",
            )


def _conflicts(said: Lines) -> Found:
    for number, line in said:
        if MARKER.fullmatch(line):
            yield number, line, f"`{line}` is a conflict marker of git", "resolve the conflict, and remove its markers"


def _tables(said: Lines, name: str) -> Found:
    for number, line in said:
        text = line.partition("#")[0].rstrip()
        if "=" not in text and "://" not in text and _TABLE_ROW.fullmatch(text):
            what = f"`{' '.join(text.split())}` is a row of a `conda list` table, which conda cannot read back"
            yield number, line, what, f"{_export(name)} makes a list that it can"


def _others(said: Lines, text: str, name: str) -> Found:
    yield from _json(said, text)
    for number, line in said:
        if _ENVIRONMENT.match(line):
            what = f"`{line}` is a line of an environment.yml, not of a list of packages"
            yield number, line, what, _from_environment(text, name)
    for number, line in said:
        if _COMMAND.match(line):
            yield number, line, f"`{line}` is a command, not a package", _from_command(line)
    for number, line in said:
        if _PIP_ONLY.match(line):
            what = f"`{line}` is a line for pip, not for conda"
            yield number, line, what, f"move it to the pip requirements; {_export(name)} makes a list of conda packages"
    for form, kind, hint in _OTHER:
        for number, line in said[:1]:
            if form.match(line):
                yield number, line, f"`{line}` is {kind}, not a list of packages", hint or _ONE_A_LINE


def _json(said: Lines, text: str) -> Found:
    if not said or said[0][1][0] not in "{[":
        return
    document = _document(text)
    if document is None and _SECTION.match(said[0][1]):
        return
    packages = _packages_of(document)
    yield *said[0], "the file is JSON, not a list of packages", _lines_hint(packages) if packages else _ONE_A_LINE


def _document(text: str) -> Any:  # noqa: ANN401 - whatever a JSON file has
    """Return what a JSON file has, or a list that is written as in Python; None where it is neither."""
    for said in (text, text.replace("'", '"')):
        with suppress(ValueError, RecursionError):
            return json.loads(said)
    return None


def _packages_of(document: Any) -> list[str]:  # noqa: ANN401 - whatever a JSON or YAML file has
    """Return the lines that a list of packages has for `conda list --json` or an environment."""
    if isinstance(document, Mapping):
        document = document.get("dependencies")
    found = []
    for each in document if isinstance(document, list) else ():
        if isinstance(each, str):
            found.append(conda_hints.of_environment(each))
        elif isinstance(each, Mapping) and {"name", "version"} <= each.keys():
            build = each.get("build_string", each.get("build"))
            found.append(
                conda_hints.of_environment(
                    "=".join(map(str, filter(None, (each["name"], f"={each['version']}", build))))
                )
            )
    return [line for line in found if line]


def _from_environment(text: str, name: str) -> str:
    """Return what to write for the dependencies of an environment."""
    try:
        document = yaml_text.loads(text, file=name).value
    except (InputError, RecursionError):
        return _ONE_A_LINE
    packages = _packages_of(document)
    if not packages:
        return _ONE_A_LINE
    of_pip = any(isinstance(each, Mapping) and each.get("pip") for each in document["dependencies"])
    return _lines_hint(packages) + ("; its pip packages belong into the pip requirements" if of_pip else "")


def _from_command(line: str) -> str:
    found = _CONDA_INSTALL.match(line)
    words = iter(found["packages"].split() if found else ())
    packages = []
    for word in words:
        if word in {"-c", "-n", "-p", "--channel", "--name", "--prefix"}:
            next(words, None)
        elif not word.startswith("-"):
            packages.append(conda_hints.of_environment(word.strip("\"'")))
    good = [each for each in packages if each]
    return _lines_hint(good) if good else "commands belong into the project's script"


def _lines_hint(lines: Sequence[str]) -> str:
    return f"write one package a line: {conda_hints.shown(lines)}"


def _export(name: str) -> str:
    return f"`conda list --export > {name}`, run in the image,"


def _is_refused(line: str) -> bool:
    try:
        conda_spec.read_line(line, 0)
    except UnreadableLineError:
        return True
    return False
