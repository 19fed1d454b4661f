"""`cortexlock predictors diff`: what became of an image between two descriptions of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json
from cortexlock.cli.output import Output
from cortexlock.errors import DifferenceError

if TYPE_CHECKING:
    from cortexlock.predictors.comparison import Change

EPILOG = """\
Examples:

\b
  cortexlock predictors capture image.tar -o new.yaml
  cortexlock predictors diff image.yaml new.yaml       what the new image has in place of the old
  cortexlock predictors diff image.yaml new.tar        the same, of an archive
  cortexlock predictors diff image.yaml new.yaml --exit-code
"""

_TITLES = {"constraint": "constraints", "conda": "pre-installed by conda", "pip": "pre-installed for Python"}


def diff(
    context: typer.Context,
    old: Annotated[
        str, typer.Argument(help="A predictor file, or an archive of an image.", metavar="OLD", show_default=False)
    ],
    new: Annotated[str, typer.Argument(help="Another one.", metavar="NEW", show_default=False)],
    *,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if they differ.")] = False,
    as_json: Json = False,
) -> None:
    """Say what became of an image: facts, constraints and packages that are others in NEW than in OLD.

    Of an archive beside a predictor file, that environment is compared which is most like the one in the file.
    """
    from cortexlock.lock.image_comparison import compare  # noqa: PLC0415 - `--help` does not pay for it

    found = compare(Path(old), Path(new))
    output = Output(as_json=as_json, color=context.obj)
    output.document(
        {
            "changes": [
                {"kind": each.kind, "name": each.name, "before": each.before or None, "after": each.after or None}
                for each in found
            ]
        }
    )
    for each in found:
        if each.kind == "fact":
            output.line(text_of(each))
    for kind, title in _TITLES.items():
        lines = [text_of(each) for each in found if each.kind == kind]
        if lines:
            output.line(output.styled(f"{title}: {len(lines)}", "bold"))
            for line in lines:
                output.line(f"  {line}")
    if not found:
        output.line("the images are described alike")
    elif exit_code:
        raise typer.Exit(DifferenceError.exit_code)


def text_of(change: Change) -> str:
    """Return a change as it is printed; what was added or removed begins with a sign."""
    if change.kind == "fact":
        return f"{change.name}: {change.before or 'none'} -> {change.after or 'none'}"
    if change.kind == "constraint":
        return f"{'+' if change.after else '-'} {change.name}"
    if not change.before:
        return f"+ {change.name} {change.after}"
    if not change.after:
        return f"- {change.name} {change.before}"
    return f"  {change.name} {change.before} -> {change.after}"
