"""Resolutions against an index on loopback, in the process of the test; what pip changes there is undone."""

from __future__ import annotations

import gc
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path

from cortexlock.inputs import requirements_text
from cortexlock.model.lock_progress import LockProgress
from cortexlock.model.package import PipPackage
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration
from cortexlock.model.target import Target
from cortexlock.pip.queries.resolve import solve
from cortexlock.pip.resolution.request import PipRequest, PipSolution
from cortexlock.pip.resolution.values import Held, Preference

PYTHON36 = Target("cpu", "linux-64", (3, 6, 9), (2, 27), None)
"""The target of the images of Cortex 0.16."""

_LOGGERS = ("pip", "pip._vendor", "pip._internal")


def resolve(
    project: Path,
    requirements: str | bytes,
    *,
    index_url: str | None = None,
    installed: Sequence[Distribution] = (),
    preferences: Mapping[str, str] | None = None,
    configuration: Configuration | None = None,
    environment: Mapping[str, str] | None = None,
    python: Path | None = None,
    target: Target = PYTHON36,
    messages: list[LockProgress] | None = None,
    held: Sequence[Held] = (),
    refresh: bool = False,
    since: float = inf,
) -> PipSolution:
    """Resolve a requirements file that is written into a project.

    Args:
        project: The project's directory; made if it is not there. The cache is beside it.
        requirements: The content of requirements.txt.
        index_url: The primary index.
        installed: What the image has.
        preferences: Versions of a previous lock.
        configuration: In place of one that has the primary index only.
        environment: The caller's variables; those of the test by default.
        python: The interpreter for builds.
        target: What to resolve for.
        messages: Gets what goes on.
        held: What holds without being asked for.
        refresh: Whether pages are asked for that are good for longer.
        since: When the command began, which asks for each page once.
    """
    project.mkdir(parents=True, exist_ok=True)
    content = requirements.encode() if isinstance(requirements, str) else requirements
    (project / "requirements.txt").write_bytes(content)
    request = PipRequest(
        file="requirements.txt",
        requirements=requirements_text.read(project, "requirements.txt"),
        project=project,
        target=target,
        installed=tuple(installed),
        configuration=configuration or Configuration(index_url=index_url),
        preferences={name: Preference(version, wheel=True) for name, version in (preferences or {}).items()},
        cache=project.parent / "cache",
        python=python,
        environment=dict(os.environ) if environment is None else environment,
        held=tuple(held),
        refresh=refresh,
        since=since,
    )
    with undone(project):
        return solve(request, on_progress=(messages if messages is not None else []).append)


def versions(solution: PipSolution) -> dict[str, str]:
    """Return what a solution adds or changes: versions by name."""
    return {package.name: package.version for package in solution.packages if package.action != "keep"}


def package(solution: PipSolution, name: str) -> PipPackage:
    """Return one package of a solution."""
    return next(package for package in solution.packages if package.name == name)


@contextmanager
def undone(directory: Path) -> Iterator[None]:
    """Work in a directory, and undo what pip does to the process: levels of loggers, the working directory."""
    before = Path.cwd()
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    os.chdir(directory)
    # The collector is to go through what a resolution makes alone, not through all that other tests have left there.
    gc.collect(1)
    gc.freeze()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ResourceWarning
            )  # pip leaves temporary files of lazy wheels to the collector
            yield
            gc.collect()
    finally:
        os.chdir(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
