"""`cortexlock check`: are the lockfiles fresh, and if not, why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.errors import as_document, text_of
from cortexlock.cli.hints import pasteable
from cortexlock.cli.options import Json, PlatformsOption, Quiet, platforms_of
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from cortexlock.lock.check import Checked
    from cortexlock.lock.check_projects import CheckedProject

EPILOG = """\
Examples:

\b
  cortexlock check                  the project in this directory
  cortexlock check apis/*           many projects at once, for CI or pre-commit
  cortexlock check --json           for programs
  cortexlock check --image new.tar  whether the image was captured from this archive

Exit codes: 0 all fresh; 1 a lockfile is stale, missing or stray; 2 wrong configuration; 3 a file cannot be read;
6 a lockfile was edited by hand, was merged badly or has conflict markers.
"""


def check(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    projects: Annotated[
        list[str] | None,
        typer.Argument(help="Project directories; the current one by default.", metavar="PROJECT", show_default=False),
    ] = None,
    platform: PlatformsOption = None,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Lockfiles that break packages of the image, or replace its Python, too.")
    ] = False,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            help="An archive of the image: say whether the file that describes it is older.",
            metavar="ARCHIVE",
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say whether the lockfiles are fresh, and if not, why.

    Compares hashes of the dependency files and the configuration with what the lockfiles say: it changes nothing, needs
    no network, and takes no time. Comments, blank lines and the order of lines make no lockfile stale.
    """
    from cortexlock.lock.check_projects import check_projects  # noqa: PLC0415 - `--help` does not pay for it

    output = Output(as_json=as_json, quiet=quiet, color=context.obj)
    platforms = platforms_of(platform)
    named = projects or ["."]
    if image is not None and len(named) > 1:
        raise UsageError("an archive is compared with one project", where="--image", hint="name one project")
    directories = [Path(directory) for directory in named]
    checked = list(check_projects(directories, platforms, strict=strict, environment=dict(os.environ)))
    reports = [_report(output, each) for each in checked]
    documents = [document for document, _ in reports]
    codes = [code for _, code in reports]
    if image is not None and checked[0].error is None:
        codes.append(_image(output, named, image, platforms, documents))
    output.document({"projects": documents})
    return max(codes)


def _image(
    output: Output, projects: list[str], archive: str, platforms: tuple[str, ...], documents: list[dict[str, object]]
) -> int:
    """Compare an archive with the file that describes the project's image; return the exit code."""
    from cortexlock.cli import check_image_report  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.inputs import project_directory  # noqa: PLC0415 - as above
    from cortexlock.lock.check_image import check_image  # noqa: PLC0415 - as above

    checked = check_image(project_directory.read(Path(projects[0])), Path(archive), platforms)
    documents[0]["image"] = check_image_report.document(checked)
    return check_image_report.show(output, checked, archive)


def _report(output: Output, checked: CheckedProject) -> tuple[dict[str, object], int]:
    """Print what was found out about a project; return it as a document with the exit code."""
    directory, results, error = checked.directory, checked.results, checked.error
    if error is not None:
        if not output.as_json:
            output.note(text_of(output, error))
        return {"project": directory.as_posix(), "error": as_document(error)}, error.exit_code
    for result in results:
        _print(output, directory, result)
    if not results:
        output.line(f"{directory.as_posix()}: nothing to check")
    lockfiles = [_document(directory, result) for result in results]
    return {"project": directory.as_posix(), "lockfiles": lockfiles}, max((r.exit_code for r in results), default=0)


def _print(output: Output, directory: Path, result: Checked) -> None:
    styles = {"fresh": "green", "stale": "yellow", "missing": "yellow", "stray": "yellow", "invalid": "red"}
    if output.quiet and result.state == "fresh":
        return
    from cortexlock.cli.stale_words import words  # noqa: PLC0415 - `--help` does not pay for it

    state = output.styled(result.state, styles[result.state])
    output.line(f"{(directory / result.file).as_posix()}: {state}")
    for reason in result.reasons:
        output.line(f"  {reason.file}: {words(reason.fact)}")
    if result.hint:
        output.line(f"  hint: {pasteable(result.hint, directory.as_posix())}")


def _document(directory: Path, result: Checked) -> dict[str, object]:
    from cortexlock.cli.stale_words import words  # noqa: PLC0415 - `--help` does not pay for it

    return {
        "platform": result.platform,
        "file": result.file,
        "state": result.state,
        "reasons": [{"file": reason.file, "reason": words(reason.fact)} for reason in result.reasons],
        "hint": pasteable(result.hint, directory.as_posix()) or None,
    }
