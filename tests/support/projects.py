"""Projects with lockfiles that are fresh, made without a resolution."""

from __future__ import annotations

from pathlib import Path

from cortexlock.inputs import project_directory
from cortexlock.inputs.dependency_files import find
from cortexlock.inputs.hashes import inputs
from cortexlock.lock.image_selection import select
from cortexlock.lockfile.text import dumps
from cortexlock.model.lockfile import Lockfile, PipStep, ScriptStep, Step
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import LockedPredictor
from cortexlock.model.project import Project


def fresh_lockfile(project: Project, label: str) -> Lockfile:
    """Return a lockfile that fits the project as it is; its pip step has nothing to do."""
    predictor = next(each for each in select(project) if each.label == label)
    found = find(project, predictor.files, platform=predictor.platform)
    given = inputs(project.directory, found, predictor.file)
    steps: list[Step] = [ScriptStep(each.file, each.sha256) for each in given if each.file == found.script]
    if found.pip:
        steps.append(PipStep(found.pip, ()))
    return Lockfile(
        predictor=LockedPredictor(
            predictor.type,
            predictor.cortex_version,
            predictor.image,
            predictor.slim,
            predictor.closure,
            predictor.file,
        ),
        platform=predictor.platform,
        name=predictor.name,
        subdir=predictor.subdir,
        python=predictor.python,
        glibc=predictor.glibc,
        virtual_packages=(),
        inputs=given,
        channels=(),
        indexes=("default",) if found.pip else (),
        exclude_newer="",
        resolvers=(),
        pre_installed=(),
        steps=tuple(steps),
    )


def fresh_project(directory: Path) -> Path:
    """Make a project for cpu and cuda with a script, requirements, and fresh lockfiles; return its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "cortexlock.yaml").write_text("predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu, cuda]\n")
    (directory / "script.sh").write_text("true\n")
    (directory / "requirements.txt").write_text("six\n")
    project = project_directory.read(directory)
    for platform in project.configuration.platforms:
        (directory / lockfile_name(platform)).write_text(dumps(fresh_lockfile(project, platform)))
    return directory
