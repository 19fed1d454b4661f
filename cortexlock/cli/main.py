"""The `cortexlock` command: its subcommands, and the options that stand before them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from cortexlock import __version__
from cortexlock.cli import check, fetch, install, lock, predictors, show, verify
from cortexlock.cli.command import PlainCommand, PlainGroup
from cortexlock.cli.errors import guarded
from cortexlock.cli.output import wants_color
from cortexlock.errors import UsageError

_EPILOG = """\
Examples:

\b
  cortexlock lock                   resolve once, write one lockfile per platform
  git diff cortexlock.cpu.yaml      review: one line per package
  cortexlock check                  is the lockfile fresh? (CI, pre-commit)
  cortexlock install --platform cpu carry it out, the same bytes every time

`cortexlock COMMAND --help` has the options of a command and more examples.
"""

app = typer.Typer(
    name="cortexlock",
    cls=PlainGroup,
    add_completion=False,
    invoke_without_command=True,  # `cortexlock` alone prints its help
    rich_markup_mode=None,  # plain help: rich alone takes as long to import as all the rest
    pretty_exceptions_enable=False,  # a bug keeps its own traceback
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command(
    name="lock", cls=PlainCommand, epilog=lock.EPILOG, short_help="Resolve, and write one lockfile per platform."
)(lock.lock)
app.command(
    name="install", cls=PlainCommand, epilog=install.EPILOG, short_help="Carry a lockfile out in an environment."
)(install.install)
app.command(
    name="fetch",
    cls=PlainCommand,
    epilog=fetch.EPILOG,
    short_help="Fetch all files of the lockfiles into a directory.",
)(fetch.fetch)
app.command(
    name="verify", cls=PlainCommand, epilog=verify.EPILOG, short_help="Compare an environment with image and lockfile."
)(verify.verify)
app.command(name="check", cls=PlainCommand, epilog=check.EPILOG, short_help="Say whether lockfiles are fresh.")(
    check.check
)
app.command(name="show", cls=PlainCommand, epilog=show.EPILOG, short_help="Show what cortexlock sees of a project.")(
    show.show
)
app.add_typer(predictors.app, name="predictors", short_help="List and show images, or capture one of your own.")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if asked:
        print(f"cortexlock {__version__}")  # noqa: T201 - what was asked for
        raise typer.Exit


@app.callback(epilog=_EPILOG)
def _global(
    context: typer.Context,
    *,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours (as with NO_COLOR set).")] = False,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Reproducible, reviewable dependency lockfiles on top of a base image.

    A Cortex predictor's container installs conda-packages.txt and requirements.txt anew at each start. cortexlock
    resolves them once, on top of what the image has pre-installed, and replays the result.
    """
    context.obj = wants_color(["--no-color"] if no_color else [])
    if context.invoked_subcommand is None:
        print(context.get_help())  # noqa: T201 - nothing was asked for: this is the answer
        raise typer.Exit(UsageError.exit_code)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with the exit code that it deserves."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(guarded(lambda: app(args=given, prog_name="cortexlock", standalone_mode=False), given))
