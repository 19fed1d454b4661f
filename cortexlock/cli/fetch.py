"""`cortexlock fetch`: all files of the lockfiles in a directory, for an installation without network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.hints import pasteable
from cortexlock.cli.options import (
    CacheDir,
    IndexUrl,
    Json,
    PlatformsOption,
    Quiet,
    Verbose,
    cache_of,
    index_url_of,
    output_of,
    platforms_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import CortexlockError, Hint, UsageError

if TYPE_CHECKING:
    from cortexlock.export.content import Format
    from cortexlock.model.replay import InstallOptions
    from cortexlock.replay.fetch import Bundle

EPILOG = """\
Examples:

\b
  cortexlock fetch --output vendor                       where there is a network
  cortexlock install --offline --from vendor             where there is none
  cortexlock fetch --platform cpu --output vendor
  cortexlock fetch apis/* --output vendor                many projects into one directory
  cortexlock fetch -o vendor --export dockerfile         files, script and Dockerfile in one directory

The directory gets conda archives, wheels, sdists, what their builds need, and checkouts of git repositories, each
verified and stored under its hash, and cortexlock-bundle.json, which lists them. It can be copied anywhere and mounted
read-only; an installation verifies every file again.
"""

_MIB = 1 << 20
_SHOWN = 3


def fetch(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    projects: Annotated[
        list[str] | None,
        typer.Argument(help="Project directories; the current one by default.", metavar="PROJECT", show_default=False),
    ] = None,
    *,
    directory: Annotated[
        str | None, typer.Option("--output", "-o", help="The directory to fill.", metavar="DIR", show_default=False)
    ] = None,
    platform: PlatformsOption = None,
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
    from cortexlock.cli.export import format_of  # noqa: PLC0415
    from cortexlock.model.replay import InstallOptions  # noqa: PLC0415
    from cortexlock.replay.fetch import Bundle  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=context.obj)
    wanted = [format_of(each) for each in formats or ()]
    named = projects or ["."]
    if wanted and len(named) > 1:
        hint = "fetch for one project, or export each by itself: `cortexlock export`"
        raise UsageError("an export is of one project", where="--export", hint=hint)
    index_url, target = index_url_of(index_url), output_of(directory)
    options = InstallOptions(
        prefix=target, cache=cache_of(cache_dir), environment=dict(os.environ), index_url=index_url
    )
    asked = _Request(options, platforms_of(platform), wanted)
    fetched = [_fetch(output, Path(each), asked, label=Path(each).name if len(named) > 1 else "") for each in named]
    made = Bundle(
        target,
        tuple(name for one in fetched for name in one.bundle.lockfiles),
        sum(one.bundle.files for one in fetched),
        sum(one.bundle.checkouts for one in fetched),
        sum(one.bundle.size for one in fetched),
    )
    exported = [path for one in fetched for path in one.exported]
    output.document(
        {
            "directory": str(made.directory),
            "lockfiles": list(made.lockfiles),
            "files": made.files,
            "checkouts": made.checkouts,
            "size": made.size,
            "exports": [path.name for path in exported],
        }
    )
    from cortexlock.model.counts import counted  # noqa: PLC0415 - `--help` does not pay for it

    if not quiet:
        trees = f" and {counted(made.checkouts, 'git checkout')}" if made.checkouts else ""
        output.line(f"{directory}: {output.styled('complete', 'green')} for {', '.join(made.lockfiles)}")
        output.line(f"  {counted(made.files, 'file')} ({made.size / _MIB:.1f} MiB){trees}")
        if exported:
            more = f" and {len(exported) - _SHOWN} more" if len(exported) > _SHOWN else ""
            output.line(f"  exported: {', '.join(path.name for path in exported[:_SHOWN])}{more}")


@dataclass(frozen=True, slots=True)
class _Request:
    """What the command line asks of each project."""

    options: InstallOptions
    platforms: tuple[str, ...]
    formats: list[Format]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What became of one project."""

    bundle: Bundle
    exported: tuple[Path, ...]


def _fetch(output: Output, directory: Path, asked: _Request, *, label: str) -> _Fetched:
    """Fetch for one project; hints of its errors name it."""
    from cortexlock.cli.export import export_to  # noqa: PLC0415 - as above
    from cortexlock.cli.replay_progress import replay_progress  # noqa: PLC0415 - as above
    from cortexlock.inputs import project_directory  # noqa: PLC0415 - as above
    from cortexlock.lock.check import check_platforms  # noqa: PLC0415 - as above
    from cortexlock.lockfile import files  # noqa: PLC0415 - as above
    from cortexlock.model.project import Configuration  # noqa: PLC0415 - as above
    from cortexlock.replay import fetch as replay_fetch  # noqa: PLC0415 - as above

    options = asked.options
    try:
        read = project_directory.read(directory, Configuration(index_url=options.index_url))
        check_platforms(read, asked.platforms)
        labels = asked.platforms or files.labels(read.directory)
        if not labels:
            raise UsageError("there is no lockfile", where=str(read.directory), hint=Hint("run ", "lock"))
        lockfiles = [files.read_labelled(read.directory, each) for each in labels]
        with replay_progress(output) as show:
            made = replay_fetch.fetch(read, lockfiles, options, on_event=show, label=label)
    except CortexlockError as error:
        error.advice = pasteable(error.advice, directory.as_posix())
        raise
    written = [
        export_to(options.prefix, read, lockfile, each, environment=options.environment)
        for lockfile in lockfiles
        for each in asked.formats
    ]
    return _Fetched(made, tuple(path for paths in written for path in paths))
