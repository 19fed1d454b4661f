"""`cortexlock init`: make a directory a project."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.hints import pasteable
from cortexlock.cli.options import Json, Quiet, given, platforms_of
from cortexlock.cli.output import Output
from cortexlock.errors import Hint, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cortexlock.lock.init import Beginning, Written
    from cortexlock.model.predictor import Predictor

EPILOG = """\
Examples:

\b
  cortexlock init                                  asks, on a terminal
  cortexlock init --capture .venv                  on top of what an environment has
  cortexlock init --capture image.tar              on top of an image (docker save, OCI layout)
  cortexlock init --image image.yaml               its predictor file is here already
  cortexlock init --predictor python --cortex-version 0.35.0
                                                   one of Cortex's images
  cortexlock init --pre-commit --ci github --git   later: a hook, a workflow, git's drivers for diff and merge

Nothing that is there is overwritten (--force does). Nothing is asked where there is no terminal.
"""


def init(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    directory: Annotated[
        str,
        typer.Argument(help="The directory; the current one by default.", metavar="DIRECTORY", show_default=False),
    ] = ".",
    *,
    capture: Annotated[
        str | None,
        typer.Option(
            help="An environment, or the archive of an image: it is described in image.yaml.", metavar="SOURCE"
        ),
    ] = None,
    image: Annotated[
        list[str] | None, typer.Option(help="A predictor file in the directory; can be repeated.", metavar="FILE")
    ] = None,
    predictor: Annotated[
        str | None, typer.Option(help="One of Cortex's images, by its predictor type.", metavar="TYPE")
    ] = None,
    cortex_version: Annotated[
        str | None, typer.Option(help="Its Cortex release; the newest by default.", metavar="RELEASE")
    ] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="A platform to lock for; can be repeated.", metavar="cpu|cuda|inf")
    ] = None,
    exclude_newer: Annotated[
        str | None, typer.Option(help="Consider nothing that was published later.", metavar="DATE|DURATION")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Have `lock` fail where it would break packages of the image.")
    ] = False,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", help="Write an entry for pre-commit.")] = False,
    ci: Annotated[str | None, typer.Option("--ci", help="Write a job for CI.", metavar="github")] = None,
    dockerfile: Annotated[
        bool, typer.Option("--dockerfile", help="Write a Dockerfile on top of the captured image.")
    ] = False,
    git: Annotated[bool, typer.Option("--git", help="Set git's drivers for diff and merge in this clone.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a directory a project: cortexlock.yaml, .gitattributes, and on demand a hook, a CI job, a Dockerfile."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli import init_questions  # noqa: PLC0415
    from cortexlock.cli.init_questions import Plan  # noqa: PLC0415
    from cortexlock.inputs.configured_images import parse_platform  # noqa: PLC0415
    from cortexlock.lock import init as use_case  # noqa: PLC0415
    from cortexlock.lock.starting_files import Choice  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, color=context.obj)
    if ci not in {None, "github"}:
        raise UsageError(f"there is no CI `{ci}` that this knows", where="--ci", hint="say `--ci github`")
    beginning = use_case.look(Path(directory))
    said = Choice(
        _files_of(image, beginning.directory),
        given(predictor, "--predictor") or "",
        given(cortex_version, "--cortex-version") or "",
        tuple(parse_platform(each, where="--platform") for each in platforms_of(platform)),
        _date(exclude_newer),
        strict,
    )
    named = [name for name, value in (("--capture", capture), ("--image", image), ("--predictor", predictor)) if value]
    if len(named) > 1 or (cortex_version and named and named != ["--predictor"]):
        raise UsageError(
            f"{' and '.join(named) if len(named) > 1 else f'{named[0]} and --cortex-version'} exclude each other",
            hint="an image is one of Cortex's, or one of your own",
        )
    plan = Plan(said, capture or "", use_case.Extras(pre_commit, ci == "github", dockerfile), git)
    is_asked = sys.stdin.isatty() and sys.stdout.isatty() and not as_json and not quiet
    plan = init_questions.ask(beginning, plan) if is_asked else init_questions.settle(beginning, plan, force=force)
    if plan.git:
        use_case.refuse_no_clone(beginning)
    captured = _captured(plan.capture) if plan.capture else None
    if captured is not None:
        plan = replace(plan, choice=replace(plan.choice or Choice(), predictor_files=(use_case.IMAGE_FILE,)))
    written = use_case.write(beginning, plan.choice, plan.extras, captured=captured, force=force)
    if plan.git:
        use_case.set_up_clone(beginning, dict(os.environ))
    _report(output, beginning, written, is_set_up=plan.git)


def _files_of(texts: list[str] | None, directory: Path) -> tuple[str, ...]:
    from cortexlock.cli.options import predictors_of  # noqa: PLC0415 - `--help` does not pay for it

    found = predictors_of([text if "/" in text else f"./{text}" for text in texts or ()], directory)[1]
    for name in found:
        if not (directory / name).is_file():
            raise UsageError(f"there is no {name}", where="--image", hint="`--capture SOURCE` makes one")
    return found


def _date(said: str | None) -> str:
    """Return a date as it was said, if it is one."""
    from cortexlock.inputs.exclude_newer import parse_exclude_newer  # noqa: PLC0415 - as above

    text = given(said, "--exclude-newer")
    if text is not None:
        parse_exclude_newer(text, where="--exclude-newer")
    return text or ""


def _captured(source: str) -> Predictor:
    """Describe an environment or the archive of an image."""
    from cortexlock.lock import capture as use_case  # noqa: PLC0415 - as above
    from cortexlock.predictors.capture import Said  # noqa: PLC0415 - as above
    from cortexlock.predictors.images.archive import is_layout  # noqa: PLC0415 - as above

    named = Path(source)
    said = Said(image=None, glibc=None, cuda=None, platform=None)
    if named.is_dir() and not is_layout(named):
        return use_case.capture_prefix(named.absolute(), None, said, dict(os.environ)).predictor
    return use_case.capture_archive(named, None, said, prefix=None, platform=None).captured.predictor


_STATES = {"made": "made", "changed": "changed", "kept": "there already, as it should be"}


def _report(output: Output, beginning: Beginning, written: Sequence[Written], *, is_set_up: bool) -> None:
    from cortexlock.lock.starting_files import GIT_SETTINGS  # noqa: PLC0415 - as above

    commands = [f'git config {key} "{value}"' for key, value in GIT_SETTINGS] if not is_set_up else []
    document = {"files": [{"file": each.file, "state": each.state} for each in written], "git": commands}
    output.document(document)
    if output.quiet:
        return
    for each in written:
        output.line(f"{each.file}: {_STATES[each.state]}")
    for name, instead in beginning.others:
        output.line(f"note: {name} is not read: write what it asks for into {instead}")
    if commands and beginning.repository is not None:
        output.line("git knows lockfiles in this clone after `cortexlock init --git`, or:")
        for command in commands:
            output.line(f"  {command}")
    directory = os.path.relpath(beginning.directory)
    output.line(f"next: {pasteable(Hint('', 'lock'), Path(directory).as_posix())}, then commit all of it")
