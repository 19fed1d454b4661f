"""`cortexlock export`: a lockfile in a format that others replay or read."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import (
    IndexUrl,
    Json,
    PlatformOption,
    ProjectArgument,
    Quiet,
    given,
    index_url_of,
    platform_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cortexlock.export.content import Exported, Format, LeftOut
    from cortexlock.model.lockfile import Lockfile
    from cortexlock.model.project import Project

EPILOG = """\
Formats:

\b
  requirements    a hashed requirements file of what pip installs
  conda-explicit  a list of archives, as `conda install --file` takes it
  pylock          pylock.PLATFORM.toml (PEP 751), for pip 26, uv and others
  cyclonedx       a bill of materials (CycloneDX 1.6, JSON)
  cortex          script, conda-packages.txt and requirements.txt, pinned, for Cortex's own start-up
  script          one POSIX shell file, which needs no more than the image's own conda and pip
  dockerfile      a Dockerfile and what it copies

Examples:

\b
  cortexlock export script -o replay.sh              sh replay.sh --prefix /opt/conda/envs/env
  cortexlock export requirements -o locked.txt       pip install --no-deps -r locked.txt
  cortexlock export cortex -o deployed               a directory to deploy in place of the project
  cortexlock fetch -o vendor --export dockerfile     files and Dockerfile in one directory

What a format cannot carry is an error that names it; --partial leaves it out, with a note. No export has a
credential: it names the environment variables to set.
"""

_WHAT = {
    "script": "the script {}, which decides what is installed",
    "conda": "conda packages: {}",
    "pip": "Python distributions: {}",
    "tree": "local trees, which pip cannot check by a hash: {}",
    "git": "git repositories, which pip cannot check by a hash: {}",
    "build-requirements": "the pins of what is needed to build {}",
    "no-build-isolation": "what is built in the environment itself, when all else is there: {}",
}
_REFUSED = frozenset(["script", "conda", "pip", "tree", "git", "no-build-isolation"])
_HINT = "use `cortexlock export script`, which carries everything, or leave it out with --partial"
_SHOWN = 5


def export(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    wanted: Annotated[str, typer.Argument(help="See below.", metavar="FORMAT", show_default=False)],
    project: ProjectArgument = ".",
    *,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="The file or directory to write; `-` is standard output.", metavar="PATH"),
    ] = None,
    platform: PlatformOption = None,
    bundle: Annotated[
        str | None,
        typer.Option("--from", help="Take files from this directory, filled by `fetch`.", metavar="DIR"),
    ] = None,
    index_url: IndexUrl = None,
    with_image: Annotated[
        bool, typer.Option("--with-image", help="Pin what stays as the image has it, too (requirements).")
    ] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Leave out what the format cannot carry.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a lockfile in a format of others."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.export import export as use_case  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.model.project import Configuration  # noqa: PLC0415

    printer = Output(as_json=as_json, quiet=quiet, color=context.obj)
    chosen = format_of(wanted)
    output = given(output, "--output")
    read = project_directory.read(Path(project), Configuration(index_url=index_url_of(index_url)))
    lockfile = files.read_labelled(read.directory, platform_of(read, platform))
    destination = destination_of(output, chosen, use_case.is_one_file(chosen))
    exported = use_case.export(
        chosen,
        read,
        lockfile,
        environment=dict(os.environ),
        bundle=bundle_of(bundle),
        destination=destination,
        with_image=with_image,
    )
    refuse_left_out(exported, chosen, lockfile.file_name, partial=partial)
    if destination is None:
        (content,) = exported.files.values()
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        written: tuple[Path, ...] = ()
    else:
        written = use_case.write(exported, chosen, destination, read)
        printer.document(as_document(exported, written))
    tell(printer, exported, written, shown=output)


def format_of(text: str) -> Format:
    """Return the format of that name.

    Raises:
        UsageError: There is none.
    """
    from cortexlock.export.content import FORMATS  # noqa: PLC0415 - `--help` does not pay for it

    for each in FORMATS:
        if each == text:
            return each
    import difflib  # noqa: PLC0415 - only on the way to an error

    near = difflib.get_close_matches(text, FORMATS, n=1)
    nearest = f"did you mean {near[0]}? " if near else ""
    hint = f"{nearest}available: {', '.join(FORMATS)}"
    raise UsageError(f"there is no format `{text}`", where="FORMAT", hint=hint)


def destination_of(output: str | None, wanted: Format, one_file: bool) -> Path | None:  # noqa: FBT001 - a fact
    """Return where an export goes, absolute; None is standard output.

    Raises:
        UsageError: Nothing is named, or standard output for several files.
    """
    if output is None:
        raise UsageError(
            "no file or directory is named", where="--output", hint=f"name one: `--output {wanted}`, or `-`"
        )
    if output == "-":
        if not one_file:
            raise UsageError(f"`{wanted}` has several files", where="--output", hint="name a directory")
        return None
    path = Path(output).absolute()
    if not one_file and path.is_file():
        raise UsageError(
            f"{output} is a file", where="--output", hint=f"`{wanted}` has several files: name a directory"
        )
    return path


def bundle_of(directory: str | None) -> Path | None:
    """Return the directory that `fetch` filled.

    Raises:
        UsageError: It is none.
    """
    if given(directory, "--from") is None:
        return None
    from cortexlock.replay.fetch import check_bundle  # noqa: PLC0415 - `--help` does not pay for it

    path = Path(str(directory)).absolute()
    check_bundle(path)
    return path


def export_to(
    directory: Path, project: Project, lockfile: Lockfile, wanted: Format, *, environment: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write an export into a directory that `fetch` has filled, and return its files.

    Raises:
        UsageError: The format cannot carry something of the lockfile.
    """
    from cortexlock.export import export as use_case  # noqa: PLC0415 - `--help` does not pay for it

    # A path in the directory, since paths into the bundle are relative to where the export is.
    destination = directory / wanted if use_case.is_one_file(wanted) else directory
    exported = use_case.export(
        wanted, project, lockfile, environment=environment, bundle=directory, destination=destination
    )
    refuse_left_out(exported, wanted, lockfile.file_name, partial=False)
    return use_case.write(exported, wanted, directory, project)


