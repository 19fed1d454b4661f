"""Check that modules, functions and rooms of the package are small, and that no module reads a sentence of an error.

Small is what can be read at one sitting. What a sentence says is an attribute of the error, too.

usage: check_shape.py FILE...
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "cortexlock"
LINES_OF_MODULE = 300
LINES_OF_FUNCTION = 60
PARAMETERS = 8
ENTRIES_OF_ROOM = 8
ROOMS = ("replay", "pip")
"""Directories that have rooms of their own, and few entries beside them."""

COMMANDS = "cli"
"""The directory whose functions have a parameter for each option."""

GENERATED = "never edit it"
"""Stands in the first line of a module that a program writes."""


SENTENCES = frozenset(("what", "where", "hint", "summary", "details"))
"""Attributes of errors that are for people."""

_OF_TEXTS = ("startswith", "endswith", "partition", "rpartition", "split", "rsplit", "splitlines", "replace", "find")
_OF_PATTERNS = ("match", "search", "fullmatch", "findall", "finditer", "sub")
READING = frozenset((*_OF_TEXTS, "removeprefix", "removesuffix", "index", *_OF_PATTERNS))
"""Methods of texts and patterns that take a text apart."""


def of_sentences(path: Path) -> Iterator[str]:
    """Yield where a module reads a sentence of an error."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        read: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
            read = [node.func.value, *node.args]
        elif isinstance(node, ast.Compare) and any(isinstance(each, ast.In | ast.NotIn) for each in node.ops):
            read = node.comparators
        parts = [part for each in read for part in (each.values if isinstance(each, ast.BoolOp) else [each])]
        if any(isinstance(part, ast.Attribute) and part.attr in SENTENCES for part in parts):
            yield f"{path}:{node.lineno}: a sentence is read: let the fact be an attribute"


def of_module(path: Path) -> Iterator[str]:
    """Yield what is too large in a module, as `file:line: what`."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if GENERATED in "".join(lines[:1]):
        return
    if len(lines) > LINES_OF_MODULE:
        yield f"{path}:{len(lines)}: the module has more than {LINES_OF_MODULE} lines"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        # A command's signature and docstring are its options and its help.
        start = node.body[min(1, len(node.body) - 1)].lineno if COMMANDS in path.parts else node.lineno
        length = (node.end_lineno or start) - start + 1
        if length > LINES_OF_FUNCTION:
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, more than {LINES_OF_FUNCTION}"
        count = len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        if count > PARAMETERS and COMMANDS not in path.parts:
            yield f"{path}:{node.lineno}: {node.name} has {count} parameters, more than {PARAMETERS}"


def of_rooms(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the directories with too many entries at their top: modules, and rooms."""
    entries: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path in paths:
        room = path.parts[1] if len(path.parts) > 2 else ""  # noqa: PLR2004 - package, room, entry
        if room in entries and path.parts[2] != "__init__.py":
            entries[room].add(path.parts[2])
    for room, found in entries.items():
        if len(found) > ENTRIES_OF_ROOM:
            named = ", ".join(sorted(found))
            yield f"{PACKAGE}/{room}: {len(found)} entries at the top, more than {ENTRIES_OF_ROOM}: {named}"


def main(names: Iterable[str]) -> int:
    """Check the modules of the package among files; print what is wrong."""
    paths = [path for path in map(Path, names) if path.suffix == ".py" and path.parts[:1] == (PACKAGE,)]
    found = [problem for path in paths for check in (of_module, of_sentences) for problem in check(path)]
    found += of_rooms(paths)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
