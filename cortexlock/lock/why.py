"""The use cases `why` and `tree`: who asks for what, with the lines of the project's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from cortexlock.errors import CortexlockError, UsageError
from cortexlock.inputs import conda_list, requirements_text
from cortexlock.inputs.requirement_names import name_of
from cortexlock.lockfile.requesters import Graph, RequestPath, graph_of
from cortexlock.model.lockfile import Lockfile, PreInstalled
from cortexlock.model.package import PackageKey, normalized
from cortexlock.model.project import Project

_MOST = 20


@dataclass(frozen=True, slots=True)
class Asking:
    """A line that asks for a package: where it stands (`requirements.txt:3`), and what it says."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a package is there.

    Attributes:
        key: The package.
        paths: From what a dependency file asks for to the package, shortest first.
        graph: The packages of the lockfile.
        asking: The lines that ask for a package.
        own: What the image has of it before the first step, or None.
    """

    key: PackageKey
    paths: tuple[RequestPath, ...]
    graph: Graph
    asking: Mapping[PackageKey, tuple[Asking, ...]]
    own: PreInstalled | None


def why(project: Project, lockfile: Lockfile, name: str) -> tuple[Why, ...]:
    """Find out why a package is there, one answer for each manager that has it.

    Raises:
        UsageError: Neither the image nor the lockfile has it.
    """
    graph, asking = graph_of(lockfile), lines_of(project, lockfile)
    wanted = normalized(name)
    own = {each.key: each for each in lockfile.pre_installed}
    keys = sorted(key for key in {*graph.packages, *own} if key.name == wanted)
    if not keys:
        known = sorted({key.name for key in (*graph.packages, *own)})
        near = get_close_matches(wanted, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`cortexlock tree` shows what there is"
        raise UsageError(f"neither the image nor the lockfile has `{name}`", where="PACKAGE", hint=hint)
    if any(key in graph.packages for key in keys):  # what only the image's records know says nothing new
        keys = [key for key in keys if key in graph.packages]
    return tuple(
        Why(
            key,
            tuple(graph.paths_to(key, most=_MOST)) if key in graph.packages else (),
            graph,
            asking,
            own.get(key),
        )
        for key in keys
    )


def lines_of(project: Project, lockfile: Lockfile) -> dict[PackageKey, tuple[Asking, ...]]:
    """Return the lines of the dependency files that ask for packages; a file that cannot be read has none."""
    found: dict[PackageKey, list[Asking]] = {}
    for file in lockfile.requirements_files:
        try:
            lines = requirements_text.read(project.directory, file).lines
        except CortexlockError:
            continue
        for line in lines:
            name = name_of(line.text)
            if name:
                found.setdefault(PackageKey("pip", name), []).append(Asking(str(line.place), line.text))
    for step in lockfile.conda_steps:
        try:
            listed = conda_list.read(project.directory / step.file, name=step.file)
        except CortexlockError:
            continue
        for each in listed.specs:
            found.setdefault(PackageKey.of("conda", each.name), []).append(
                Asking(f"{step.file}:{each.line}", each.text)
            )
    return {key: tuple(lines) for key, lines in found.items()}