def refuse_left_out(exported: Exported, wanted: Format, file: str, *, partial: bool) -> None:
    """Refuse an export that would lose something, unless that was asked for.

    Raises:
        UsageError: It would.
    """
    lost = [each for each in exported.left_out if each.kind in _REFUSED and wanted not in {"script", "dockerfile"}]
    if lost and not partial:
        what = "; ".join(_said(each) for each in lost)
        raise UsageError(f"`{wanted}` cannot carry {what}", where=file, hint=_HINT)


def tell(printer: Output, exported: Exported, written: tuple[Path, ...], *, shown: str | None) -> None:
    """Say what was written, what it leaves out, and what whoever uses it must set.

    Args:
        printer: Where to.
        exported: What was exported.
        written: The files; none: it went to standard output.
        shown: How the user names the file, or the directory of the files.
    """
    if printer.quiet:
        return
    if written:
        count = f" ({len(written)} files)" if len(written) > 1 else ""
        alone_in_directory = len(written) == 1 and written[0] != Path(str(shown)).absolute()
        place = os.path.normpath(Path(str(shown)) / written[0].name) if alone_in_directory else shown
        printer.line(f"{place}: {printer.styled('written', 'green')}{count}")
    for each in exported.left_out:
        printer.note(f"note: without {_said(each)}")
    if exported.variables:
        printer.note(f"note: needs credentials in the environment: {', '.join(exported.variables)}")
    for alias in exported.unnamed:
        printer.note(f"note: the index `{alias}` needs user and password, which the export does not repeat: see .netrc")


def as_document(exported: Exported, written: tuple[Path, ...]) -> dict[str, object]:
    """Return what `--json` prints."""
    return {
        "files": [str(path) for path in written],
        "left-out": [{"kind": each.kind, "names": list(each.names)} for each in exported.left_out],
        "variables": list(exported.variables),
        "unnamed": list(exported.unnamed),
    }


def _said(left_out: LeftOut) -> str:
    names = ", ".join(left_out.names[:_SHOWN])
    more = len(left_out.names) - _SHOWN
    return _WHAT[left_out.kind].format(f"{names} and {more} more" if more > 0 else names)
