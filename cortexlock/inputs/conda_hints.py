"""What a line that conda cannot read was meant to be: the line to write instead, where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cortexlock.inputs import conda_explicit, conda_spec, typography, vendored_conda
from cortexlock.inputs.conda_spec import UnreadableLineError
from cortexlock.inputs.vendored_conda import InvalidSpecError
from cortexlock.patterns import pattern

_PAIRS = (("[", "]"), ("(", ")"))
_AROUND = "\"'`,;\\ "  # as in lists of YAML, JSON, Python and shell
_BULLET = pattern(r"^[-*•]\s+")
_SAID = pattern(r"(?P<name>[^\s=<>!~\[(]+)\s*(?P<rest>.*)")
_NO_NAME = pattern(r"\d|\w*_\d+$")  # a version, a build
_NEXT_CONDITION = pattern(r"(?<=[\w*])(?:\s+|\s+and\s+|\s*&&?\s*)(?=[<>=!])")
_NEXT_WORD = pattern(r"(?<=[\w*])\s+(?=[\w*])")
_COMPATIBLE = pattern(r"~=\s*(?P<version>(?:\d+\.)+\d+)(?![\w.*])")
_MOST_WORDS = 3  # name, version, build
_EXACTLY = pattern(r"==[\w.!+]+")
_MOST = 1000  # characters
_SHOWN = 8


def better(text: str) -> str | None:
    """Return the line that was meant: `numpy>=1,<2` for `numpy>=1 <2`; None where that is anybody's guess."""
    bare = _bare(text) if unclosed(text) is None else _closed(text)
    for candidate in _candidates(bare):
        if candidate != text and _reads(candidate):
            return candidate
    return _of_conditions(bare)


def hint(text: str) -> str | None:
    """Return a sentence that says what to write for a line that conda cannot read."""
    name, version, build = conda_explicit.parts(text.partition("#")[0].strip())
    if name:
        return f"write `{name}={version}={build}`, or `{conda_explicit.MARK}` as the first line of a list of archives"
    packages = [each for each in re.split(r"[\s,]+", _bare(text)) if each]
    several = len(packages) > 1 and not any(_NO_NAME.match(each) for each in packages)
    if several and all(_reads(each) for each in packages):
        return f"write one package a line: {shown(packages)}"
    found = better(text)
    return f"write `{found}`" if found else None


def unclosed(text: str) -> str | None:
    """Return a sentence about a bracket or quotation mark that has no other half; None where each has one."""
    for opening, closing in _PAIRS:
        more = text.count(opening) - text.count(closing)
        if more:
            return f"`{opening}` in `{text}` is not closed" if more > 0 else f"`{closing}` in `{text}` closes nothing"
    mark = next((mark for mark in "\"'" if text.count(mark) % 2), None)
    return f"`{mark}` in `{text}` is not closed" if mark else None


def of_environment(dependency: str) -> str | None:
    """Return the line of a list that says what a dependency of an `environment.yml` says, where `=1.2` is `1.2.*`."""
    try:
        fields = vendored_conda.read(dependency[:_MOST]).fields
    except InvalidSpecError:
        return None
    if fields.keys() - {"channel", "subdir", "name", "version", "build"}:
        return None
    return _line(fields.get("channel", ""), fields.get("name", ""), fields.get("version", ""), fields.get("build", ""))


def shown(lines: Sequence[str]) -> str:
    """Return lines for a sentence, the first ones of many."""
    text = ", ".join(f"`{line}`" for line in lines[:_SHOWN])
    return f"{text} and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else text


def _bare(text: str) -> str:
    return _BULLET.sub("", typography.plain(text).partition("#")[0].strip()).strip(_AROUND)


def _closed(text: str) -> str:
    """Return a line with its brackets closed; without those that close nothing, and without quotation marks."""
    bare = re.sub(r"[\"']", "", text.partition("#")[0]).strip()
    if bare.count("[") > bare.count("]"):
        bare += "]"
    if bare.count("[") == bare.count("]"):
        return bare if "[" in bare else re.sub(r"[()]", "", bare)
    return bare.replace("]", "")


def _candidates(text: str) -> Iterator[str]:
    yield text
    if '"' in text or "'" in text:
        yield re.sub(r"[\"'\s]", "", text)
    said = _SAID.fullmatch(text)
    if said is None:
        return
    name, rest = said["name"], _COMPATIBLE.sub(_range, said["rest"])
    for version in (rest, _NEXT_CONDITION.sub(",", rest)) if rest[:1] in {"<", ">", "=", "!"} else ():
        yield f"{name}{version}"
        yield f"{name}{_NEXT_WORD.sub('=', version)}"
    words = text.split()
    if 1 < len(words) <= _MOST_WORDS and words[1][0].isdigit():
        yield "=".join(words)


def _range(found: re.Match[str]) -> str:
    """Return what `~=1.4.2` means: `>=1.4.2,<1.5`."""
    *before, last = found["version"].split(".")[:-1]
    return f">={found['version']},<{'.'.join([*before, str(int(last) + 1)])}"


def _of_conditions(text: str) -> str | None:
    """Return a line with conditions in brackets or parentheses without these."""
    inside = re.fullmatch(r"(?P<name>[^\s\[(]+)\((?P<conditions>[^()\[\]]*)\)", text)
    if inside:
        line = f"{inside['name']}{inside['conditions'].replace(' ', '')}"
        return line if _reads(line) else None
    return of_environment(text) if "[" in text else None


def _line(channel: str, name: str, version: str, build: str) -> str | None:
    """Write a line of a list; None where it would say something else."""
    package = f"{channel}::{name}" if channel else name
    version = version.removeprefix("==") if _EXACTLY.fullmatch(version) else version
    operator = "" if not version or version[0] in "=<>!~" else "="
    line = f"{package}{operator}{version}{f'={build}' if version and build else ''}"
    try:
        spec = conda_spec.read_line(line, 0)
    except UnreadableLineError:
        return None
    same = (spec.name, spec.bare_version) == (name, version.removeprefix("=="))
    return line if same and spec.build == build else None


def _reads(line: str) -> bool:
    try:
        conda_spec.read_line(line, 0)
    except UnreadableLineError:
        return False
    return True
