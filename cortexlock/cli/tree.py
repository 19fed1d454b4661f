"""`cortexlock tree`: what is installed, below what asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json, PlatformOption, ProjectArgument, platform_of
from cortexlock.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cortexlock.lockfile.requesters import Graph
    from cortexlock.model.package import PackageKey

EPILOG = """\
Examples:

\b
  cortexlock tree                     what the lines ask for, and what that asks for
  cortexlock tree --platform cuda --depth 1

A package whose dependencies were shown above has (*) behind it. `cortexlock why PACKAGE` goes the other way.
"""


def tree(
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    platform: PlatformOption = None,
    depth: Annotated[str | None, typer.Option(help="How deep; everything by default.", metavar="NUMBER")] = None,
    as_json: Json = False,
) -> None:
    """Show what is installed as a tree, below what asks for it."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.errors import UsageError  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.lockfile.requesters import graph_of  # noqa: PLC0415

    if depth is not None and not depth.isdecimal():
        raise UsageError(f"`{depth}` is no number", where="--depth", hint="say how deep: `--depth 1`")
    output = Output(as_json=as_json, color=context.obj)
    read = project_directory.read(Path(project))
    lockfile = files.read_labelled(read.directory, platform_of(read, platform))
    graph = graph_of(lockfile)
    output.document({"file": lockfile.file_name, "packages": [_document(graph, key) for key in sorted(graph.packages)]})
    most = int(depth) if depth is not None else len(graph.packages)
    seen: set[PackageKey] = set()
    output.line(output.styled(lockfile.file_name, "bold"))
    for key in graph.roots():
        for line in _lines(graph, key, "", most, seen):
            output.line(line)


def _lines(graph: Graph, key: PackageKey, indent: str, most: int, seen: set[PackageKey]) -> Iterator[str]:
    package = graph.packages[key]
    below = graph.asked_by(key)
    again = " (*)" if key in seen and below else ""
    manager = " (conda)" if key.manager == "conda" else ""
    yield f"{indent}{package.name} {package.version}{manager} {package.action}{again}"
    if key in seen or most <= 0:
        return
    seen.add(key)
    for each in below:
        yield from _lines(graph, each, f"{indent}  ", most - 1, seen)


def _document(graph: Graph, key: PackageKey) -> dict[str, object]:
    package = graph.packages[key]
    return {
        "manager": key.manager,
        "name": package.name,
        "version": package.version,
        "action": package.action,
        "files": list(graph.files[key]),
        "asks-for": [each.name for each in graph.asked_by(key)],
    }
