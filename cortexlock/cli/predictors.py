"""`cortexlock predictors`: the images of the catalog, and images of one's own as predictor files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.command import PlainCommand, PlainGroup
from cortexlock.cli.options import Json, environment_of
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from cortexlock.model.predictor import PlatformName
    from cortexlock.predictors.capture import Captured

_EPILOG = """\
Examples:

\b
  cortexlock predictors list --type python             which images there are
  cortexlock predictors show python 0.16.0             what one of them holds
  cortexlock predictors capture -o image.yaml          the active environment as a predictor file
  cortexlock lock --predictor ./image.yaml             lock on top of it
"""

_LIST_EPILOG = """\
Examples:

\b
  cortexlock predictors list
  cortexlock predictors list --type onnx --json
"""

_SHOW_EPILOG = """\
Examples:

\b
  cortexlock predictors show python                    the newest release
  cortexlock predictors show python 0.20.0 --platform cuda --slim
  cortexlock predictors show python 0.16.0 --yaml > image.yaml
"""

_CAPTURE_EPILOG = """\
Examples:

\b
  cortexlock predictors capture -o image.yaml          the active environment
  cortexlock predictors capture /opt/conda/envs/env --like python:0.31.0 -o image.yaml

An image that runs elsewhere, and that has no cortexlock:

\b
  cortexlock predictors capture --script > snapshot.py
  docker run --rm -i IMAGE python - < snapshot.py > image.json
  cortexlock predictors capture --from image.json --like python:0.31.0 -o image.yaml
"""

_PlatformOption = Annotated[str | None, typer.Option("--platform", help="The accelerator.", metavar="cpu|cuda|inf")]

app = typer.Typer(
    cls=PlainGroup,
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(epilog=_EPILOG)
def _predictors(context: typer.Context) -> None:
    """The images that projects run on: those of the catalog, and predictor files of others."""
    if context.invoked_subcommand is None:
        print(context.get_help())  # noqa: T201 - nothing was asked for: this is the answer
        raise typer.Exit(UsageError.exit_code)


@app.command(name="list", cls=PlainCommand, epilog=_LIST_EPILOG, short_help="List the images of the catalog.")
def list_(
    context: typer.Context,
    *,
    predictor_type: Annotated[
        str | None, typer.Option("--type", help="Only this predictor type.", metavar="python|tensorflow|onnx")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the images of the catalog, a line for each predictor type and release.

    `closure` says how it is known what is pre-installed: documented by Cortex, resolved as of the day of the release,
    or partial (resolved, but for packages of an index that cannot be read).
    """
    from cortexlock.cli import predictors_report  # noqa: PLC0415 - `--help` does not pay for it

    predictors_report.show_list(Output(as_json=as_json, color=context.obj), predictor_type)


@app.command(name="show", cls=PlainCommand, epilog=_SHOW_EPILOG, short_help="Show one image whole.")
def show(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    predictor_type: Annotated[
        str, typer.Argument(help="python, tensorflow or onnx.", metavar="TYPE", show_default=False)
    ],
    release: Annotated[
        str | None,
        typer.Argument(help="The Cortex release; the newest by default.", metavar="RELEASE", show_default=False),
    ] = None,
    platform: _PlatformOption = None,
    *,
    slim: Annotated[bool, typer.Option("--slim", help="The image without the machine-learning packages.")] = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print a predictor file, for `lock --predictor FILE`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one image whole: its steps, its channels, and what is pre-installed."""
    from cortexlock.cli import predictors_report  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.predictors import catalog, file  # noqa: PLC0415 - as above

    if as_yaml and as_json:
        raise UsageError("--yaml and --json exclude each other", hint="leave one of them out")
    cortex_version = release or catalog.releases(predictor_type)[-1]
    chosen = _platform(platform) if platform else catalog.platforms(predictor_type, cortex_version)[0]
    predictor = catalog.find(predictor_type, cortex_version, chosen, slim=slim)
    output = Output(as_json=as_json, color=context.obj)
    if as_yaml:
        output.text(file.dumps(predictor))
    else:
        predictors_report.show_one(output, predictor)


@app.command(
    name="capture", cls=PlainCommand, epilog=_CAPTURE_EPILOG, short_help="Describe an environment in a predictor file."
)
def capture(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    prefix: Annotated[
        str | None,
        typer.Argument(help="The environment; the active one by default.", metavar="PREFIX", show_default=False),
    ] = None,
    *,
    output_file: Annotated[
        str | None, typer.Option("--output", "-o", help="Where to; standard output by default.", metavar="FILE")
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from", help="What the script printed, in place of PREFIX.", metavar="FILE.json")
    ] = None,
    script: Annotated[
        bool, typer.Option("--script", help="Print a script that describes the image it runs in, and do no more.")
    ] = False,
    like: Annotated[
        str | None,
        typer.Option(
            help="The image of the catalog whose order of steps, channels and file names it has; the newest Python "
            "predictor by default.",
            metavar="TYPE:RELEASE",
        ),
    ] = None,
    platform: _PlatformOption = None,
    image: Annotated[str | None, typer.Option(help="The image's name in lockfiles.", metavar="NAME")] = None,
    cuda: Annotated[str | None, typer.Option(help="The CUDA version; found by default.", metavar="VERSION")] = None,
    glibc: Annotated[
        str | None, typer.Option(help="The C library's version; found by default.", metavar="VERSION")
    ] = None,
    as_json: Json = False,
) -> None:
    """Describe an environment in a predictor file: what is pre-installed there, by its files alone.

    Nothing of the environment is imported or changed. Review the file and commit it: `cortexlock lock --predictor FILE`
    locks on top of it.
    """
    from cortexlock.cli import predictors_report  # noqa: PLC0415 - `--help` does not pay for it

    output = Output(as_json=as_json, color=context.obj)
    if script:
        output.text(predictors_report.script())
        return
    # Imported here: `--help` and `--script` do not pay for it.
    from cortexlock.lock import capture as capturing  # noqa: PLC0415
    from cortexlock.predictors import file  # noqa: PLC0415
    from cortexlock.predictors.capture import Said  # noqa: PLC0415

    if prefix and from_file:
        raise UsageError("PREFIX and --from exclude each other", hint="leave one of them out")
    model = capturing.like(like, _platform(platform) if platform else "cpu")
    said = Said(image=image, glibc=glibc, cuda=cuda)
    captured: Captured
    if from_file:
        captured = capturing.capture_snapshot(Path(from_file), model, said)
    else:
        root = environment_of(prefix, os.environ, option="cortexlock predictors capture")
        captured = capturing.capture_prefix(root, model, said, os.environ)
    if output_file:
        capturing.write(Path(output_file), captured.predictor)
    elif not as_json:
        output.text(file.dumps(captured.predictor))
    predictors_report.show_captured(output, captured, output_file, default_like=like is None)


def _platform(text: str) -> PlatformName:
    from cortexlock.inputs.configuration import parse_platform  # noqa: PLC0415 - `--help` does not pay for it

    return parse_platform(text, where="--platform")
