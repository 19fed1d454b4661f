"""`cortexlock outdated`: what newer there is of what is locked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import (
    CacheDir,
    Json,
    PlatformsOption,
    ProjectArgument,
    Quiet,
    Verbose,
    cache_of,
    platforms_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import DifferenceError

if TYPE_CHECKING:
    from cortexlock.lock.outdated import Outdated, OutdatedLockfile

EPILOG = """\
Examples:

\b
  cortexlock outdated                     what newer there is, a line for each package
  cortexlock outdated --exit-code         end with 1 if `lock --upgrade` would change anything
  cortexlock outdated --json apis/iris

`within the lines` is what `cortexlock lock --upgrade` would take. `beyond the lines` is the newest release with a
file for the image; whether the other packages admit it, nobody has tried. With a cut-off date, what came later is
named as such.
"""


def outdated(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    platform: PlatformsOption = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 if there is anything newer within the lines.")
    ] = False,
    cache_dir: CacheDir = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> int:
    """Say what newer there is of what is locked: within the lines of the project's files, and beyond them."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli.progress import progress  # noqa: PLC0415
    from cortexlock.cli.progress_words import words  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lock.locked import LockOptions  # noqa: PLC0415
    from cortexlock.lock.outdated import outdated as look  # noqa: PLC0415
    from cortexlock.model.project import Configuration  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=context.obj)
    read = project_directory.read(Path(project), Configuration(platforms=platforms_of(platform)))
    options = LockOptions(None, None, cache_of(cache_dir, written=True), dict(os.environ))
    with progress(output) as show:
        found = look(read, options, on_event=lambda event: show(event.platform, words(event.progress)))
    output.document({"lockfiles": [_document(each) for each in found]})
    for each in found:
        _print(output, each)
    is_outdated = any(package.within != package.locked for each in found for package in each.packages)
    return DifferenceError.exit_code if exit_code and is_outdated else 0


def _print(output: Output, found: OutdatedLockfile) -> None:
    cut_off = found.lockfile.exclude_newer
    title = output.styled(found.lockfile.file_name, "bold")
    within = sum(each.within != each.locked for each in found.packages)
    beyond = sum(each.within == each.locked and bool(each.newest) for each in found.packages)
    counts = [(within, "within the lines"), (beyond, "beyond the lines")]
    if cut_off:
        counts.append((len(found.packages) - within - beyond, f"only after the cut-off date, {cut_off[:10]}"))
    words = ", ".join(f"{number} {what}" for number, what in counts if number)
    output.line(f"{title}: {f'newer: {words}' if words else 'nothing newer'}")
    width = max((len(_name(each)) for each in found.packages), default=0)
    for each in found.packages:
        output.line(f"  {_name(each).ljust(width)}  {_words(output, each)}")
    if found.unknown:
        output.line(f"  not on an index or channel: {', '.join(found.unknown)}")


def _name(each: Outdated) -> str:
    return f"{each.key.name} (conda)" if each.key.manager == "conda" else each.key.name


def _words(output: Output, each: Outdated) -> str:
    if each.within == each.locked:
        words = [each.locked]
    elif each.within:
        words = [f"{each.locked} -> {output.styled(each.within, 'green')} within the lines"]
    else:
        words = [f"{each.locked}, not needed any more"]
    if each.newest:
        words.append(f"{output.styled(each.newest, 'yellow')} beyond the lines")
    if each.later:
        words.append(f"{each.later} after the cut-off date")
    return ", ".join(words)


def _document(found: OutdatedLockfile) -> dict[str, object]:
    return {
        "file": found.lockfile.file_name,
        "exclude-newer": found.lockfile.exclude_newer or None,
        "packages": [
            {
                "manager": each.key.manager,
                "name": each.key.name,
                "locked": each.locked,
                "within": each.within or None,
                "newest": each.newest or None,
                "after-cut-off": each.later or None,
                "by": list(each.by),
            }
            for each in found.packages
        ],
        "unknown": list(found.unknown),
    }
