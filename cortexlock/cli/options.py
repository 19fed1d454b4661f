"""Options that several commands share, and what they stand for.

All are text: see `cortexlock.cli.command`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cortexlock.errors import Hint, UsageError

if TYPE_CHECKING:
    from cortexlock.model.project import PipSettings, Project

_DIGITS_OF_JOBS = 3

ProjectArgument = Annotated[
    str,
    typer.Argument(
        help="The project's directory; the current one by default.",
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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors and what was asked for.")]

JobsOption = Annotated[
    str | None,
    typer.Option(
        "--jobs", "-j", help="How many projects at a time; as many as there are processors by default.", metavar="N"
    ),
]

PlatformOption = Annotated[
    str | None,
    typer.Option(
        "--platform",
        help="Which lockfile, by platform or by the name of its image; needed where there are several.",
        metavar="cpu|cuda|inf|NAME",
    ),
]
PrefixOption = Annotated[
    str | None,
    typer.Option(
        "--prefix", help="The environment; the active one by default (VIRTUAL_ENV, CONDA_PREFIX).", metavar="DIR"
    ),
]
PlatformsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--platform",
        help="Only this platform, or the image of this name; can be repeated.",
        metavar="cpu|cuda|inf|NAME",
    ),
]


def jobs_of(text: str | None) -> int | None:
    """Return how many projects `--jobs` says, None if it says nothing.

    Raises:
        UsageError: It says no number, or none that is possible.
    """
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < len(text.lstrip("0")) <= _DIGITS_OF_JOBS:
        raise UsageError(
            f"`{text}` is no number of projects", where="--jobs", hint="say a whole number from 1 to 999: `--jobs 4`"
        )
    return int(text)


def platforms_of(texts: list[str] | None) -> tuple[str, ...]:
    """Return the platforms, or names of images, of repeated `--platform` options, platforms in the usual order.

    Raises:
        UsageError: One is neither a platform nor the name of any image.
    """
    from cortexlock.inputs.configured_images import parse_label  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.model.lockfile_name import in_order  # noqa: PLC0415 - as above

    return in_order(parse_label(text, where="--platform") for text in texts or ())


def platform_of(project: Project, said: str | None, *, machine: str = "") -> str:
    """Return what `--platform` says, a platform or the name of an image, or that of the only lockfile that there is.

    Args:
        project: The project.
        said: Value of `--platform`.
        machine: What `uname -m` says here, for what is done on this machine: of several lockfiles, the only one that is
            for such a machine will do.

    Raises:
        UsageError: There is no such platform, the project is not for it, or there is no lockfile, or more than one.
    """
    from cortexlock.inputs.configured_images import parse_label  # noqa: PLC0415 - `--help` does not pay for it
    from cortexlock.lockfile import files  # noqa: PLC0415 - as above
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415 - as above

    directory = project.directory
    if said is not None:
        label = parse_label(said, where="--platform")
        if not (directory / lockfile_name(label)).exists():
            from cortexlock.lock.check import check_platforms  # noqa: PLC0415 - rarely needed

            check_platforms(project, (label,))
        return label
    there = files.labels(directory)
    if not there:
        raise UsageError("there is no lockfile", where=str(directory), hint=Hint("run ", "lock"))
    if len(there) > 1 and machine:
        there = tuple(label for label in there if _is_for(directory, label, machine)) or there
    if len(there) > 1:
        names = " or ".join(f"--platform {label}" for label in there)
        raise UsageError("there are several lockfiles", where=str(directory), hint=f"say {names}")
    return there[0]


def _is_for(directory: Path, label: str, machine: str) -> bool:
    """Whether a lockfile is for a machine; one that cannot be read may be."""
    from cortexlock.errors import CortexlockError  # noqa: PLC0415 - as above
    from cortexlock.lockfile import files  # noqa: PLC0415 - as above
    from cortexlock.model.lockfile_name import lockfile_name  # noqa: PLC0415 - as above
    from cortexlock.model.predictor import MACHINES  # noqa: PLC0415 - as above

    name = lockfile_name(label)
    try:
        return MACHINES[files.read(directory / name, name=name).subdir] == machine
    except CortexlockError:
        return True


def predictors_of(texts: list[str] | None, project: Path) -> tuple[str | None, tuple[str, ...]]:
    """Return the predictor type, or the predictor files relative to the project, of repeated `--predictor` options.

    Files are given as seen from the working directory.

    Raises:
        UsageError: There are several types, types and files, or a file outside the project.
    """
    if not texts:
        return None, ()
    from cortexlock.inputs.configured_images import is_predictor_file, parse_predictor_file  # noqa: PLC0415 - as above

    files = [text for text in texts if is_predictor_file(text)]
    if not files and len(texts) == 1:
        return texts[0], ()
    if len(files) < len(texts):
        raise UsageError(
            "say one predictor type, or predictor files only", where="--predictor", hint="leave the others out"
        )
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
    from cortexlock.pip.internals import supported_versions  # noqa: PLC0415 - `--help` does not pay for it

    supported_versions.check()
    from cortexlock.pip.internals import user_configuration  # noqa: PLC0415 - pip takes 0.4 s

    return user_configuration.read(environment, directory=Path.cwd())


def given(value: str | None, option: str) -> str | None:
    """Return the value of an option; None: it was not given.

    Raises:
        UsageError: It is empty, as it is where it comes from a variable that is not set.
    """
    if value is not None and not value.strip():
        raise UsageError("the value is empty", where=option, hint="leave the option out, or give it a value")
    return value


def index_url_of(said: str | None) -> str | None:
    """Return the URL of `--index-url`, or None if it was not given.

    Raises:
        UsageError: It is empty, or no URL.
    """
    from cortexlock.inputs.configuration import is_index_url  # noqa: PLC0415 - `--help` does not pay for it

    url = given(said, "--index-url")
    if url is not None and not is_index_url(url):
        what = "the URL of an index starts with https://, http:// or file://"
        raise UsageError(what, where="--index-url", hint="write `--index-url https://…`")
    return url


def output_of(directory: str | None) -> Path:
    """Return the directory of `--output`, absolute.

    Raises:
        UsageError: None is named, or it is a file, or cannot be written.
    """
    if not directory:
        raise UsageError("no directory is named", where="--output", hint="name one: `--output vendor`")
    return _writable(Path(directory).absolute(), "--output", "name a directory that can be written")


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
    hint = "name a directory for downloads that can be written"
    _check_directory(path, "--cache-dir", hint)
    return _writable(path, "--cache-dir", hint) if written else path


def _writable(path: Path, option: str, hint: str) -> Path:
    """Make a directory that an option names, and return it."""
    _check_directory(path, option, hint)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be made: {error.strerror or error}", where=option, hint=hint) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"{path} cannot be written", where=option, hint=hint)
    return path


def _check_directory(path: Path, option: str, hint: str) -> None:
    there = next((each for each in (path, *path.parents) if os.path.lexists(each)), path)
    if not there.is_dir():
        raise UsageError(f"{there} is not a directory", where=option, hint=hint)
