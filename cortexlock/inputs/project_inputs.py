"""A project's dependency files, read once: what a lock takes from them is what they were at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cortexlock.inputs import (
    channels,
    conda_list,
    dependency_files,
    environment_file,
    hashes,
    redaction,
    requirements_text,
)
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.requirements_text import Requirements
from cortexlock.model.conda_list import CondaList
from cortexlock.model.lockfile import Input
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectInputs:
    """What the dependency files of a project say to an image.

    Attributes:
        files: The files.
        hashes: The files that decide a lock, includes and local archives too, with their hashes; sorted by name.
        conda: The conda list; an empty one without the file.
        requirements: The requirements file with what it includes; an empty one without the file.
        secrets: The credentials in force, which must be in nothing that is written or said.
        unsaid: What else may be a token, and is kept out of what is said.
    """

    files: FoundFiles
    hashes: tuple[Input, ...] = ()
    conda: CondaList = field(default_factory=CondaList)
    requirements: Requirements = field(default_factory=Requirements, repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    unsaid: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def script_sha256(self) -> str:
        """The hash of the script's bytes; empty without a script."""
        return next((each.sha256 for each in self.hashes if each.file == self.files.script), "")


def read(project: Project, predictor: Predictor, environment: Mapping[str, str]) -> ProjectInputs:
    """Read the dependency files that an image looks for in a project.

    Args:
        project: The project.
        predictor: The image.
        environment: The caller's variables, which can have credentials.

    Raises:
        InputError: A file cannot be read, or is not what its name says.
    """
    directory = project.directory
    files = dependency_files.find(project, predictor.files, platform=predictor.platform, described=bool(predictor.file))
    said = project.configuration.environment
    if said is not None and predictor.files.conda is None:
        environment_file.refuse_another_python(directory / said, name=said, python=predictor.python)
    requirements = requirements_text.read(directory, files.pip) if files.pip else Requirements()
    secrets = redaction.of_project(
        project, requirements.lines, environment, *channels.addresses(directory, files.conda)
    )
    unsaid = redaction.of_indexes(project, requirements.lines, environment)
    with redaction.redacted(secrets | unsaid):
        requirements_text.check_paths(directory, requirements)  # before they are hashed: it knows their lines
        return ProjectInputs(
            files=files,
            hashes=hashes.inputs(directory, files, predictor.file, requirements=requirements),
            conda=conda_list.read(directory / files.conda, name=files.conda, subdir=predictor.subdir)
            if files.conda
            else CondaList(),
            requirements=requirements,
            secrets=secrets,
            unsaid=unsaid,
        )
