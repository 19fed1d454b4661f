"""The use case `show`: what cortexlock sees of a project, before anything is resolved. Read-only, offline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from packaging import tags

from cortexlock.errors import CortexlockError
from cortexlock.inputs import conda_list, dependency_files, redaction, requirements_text
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.requirements_text import Requirements
from cortexlock.lock import file_notes
from cortexlock.lock.image_selection import disagreeing, says_type, select
from cortexlock.lock.previous_settings import continued, note_of
from cortexlock.model.conda_list import CondaList
from cortexlock.model.lock_facts import NoTargets, Note, OneOfSeveral
from cortexlock.model.predictor import SUBDIR, DependencyFiles, Predictor, StepName, SubdirName
from cortexlock.model.project import Project
from cortexlock.model.target import Target


@dataclass(frozen=True, slots=True)
class SeenTarget:
    """What is resolved for on one platform.

    Attributes:
        predictor: The image.
        target: Its interpreter, markers and virtual packages.
        tags: How many wheel tags are compatible.
        steps: The steps in the order of the release, each with its file; empty for what the project has no file for,
            and for the image's own step.
    """

    predictor: Predictor
    target: Target
    tags: int
    steps: tuple[tuple[StepName, str], ...]


@dataclass(slots=True)
class Seen:
    """What cortexlock sees.

    Attributes:
        conda_file: The conda list, relative to the project, or empty.
        conda: What could be read of it.
        requirements: The pip requirements with what they include; None without any.
        targets: By platform, in the order cpu, cuda, inf; empty where nothing says a predictor type.
        errors: All that is wrong.
        notes: What the user should know.
        unsaid: What may be a token in the path of an index's URL.
    """

    conda_file: str = ""
    conda: CondaList = field(default_factory=CondaList)
    requirements: Requirements | None = None
    targets: tuple[SeenTarget, ...] = ()
    errors: list[CortexlockError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    unsaid: frozenset[str] = field(default=frozenset(), repr=False)


def show(project: Project, platforms: tuple[str, ...] = ()) -> Seen:
    """Look at a project.

    Where platforms have different dependency files, those of the first are shown.

    Args:
        project: The project.
        platforms: Only these, or images of these names; without it, all that the project is for.
    """
    seen = Seen()
    project, kept = continued(project)
    predictors: tuple[Predictor, ...] = ()
    if says_type(project):
        with _noted(seen):
            predictors = tuple(each for each in select(project) if not platforms or each.label in platforms)
    else:
        seen.notes.append(NoTargets())
    seen.notes += (*note_of(kept), *disagreeing(project))
    found: list[FoundFiles] = []
    for predictor in predictors:
        with _noted(seen):
            found.append(
                dependency_files.find(
                    project, predictor.files, platform=predictor.platform, described=bool(predictor.file)
                )
            )
            said = file_notes.of_project(project, predictor)
            seen.notes += (note for note in said if note not in seen.notes)
            seen.targets += (_target(predictor, found[-1]),)
    if not predictors:
        with _noted(seen):
            found.append(dependency_files.find(project, DependencyFiles()))
    if len(set(found)) > 1:
        seen.notes.append(OneOfSeveral(predictors[0].label))
    if found:
        _read(project, found[0], seen, predictors[0].subdir if predictors else SUBDIR)
    lines = seen.requirements.lines if seen.requirements else ()
    seen.unsaid = redaction.of_indexes(project, lines, {})
    return seen


def _read(project: Project, found: FoundFiles, seen: Seen, subdir: SubdirName) -> None:
    if found.conda:
        seen.conda_file = found.conda
        with _noted(seen):
            seen.conda, errors = conda_list.survey(project.directory / found.conda, name=found.conda, subdir=subdir)
            seen.errors += errors
            seen.notes += seen.conda.notes
    if found.pip:
        with _noted(seen):
            seen.requirements = requirements_text.read(project.directory, found.pip)


def _target(predictor: Predictor, found: FoundFiles) -> SeenTarget:
    files: dict[StepName, str | None] = {"script": found.script, "conda": found.conda, "pip": found.pip}
    target = Target.of(predictor)
    return SeenTarget(
        predictor, target, _count_of_tags(target), tuple((name, files.get(name) or "") for name in predictor.order)
    )


def _count_of_tags(target: Target) -> int:
    python, platforms = target.python[:2], target.wheel_platforms
    own = tags.cpython_tags(python, [target.abi], platforms)
    interpreter = f"cp{python[0]}{python[1]}"
    return len({*own, *tags.compatible_tags(python, interpreter, platforms)})


@contextmanager
def _noted(seen: Seen) -> Iterator[None]:
    """Keep an error among those that are shown, once."""
    try:
        yield
    except CortexlockError as error:
        if (error.place, error.what) not in {(known.place, known.what) for known in seen.errors}:
            seen.errors.append(error)
