"""What is to be said of a project's dependency files, whether anything is solved or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cortexlock.inputs import dependency_files, look_alikes
from cortexlock.lock import lock_notes
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Project
from cortexlock.put_off import when_used

if TYPE_CHECKING:
    from cortexlock.inputs import environment_file
    from cortexlock.model.lock_facts import Note
else:  # few projects have one
    environment_file = when_used("cortexlock.inputs.environment_file")


def of_project(project: Project, predictor: Predictor) -> tuple[Note, ...]:
    """Return what the image looks for in vain, and what looks like it; of an environment file what cannot be carried.

    Raises:
        InputError: A file that `cortex.yaml` names is not there.
    """
    found = dependency_files.find(project, predictor.files, platform=predictor.platform, described=bool(predictor.file))
    said = project.configuration.environment
    if said is not None:
        return environment_file.read(project.directory / said, name=said).notes
    return lock_notes.of_files(look_alikes.unread(project.directory, predictor.files, found), predictor.file)
