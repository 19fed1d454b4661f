"""`cortexlock show`: what cortexlock sees of a project, before anything is resolved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json, PlatformsOption, ProjectArgument, platforms_of, predictors_of
from cortexlock.cli.output import Output

if TYPE_CHECKING:
    from cortexlock.errors import CortexlockError

EPILOG = """\
Examples:

\b
  cortexlock show                   inputs and targets of the project in this directory
  cortexlock show --json            the same, for programs: each line of the conda list as conda 4.7.12 reads it
  cortexlock show --prefix /opt/conda/envs/env
                                    what the last `cortexlock install` did in an environment
  cortexlock show --licences --from vendor
                                    what licences the packages state that `cortexlock fetch` has put there

All errors are shown, not only the first. Nothing is resolved, and no network is needed. Exit codes: 0 all can be read;
2 wrong configuration; 3 a file or a line cannot be read.
"""


_SCHEMAS = {
    "configuration": "cortexlock.schema.json",
    "lockfile": "lockfile-v1.schema.json",
    "predictor": "predictor-v1.schema.json",
}
"""Files of people and of programs, each with the name of its schema."""


def show(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    predictor: Annotated[
        list[str] | None, typer.Option(help="The predictor type, or predictor files.", metavar="TYPE|FILE")
    ] = None,
    cortex_version: Annotated[
        str | None, typer.Option(help="The Cortex release whose images it runs on.", metavar="RELEASE")
    ] = None,
    platform: PlatformsOption = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="Show the receipt of the last installation in this environment instead.", metavar="DIR"),
    ] = None,
    show_licences: Annotated[
        bool, typer.Option("--licences", help="Show what licences the locked packages state, of the files of --from.")
    ] = False,
    bundle: Annotated[
        str | None, typer.Option("--from", help="The directory that `fetch` filled.", metavar="DIR")
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option("--schema", help="Print the JSON schema of a file, for editors.", metavar="|".join(_SCHEMAS)),
    ] = None,
    as_json: Json = False,
) -> int:
    """Show what cortexlock sees: the conda list, the pip requirements, and the targets with their steps."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli import show_report  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lock.show import show as show_project  # noqa: PLC0415
    from cortexlock.model.project import Configuration  # noqa: PLC0415

    output = Output(as_json=as_json, color=context.obj)
    if prefix is not None:
        return _show_receipt(output, Path(prefix))
    if schema is not None:
        return _show_schema(output, schema)
    if show_licences or bundle is not None:
        return _show_licences(output, Path(project), platforms_of(platform), bundle if show_licences else None)
    predictor_type, predictor_files = predictors_of(predictor, project_directory.root(Path(project)))
    platforms = platforms_of(platform)
    overrides = Configuration(
        predictor=predictor_type,
        predictor_files=predictor_files,
        cortex_version=cortex_version,
        platforms=platforms,
    )
    seen = show_project(project_directory.read(Path(project), overrides), platforms)
    show_report.show(output, seen)
    return _code(seen.errors)


def _show_receipt(output: Output, prefix: Path) -> int:
    from cortexlock.cli import receipt_report  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.errors import DifferenceError, UsageError  # noqa: PLC0415 - as above
    from cortexlock.replay.prefix.receipt import read_receipt  # noqa: PLC0415 - as above

    if not prefix.is_dir():
        raise UsageError("there is no such directory", where=str(prefix), hint="name an environment")
    receipt = read_receipt(prefix)
    if receipt is None:
        raise DifferenceError(
            "no installation left a receipt here",
            where=str(prefix),
            hint="`cortexlock verify` needs none",
        )
    receipt_report.show(output, receipt, prefix)
    return 0


def _show_licences(output: Output, project: Path, labels: tuple[str, ...], bundle: str | None) -> int:
    from cortexlock.cli import licences_report  # noqa: PLC0415 - as above
    from cortexlock.errors import UsageError  # noqa: PLC0415 - as above
    from cortexlock.inputs import project_directory  # noqa: PLC0415 - as above

    if not bundle:
        what = "--licences and --from go together: licences are read from the files themselves"
        raise UsageError(
            what, hint="`cortexlock fetch --output vendor`, then `cortexlock show --licences --from vendor`"
        )
    licences_report.show(output, project_directory.read(project).directory, labels, Path(bundle))
    return 0


def _show_schema(output: Output, wanted: str) -> int:
    from cortexlock.errors import UsageError  # noqa: PLC0415 - as above
    from cortexlock.formats.schema import schema_text  # noqa: PLC0415 - as above

    if wanted not in _SCHEMAS:
        raise UsageError(f"there is no schema `{wanted}`", where="--schema", hint=f"say one of {', '.join(_SCHEMAS)}")
    output.text(schema_text(_SCHEMAS[wanted]))
    return 0


def _code(errors: list[CortexlockError]) -> int:
    """Return the exit code: that of unreadable input goes before that of a wrong configuration."""
    return max((error.exit_code for error in errors), default=0)
