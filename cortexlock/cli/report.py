"""`cortexlock report`: a page about the lockfiles of a project, for a review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import PlatformsOption, ProjectArgument, Quiet, platforms_of
from cortexlock.cli.output import Output
from cortexlock.errors import Hint, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlock.cli.report_page import Reported
    from cortexlock.lockfile.difference import Difference
    from cortexlock.model.project import Project

EPILOG = """\
Examples:

\b
  cortexlock report -o report.html                  all lockfiles, and what changed since the last commit
  cortexlock report --rev main -o report.html       what changed since a branch
  cortexlock report apis/iris --platform cpu -o -   on standard output

One HTML file that needs no network and no JavaScript, light or dark as the reader has it.
"""


def report(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    output_file: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Where to; `-` is standard output.", metavar="PATH", show_default=False),
    ] = None,
    rev: Annotated[
        str | None,
        typer.Option(help="The revision of git to compare with; HEAD where there is a repository.", metavar="REV"),
    ] = None,
    platform: PlatformsOption = None,
    quiet: Quiet = False,
) -> None:
    """Write a page about the lockfiles: warnings, what changed, how the layers stack, what is downloaded."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli.report_page import page  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lock.project_files import refuse_to_replace  # noqa: PLC0415
    from cortexlock.storage import whole_file  # noqa: PLC0415

    output = Output(quiet=quiet, color=context.obj)
    if not output_file:
        raise UsageError("no file is named", where="--output", hint="name one: `--output report.html`")
    read = project_directory.read(Path(project))
    text = page(read.directory.name, _reported(read, platform, rev), rev or "the last commit")
    if output_file == "-":
        output.text(text)
        return
    path = Path(output_file)
    refuse_to_replace(read.directory, [path])
    try:
        whole_file.write(path, text.encode())
    except OSError as error:
        hint = "name a file in a directory that can be written"
        raise UsageError(f"cannot be written: {error.strerror or error}", where=output_file, hint=hint) from None
    if not quiet:
        output.line(f"{output_file}: written")


def _reported(project: Project, platform: list[str] | None, rev: str | None) -> Sequence[Reported]:
    from cortexlock.cli.report_page import Reported  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.lock.check import check  # noqa: PLC0415 - as above
    from cortexlock.lockfile import files  # noqa: PLC0415 - as above
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415 - as above

    labels = platforms_of(platform) or files.labels(project.directory)
    names = [lockfile_name(label) for label in labels]
    if not names:
        raise UsageError("there is no lockfile", where=str(project.directory), hint=Hint("run ", "lock"))
    lockfiles = [files.read_labelled(project.directory, label) for label in labels]
    checked = {each.file: each for each in check(project)}
    differences = _differences(project.directory, names, rev)
    return [
        Reported(lockfile, checked.get(name), differences.get(name))
        for name, lockfile in zip(names, lockfiles, strict=True)
    ]


def _differences(directory: Path, names: Sequence[str], rev: str | None) -> dict[str, Difference]:
    """Return what is different from a revision; nothing where none is named and there is no commit to compare with."""
    from cortexlock.lock.diff import compare_with_revision  # noqa: PLC0415 - as above

    try:
        found = compare_with_revision(directory, names, rev or "HEAD", dict(os.environ))
    except UsageError:
        if rev is not None:
            raise
        return {}
    return {each.name: each.difference for each in found}
