"""Files that look like dependency files and are none: a name that nobody reads says nothing when it is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cortexlock.inputs import configuration, cortex_yaml
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.model.lockfile_name import label_of
from cortexlock.model.predictor import DependencyFiles
from cortexlock.quick_dataclass import dataclass

_NEAR = 0.85
_OF_CONDA = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml", "env.yml", "env.yaml")
_OF_PIP = (
    *("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.in", "pylock.toml"),
    *("poetry.lock", "uv.lock", "Pipfile.lock"),
)
_BELOW = "requirements"


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """What a project has no dependency files of, or what looks like one.

    Attributes:
        looked_for: The names that the image looks for.
        found: Whether one of them is there.
        alike: Names that look like one of them, each with the one that it looks like.
        others: Where none is there, files that name dependencies for other tools, each with the one to write instead.
    """

    looked_for: tuple[str, ...]
    found: bool
    alike: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def unread(directory: Path, names: DependencyFiles, found: FoundFiles) -> LookAlikes:
    """Look for files that were perhaps meant to be dependency files.

    Args:
        directory: The project.
        names: What the image looks for.
        found: What it finds.
    """
    looked_for = tuple(name for name in (*names.script, names.conda, names.pip) if name)
    missing = [
        name
        for group, there in (
            (names.script, found.script),
            ((names.conda or "",), found.conda),
            ((names.pip or "",), found.pip),
        )
        for name in group
        if name and there is None
    ]
    is_found = any((found.script, found.conda, found.pip))
    there = sorted(entry.name for entry in os.scandir(directory) if entry.is_file())
    candidates = [name for name in there if name not in looked_for]
    others = () if is_found else (*_of_other_tools(there, names), *_below(directory, names))
    scripts = _scripts(candidates, names) if found.script is None else ()
    candidates = [name for name in candidates if name not in dict(scripts)]
    alike = (*scripts, *settings(directory), *_alike(candidates, missing, others))
    return LookAlikes(looked_for, is_found, tuple(dict.fromkeys(alike)), others)


def settings(directory: Path) -> tuple[tuple[str, str], ...]:
    """Return files that look like `cortexlock.yaml` or `cortex.yaml`, each with that name, where that is not there."""
    names = (configuration.FILE_NAME, cortex_yaml.FILE_NAME)
    missing = [name for name in names if not os.path.lexists(directory / name)]
    read = {*names, *(path.name for path in cortex_yaml.find(directory))}
    there = sorted(entry.name for entry in os.scandir(directory) if entry.is_file())
    candidates = [name for name in there if name not in read and label_of(name) is None]
    return tuple(_alike(candidates, missing, ()))


def question(found: Iterable[tuple[str, str]]) -> str:
    """Return the question whether the first of some files is meant to be another, as it begins a hint; or nothing."""
    return next((f"is {file} meant to be {name}? " for file, name in found), "")


def _scripts(candidates: Iterable[str], names: DependencyFiles) -> tuple[tuple[str, str], ...]:
    """Return scripts with one of the names that other images read, and what this one does."""
    usual = [name for name in DependencyFiles().script if name not in names.script]
    return tuple((file, names.script[0]) for file, _ in _alike(candidates, usual, ())) if names.script else ()


def _below(directory: Path, names: DependencyFiles) -> Iterator[tuple[str, str]]:
    """Yield the lists of a directory `requirements`, as many projects have one."""
    below = directory / _BELOW
    if names.pip and below.is_dir():
        for name in sorted(entry.name for entry in os.scandir(below) if entry.is_file()):
            if name.endswith((".txt", ".in")):
                yield f"{_BELOW}/{name}", names.pip


def _of_other_tools(there: Iterable[str], names: DependencyFiles) -> Iterator[tuple[str, str]]:
    for name in there:
        instead = names.conda or names.pip if name in _OF_CONDA else names.pip if name in _OF_PIP else None
        if instead:
            yield name, instead


def _alike(
    candidates: Iterable[str], missing: Iterable[str], others: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    from difflib import SequenceMatcher  # noqa: PLC0415 - `check` does not pay for it

    wanted = list(missing)
    for candidate in candidates:
        if candidate in dict(others):
            continue
        key = _key(candidate)
        ratios = [(SequenceMatcher(None, key, _key(name)).ratio(), name) for name in wanted]
        ratio, name = max(ratios, default=(0.0, ""))
        if ratio >= _NEAR and Path(candidate).suffix.lower() in {Path(name).suffix, "", ".text", ".yml", ".yaml"}:
            yield candidate, name


def _key(name: str) -> str:
    """Return what counts of a name: `Conda_Packages.TXT` and `conda-packages.txt` have it in common."""
    return re.sub(r"[-_. ]+", "-", re.sub(r"(\.\w+)\1$", r"\1", name.lower()))
