"""`cortexlock verify`: an environment against image and lockfile."""

from __future__ import annotations

import os
import platform as this_platform
from pathlib import Path

import typer  # noqa: TC002 - Typer reads the annotations

from cortexlock.cli.options import (
    Json,
    PlatformOption,
    PrefixOption,
    ProjectArgument,
    Quiet,
    environment_of,
    platform_of,
)
from cortexlock.cli.output import Output

EPILOG = """\
Examples:

\b
  cortexlock verify --platform cpu                       the active environment
  cortexlock verify apis/iris --prefix /opt/conda/envs/env
  cortexlock verify --json                               for programs

Looks at names, versions and every file (as the receipt of the last installation has them, else as RECORD of pip's and
the records of conda's packages do), at what is there beyond image and lockfile, and at requirements that do not hold
(`pip check`). `cortexlock install` ends with the same comparison. Nothing of the environment is run or changed.

Exit codes: 0 nothing differs; 1 something does.
"""


def verify(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    platform: PlatformOption = None,
    prefix: PrefixOption = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say whether an environment is what image and lockfile make of it, file by file."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli import comparison_report  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415
    from cortexlock.replay.verify import verify_prefix  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, color=context.obj)
    read = project_directory.read(Path(project))
    label = platform_of(read, platform, machine=this_platform.machine())
    if platform is None and len(files.labels(read.directory)) > 1 and not (quiet or as_json):
        output.note(f"note: {lockfile_name(label)} is the lockfile for this machine")
    lockfile = files.read_labelled(read.directory, label)
    root = environment_of(prefix, os.environ, option="--prefix")
    comparison = verify_prefix(lockfile, root, dict(os.environ))
    output.document(
        {
            "prefix": str(root),
            "lockfile": lockfile.file_name,
            **comparison_report.document(comparison),
            "notes": list(comparison_report.notes_of(comparison)),
        }
    )
    comparison_report.show(output, comparison, root)
    return int(comparison.differs)
