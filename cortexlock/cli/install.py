"""`cortexlock install`: carry a lockfile out in an environment."""

from __future__ import annotations

import os
import platform as this_platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.cli.options import (
    CacheDir,
    IndexUrl,
    Json,
    PlatformOption,
    PrefixOption,
    ProjectArgument,
    Quiet,
    Verbose,
    cache_of,
    environment_of,
    index_url_of,
    platform_of,
)
from cortexlock.cli.output import Output
from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from cortexlock.model.replay import Installer

EPILOG = """\
Examples:

\b
  cortexlock install --platform cpu                    into the active environment
  cortexlock install apis/iris --prefix /opt/conda/envs/env
  cortexlock install --dry-run                         say what would be done
  cortexlock install --index-url https://mirror.example.org/simple
  cortexlock install --offline --from vendor           from what `cortexlock fetch` gathered

Before anything is touched: the lockfile is valid and fresh, the environment is what it assumed, every file is
downloaded and has the right hash. Then script, conda and pip in the order of the release, offline. Then the comparison
that `cortexlock verify` makes.

Exit codes: 0 as locked, but for what --allow-drift allowed; 1 something differs, before or after; others as everywhere.
"""


_INSTALLERS: dict[str, Installer] = {"uv": "uv", "pip": "pip"}


def install(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    project: ProjectArgument = ".",
    *,
    platform: PlatformOption = None,
    prefix: PrefixOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    allow_drift: Annotated[
        bool,
        typer.Option(
            "--allow-drift", help="Go on where the environment is not what the lockfile assumed; it is recorded there."
        ),
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Remove what is neither in the image nor in the lockfile.")
    ] = False,
    allow_link_scripts: Annotated[
        bool,
        typer.Option("--allow-link-scripts", help="Run the scripts in conda packages that are for linking."),
    ] = False,
    no_gpu_check: Annotated[
        bool,
        typer.Option("--no-gpu-check", help="Install what is for CUDA where there is no driver: to build an image."),
    ] = False,
    index_url: IndexUrl = None,
    cache_dir: CacheDir = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use no network: all files are in the cache or in --from.")
    ] = False,
    source: Annotated[
        str | None, typer.Option("--from", help="A directory that `cortexlock fetch` filled.", metavar="DIR")
    ] = None,
    installer: Annotated[
        str,
        typer.Option(
            help="Who installs Python packages: uv, or the environment's own pip (19.3 or later).",
            metavar="|".join(_INSTALLERS),
        ),
    ] = "uv",
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> int:
    """Install what the lockfile says into an environment, the same bytes every time."""
    # Imported here: `--help` does not pay for it.
    from cortexlock.cli import comparison_report, install_report  # noqa: PLC0415
    from cortexlock.cli.replay_progress import replay_progress  # noqa: PLC0415
    from cortexlock.inputs import project_directory  # noqa: PLC0415
    from cortexlock.lockfile import files  # noqa: PLC0415
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415
    from cortexlock.model.project import Configuration  # noqa: PLC0415
    from cortexlock.model.replay import InstallOptions  # noqa: PLC0415
    from cortexlock.replay import install as replay_install  # noqa: PLC0415
    from cortexlock.replay.fetch import check_bundle  # noqa: PLC0415

    output = Output(as_json=as_json, quiet=quiet, verbose=verbose, color=context.obj)
    if installer not in _INSTALLERS:
        raise UsageError(
            f"there is no installer `{installer}`", where="--installer", hint=f"it can be {', '.join(_INSTALLERS)}"
        )
    index_url = index_url_of(index_url)
    read = project_directory.read(Path(project), Configuration(index_url=index_url))
    label = platform_of(read, platform, machine=this_platform.machine())
    if platform is None and len(files.labels(read.directory)) > 1 and not (quiet or as_json):
        output.note(f"note: {lockfile_name(label)} is the lockfile for this machine")
    lockfile = files.read_labelled(read.directory, label)
    options = InstallOptions(
        prefix=environment_of(prefix, os.environ, option="--prefix"),
        cache=cache_of(cache_dir),
        environment=dict(os.environ),
        allow_drift=allow_drift,
        exact=exact,
        index_url=index_url,
        offline=offline,
        bundle=Path(source).absolute() if source else None,
        installer=_INSTALLERS[installer],
        allow_link_scripts=allow_link_scripts,
        gpu_check=not no_gpu_check,
    )
    if options.bundle is not None:
        check_bundle(options.bundle)
    if dry_run:
        planned = replay_install.plan(read, lockfile, options)
        install_report.show_plan(output, planned, options.prefix, exact=exact)
        return 0
    with replay_progress(output) as show:
        done = replay_install.install(read, lockfile, options, on_event=show)
    install_report.show(output, done, options.prefix, lockfile.predictor)
    if done.comparison.differs and not output.as_json:
        output.note(f"hint: {comparison_report.HINT}")
    return int(done.comparison.differs)
