"""Typer commands whose options come as the parser has them: text, lists of text, true or false.

Typer 0.29 passes every value through pydantic, which takes 65 ms to import: as long as all the rest of `check`. No
option of ours needs that: what is not text is made of it where it is used, with better messages.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cortexlock.cli.hints import pasteable
from cortexlock.errors import CortexlockError, UsageError


class PlainCommand(TyperCommand):
    """A command that takes the parser's values as they are, and has `--verbose` and `--quiet` in any case."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:  # noqa: ANN401 - Typer's own
        """Add the options of every command to those of this one."""
        super().__init__(*arguments, **attributes)
        there = {parameter.name for parameter in self.params}
        if not there.issuperset(_OF_EVERY_COMMAND):
            self.params.extend(each for each in _of_every_command() if each.name not in there)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - Typer's own context, or click's, as of its release
        """Return the parameters, the help option included; each is told not to convert."""
        return _unconverted(super().get_params(ctx), ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as above
        """Parse a command line; each error knows whose options it is about."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]  # the line above has looked
            raise

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Run the command; hints of its errors name the project that the command line names."""
        try:
            return super().invoke(ctx)
        except CortexlockError as error:
            named = ctx.params.get("projects") or [ctx.params.get("project")]
            if len(named) == 1 and isinstance(named[0], str):
                error.advice = pasteable(error.advice, named[0])
            raise

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - as above
        """Return the help, as wide as the terminal, broken between words."""
        return _help(self, ctx)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above
        """Write what stands below the options."""
        if self.epilog:
            _write_epilog(self.epilog, formatter)

    def make_parser(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        """Return the parser; it refuses a second value for an option that takes one, where the last would win."""
        parser = super().make_parser(ctx)
        parser.parse_args = partial(_parsed_once, parser.parse_args, ctx)  # type: ignore[method-assign]  # this one's
        return parser


class PlainGroup(TyperGroup):
    """A group of commands that takes the parser's values as they are."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - as above
        """Return the help, as wide as the terminal, broken between words."""
        return _help(self, ctx)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above
        """Write what stands below the options."""
        if self.epilog:
            _write_epilog(self.epilog, formatter)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as above
        """Return the parameters, the help option included; each is told not to convert."""
        return _unconverted(super().get_params(ctx), ctx)


_OF_EVERY_COMMAND = ("verbose", "quiet")


def _of_every_command() -> list[Any]:
    """Return the options that a command leaves to the error boundary, which looks for them itself."""

    def declared(
        *,
        verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say the ids of errors, too.")] = False,
        quiet: Annotated[
            bool, typer.Option("--quiet", "-q", help="Say nothing but errors and what was asked for.")
        ] = False,
    ) -> None: ...

    of_typer = typer.Typer(add_completion=False)  # how an option is made is Typer's own business
    of_typer.command()(declared)
    options: list[Any] = list(typer.main.get_command(of_typer).params)
    for option in options:
        option.expose_value = False
    return options


def new_group() -> typer.Typer:
    """Return a group of commands that has no command yet."""
    return typer.Typer(
        cls=PlainGroup,
        add_completion=False,
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def help_where_nothing_is_asked(context: typer.Context) -> None:
    """Print the help of a group that is called without a command.

    Raises:
        typer.Exit: It was called so.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())  # noqa: T201 - nothing was asked for: this is the answer
        raise typer.Exit(UsageError.exit_code)


def _write_epilog(text: str, formatter: Any) -> None:  # noqa: ANN401 - as above
    from cortexlock.cli.help_text import write_epilog  # noqa: PLC0415 - only help pays for it

    write_epilog(text, formatter)


def _help(command: Any, context: Any) -> str:  # noqa: ANN401 - as above
    from cortexlock.cli.help_text import formatter_of  # noqa: PLC0415 - only help pays for it

    formatter = formatter_of(context)
    command.format_help(context, formatter)
    return str(formatter.getvalue()).rstrip("\n")


def _unconverted(parameters: list[Any], context: Any) -> list[Any]:  # noqa: ANN401 - as above
    """Replace what a parameter does with a value that was parsed, and give each option its variables.

    `process_value` is part of click's public interface. Were it not called any more, Typer would convert to the
    annotated types, which gives the same values, only later.
    """
    for parameter in parameters:
        parameter.process_value = partial(_as_parsed, parameter)
        if parameter.param_type_name == "option" and parameter.envvar is None and parameter.name not in _NO_VARIABLES:
            parameter.envvar = variables_of(context.command_path, parameter)
            parameter.show_envvar = False  # they would make each line of the help two
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = _no_type  # `<list[str]>` tells nobody anything
    return parameters


_NO_VARIABLES = frozenset({"help", "version", "install_completion", "show_completion"})
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def variables_of(command: str, parameter: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return the variables that stand for an option: that of the command, then that of all commands.

    `--exclude-newer` of `cortexlock lock` has CORTEXLOCK_LOCK_EXCLUDE_NEWER and CORTEXLOCK_EXCLUDE_NEWER.
    """
    option = max(parameter.opts, key=len).lstrip("-")
    names = (f"{command} {option}", f"cortexlock {option}")
    return list(dict.fromkeys(name.upper().replace(" ", "_").replace("-", "_") for name in names))


def _no_type(**_context: Any) -> str:  # noqa: ANN401 - as above
    return ""


def _as_parsed(parameter: Any, context: Any, value: Any) -> Any:  # noqa: ANN401 - any option's value
    if parameter.required and value in (None, ()):
        raise UsageError(f"{parameter.metavar or parameter.name} is missing", hint=help_of(context))
    if getattr(parameter, "is_flag", False) and isinstance(value, str):  # of a variable
        if value.strip().lower() not in _TRUTH:
            names = " or ".join(parameter.envvar) if isinstance(parameter.envvar, list) else parameter.envvar
            raise UsageError(f"`{value}` is neither true nor false", where=names, hint="say 1 or 0, or unset it")
        value = _TRUTH[value.strip().lower()]
    if parameter.nargs != 1 or getattr(parameter, "multiple", False):
        value = list(value or ())
    _refuse_empty(parameter, value)
    return value if parameter.callback is None else parameter.callback(context, parameter, value)


def _refuse_empty(parameter: Any, value: Any) -> None:  # noqa: ANN401 - as above
    """Refuse a text that is empty, as it is where it comes from a shell's variable that is not set."""
    texts = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
    if value != parameter.default and not all(text.strip() for text in texts):
        is_option = parameter.param_type_name == "option"
        where = max(parameter.opts, key=len) if is_option else parameter.metavar or parameter.name.upper()
        what = "leave the option out, or give it a value" if is_option else "leave the argument out, or give it a value"
        raise UsageError("the value is empty", where=where, hint=what)


def _parsed_once(parse_args: Any, context: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
    values, rest, order = parse_args(args)
    given: set[str] = set()
    for parameter in order:
        takes_one = parameter.param_type_name == "option" and not parameter.multiple and not parameter.is_flag
        if takes_one and parameter.name in given:
            option = max(parameter.opts, key=len)
            raise UsageError(f"{option} is given more than once, and takes one value", hint=help_of(context))
        given.add(parameter.name)
    return values, rest, order


def help_of(context: Any) -> str:  # noqa: ANN401 - as above
    """Return the hint that names the help of the command which could not be understood."""
    return f"`{context.command_path} --help` tells more"
