"""The lockfile's text: YAML that reads in the order in which it is carried out, one line per package.

Writing needs no YAML library, so that no release of one can change the bytes. Reading is strict: a lockfile comes with
a change that somebody proposes, and its content hash is no signature. A text that is no lockfile at all is a bad input;
one that no `cortexlock lock` has written so is a tampered one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from cortexlock.errors import CortexlockError, FileLine, Hint, InputError, IntegrityError
from cortexlock.formats import block, conflict_markers, yaml_text
from cortexlock.formats.schema import Document, SchemaError
from cortexlock.formats.yaml_text import StrictError, YamlText
from cortexlock.lockfile import merge_conflict
from cortexlock.lockfile.document import document_hash, from_document, to_document
from cortexlock.lockfile.schema import validate
from cortexlock.model.lockfile import LOCKFILE_VERSION, Lockfile

_COMMENT = "# Made by `cortexlock lock`, carried out by `cortexlock install`. Review it and commit it; never edit it.\n"
# Some of them need quotation marks and some don't; it reads better if all have them.
_ALWAYS_QUOTED = frozenset({"commit", "glibc", "md5", "python", "reference", "replaces", "sha256", "version"})
_RELOCK = Hint("run ", "lock")
_NOT_WRITTEN = "it is not as `cortexlock lock` writes it"


class MergeConflictError(IntegrityError):
    """A lockfile with the conflict markers of a merge."""

    id = "merge-conflict"


class NewerLockfileError(InputError):
    """A lockfile of a format that this cortexlock does not know: it must not be written over."""

    id = "newer-lockfile"


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
        MergeConflictError: It has the conflict markers of a merge.
        IntegrityError: It holds what no cortexlock writes, or the content does not have the hash that it says: edited
            by hand or merged badly.
    """
    marker = conflict_markers.line_of(text)
    if marker is not None:
        hint = Hint("run ", "lock", ": it keeps what both sides agree on")
        raise MergeConflictError("it has the conflict markers of a merge", where=FileLine(file, marker), hint=hint)
    checked, parsed = _checked(text, file)
    if checked["content-hash"] != document_hash(checked):
        raise IntegrityError(
            "the content does not have the hash that it says: it was edited by hand or merged badly",
            where=file,
            hint=_RELOCK,
        )
    return _lockfile(checked, parsed, file)


def merged(text: str, *, file: str) -> Lockfile:
    """Return what the two sides of a lockfile with conflict markers say, for its versions: nobody may carry it out.

    Raises:
        CortexlockError: Neither side is a lockfile.
    """
    ours, theirs = (_side(side, file) for side in merge_conflict.sides(text))
    if isinstance(ours, CortexlockError):
        if isinstance(theirs, CortexlockError):
            raise ours
        return theirs
    return ours if isinstance(theirs, CortexlockError) else merge_conflict.merged(ours, theirs)


def _side(text: str, file: str) -> Lockfile | CortexlockError:
    try:
        checked, parsed = _checked(text, file)
        return _lockfile(checked, parsed, file)
    except CortexlockError as error:
        return error


def _checked(text: str, file: str) -> tuple[Document, YamlText]:
    """Return what a text says, valid by the schema, and the text with its lines."""
    parsed = _parsed(text, file)
    if parsed.value is None:
        raise InputError.at(file, None, "it is empty", hint=_RELOCK)
    if not isinstance(parsed.value, dict):
        raise InputError.at(file, None, "not a lockfile: the document must be of type object", hint=_RELOCK)
    _refuse_newer(parsed.value, file)
    try:
        return validate(parsed.value), parsed
    except SchemaError as error:
        raise _tampered(file, parsed.line(*error.path), str(error)) from None


def _lockfile(checked: Document, parsed: YamlText, file: str) -> Lockfile:
    try:
        _refuse_twice(checked)
        _refuse_unmatched(checked)
        return from_document(checked)
    except SchemaError as error:
        raise _tampered(file, parsed.line(*error.path), str(error)) from None


def _refuse_twice(checked: Document) -> None:
    """Check that there is one step of each kind, and in each one entry for a package.

    Raises:
        SchemaError: There are two.
    """
    kinds: set[str] = set()
    for number, step in enumerate(checked["steps"]):
        if step["step"] in kinds:
            raise SchemaError(("steps", number), f"must be the only {step['step']} step")
        kinds.add(step["step"])
        names: set[str] = set()
        for position, package in enumerate(step.get("packages", ())):
            if package["name"] in names:
                raise SchemaError(("steps", number, "packages", position), "must be the only entry for its package")
            names.add(package["name"])


def _refuse_unmatched(checked: Document) -> None:
    """Check that parts which `lock` writes together are there together.

    Raises:
        SchemaError: An index is none of the lockfile's, or dependency files have no steps.
    """
    files = {given["file"] for given in checked.get("inputs", ())} - {checked["predictor"].get("file")}
    if files and not checked["steps"]:
        raise SchemaError(("steps",), "must not be empty, as there are inputs")
    for number, step in enumerate(checked["steps"]):
        for key in ("packages", "build-requirements"):
            for position, package in enumerate(step.get(key, ())):
                if "index" in package and package["index"] not in checked.get("indexes", ()):
                    raise SchemaError(("steps", number, key, position, "index"), "must be one of the indexes")


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


def _parsed(text: str, file: str) -> YamlText:
    try:
        return yaml_text.parse(text, file=file)
    except StrictError as error:
        raise _tampered(file, yaml_text.line_of(error), error.problem or "") from None
    except yaml.MarkedYAMLError as error:
        what = f"not a lockfile: {error.problem or error.context}"
        raise InputError.at(file, yaml_text.line_of(error), what, hint=_RELOCK) from None
    except yaml.YAMLError:
        what = "not a lockfile: it holds characters that YAML does not allow"
        raise InputError.at(file, None, what, hint=_RELOCK) from None


def _tampered(file: str, line: int | None, what: str) -> IntegrityError:
    where = FileLine(file, line)
    return IntegrityError(f"{_NOT_WRITTEN}: {what}", where=where, hint=_RELOCK)


def _refuse_newer(document: Mapping[str, Any], file: str) -> None:
    version = document.get("lockfile-version")
    if isinstance(version, int) and version > LOCKFILE_VERSION:
        raise NewerLockfileError.at(
            file,
            None,
            f"made by a newer cortexlock: its lockfile-version is {version}, this cortexlock reads {LOCKFILE_VERSION}",
            hint="upgrade cortexlock",
        )
