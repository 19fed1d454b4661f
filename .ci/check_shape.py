"""Check that modules, functions and rooms of the package stay small enough to be read at one sitting.

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
    found = [problem for path in paths for problem in of_module(path)]
    found += of_rooms(paths)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
