"""`cortexlock fetch`: all files of the lockfiles in a directory, for an installation without network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cortexlock.cli.export import export_to, format_of
from cortexlock.cli.options import (
    CacheDir,
    IndexUrl,
    Json,
    ProjectArgument,
    Quiet,
    Verbose,
    cache_of,
    index_url_of,
    output_of,
    platforms_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

EPILOG = """\
Examples:

\b
  cortexlock fetch --output vendor                       where there is a network
  cortexlock install --offline --from vendor             where there is none
  cortexlock fetch --platform cpu --output vendor
  cortexlock fetch -o vendor --export dockerfile         files, script and Dockerfile in one directory

The directory gets conda archives, wheels, sdists, what their builds need, and checkouts of git repositories, each
verified and stored under its hash, and cortexlock-bundle.json, which lists them. It can be copied anywhere and mounted
read-only; an installation verifies every file again.
"""

_MIB = 1 << 20


def fetch(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    directory: Annotated[
        str | None, typer.Option("--output", "-o", help="The directory to fill.", metavar="DIR", show_default=False)
    ] = None,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", help="Only this platform's lockfile; can be repeated.", metavar="cpu|cuda|inf"),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            help="Write the lockfile in this format beside the files, too; can be repeated.",
            metavar="FORMAT",
        ),
    ] = None,
    index_url: IndexUrl = None,
    cache_dir: CacheDir = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Fetch all files of the lockfiles into a directory, for an installation without network."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli.replay_progress import replay_progress  # noqa: PLC0415
    from cortexlock.inputs import project as project_directory  # noqa: PLC0415
    from cortexlock.lock.check import check_platforms  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.model.lockfile import lockfile_name  # noqa: PLC0415
    from cortexlock.model.predictor import PLATFORMS  # noqa: PLC0415
    from cortexlock.model.project import Configuration  # noqa: PLC0415
    from cortexlock.replay import fetch as bundle  # noqa: PLC0415
    from cortexlock.replay.options import InstallOptions  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=context.obj)
    wanted = [format_of(each) for each in formats or ()]
    index_url, target = index_url_of(index_url), output_of(directory)
    read = project_directory.read(Path(project), Configuration(index_url=index_url))
    asked = platforms_of(platform)
    check_platforms(read, asked)
    names = [lockfile_name(each) for each in asked or PLATFORMS]
    there = names if asked else [name for name in names if (read.directory / name).exists()]
    if not there:
        raise UsageError("there is no lockfile", where=str(read.directory), hint="run `cortexlock lock`")
    lockfiles = [files.read(read.directory / name, name=name) for name in there]
    options = InstallOptions(
        prefix=target,
        cache=cache_of(cache_dir),
        environment=dict(os.environ),
        index_url=index_url,
    )
    with replay_progress(output) as show:
        made = bundle.fetch(read, lockfiles, options, on_event=show)
    exported = [
        export_to(target, read, lockfile, each, environment=options.environment)
        for lockfile in lockfiles
        for each in wanted
    ]
    output.document(
        {
            "directory": str(made.directory),
            "lockfiles": list(made.lockfiles),
            "files": made.files,
            "checkouts": made.checkouts,
            "size": made.size,
            "exports": [path.name for paths in exported for path in paths],
        }
    )
    if not quiet:
        trees = f" and {made.checkouts} git checkouts" if made.checkouts else ""
        output.line(f"{directory}: {output.styled('complete', 'green')} for {', '.join(made.lockfiles)}")
        output.line(f"  {made.files} files ({made.size / _MIB:.1f} MiB){trees}")
        for paths in exported:
            output.line(f"  {', '.join(sorted(path.name for path in paths[:3]))}{' …' if len(paths) > 3 else ''}")  # noqa: PLR2004
