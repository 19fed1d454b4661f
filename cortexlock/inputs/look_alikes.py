"""Files that look like dependency files and are none: a name that nobody reads says nothing when it is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.model.predictor import DependencyFiles
from cortexlock.quick_dataclass import dataclass

_NEAR = 0.85
_OF_CONDA = ("environment.yml", "environment.yaml")
_OF_PIP = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "requirements.in", "pylock.toml")


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
    others = () if is_found else tuple(_of_other_tools(there, names))
    return LookAlikes(looked_for, is_found, tuple(_alike(candidates, missing, others)), others)


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
