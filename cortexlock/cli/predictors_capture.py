"""`cortexlock predictors capture`: an image, or an environment, as a predictor file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import Json, Quiet, environment_of
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from cortexlock.lock.capture import CapturedImage
    from cortexlock.model.predictor import PlatformName, Predictor
    from cortexlock.predictors.capture import Said

EPILOG = """\
Examples:

\b
  docker save our/image:1.4 -o image.tar
  cortexlock predictors capture image.tar -o image.yaml
  cortexlock predictors capture oci-layout/ --image-platform linux/arm64 -o arm.yaml
  crane export our/image:1.4 - | cortexlock predictors capture - -o image.yaml
  cortexlock predictors capture --root /mnt/image --prefix /opt/venv -o image.yaml
  cortexlock predictors capture -o image.yaml          the active environment
  cortexlock predictors capture /opt/conda/envs/env --like python:0.31.0 -o image.yaml

In a running image that has no cortexlock:

\b
  cortexlock predictors capture --script > snapshot.py
  docker run --rm -i IMAGE python - < snapshot.py > image.json
  cortexlock predictors capture --from image.json -o image.yaml
"""

PlatformOption = Annotated[str | None, typer.Option("--platform", help="The accelerator.", metavar="cpu|cuda|inf")]

_STANDARD_INPUT = "-"


def capture(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            help="An archive of an image (`docker save`, an OCI layout as a directory or tar, the tar of a root file "
            "system; `-` for standard input), or an environment; the active environment by default.",
            metavar="SOURCE",
            show_default=False,
        ),
    ] = None,
    *,
    output_file: Annotated[
        str | None, typer.Option("--output", "-o", help="Where to; standard output by default.", metavar="FILE")
    ] = None,
    root: Annotated[
        str | None, typer.Option(help="The root file system of an image, in place of SOURCE.", metavar="DIR")
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="The environment in the image; the one that its PATH finds by default.", metavar="PATH"),
    ] = None,
    image_platform: Annotated[
        str | None, typer.Option(help="Which of the archive's platforms: linux/arm64.", metavar="OS/MACHINE")
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from", help="What the script printed, in place of SOURCE.", metavar="FILE.json")
    ] = None,
    script: Annotated[
        bool, typer.Option("--script", help="Print a script that describes the image it runs in, and do no more.")
    ] = False,
    like: Annotated[
        str | None,
        typer.Option(
            help="For an image made from one of Cortex's: the image of the catalog whose order of steps, channels and "
            "file names it has.",
            metavar="TYPE:RELEASE",
        ),
    ] = None,
    platform: PlatformOption = None,
    image: Annotated[
        str | None,
        typer.Option(help="The image's name in lockfiles; which one, where the archive has several.", metavar="NAME"),
    ] = None,
    cuda: Annotated[str | None, typer.Option(help="The CUDA version; found by default.", metavar="VERSION")] = None,
    glibc: Annotated[
        str | None, typer.Option(help="The C library's version; found by default.", metavar="VERSION")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Describe an image, or an environment, in a predictor file: what is pre-installed there, by its files alone.

    An archive is read where it lies, nothing of it is extracted; nothing is imported, run or changed. Review the file
    and commit it: `image: ./image.yaml` in cortexlock.yaml, or `cortexlock lock --predictor FILE`, locks on top of it.
    """
    # Imported here: `--help` and `--script` pay for nothing that they do not need.
    from cortexlock.predictors.snapshot_script import snapshot_script  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, color=context.obj)
    if script:
        output.text(snapshot_script())
        return
    from cortexlock.cli import predictors_report  # noqa: PLC0415
    from cortexlock.lock import capture as lock_capture  # noqa: PLC0415
    from cortexlock.predictors import predictor_file  # noqa: PLC0415
    from cortexlock.predictors.capture import Said  # noqa: PLC0415

    _refuse_several(SOURCE=source, **{"--root": root, "--from": from_file})
    if output_file:
        lock_capture.refuse_another_file(Path(output_file))
    accelerator = platform_of(platform) if platform else None
    model = lock_capture.like(like, accelerator)
    said = Said(image=image, glibc=glibc, cuda=cuda, platform=accelerator)
    found = _of_image(source, root, model, said, prefix, image_platform)
    if found is not None:
        captured = found.captured
    elif prefix or image_platform:
        what = "--prefix and --image-platform are for images"
        raise UsageError(what, hint="name an environment of this machine as SOURCE, without an option")
    elif from_file:
        captured = lock_capture.capture_snapshot(Path(from_file), model, said)
    else:
        place = environment_of(source, os.environ, option="cortexlock predictors capture")
        captured = lock_capture.capture_prefix(place, model, said, os.environ)
    if output_file:
        lock_capture.write(Path(output_file), captured.predictor)
    elif not as_json:
        output.text(predictor_file.dumps(captured.predictor))
    predictors_report.show_captured(output, captured, output_file, found)


def platform_of(text: str) -> PlatformName:
    """Return the platform of an option.

    Raises:
        UsageError: There is none of that name.
    """
    from cortexlock.inputs.configured_images import parse_platform  # noqa: PLC0415 - `--help` does not pay for it

    return parse_platform(text, where="--platform")


def _of_image(  # noqa: PLR0913, PLR0917 - what the command line says of an image
    source: str | None,
    root: str | None,
    like: Predictor | None,
    said: Said,
    prefix: str | None,
    image_platform: str | None,
) -> CapturedImage | None:
    """Describe an image; None: what was named is none, but an environment of this machine."""
    from cortexlock.lock.capture import capture_archive, capture_root  # noqa: PLC0415 - as above
    from cortexlock.predictors.images.archive import is_layout  # noqa: PLC0415 - as above

    if root is not None:
        if image_platform:
            raise UsageError("a root file system has one platform", where="--image-platform", hint="leave it out")
        return capture_root(Path(root), like, said, prefix=prefix)
    if source is None:
        return None
    if source == _STANDARD_INPUT:
        return capture_archive(sys.stdin.buffer, like, said, prefix=prefix, platform=image_platform)
    path = Path(source)
    if path.is_file() or is_layout(path) or not path.exists():
        return capture_archive(path, like, said, prefix=prefix, platform=image_platform)
    return None


def _refuse_several(**named: str | None) -> None:
    """Refuse more than one thing that is to be described."""
    there = [name for name, value in named.items() if value]
    if len(there) > 1:
        raise UsageError(f"{' and '.join(there)} exclude each other", hint="leave one of them out")
