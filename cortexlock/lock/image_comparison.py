"""Descriptions of images and archives, in pairs: what became of an image between the two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.lock.capture import CapturedImage, capture_archive, capture_environments
from cortexlock.model.predictor import MACHINES, Predictor
from cortexlock.predictors import predictor_file
from cortexlock.predictors.capture import Said
from cortexlock.predictors.comparison import Change, changes
from cortexlock.predictors.images.archive import SeveralPlatformsError, is_archive


@dataclass(frozen=True, slots=True)
class NearestImage:
    """What an archive has that is most like an image which is described.

    Attributes:
        predictor: It, with what no file of an image tells taken from the description.
        prefix: Its environment, where the `PATH` of the archive's image finds another one; else empty.
    """

    predictor: Predictor
    prefix: str = ""


def compare(old: Path, new: Path) -> tuple[Change, ...]:
    """Return what became of an image.

    Args:
        old: A predictor file, or an archive of an image, which is captured.
        new: Another one.

    Raises:
        InputError: A predictor file cannot be read.
        UsageError: An archive is of no image that can be described, or of several.
        IntegrityError: An archive is damaged.
    """
    before, after = (None if is_archive(path) else predictor_file.read(path, file=str(path)) for path in (old, new))
    if before is None and after is None:
        before, after = (_captured(path) for path in (old, new))
    elif before is None and after is not None:
        before = nearest(after, old).predictor
    elif after is None and before is not None:
        after = nearest(before, new).predictor
    return changes(before, after) if before is not None and after is not None else ()


def nearest(predictor: Predictor, archive: Path) -> NearestImage:
    """Describe what an archive has that is most like an image: of its environments, and of its platforms.

    Raises:
        UsageError: Nothing in it can be described, or it does not tell which of its images is meant.
        IntegrityError: It is damaged.
    """
    # What no file of the image tells was said when it was captured.
    said = Said(predictor.image, predictor.glibc, predictor.cuda, predictor.platform)
    with _options_of_capture(archive):
        try:
            there = capture_environments(archive, said, platform=None)
        except SeveralPlatformsError:
            there = capture_environments(archive, said, platform=f"linux/{MACHINES[predictor.subdir]}")
    # Which environment was captured no file tells: `--prefix` may have named it. It is the one that is most alike.
    alike = [_completed(predictor, each) for each in there]
    number = min(range(len(alike)), key=lambda each: len(changes(predictor, alike[each])))
    return NearestImage(alike[number], there[number].prefix if number else "")


def _captured(archive: Path) -> Predictor:
    with _options_of_capture(archive):
        return capture_archive(archive, None, Said(), prefix=None, platform=None).captured.predictor


@contextmanager
def _options_of_capture(archive: Path) -> Iterator[None]:
    """Say of options that only `capture` has that they are its own."""
    try:
        yield
    except UsageError as error:
        advice = error.hint or ""
        if "--" not in advice:
            raise
        hint = f"name a file of `cortexlock predictors capture {archive.name} -o FILE` in its place; there {advice}"
        raise UsageError(error.what, where=error.place, hint=hint) from None


def _completed(predictor: Predictor, image: CapturedImage) -> Predictor:
    found = image.captured.predictor
    return replace(
        found,
        type=predictor.type,
        cortex_version=predictor.cortex_version,
        slim=predictor.slim,
        released=predictor.released,
        closure=predictor.closure,
        channels=predictor.channels if predictor.type else found.channels,
        order=predictor.order if predictor.type else found.order,
        files=predictor.files if predictor.type else found.files,
        core=predictor.core,
    )
