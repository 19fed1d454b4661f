"""The project's files against those that decided the lockfile."""

from __future__ import annotations

from cortexlock.errors import DifferenceError, Hint
from cortexlock.inputs import freshness
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.predictor import DependencyFiles
from cortexlock.model.project import Project
from cortexlock.model.stale_facts import StaleReason
from cortexlock.predictors import predictor_file


class StaleError(DifferenceError):
    """The lockfile is not of the project as it is now; `facts` are the reasons."""

    def __init__(self, reasons: tuple[StaleReason, ...], file: str | None = None) -> None:
        """Take over what has changed, and the lockfile's name."""
        super().__init__("the lockfile is stale", where=file, hint=Hint("run ", "lock", " and review the change"))
        self.facts = reasons


def check_inputs(project: Project, lockfile: Lockfile) -> None:
    """Refuse a lockfile that is not of the project as it is now.

    Raises:
        StaleError: Inputs have changed.
        InputError: A dependency file, or the one that describes the image, cannot be read.
    """
    found = freshness.differences(project, lockfile, names=_names(project, lockfile))
    if found:
        raise StaleError(found, lockfile.file_name)


def _names(project: Project, lockfile: Lockfile) -> DependencyFiles | None:
    """Return the names under which an image that a file describes looks for dependency files, those not there too."""
    file = lockfile.predictor.file
    path = project.directory / file
    return predictor_file.read(path, file=file).files if file and path.is_file() else None
