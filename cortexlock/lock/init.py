"""The use case `init`: what a directory has to begin with, and the files that make it a project."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cortexlock import __version__
from cortexlock.errors import InputError, UsageError
from cortexlock.inputs import configuration, cortex_yaml, project_directory
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.look_alikes import unread
from cortexlock.lock import starting_files
from cortexlock.lock.repository import Repository
from cortexlock.lock.starting_files import Choice
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import DependencyFiles, Predictor
from cortexlock.predictors import predictor_file
from cortexlock.storage import whole_file

PRE_COMMIT = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/cortexlock.yml"
DOCKERFILE = "Dockerfile"
IMAGE_FILE = "image.yaml"
"""The file that describes an image which is captured on the way."""

_ATTRIBUTES = ".gitattributes"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a directory has already.

    Attributes:
        directory: Absolute path.
        repository: The root of the repository that it lies in; None: it lies in none.
        configured: Whether it has a cortexlock.yaml.
        is_cortex: Whether it has a cortex.yaml.
        predictor_types: Those that its APIs name, sorted.
        predictor_files: Files that describe images, sorted.
        dependency_files: Those that an image looks for by default, in the order of the steps.
        others: Files that name dependencies for other tools, each with the one to write instead.
    """

    directory: Path
    repository: Path | None
    configured: bool
    is_cortex: bool
    predictor_types: tuple[str, ...]
    predictor_files: tuple[str, ...]
    dependency_files: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """What is written on demand: an entry for pre-commit, a workflow of GitHub's, a Dockerfile."""

    pre_commit: bool = False
    github: bool = False
    dockerfile: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file: its name relative to the directory, and `made`, `changed`, `kept` (it was there)."""

    file: str
    state: str


def look(directory: Path) -> Beginning:
    """Return what a directory has already.

    Raises:
        UsageError: It is no directory.
        InputError: Its cortex.yaml cannot be read.
    """
    directory = project_directory.absolute(directory)
    if not directory.is_dir():
        raise UsageError("there is no such directory", where=str(directory), hint="make it first")
    api_files = cortex_yaml.find(directory)
    types = {api.predictor_type for file in api_files for api in cortex_yaml.read(file)}
    names = DependencyFiles()
    usual = [name for name in (*names.script, names.conda, names.pip) if name]
    above = (each for each in (directory, *directory.parents) if (each / ".git").exists())
    return Beginning(
        directory,
        next(above, None),
        os.path.lexists(directory / configuration.FILE_NAME),
        bool(api_files),
        tuple(sorted(each for each in types if each)),
        tuple(sorted(path.name for path in directory.glob("*.y*ml") if _is_predictor_file(path))),
        tuple(name for name in usual if os.path.lexists(directory / name)),
        unread(directory, names, FoundFiles()).others,
    )


def _is_predictor_file(path: Path) -> bool:
    try:
        return predictor_file.is_predictor_file(path)
    except OSError:
        return False


def write(
    beginning: Beginning, choice: Choice | None, extras: Extras, *, captured: Predictor | None = None, force: bool
) -> tuple[Written, ...]:
    """Write what makes a directory a project; what would be overwritten is refused before anything is written.

    Args:
        beginning: What is there.
        choice: Which image; None: the configuration that is there says it.
        extras: What else to write.
        captured: The image, if it is to be described in a file first.
        force: Whether files that are there are overwritten all the same.

    Returns:
        What became of each file.

    Raises:
        UsageError: The configuration is there and says another image, or there is no image for a Dockerfile.
        InputError: A file cannot be written.
    """
    texts: dict[Path, str] = {}
    if captured is not None:
        texts[beginning.directory / IMAGE_FILE] = predictor_file.dumps(captured)
    if choice is not None:
        texts[beginning.directory / configuration.FILE_NAME] = starting_files.configuration(choice)
    if not beginning.dependency_files:
        texts[beginning.directory / "requirements.txt"] = starting_files.REQUIREMENTS
    root = beginning.repository or beginning.directory
    project = beginning.directory.relative_to(root).as_posix()
    if extras.pre_commit:
        texts[root / PRE_COMMIT] = starting_files.pre_commit(project, __version__)
    if extras.github:
        texts[root / WORKFLOW] = starting_files.github(project, __version__)
    if extras.dockerfile:
        texts[beginning.directory / DOCKERFILE] = _dockerfile(beginning, choice, captured)
    _refuse_overwriting(beginning, texts, force=force)
    texts[beginning.directory / _ATTRIBUTES] = _attributes(beginning)
    return tuple(_write(path, text, beginning) for path, text in texts.items())


def _refuse_overwriting(beginning: Beginning, texts: Mapping[Path, str], *, force: bool) -> None:
    for path, text in texts.items():
        if force or not os.path.lexists(path) or _text_of(path) == text:
            continue
        hint = "--force writes it anew"
        if path.name == PRE_COMMIT:
            hint += "; or add the hook by hand: docs/jobs/ci.md has the lines"
        elif path.name == IMAGE_FILE:
            hint = f"`--image {IMAGE_FILE}` locks on top of it; --force describes the image anew"
        raise UsageError("is there already, and was not overwritten", where=_shown(path, beginning), hint=hint)


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str, beginning: Beginning) -> Written:
    state = "changed" if os.path.lexists(path) else "made"
    if _text_of(path) == text:
        return Written(_shown(path, beginning), "kept")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.write(path, text.encode())
    except OSError as error:
        shown = _shown(path, beginning)
        raise InputError.at(shown, None, f"cannot be written: {error.strerror or error}") from None
    return Written(_shown(path, beginning), state)


def _attributes(beginning: Beginning) -> str:
    """Return what git is told, with the line by which it knows lockfiles."""
    path = beginning.directory / _ATTRIBUTES
    there = _text_of(path) if os.path.lexists(path) else ""
    if there is None:
        raise InputError.at(_ATTRIBUTES, None, "cannot be read", hint="make it a text file")
    if starting_files.ATTRIBUTES in there.splitlines():
        return there
    gap = "" if there.endswith("\n") or not there else "\n"
    return f"{there}{gap}{starting_files.ATTRIBUTES}\n"


def refuse_no_clone(beginning: Beginning) -> Path:
    """Return the root of the clone to set something up in.

    Raises:
        UsageError: The directory is in none.
    """
    if beginning.repository is None:
        hint = "`git init` makes one"
        raise UsageError("the directory is in no repository of git", where=str(beginning.directory), hint=hint)
    return beginning.repository


def set_up_clone(beginning: Beginning, environment: Mapping[str, str]) -> None:
    """Set in the clone what its `.gitattributes` name, the drivers for a diff and a merge.

    Raises:
        UsageError: It is no repository of git's, or git is not there.
    """
    repository = Repository(refuse_no_clone(beginning), environment)
    for key, value in starting_files.GIT_SETTINGS:
        done = repository.run("config", "--local", key, value)
        if done.returncode != 0:
            raise UsageError(f"git refuses to set {key}: {done.output}", where="--git", hint="see `git config --help`")


def _dockerfile(beginning: Beginning, choice: Choice | None, captured: Predictor | None) -> str:
    files: Sequence[str] = choice.predictor_files if choice is not None else beginning.predictor_files
    if not files:
        what = "a Dockerfile of your own needs an image of your own"
        hint = "for Cortex's images, `cortexlock export dockerfile` writes one; for your own, give --capture or --image"
        raise UsageError(what, where="--dockerfile", hint=hint)
    name = files[0]
    image = captured or predictor_file.read(beginning.directory / name, file=name)
    lockfile = lockfile_name(image.label)
    inputs = [lockfile, name, *(beginning.dependency_files or ("requirements.txt",))]
    return starting_files.dockerfile(image.image, image.label, inputs)


def _shown(path: Path, beginning: Beginning) -> str:
    return Path(os.path.relpath(path, beginning.directory)).as_posix()
