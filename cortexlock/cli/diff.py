"""`cortexlock diff`: what is different between lockfiles, for a review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json, PlatformsOption, platforms_of
from cortexlock.cli.output import Output
from cortexlock.errors import DifferenceError, Hint, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlock.lock.diff import Compared

EPILOG = """\
Examples:

\b
  cortexlock diff                            the lockfiles here, against the last commit
  cortexlock diff --rev main apis/iris       a project, against a branch
  cortexlock diff --rev HEAD~1 --format markdown
                                             for a comment, or a step's summary
  cortexlock diff old.yaml new.yaml          two lockfiles
  cortexlock diff --exit-code                end with 1 if anything differs

For `git diff` and `git log -p`: `git config diff.cortexlock.textconv "cortexlock diff --textconv"`, and in
.gitattributes `cortexlock.*.yaml diff=cortexlock`.
"""

_FORMATS = ("terminal", "markdown", "json")
_MOST = 2


def diff(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="A project, or two lockfiles, the old one first.", metavar="[PROJECT | OLD NEW]"),
    ] = None,
    *,
    rev: Annotated[str | None, typer.Option(help="The revision of git to compare with: HEAD.", metavar="REV")] = None,
    platform: PlatformsOption = None,
    wanted: Annotated[
        str, typer.Option("--format", help="How it is printed.", metavar="terminal|markdown|json")
    ] = "terminal",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if anything differs.")] = False,
    textconv: Annotated[
        bool, typer.Option("--textconv", help="Print one lockfile as short lines, for git's own diff.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Say what is different between the lockfiles here and those of a revision, or between two lockfiles."""
    wanted = "json" if as_json else wanted
    if wanted not in _FORMATS:
        raise UsageError(f"there is no format `{wanted}`", where="--format", hint=f"say {', '.join(_FORMATS)}")
    output = Output(as_json=wanted == "json", color=context.obj)
    given = paths or []
    if textconv:
        _print_short(output, given)
        return 0
    compared = _compared(given, rev, platform)
    _print(output, compared, wanted)
    return DifferenceError.exit_code if exit_code and any(each.difference for each in compared) else 0


def _compared(given: Sequence[str], rev: str | None, platform: list[str] | None) -> Sequence[Compared]:
    # Imported here: `--help` does not pay for it.
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lock.diff import compare_files, compare_with_revision  # noqa: PLC0415
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415

    if len(given) > _MOST:
        raise UsageError("more than two are named", hint="name a project, or two lockfiles")
    if len(given) == _MOST:
        if rev is not None:
            raise UsageError("two lockfiles need no revision", where="--rev", hint="leave one of them out")
        return [compare_files(Path(given[0]), Path(given[1]))]
    directory = project_directory.read(Path(given[0] if given else ".")).directory
    names = [lockfile_name(each) for each in platforms_of(platform)]
    found = compare_with_revision(directory, names, rev or "HEAD", dict(os.environ))
    if not found:
        raise UsageError(
            "there is no lockfile, neither here nor there", where=str(directory), hint=Hint("run ", "lock")
        )
    return found


def _print(output: Output, compared: Sequence[Compared], wanted: str) -> None:
    from cortexlock.cli import difference_text  # noqa: PLC0415 - as above

    if wanted == "json":
        output.document(
            {"lockfiles": [{"file": each.name, **difference_text.document(each.difference)} for each in compared]}
        )
    elif wanted == "markdown":
        output.text("\n".join(difference_text.markdown(_title(each), each.difference) for each in compared))
    else:
        for each in compared:
            output.line(f"{output.styled(_title(each), 'bold')}: {difference_text.summary(each.difference)}")
            for line in difference_text.lines(output, each.difference):
                output.line(f"  {line}")


def _title(each: Compared) -> str:
    if each.old is None:
        return f"{each.name} (new)"
    return f"{each.name} (removed)" if each.new is None else each.name


def _print_short(output: Output, given: Sequence[str]) -> None:
    """Print a lockfile without hashes and sizes: what a reviewer reads."""
    from cortexlock.cli.difference_text import short_lines  # noqa: PLC0415 - as above
    from cortexlock.lockfile import files  # noqa: PLC0415 - as above

    if len(given) != 1:
        raise UsageError("one lockfile must be named", where="--textconv", hint="git names it by itself")
    for line in short_lines(files.read(Path(given[0]), name=given[0])):
        output.line(line)
