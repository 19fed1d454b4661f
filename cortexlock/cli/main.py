"""The `cortexlock` command: its subcommands, and the options that stand before them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from cortexlock import __version__
from cortexlock.cli.command import PlainCommand, PlainGroup
from cortexlock.cli.errors import guarded
from cortexlock.cli.output import wants_color
from cortexlock.errors import UsageError

_EPILOG = """\
Examples:

\b
  cortexlock lock                    resolve once, write one lockfile per platform
  git diff cortexlock.cpu.yaml       review: one line per package
  cortexlock check                   is the lockfile fresh? (CI, pre-commit)
  cortexlock install --platform cpu  carry it out, the same bytes every time

`cortexlock COMMAND --help` has the options of a command and more examples. Each option has a variable, too:
CORTEXLOCK_EXCLUDE_NEWER for --exclude-newer of all commands, CORTEXLOCK_LOCK_EXCLUDE_NEWER for that of `lock`.
"""

COMMANDS = {
    "init": "Make a directory a project.",
    "lock": "Resolve, and write one lockfile per platform.",
    "install": "Carry a lockfile out in an environment.",
    "fetch": "Fetch all files of the lockfiles into a directory.",
    "export": "Write a lockfile in a format that needs no cortexlock.",
    "verify": "Compare an environment with image and lockfile.",
    "check": "Say whether lockfiles are fresh.",
    "diff": "Say what is different between lockfiles.",
    "why": "Say who asks for a package.",
    "tree": "Show what is installed, below what asks for it.",
    "report": "Write a page about the lockfiles, for a review.",
    "outdated": "Say what newer there is of what is locked.",
    "merge-driver": "Merge a lockfile that two branches changed; git calls it.",
    "show": "Show what cortexlock sees of a project.",
    "predictors": "List and show images, or capture one of your own.",
    "cache": "Where downloads are kept; remove them.",
}
"""The subcommands, each a module beside this one, with what the help says of them."""


class _Commands(PlainGroup):
    """The subcommands. Each is made when it is asked for: to make all of them takes as long as to run `check`."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - Typer's own
        super().__init__(**attributes)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # the names, for "Did you mean"

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Typer's own context, or click's
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 - as above
        return _made(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _made(name: str) -> Any:  # noqa: ANN401 - as above
    module = import_module(f"cortexlock.cli.{name.replace('-', '_')}")
    subcommand = getattr(module, "app", None)  # a group of its own
    if subcommand is None:
        subcommand = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        subcommand.command(name=name, cls=PlainCommand, epilog=module.EPILOG)(getattr(module, name.replace("-", "_")))
    return typer.main.get_command(subcommand)


app = typer.Typer(
    name="cortexlock",
    cls=_Commands,
    add_completion=True,
    invoke_without_command=True,  # `cortexlock` alone prints its help
    rich_markup_mode=None,  # plain help: rich alone takes as long to import as all the rest
    pretty_exceptions_enable=False,  # a bug keeps its own traceback
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
