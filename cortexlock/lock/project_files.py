"""The files that a project is locked by, and which no output may replace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cortexlock.errors import CortexlockError, UsageError
from cortexlock.inputs import configuration, cortex_yaml
from cortexlock.lockfile import files
from cortexlock.model.lockfile_name import lockfile_name


def refuse_to_replace(directory: Path, targets: Iterable[Path]) -> None:
    """Refuse to write an output where a project has a file that decides what is locked.

    Args:
        directory: The project's.
        targets: What is to be written.

    Raises:
        UsageError: One of them is the project's configuration, a lockfile of it, or an input of one.
    """
    own = {(directory / name).resolve(): name for name in _names(directory)}
    for target in targets:
        name = own.get(target.resolve())
        if name is not None:
            what = f"{name} is a file of the project, and would be replaced"
            raise UsageError(what, where="--output", hint="name another file or directory")


def _names(directory: Path) -> Iterator[str]:
    yield configuration.FILE_NAME
    yield from (path.name for path in cortex_yaml.find(directory))
    for label in files.labels(directory):
        yield lockfile_name(label)
        with suppress(CortexlockError):  # what is wrong with it is said where it is read
            yield from (each.file for each in files.read_labelled(directory, label).inputs)
