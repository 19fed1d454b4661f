"""Options that several commands share, and what they stand for.

All are text: see `cortexlock.cli.command`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.errors import UsageError

if TYPE_CHECKING:
    from cortexlock.model.predictor import PlatformName
    from cortexlock.model.project import PipSettings

ProjectArgument = Annotated[
    str,
    typer.Argument(
        help="The directory with cortex.yaml and the dependency files; the current one by default.",
        metavar="PROJECT",
        show_default=False,
    ),
]
IndexUrl = Annotated[
    str | None,
    typer.Option("--index-url", help="The package index in place of PyPI. No lockfile ever holds it.", metavar="URL"),
]
CacheDir = Annotated[
    str | None,
    typer.Option("--cache-dir", help="Where downloads are kept.", envvar="CORTEXLOCK_CACHE_DIR", metavar="DIR"),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, errors included.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is done while it is done.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


def platforms_of(texts: list[str] | None) -> tuple[PlatformName, ...]:
    """Return the platforms of repeated `--platform` options, in the usual order.

    Raises:
        UsageError: There is no such platform.
    """
    from cortexlock.inputs.configuration import parse_platform  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.model.predictor import PLATFORMS  # noqa: PLC0415 - as above

    named = {parse_platform(text, where="--platform") for text in texts or ()}
    return tuple(platform for platform in PLATFORMS if platform in named)


def platform_of(directory: Path, said: str | None) -> PlatformName:
    """Return the platform of `--platform`, or of the only lockfile that there is.

    Raises:
        UsageError: There is no such platform, no lockfile, or more than one.
    """
    from cortexlock.inputs.configuration import parse_platform  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.model.lockfile import lockfile_name  # noqa: PLC0415 - as above
    from cortexlock.model.predictor import PLATFORMS  # noqa: PLC0415 - as above

    if said is not None:
        return parse_platform(said, where="--platform")
    there = [platform for platform in PLATFORMS if (directory / lockfile_name(platform)).exists()]
    if not there:
        raise UsageError("there is no lockfile", where=str(directory), hint="run `cortexlock lock`")
    if len(there) > 1:
        names = " or ".join(f"--platform {platform}" for platform in there)
        raise UsageError("there are several lockfiles", where=str(directory), hint=f"say {names}")
    return there[0]


def predictors_of(texts: list[str] | None, project: Path) -> tuple[str | None, tuple[str, ...]]:
    """Return the predictor type, or the predictor files relative to the project, of repeated `--predictor` options.

    Files are given as seen from the working directory.

    Raises:
        UsageError: There are several types, types and files, or a file outside the project.
    """
    if not texts:
        return None, ()
    from cortexlock.inputs.configuration import is_predictor_file, parse_predictor_file  # noqa: PLC0415 - as above

    files = [text for text in texts if is_predictor_file(text)]
    if not files and len(texts) == 1:
        return texts[0], ()
    if len(files) < len(texts):
        raise UsageError("say one predictor type, or predictor files only", where="--predictor")
    found = []
    for file in files:
        # Only the directory is resolved: a file of the project may be a link to one elsewhere.
        try:
            path = os.path.relpath(Path(file).parent.resolve(), project.resolve())
        except ValueError:  # another drive of Windows
            path = str(Path(file).parent.resolve())
        found.append(parse_predictor_file(f"{path}/{Path(file).name}", where="--predictor"))
    return None, tuple(found)


def environment_of(said: str | None, environment: Mapping[str, str], *, option: str = "") -> Path:
    """Return the Python environment to work on, absolute: what was said, or the active one.

    Args:
        said: What was said.
        environment: The caller's variables.
        option: What names it on the command line: an option, or a command of which it is an argument.

    Raises:
        UsageError: None was said, and none is active.
    """
    if said is not None:
        return Path(said).absolute()
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):  # a virtual environment is activated on top of conda's base
        if environment.get(variable):
            return Path(environment[variable]).absolute()
    example = f"{option} /opt/conda/envs/env".strip()
    where = option if option.startswith("-") else None
    raise UsageError("no environment is active", where=where, hint=f"activate one, or name it: `{example}`")


def pip_settings(environment: Mapping[str, str]) -> PipSettings:
    """Return what the user's pip configuration says of indexes.

    Raises:
        UsageError: It cannot be read, or this pip is none that we know.
    """
    from cortexlock.pip import supported  # noqa: PLC0415 - `--help` does not pay for it

    supported.check()
    from cortexlock.pip.internals import user_configuration  # noqa: PLC0415 - pip takes 0.4 s

    return user_configuration.read(environment, directory=Path.cwd())


def cache_of(directory: str | None, *, written: bool = False) -> Path:
    """Return the directory for downloads, absolute: what was said, or the user's cache directory.

    Args:
        directory: What was said.
        written: Whether the command cannot do without writing there.

    Raises:
        UsageError: It is a file, or cannot be written.
    """
    if directory:
        path = Path(directory).absolute()
    else:
        import platformdirs  # noqa: PLC0415 - only the commands that download pay for it

        path = platformdirs.user_cache_path("cortexlock", appauthor=False)
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    if not there.is_dir():
        raise _no_cache(f"{there} is not a directory")
    if written:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_cache(f"{path} cannot be made: {error.strerror or error}") from None
        if not os.access(path, os.W_OK | os.X_OK):
            raise _no_cache(f"{path} cannot be written")
    return path


def _no_cache(what: str) -> UsageError:
    return UsageError(what, where="--cache-dir", hint="name a directory for downloads that can be written")
