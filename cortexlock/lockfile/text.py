"""The lockfile's text: YAML that reads in the order in which it is carried out, one line per package.

Writing needs no YAML library, so that no release of one can change the bytes. Reading takes PyYAML's safe loader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from cortexlock.errors import InputError, IntegrityError
from cortexlock.formats import block
from cortexlock.formats.schema import Document, SchemaError
from cortexlock.lockfile.document import document_hash, from_document, to_document
from cortexlock.lockfile.schema import validate
from cortexlock.model.lockfile import LOCKFILE_VERSION, Lockfile

if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    try:
        from yaml import CSafeLoader as SafeLoader
    except ImportError:  # PyYAML without libyaml
        from yaml import SafeLoader

_COMMENT = "# Made by `cortexlock lock`, carried out by `cortexlock install`. Review it and commit it; never edit it.\n"
# Some of them need quotation marks and some don't; it reads better if all have them.
_ALWAYS_QUOTED = frozenset({"commit", "glibc", "md5", "python", "reference", "replaces", "sha256", "version"})
_CONFLICT_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)
_RELOCK = "run `cortexlock lock`"


class NewerLockfileError(InputError):
    """A lockfile of a format that this cortexlock does not know: it must not be written over."""


def dumps(lockfile: Lockfile) -> str:
    """Return a lockfile as text: ASCII, LF, the same bytes for the same lockfile.

    Raises:
        ValueError: The lockfile holds what no lockfile may hold (a credential in a URL, an absolute path): a mistake
            of who made it.
    """
    document = to_document(lockfile)
    try:
        validate(document)
    except SchemaError as error:
        raise ValueError(f"not a valid lockfile: {error}") from None
    return _COMMENT + "".join(f"{line}\n" for line in _lines(document))


def loads(text: str, *, file: str) -> Lockfile:
    """Return the lockfile that a text holds.

    Args:
        text: The whole text.
        file: Its name, for messages.

    Raises:
        InputError: The text is not a lockfile.
        NewerLockfileError: It is one that a newer cortexlock made.
        IntegrityError: The content does not have the hash that it says: edited by hand or merged badly.
    """
    marker = _CONFLICT_MARKER.search(text)
    if marker:
        line = _line_of(text, marker.start())
        raise InputError.at(file, line, "it has a merge conflict", hint=_RELOCK)
    document = _parsed(text, file)
    if document is None:
        raise InputError.at(file, None, "it is empty", hint=_RELOCK)
    _refuse_newer(document, file)
    try:
        checked = validate(document)
    except SchemaError as error:
        raise InputError.at(file, _line_at(text, error.path), f"not a lockfile: {error}", hint=_RELOCK) from None
    if checked["content-hash"] != document_hash(checked):
        raise IntegrityError(
            "the content does not have the hash that it says: it was edited by hand or merged badly",
            where=file,
            hint=_RELOCK,
        )
    try:
        return from_document(checked)
    except SchemaError as error:
        raise InputError.at(file, _line_at(text, error.path), f"not a lockfile: {error}", hint=_RELOCK) from None


def _lines(document: Document) -> Iterator[str]:
    for key, value in document.items():
        if key == "steps":
            yield "steps:" if value else "steps: []"
            for step in value:
                yield from _step_lines(step)
        else:
            yield from block.lines(key, value, always_quoted=_ALWAYS_QUOTED)


def _step_lines(step: Mapping[str, Any]) -> Iterator[str]:
    indent = "  - "
    for key, value in step.items():
        for line in block.lines(key, value, always_quoted=_ALWAYS_QUOTED, indent="    "):
            yield indent + line[4:]
            indent = "    "


class _Loader(SafeLoader):
    """PyYAML's safe loader, but a key that is there twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} is there twice", key.start_mark
                    )
                seen.add(key.value)
        return mapping


def _parsed(text: str, file: str) -> object:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it holds characters that YAML does not allow"
        line = None if mark is None else mark.line + 1
        raise InputError.at(file, line, f"not a lockfile: {problem}", hint=_RELOCK) from None
    except (RecursionError, ValueError) as error:  # nested too deeply; a date that there is not
        raise InputError.at(file, None, f"not a lockfile: {error}", hint=_RELOCK) from None


def _refuse_newer(document: object, file: str) -> None:
    version = document.get("lockfile-version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > LOCKFILE_VERSION:
        raise NewerLockfileError.at(
            file,
            None,
            f"made by a newer cortexlock: its lockfile-version is {version}, this cortexlock reads {LOCKFILE_VERSION}",
            hint="upgrade cortexlock",
        )


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _line_at(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line of a place in the document, or of the nearest place around it."""
    node: yaml.Node | None = yaml.compose(text, SafeLoader)
    line = None
    for part in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        if node is None:
            break
        line = node.start_mark.line + 1
    return line
