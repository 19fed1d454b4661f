"""`environment.yml`, as `conda env create` has it: conda's dependencies, channels, and pip's list, each with its line.

It is read strictly: what conda would pass over without a word is refused, and what a lock cannot carry is said. Here is
its shape alone; `conda_list` and `requirements_text` make of its entries what they make of the lines of their files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cortexlock.errors import InputError
from cortexlock.formats import content, yaml_text
from cortexlock.formats.yaml_text import YamlText
from cortexlock.inputs import url_secrets
from cortexlock.model.lock_facts import CommentedSelector, NotCarried
from cortexlock.patterns import pattern
from cortexlock.quick_dataclass import dataclass

NO_DEFAULTS = "nodefaults"
"""In place of a channel: those of the image's configuration do not count."""

_KEYS = ("name", "channels", "dependencies", "prefix", "variables", "platforms", "category")
_SELECTOR = pattern(r"#\s*\[[^\]#]+\]\s*$")
_ANY_BUILD = ("", "*", "*_cpython", "*cpython", "*cpython*")
"""Builds of Python that each CPython is, whoever built it."""
_OWN = pattern(r"(?:\S+::)?(?P<name>python|pip)(?P<rest>(?:[^\w.-].*)?)$", re.IGNORECASE)
_NOT_CARRIED = ("prefix", "variables", "platforms", "category")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list: its 1-based line and its text."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """An environment file as read.

    Attributes:
        conda: What is asked of conda's channels, in file order.
        pip: The lines for pip; None without such a list.
        channels: The channels, best first, `nodefaults` among them.
        notes: What cannot be carried.
    """

    conda: tuple[Entry, ...] = ()
    pip: tuple[Entry, ...] | None = None
    channels: tuple[str, ...] = ()
    notes: tuple[NotCarried | CommentedSelector, ...] = ()


def read(path: Path, *, name: str) -> EnvironmentFile:
    """Read an environment file.

    Args:
        path: Where it is.
        name: Its name in messages, relative to the project.

    Raises:
        InputError: It cannot be read, or is none; with its line.
    """
    text = yaml_text.read(path, file=name)
    said = text.value
    if not isinstance(said, dict) or "dependencies" not in said:
        near = get_close_matches("dependencies", map(str, said if isinstance(said, dict) else ()), n=1)
        hint = "did you mean `dependencies`?" if near else "write `dependencies: [numpy=1.26]`"
        raise text.error("no environment file: it has no `dependencies`", *near, hint=hint)
    for key in said:
        if key not in _KEYS:
            near = [f"did you mean `{each}`?" for each in get_close_matches(str(key), _KEYS, n=1)]
            hint = "".join(near) or f"keys are {', '.join(_KEYS)}"
            raise text.error(f"conda knows no key `{key}`", key, hint=hint)
    conda, pip = _dependencies(text)
    return EnvironmentFile(conda, pip, _channels(text), tuple(_notes(text, path, (*conda, *(pip or ())))))


def requirements_text(path: Path, *, name: str) -> str:
    """Return the list for pip as the text of a requirements file, each entry in its line.

    Raises:
        InputError: As `read` does.
    """
    lines: dict[int, str] = {}
    for entry in read(path, name=name).pip or ():
        number = entry.line
        while number in lines:  # several entries in one line
            number += 1
        lines[number] = entry.text
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines, default=0) + 1))


def lines(path: Path, *, name: str) -> list[str]:
    """Return what decides a lock, one thing a line, without credentials: what is compared by its hash.

    Raises:
        InputError: As `read` does.
    """
    found = read(path, name=name)
    said = [f"conda {entry.text}" for entry in found.conda] + [entry.text for entry in found.pip or ()]
    return [f"channels {' '.join(found.channels)}", *map(url_secrets.without, said)]


def _dependencies(text: YamlText) -> tuple[tuple[Entry, ...], tuple[Entry, ...] | None]:
    said = text.value["dependencies"]
    if said is None:
        return (), None
    if not isinstance(said, list):
        raise text.error("`dependencies` must be a list", "dependencies", hint="write one a line: `- numpy=1.26`")
    conda: list[Entry] = []
    pip: tuple[Entry, ...] | None = None
    for position, each in enumerate(said):
        place = ("dependencies", position)
        if isinstance(each, dict):
            if list(each) != ["pip"]:
                keys = ", ".join(map(str, each))
                hint = "a dependency is text, and counts everywhere; the list for pip stands under `pip:`"
                raise text.error(f"`{keys}` is no dependency", *place, hint=hint)
            if pip is not None:
                raise text.error("a second list for pip, of which conda takes one", *place, hint="write one list")
            pip = tuple(_entries(text, each["pip"], (*place, "pip")))
        else:
            conda.append(_entry(text, each, place))
    return tuple(conda), pip


def _entries(text: YamlText, said: Any, place: tuple[str | int, ...]) -> Iterator[Entry]:  # noqa: ANN401 - plain values
    if said is not None and not isinstance(said, list):
        raise text.error("`pip` must be a list", *place, hint="write one requirement a line: `- requests>=2`")
    for position, each in enumerate(said or ()):
        yield _entry(text, each, (*place, position))


def _entry(text: YamlText, said: Any, place: tuple[str | int, ...]) -> Entry:  # noqa: ANN401 - plain values
    if not isinstance(said, str) or not said.strip() or "\n" in said.strip() or said.rstrip().endswith("\\"):
        first, _, more = str(said).strip().partition("\n")
        shown = f"{first} …" if more else first
        raise text.error(f"`{shown}` is no dependency", *place, hint="write one a line, as text: `- numpy=1.26`")
    if "{{" in said or "{%" in said:
        hint = "write what it stands for"
        raise text.error(f"`{said}` is a template, which conda does not fill in", *place, hint=hint)
    return Entry(text.line(*place) or 0, said.strip())


def _channels(text: YamlText) -> tuple[str, ...]:
    said = text.value.get("channels")
    if said is None:
        return ()
    if not isinstance(said, list) or not all(isinstance(each, str) and each.strip() for each in said):
        raise text.error("`channels` must be a list of text", "channels", hint="write `channels: [conda-forge]`")
    for position, each in enumerate(said):
        if url_secrets.without(each) != each and "${" not in each:
            hint = "write it under `channels` in cortexlock.yaml, with a variable in place of the token"
            raise text.error("the channel has credentials in its URL", "channels", position, hint=hint)
    return tuple(dict.fromkeys(each.strip() for each in said))


def _notes(text: YamlText, path: Path, entries: tuple[Entry, ...]) -> Iterator[NotCarried | CommentedSelector]:
    for key in _NOT_CARRIED:
        if text.value.get(key) is not None:
            yield NotCarried(text.file, text.line(key), key)
    written = content.read(path).decode("utf-8-sig", errors="replace").split("\n")
    for entry in entries:
        found = _SELECTOR.search(written[entry.line - 1]) if 0 < entry.line <= len(written) else None
        if found:
            yield CommentedSelector(text.file, entry.line, found[0].strip())


def refuse_without_conda(entries: Sequence[Entry], *, name: str) -> None:
    """Refuse a file that asks for more conda packages than Python and pip where the image has no conda.

    Args:
        entries: What it asks of conda.
        name: Its name in messages.

    Raises:
        InputError: It does.
    """
    for entry in entries:
        if not _OWN.match(entry.text):
            raise InputError.at(
                name,
                entry.line,
                f"`{entry.text}` is asked of conda, and the image has none",
                hint="ask pip for it, in the list under `pip:`, or use an image that has conda",
            )


def refuse_another_python(path: Path, *, name: str, python: str) -> None:
    """Refuse a file that asks for another Python than that of an image without conda.

    Args:
        path: The file.
        name: Its name in messages.
        python: The image's version of Python.

    Raises:
        InputError: It does, or asks in a way that only conda can tell; or as `read`.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - `check` does not pay for it

    for entry in read(path, name=name).conda:
        found = _OWN.match(entry.text)
        if found is None or found["name"] != "python" or not found["rest"].strip():
            continue
        version, build = _split(found["rest"])
        fuzzy = re.fullmatch(r"=?([0-9.]+?)(?:\.?\*)?", version)  # `=3.11` is any 3.11, `==3.11.4` that very one
        try:
            fits = SpecifierSet(f"=={fuzzy[1]}.*" if fuzzy else version).contains(python, prereleases=True)
        except InvalidSpecifier:
            fits = False
        hint = f"write `- python={'.'.join(python.split('.')[:2])}`, or lock on an image that has the Python"
        if not fits:
            what = f"`{entry.text}` does not fit the image, which has Python {python} and no conda"
            raise InputError.at(name, entry.line, what, hint=hint)
        if build not in _ANY_BUILD:
            what = f"`{entry.text}` asks for a build of conda's, `{build}`, and the image has no conda"
            raise InputError.at(name, entry.line, what, hint=hint)


def _split(rest: str) -> tuple[str, str]:
    """Split what a line says of Python into version and build, `=3.11=*_cpython` or `3.11 *_cpython`."""
    parts = rest.split()
    if len(parts) > 1 and not re.search(r"[<>=!~,|]$", parts[0]) and re.match(r"[\w*]", parts[1]):
        return parts[0], parts[1]
    found = re.fullmatch(r"(={0,2}[0-9.*]+)=([^=]+)", "".join(parts))
    return (found[1], found[2]) if found else ("".join(parts), "")
