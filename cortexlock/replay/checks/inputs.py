"""The project's files against those that decided the lockfile."""

from __future__ import annotations

from cortexlock.errors import DifferenceError, Hint
from cortexlock.inputs import freshness
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.project import Project
from cortexlock.predictors import predictor_file


def check_inputs(project: Project, lockfile: Lockfile) -> None:
    """Refuse a lockfile that is not of the project as it is now.

    Raises:
        DifferenceError: Inputs have changed; the message lists them.
        InputError: A dependency file, or the one that describes the image, cannot be read.
    """
    found = freshness.differences(project, lockfile, names=_names(project, lockfile))
    if found:
        lines = (f"  {difference.file}: {difference.reason}" for difference in found)
        hint = Hint("run ", "lock", " and review the change")
        raise DifferenceError("The lockfile is stale:", details=lines, hint=hint)


def _names(project: Project, lockfile: Lockfile) -> DependencyFiles | None:
    """Return the names under which an image that a file describes looks for dependency files, those not there too."""
    file = lockfile.predictor.file
    path = project.directory / file
    return predictor_file.read(path, file=file).files if file and path.is_file() else None
