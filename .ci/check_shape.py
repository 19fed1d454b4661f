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
"""Directories that have rooms of their own, and few modules beside them."""

COMMANDS = "cli"
"""The directory whose functions have a parameter for each option."""

KNOWN = frozenset(
    (
        "cortexlock/conda/install.py: link: parameters",
        "cortexlock/inputs/configuration.py: lines",
        "cortexlock/predictors/capture.py: lines",
    )
)
"""What is larger and known to be: each is to be cut, and none is to be added."""

GENERATED = "never edit it"
"""Stands in the first line of a module that a program writes."""


def of_module(path: Path) -> Iterator[str]:
    """Yield what is too large in a module and not known to be, as `file:line: what`."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if GENERATED in "".join(lines[:1]):
        return
    if len(lines) > LINES_OF_MODULE and f"{path}: lines" not in KNOWN:
        yield f"{path}:{len(lines)}: the module has more than {LINES_OF_MODULE} lines"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        # A command's signature and docstring are its options and its help.
        start = node.body[min(1, len(node.body) - 1)].lineno if COMMANDS in path.parts else node.lineno
        length = (node.end_lineno or start) - start + 1
        if length > LINES_OF_FUNCTION and f"{path}: {node.name}: lines" not in KNOWN:
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, more than {LINES_OF_FUNCTION}"
        count = len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        is_known = COMMANDS in path.parts or f"{path}: {node.name}: parameters" in KNOWN
        if count > PARAMETERS and not is_known:
            yield f"{path}:{node.lineno}: {node.name} has {count} parameters, more than {PARAMETERS}"


def of_rooms(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the directories with too many modules at their top."""
    count = dict.fromkeys(ROOMS, 0)
    for path in paths:
        for room in ROOMS:
            if path.parent.parts == (PACKAGE, room) and path.name != "__init__.py":
                count[room] += 1
    for room, found in count.items():
        if found > ENTRIES_OF_ROOM:
            yield f"{PACKAGE}/{room}: {found} modules at the top, more than {ENTRIES_OF_ROOM}"


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
