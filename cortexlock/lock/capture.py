"""`cortexlock predictors capture`: an environment, a snapshot of one, or an image into a predictor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from cortexlock.errors import DifferenceError, InputError, UsageError
from cortexlock.lockfile import files
from cortexlock.model.capture_facts import OtherMachine
from cortexlock.model.predictor import PlatformName, Predictor
from cortexlock.pip.prefix.distributions import read_prefix
from cortexlock.pip.prefix.search_path import search_path
from cortexlock.predictors import catalog, predictor_file
from cortexlock.predictors.capture import Captured, Said, predictor_of
from cortexlock.predictors.images.archive import open_image
from cortexlock.predictors.images.describe import Description, FoundEnvironment, RootFileSystem, describe
from cortexlock.predictors.images.disk import DiskRoot
from cortexlock.predictors.images.environments import environments
from cortexlock.predictors.images.image_path import root_of
from cortexlock.predictors.images.layers import LayeredRoot
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.pip_settings import pip_settings
from cortexlock.predictors.snapshot import platform_here, sites_of, snapshot

_HUB = ("docker.io/", "index.docker.io/")


@dataclass(frozen=True, slots=True)
class CapturedImage:
    """A captured image: the predictor with its notes, the environment that it is of, and all that there are."""

    captured: Captured
    prefix: str
    environments: tuple[FoundEnvironment, ...]


def capture_archive(
    source: Path | IO[bytes], like: Predictor | None, said: Said, *, prefix: str | None, platform: str | None
) -> CapturedImage:
    """Describe an image by its archive, which is read where it lies.

    Args:
        source: A file, the directory of an OCI layout, or an open stream.
        like: What its files cannot tell is taken from this image; None for one that is not Cortex's.
        said: What the user says in place of what is found; the name also chooses among several images.
        prefix: The environment's path in the image; None for the one that its `PATH` finds.
        platform: Which platform of the image, where there are several: `linux/arm64`.

    Raises:
        UsageError: It is no archive of an image, has no such environment, or does not tell which image is meant.
        IntegrityError: It is damaged, or holds what no predictor can hold.
    """
    with _opened(source, said, platform) as (origin, named):
        found = describe(origin, prefix)
    return _captured(found, like, named, origin.where)


def capture_environments(source: Path, said: Said, *, platform: str | None) -> tuple[CapturedImage, ...]:
    """Describe each environment of an image by its archive, the one that its `PATH` finds first.

    Args:
        source: A file, or the directory of an OCI layout.
        said: What the user says, where it is not found: versions. The name also chooses among several images.
        platform: Which platform of the image.

    Raises:
        UsageError: As `capture_archive`; what cannot be described is passed over where there is another one.
        IntegrityError: As `capture_archive`.
    """
    with _opened(source, said, platform) as (origin, named):
        paths = (str(each.prefix) for each in environments(origin.root))
        attempts = [_attempted(origin, prefix) for prefix in (None, *paths)]
        found = {each.prefix: each for each in attempts if isinstance(each, Description)}
        if not found and isinstance(attempts[0], UsageError):
            raise attempts[0]
    return tuple(_captured(each, None, _unless_found(named, each.snapshot), origin.where) for each in found.values())


def _unless_found(said: Said, snapshot: Mapping[str, Any]) -> Said:
    """Return what is said without the versions that an image tells itself."""
    return replace(said, glibc=None if snapshot["glibc"] else said.glibc, cuda=None if snapshot["cuda"] else said.cuda)


def _attempted(origin: RootFileSystem, prefix: str | None) -> Description | UsageError:
    try:
        return describe(origin, prefix)
    except UsageError as error:
        return error


@contextmanager
def _opened(source: Path | IO[bytes], said: Said, platform: str | None) -> Iterator[tuple[RootFileSystem, Said]]:
    """Yield the root file system of an image, and what is said of it, with its name and digest."""
    where = str(source) if isinstance(source, Path) else "standard input"
    with open_image(source, name=said.image, platform=platform) as (image, whiteouts):
        root = LayeredRoot(image.layers, whiteouts=whiteouts)
        name = said.image or next(map(_short, image.names), "") or _stem(source)
        try:
            origin = RootFileSystem(
                root_of(root), where, image.architecture, image.system, image.environment, image.directory, image.user
            )
            yield origin, replace(said, image=name, digest=image.digest)
        finally:
            root.close()


def capture_root(directory: Path, like: Predictor | None, said: Said, *, prefix: str | None) -> CapturedImage:
    """Describe an image by its root file system, whose links stay within it; nothing of this machine gets in.

    Raises:
        UsageError: There is no such directory, or no such environment in it.
        IntegrityError: It holds what no predictor can hold, or what cannot be read.
    """
    if not directory.is_dir():
        raise UsageError("this is no directory", where=str(directory), hint="name the root of a file system")
    found = describe(RootFileSystem(root_of(DiskRoot(directory)), str(directory)), prefix)
    return _captured(
        found, like, replace(said, image=said.image or directory.resolve().name or "image"), str(directory)
    )


def _captured(found: Description, like: Predictor | None, said: Said, where: str) -> CapturedImage:
    try:
        captured = predictor_of(found.snapshot, like, said, where=where)
    except InputError as error:  # what is in an image is nobody's input
        raise damaged(error.what, where) from None
    if found.other_machine:
        captured = replace(captured, notes=(*captured.notes, OtherMachine(found.other_machine)))
    return CapturedImage(captured, found.prefix, found.environments)


def _short(name: str) -> str:
    """Return the name of an image as people write it: Docker's own hub goes without saying."""
    for hub in _HUB:
        if name.startswith(hub):
            return name.removeprefix(hub).removeprefix("library/")
    return name


