"""`cortexlock predictors`: the images of the catalog, and images of one's own as predictor files."""

from __future__ import annotations

from typing import Annotated

import typer

from cortexlock.cli import predictors_capture, predictors_diff
from cortexlock.cli.command import PlainCommand, help_where_nothing_is_asked, new_group
from cortexlock.cli.options import Json
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

_EPILOG = """\
Examples:

\b
  cortexlock predictors list --type python             which images there are
  cortexlock predictors show python 0.16.0             what one of them holds
  cortexlock predictors capture image.tar -o image.yaml
                                                       an image of your own as a predictor file
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

app = new_group()


@app.callback(epilog=_EPILOG)
def _predictors(context: typer.Context) -> None:
    """The images that projects run on: those of the catalog, and predictor files of others."""
    help_where_nothing_is_asked(context)


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
    platform: predictors_capture.PlatformOption = None,
    *,
    slim: Annotated[bool, typer.Option("--slim", help="The image without the machine-learning packages.")] = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print a predictor file, for `lock --predictor FILE`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one image whole: its steps, its channels, and what is pre-installed."""
    from cortexlock.cli import predictors_report  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.predictors import catalog, predictor_file  # noqa: PLC0415 - as above

    if as_yaml and as_json:
        raise UsageError("--yaml and --json exclude each other", hint="leave one of them out")
    cortex_version = release or catalog.releases(predictor_type)[-1]
    there = catalog.platforms(predictor_type, cortex_version)
    chosen = predictors_capture.platform_of(platform) if platform else there[0]
    predictor = catalog.find(predictor_type, cortex_version, chosen, slim=slim)
    output = Output(as_json=as_json, color=context.obj)
    if as_yaml:
        output.text(predictor_file.dumps(predictor))
    else:
        predictors_report.show_one(output, predictor)


app.command(
    name="capture",
    cls=PlainCommand,
    epilog=predictors_capture.EPILOG,
    short_help="Describe an image or an environment in a predictor file.",
)(predictors_capture.capture)

app.command(
    name="diff",
    cls=PlainCommand,
    epilog=predictors_diff.EPILOG,
    short_help="Say what became of an image between two predictor files.",
)(predictors_diff.diff)
