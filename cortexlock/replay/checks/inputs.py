"""The project's files against those that decided the lockfile."""

from __future__ import annotations

from cortexlock.errors import DifferenceError
from cortexlock.inputs import freshness
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project


def check_inputs(project: Project, lockfile: Lockfile) -> None:
    """Refuse a lockfile that is not of the project as it is now.

    Raises:
        DifferenceError: Inputs have changed; the message lists them.
    """
    found = freshness.differences(project, lockfile)
    if found:
        lines = "\n".join(f"  {difference.file}: {difference.reason}" for difference in found)
        raise DifferenceError(f"The lockfile is stale:\n{lines}", hint="run `cortexlock lock` and review the change")