def _stem(source: Path | IO[bytes]) -> str:
    """Return the name of an archive without its endings."""
    return (source.resolve().name.partition(".")[0] if isinstance(source, Path) else "") or "image"


def capture_prefix(root: Path, like: Predictor | None, said: Said, environment: Mapping[str, str]) -> Captured:
    """Describe an environment of this machine by its files; nothing of it is imported.

    Args:
        root: The environment.
        like: What its files cannot tell is taken from this image; None for one that is not Cortex's.
        said: What the user says in place of what is found.
        environment: The caller's variables.

    Raises:
        UsageError: This is no environment with a Python, or a version is not known.
        InputError: It holds what no predictor can hold, or what cannot be read.
    """
    try:
        prefix = read_prefix(root, environment)
        platform = platform_here(environment)
        settings = pip_settings(Path("/"), prefix.root, environment, Path.cwd())
        sites = search_path(prefix.root, environment) or sites_of(prefix.root, prefix.python_minor)
        found = snapshot(prefix.root, sites, prefix.python_version, platform, settings)
    except UsageError as error:
        hint = "name the root of a virtual or conda environment"
        raise UsageError(error.what, where=error.place, hint=hint) from None
    except (DifferenceError, OSError, KeyError, ValueError) as error:
        raise InputError(f"the environment cannot be read: {error}", where=str(root)) from None
    named = said if said.image or like else replace(said, image=prefix.root.name)
    return predictor_of(found, like, named, where=str(root))


def capture_snapshot(path: Path, like: Predictor | None, said: Said) -> Captured:
    """Describe the image that a snapshot was taken in.

    Args:
        path: What the snapshot script printed.
        like: What the snapshot cannot tell is taken from this image; None for one that is not Cortex's.
        said: What the user says in place of what was found.

    Raises:
        UsageError: A version is not known.
        InputError: The file cannot be read, or is no snapshot.
    """
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError.at(path.name, None, f"cannot be read: {error.strerror}") from None
    except (RecursionError, ValueError) as error:
        hint = "let the snapshot script write to a file of its own, and nothing else"
        raise InputError.at(path.name, None, f"not JSON: {error}", hint=hint) from None
    return predictor_of(found, like, said, where=path.name)


def like(text: str | None, platform: PlatformName | None) -> Predictor | None:
    """Return the image of the catalog that a captured one is like.

    Args:
        text: `TYPE:RELEASE`, or `TYPE` for its newest release; None: none.
        platform: The accelerator; `cpu` where nobody says it.

    Raises:
        UsageError: There is no such image.
    """
    if text is None:
        return None
    predictor_type, separator, release = text.partition(":")
    if separator and not release:
        raise UsageError(f"`{text}` names no release", where="--like", hint="write TYPE:RELEASE, `python:0.16.0`")
    return catalog.find(predictor_type, release or None, platform or "cpu")


def refuse_another_file(path: Path) -> None:
    """Refuse to write a predictor file where a file is that is none.

    Args:
        path: Where it is to be written. An empty file, and what cannot be read, is left to who writes.

    Raises:
        UsageError: There is another file.
    """
    try:
        is_another = path.is_file() and path.stat().st_size and not predictor_file.is_predictor_file(path)
    except OSError:
        return
    if is_another:
        what = "there is a file that is no predictor file, and would be replaced"
        raise UsageError(what, where=str(path), hint="name another file with --output, or remove it")


def write(path: Path, predictor: Predictor) -> None:
    """Write a predictor file, whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        files.write_all({path: predictor_file.dumps(predictor)})
    except InputError as error:
        raise UsageError(error.what, where=str(path), hint="name another file with --output") from None
