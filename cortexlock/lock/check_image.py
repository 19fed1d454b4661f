"""Whether the file that describes an image still says what is in an archive of that image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.lock.image_comparison import nearest
from cortexlock.lock.image_selection import select
from cortexlock.lock.previous_settings import continued
from cortexlock.model.predictor import MACHINES, Predictor
from cortexlock.model.project import Project
from cortexlock.predictors.comparison import Change, changes
from cortexlock.predictors.images.archive import SeveralPlatformsError, open_image

_OF_THE_ARCHIVE = frozenset({"image", "digest"})


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """How an archive compares with the file that describes its image.

    Attributes:
        file: The predictor file, relative to the project.
        captured: The digest of the image that it was captured from; empty: nobody knows.
        digest: The digest of the archive's image; empty: it has none.
        changes: What of the image is another; nothing where the digests are the same.
        prefix: The environment that was compared, where its `PATH` finds another one; else empty.
    """

    file: str
    captured: str
    digest: str
    changes: tuple[Change, ...] = ()
    prefix: str = ""


def check_image(project: Project, archive: Path, platforms: tuple[str, ...] = ()) -> CheckedImage:
    """Compare an archive with the predictor file of a project. Where the digests are the same, no layer is read.

    Args:
        project: The project.
        archive: A file, or the directory of an OCI layout.
        platforms: Which of its images, where it has several: a platform or the name of an image.

    Raises:
        UsageError: The project has no predictor file, or several of which none was chosen; this is no archive.
        IntegrityError: The archive is damaged.
    """
    there = [each for each in select(continued(project)[0]) if each.file and each.label in (platforms or (each.label,))]
    if not there:
        hint = "capture the image: `cortexlock predictors capture ARCHIVE -o image.yaml`"
        raise UsageError("no file describes an image of this project", where="--image", hint=hint)
    if len(there) > 1:
        names = " or ".join(f"--platform {each.label}" for each in there)
        raise UsageError("the project has several images", where="--image", hint=f"say which: {names}")
    (predictor,) = there
    digest = _digest(predictor, archive)
    if digest and digest == predictor.digest:
        return CheckedImage(predictor.file, predictor.digest, digest)
    found = nearest(predictor, archive)
    differ = tuple(each for each in changes(predictor, found.predictor) if each.name not in _OF_THE_ARCHIVE)
    return CheckedImage(predictor.file, predictor.digest, found.predictor.digest, differ, found.prefix)


def _digest(predictor: Predictor, archive: Path) -> str:
    """Return the digest of the image that is meant; empty: it has none."""
    try:
        with open_image(archive, name=predictor.image, platform=None) as (image, _):
            return image.digest
    except SeveralPlatformsError:
        platform = f"linux/{MACHINES[predictor.subdir]}"
        with open_image(archive, name=predictor.image, platform=platform) as (image, _):
            return image.digest
