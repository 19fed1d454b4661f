"""`cortexlock verify`: an environment against image and lockfile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cortexlock.cli.options import Json, ProjectArgument, Quiet, environment_of, platform_of
from cortexlock.cli.output import Output

EPILOG = """\
Examples:

\b
  cortexlock verify --platform cpu                       the active environment
  cortexlock verify apis/iris --prefix /opt/conda/envs/env
  cortexlock verify --json                               for programs

Looks at names, versions and every file (RECORD of pip's, paths.json of conda's packages), at what is installed beyond
image and lockfile, and at requirements that do not hold (`pip check`). Nothing of the environment is run or changed, so
that its Python may be any.

Exit codes: 0 nothing differs; 1 something does.
"""


def verify(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    platform: Annotated[
        str | None, typer.Option(help="Which lockfile; needed where there are several.", metavar="cpu|cuda|inf")
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="The environment; the active one by default (VIRTUAL_ENV, CONDA_PREFIX).", metavar="DIR"),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say whether an environment is what image and lockfile make of it, file by file."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.inputs import project as project_directory  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.model.lockfile import lockfile_name  # noqa: PLC0415
    from cortexlock.replay.verify import verify_prefix  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, color=context.obj)
    read = project_directory.read(Path(project))
    name = lockfile_name(platform_of(read, platform))
    lockfile = files.read(read.directory / name, name=name)
    root = environment_of(prefix, os.environ, option="--prefix")
    report = verify_prefix(lockfile, root, dict(os.environ))
    parts = {
        "locked": ("not as locked", report.locked),
        "image": ("not as in the image", report.image),
        "extra": ("neither in the image nor locked", report.extra),
        "conflicts": ("requirements that do not hold", report.conflicts),
    }
    found = {key: list(lines) for key, (_, lines) in parts.items()}
    output.document(
        {"prefix": str(root), "lockfile": name, "differs": report.differs, **found, "notes": list(report.notes)}
    )
    state = output.styled("differs", "red") if report.differs else output.styled("as locked", "green")
    if report.differs or not quiet:
        output.line(f"{root}: {state}")
    for title, lines in parts.values():
        if lines:
            output.line(f"  {title}:")
        for line in lines:
            output.line(f"    {line}")
    for note in () if quiet else report.notes:
        output.line(f"  {output.styled('note:', 'yellow')} {note}")
    return int(report.differs)
