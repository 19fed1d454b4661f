"""`cortexlock lock`: resolve once, write one lockfile per platform."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from cortexlock.cli.errors import nothing_written
from cortexlock.cli.options import (
    CacheDir,
    IndexUrl,
    JobsOption,
    Json,
    PlatformsOption,
    Quiet,
    Verbose,
    given,
    index_url_of,
    jobs_of,
    pip_settings,
    platforms_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

# Annotations are no text here: Typer would compile each of them four times.

EPILOG = """\
Examples:

\b
  cortexlock lock                                      what cortex.yaml and cortexlock.yaml say
  cortexlock lock apis/*                               many projects, with one set of caches and workers
  cortexlock lock apis/* --jobs 8                      eight of them at a time
  cortexlock lock --cortex-version 0.35.0              for the images of this release
  cortexlock lock --platform cpu --platform cuda       for both kinds of machines
  cortexlock lock --predictor ./image.yaml             for an image of your own (cortexlock predictors capture)
  cortexlock lock --exclude-newer 2021-06-01           as if it were that day
  cortexlock lock --freeze torch --freeze 'nvidia-*'   refuse what would change these of the image
  cortexlock lock --upgrade-package boto3              take a newer boto3, keep the rest
  cortexlock lock --refresh                            ask the index anew, although nothing has changed here
  cortexlock lock --upgrade --dry-run                  what newer versions there are, and nothing written
  cortexlock lock --conda $(which micromamba)          solve with a conda of your own

What is said here can stand in cortexlock.yaml too (predictor, cortex-version, slim, platforms, channels, index-url,
indexes, exclude-newer, freeze), so that everybody locks alike.
"""


def lock(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    projects: Annotated[
        list[str] | None,
        typer.Argument(
            help="Project directories; the current one by default. Each is locked as if it were alone.",
            metavar="PROJECT",
            show_default=False,
        ),
    ] = None,
    *,
    predictor: Annotated[
        list[str] | None,
        typer.Option(
            help="The predictor type: python, tensorflow or onnx. Or a predictor file; can be repeated, one for each "
            "platform.",
            metavar="TYPE|FILE",
        ),
    ] = None,
    cortex_version: Annotated[
        str | None, typer.Option(help="The Cortex release whose images it runs on.", metavar="RELEASE")
    ] = None,
    platform: PlatformsOption = None,
    slim: Annotated[
        bool | None,
        typer.Option("--slim/--full", help="The image without the machine-learning packages, or the one with them."),
    ] = None,
    exclude_newer: Annotated[
        str | None,
        typer.Option(
            help="Consider nothing that was published later: a date, or a duration before now (`7 days`).",
            metavar="DATE|DURATION",
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(help="A conda channel in place of the image's; can be repeated, best first.", metavar="CHANNEL"),
    ] = None,
    index_url: IndexUrl = None,
    conda: Annotated[
        str | None, typer.Option(help="A conda, mamba or micromamba to solve with.", metavar="PATH")
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(help="An interpreter of the image's version, for sdists that must be built.", metavar="PATH"),
    ] = None,
    use_pip_config: Annotated[
        bool,
        typer.Option("--use-pip-config", help="Look for packages where your own pip configuration says, too."),
    ] = False,
    cache_dir: CacheDir = None,
    freeze: Annotated[
        list[str] | None,
        typer.Option(
            help="What of the image must not change: a name, a pattern, or `all`; can be repeated.", metavar="NAME|all"
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where the lock breaks packages of the image, or replaces its Python.")
    ] = False,
    no_pypi_rows: Annotated[
        bool,
        typer.Option("--no-pypi-rows", help="Refuse rows of a conda list that pip had installed (=pypi_0)."),
    ] = False,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", "-U", help="Take the newest versions, whatever is locked now.")
    ] = False,
    upgrade_package: Annotated[
        list[str] | None,
        typer.Option("--upgrade-package", "-P", help="Take the newest version of this one.", metavar="NAME"),
    ] = None,
    refresh: Annotated[
        bool,
        typer.Option("--refresh", help="Ask indexes and channels anew, even if the lockfiles are fresh."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; end with 1 if a lockfile would change.")
    ] = False,
    jobs: JobsOption = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> int:
    """Resolve the dependencies on top of the image, and write one lockfile per platform.

    Versions that are locked stay as they are unless the project's files ask for others. Nothing is written if
    anything fails. Where `check` calls all lockfiles fresh, nothing is asked of anyone (--refresh does).
    """
    with nothing_written() if len(projects or ()) < 2 else nullcontext():  # noqa: PLR2004 - of many, some are
        # Imported here: `--help` does not pay for it.
        from cortexlock.cli import lock_projects  # noqa: PLC0415
        from cortexlock.lock.locked import LockOptions  # noqa: PLC0415
        from cortexlock.model.project import Configuration  # noqa: PLC0415

        output = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=context.obj)
        date = given(exclude_newer, "--exclude-newer")
        overrides = Configuration(
            cortex_version=given(cortex_version, "--cortex-version"),
            slim=slim,
            platforms=platforms_of(platform),
            channels=tuple(given(each, "--channel") or "" for each in channel or ()),
            index_url=index_url_of(index_url),
            pip_settings=pip_settings(os.environ) if use_pip_config else None,
            exclude_newer=date and _date(date),
            freeze=_frozen(freeze),
        )
        options = LockOptions(
            conda=_program(conda, "--conda"),
            python=_program(python, "--python"),
            cache=Path(),  # only a solve needs one
            environment=dict(os.environ),
            strict=strict,
            upgrade=upgrade,
            upgrade_packages=tuple(upgrade_package or ()),
            pypi_rows=not no_pypi_rows,
            refresh=refresh,
            dry_run=dry_run,
        )
        asked = lock_projects.Asked(overrides, options, tuple(predictor or ()), cache_dir, jobs_of(jobs))
        return lock_projects.lock_all(output, projects or ["."], asked)


def _date(said: str) -> str:
    from cortexlock.inputs.exclude_newer import parse_exclude_newer  # noqa: PLC0415 - `--help` does not pay for it

    return parse_exclude_newer(said, where="--exclude-newer")


def _frozen(texts: list[str] | None) -> tuple[str, ...]:
    from cortexlock.inputs.configuration import parse_frozen  # noqa: PLC0415 - as above

    return tuple(sorted({parse_frozen(text, where="--freeze") for text in texts or ()}))


def _program(said: str | None, option: str) -> Path | None:
    """Return the absolute path of a program that an option names."""
    if said is None:
        return None
    path = Path(said)
    if not path.is_file() or not os.access(path, os.X_OK):
        raise UsageError(f"`{said}` is no program", where=option, hint="give the path of the executable")
    return path.absolute()
