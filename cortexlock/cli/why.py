"""`cortexlock why`: who asks for a package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json, PlatformOption, ProjectArgument, platform_of
from cortexlock.cli.output import Output

if TYPE_CHECKING:
    from cortexlock.lock.why import Why
    from cortexlock.model.package import PackageKey

EPILOG = """\
Examples:

\b
  cortexlock why tqdm                     each path from a line to the package
  cortexlock why numpy apis/iris --platform cuda

Nothing is asked of an index: the lockfile says who asks for whom. What `pip install` would also accept is in the
metadata of the packages, and not in the lockfile.
"""


def why(
    context: typer.Context,
    package: Annotated[str, typer.Argument(help="The package's name.", metavar="PACKAGE", show_default=False)],
    project: ProjectArgument = ".",
    *,
    platform: PlatformOption = None,
    as_json: Json = False,
) -> None:
    """Say why a package is there: each path from a line of the project's files to it."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lock.why import why as reasons_of  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415

    output = Output(as_json=as_json, color=context.obj)
    read = project_directory.read(Path(project))
    lockfile = files.read_labelled(read.directory, platform_of(read, platform))
    found = reasons_of(read, lockfile, package)
    output.document({"file": lockfile.file_name, "packages": [_document(each) for each in found]})
    for each in found:
        _print(output, each)


def _print(output: Output, each: Why) -> None:
    locked = each.graph.packages.get(each.key)
    if locked is None:
        version = each.own.version if each.own is not None else ""
        output.line(f"{output.styled(f'{each.key.name} {version}', 'bold')}: the image has it, and no step touches it")
        return
    before = f" (the image has {each.own.version})" if each.own and each.own.version != locked.version else ""
    manager = " of conda" if each.key.manager == "conda" else ""
    head = output.styled(f"{locked.name} {locked.version}", "bold")
    output.line(f"{head}{manager}: {_ACTIONS[locked.action]}{before}")
    for path in each.paths:
        root = path[0]
        lines = each.asking.get(root, ())
        files = each.graph.files.get(root, ())
        if lines:
            for asking in lines:
                output.line(f"  {asking.where}: {asking.text}")
        else:
            output.line(f"  {', '.join(files) or 'the image'}")
        for depth, key in enumerate(path):
            output.line(f"  {'  ' * depth}└─ {_named(each, key)}")


_ACTIONS = {"add": "added", "change": "changed", "keep": "the image's own, kept"}


def _named(each: Why, key: PackageKey) -> str:
    package = each.graph.packages[key]
    return f"{package.name} {package.version}"


def _document(each: Why) -> dict[str, object]:
    locked = each.graph.packages.get(each.key)
    return {
        "manager": each.key.manager,
        "name": each.key.name,
        "version": locked.version if locked else None,
        "action": locked.action if locked else None,
        "image": each.own.version if each.own else None,
        "paths": [
            {
                "lines": [{"where": one.where, "text": one.text} for one in each.asking.get(path[0], ())],
                "packages": [_named(each, key) for key in path],
            }
            for path in each.paths
        ],
    }
