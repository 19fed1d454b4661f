"""Commands take what the parser has, and never load what Typer converts with."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer

from cortexlock.cli.command import PlainCommand, PlainGroup
from cortexlock.errors import UsageError


def _run(arguments: list[str]) -> object:
    app = typer.Typer(cls=PlainGroup, add_completion=False, rich_markup_mode=None)

    @app.callback()
    def everywhere(*, flag: bool = False) -> None: ...

    @app.command(cls=PlainCommand)
    def command(  # noqa: PLR0913 - one option of each kind
        name: Annotated[str, typer.Argument()] = ".",
        more: Annotated[list[str] | None, typer.Argument()] = None,
        *,
        option: Annotated[str | None, typer.Option(envvar="CORTEXLOCK_TEST_OPTION")] = None,
        many: Annotated[list[str] | None, typer.Option()] = None,
        yes: Annotated[bool | None, typer.Option("--yes/--no")] = None,
        flag: Annotated[bool, typer.Option("--flag")] = False,
    ) -> object:
        return name, list(more or ()), option, list(many or ()), yes, flag

    return app(args=["command", *arguments], standalone_mode=False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], (".", [], None, [], None, False)),
        (["a", "b", "c"], ("a", ["b", "c"], None, [], None, False)),
        (["--option", "1", "--flag"], (".", [], "1", [], None, True)),
        (["--many", "1", "--many", "2", "--yes"], (".", [], None, ["1", "2"], True, False)),
        (["--no", "--option", " x"], (".", [], " x", [], False, False)),
        (["--", "--no"], ("--no", [], None, [], None, False)),
    ],
)
def test_values(arguments: list[str], expected: object) -> None:
    assert _run(arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["--option", ""], "--option"),
        (["--option="], "--option"),
        (["--many", "a", "--many", " "], "--many"),
        ([""], "NAME"),
        (["a", "b", ""], "MORE"),
    ],
)
def test_an_empty_value_is_refused(arguments: list[str], where: str) -> None:
    """It comes from a variable of a shell that is not set; as a path it would be the working directory."""
    with pytest.raises(UsageError, match=f"{where}: the value is empty"):
        _run(arguments)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEXLOCK_TEST_OPTION", "set")
    assert _run([]) == (".", [], "set", [], None, False)
    assert _run(["--option", "said"]) == (".", [], "said", [], None, False)


def test_help_is_still_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["--help"]) == 0
    assert "Usage: " in capsys.readouterr().out
