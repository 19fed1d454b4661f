"""What `cortexlock show --licences` prints: what the locked packages state, of the files in a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from cortexlock.errors import Hint, UsageError
from cortexlock.export import licences, steps
from cortexlock.export.script import bundle_path
from cortexlock.lockfile import files

if TYPE_CHECKING:
    from cortexlock.cli.output import Output
    from cortexlock.model.lockfile import Lockfile
    from cortexlock.model.package import CondaPackage, PipPackage


class _Row(TypedDict):
    """A package in the JSON document."""

    name: str
    version: str
    file: str
    licences: list[str] | None


def show(output: Output, directory: Path, labels: Sequence[str], bundle: Path) -> None:
    """Print the licences of what lockfiles install.

    Args:
        output: How it is printed.
        directory: The project's.
        labels: Of which lockfiles; all where it is empty.
        bundle: What `cortexlock fetch` filled.

    Raises:
        UsageError: There is no lockfile, or no bundle.
        IntegrityError: A file in the bundle has other bytes than the locked ones.
    """
    if not bundle.is_dir():
        raise UsageError("there is no such directory", where=str(bundle), hint=f"`cortexlock fetch --output {bundle}`")
    wanted = labels or files.labels(directory)
    if not wanted:
        raise UsageError("there is no lockfile", where=str(directory), hint=Hint("run ", "lock"))
    shown = []
    for label in wanted:
        lockfile = files.read_labelled(directory, label)
        packages, name = tuple(_installed(lockfile)), lockfile.file_name
        rows = _rows(packages, bundle)
        shown.append({"file": name, "packages": rows})
        output.line(output.styled(name, "bold"))
        for row in rows:
            said = "its file is not there" if row["licences"] is None else "states none"
            output.line(f"  {row['name']} {row['version']}: {', '.join(row['licences'] or ()) or said}")
        if any(row["licences"] is None for row in rows):
            output.note(
                f"note: {bundle} has not all files of {name}: `cortexlock fetch --output {bundle}` fetches them"
            )
    output.document({"lockfiles": shown})


def _installed(lockfile: Lockfile) -> Iterable[CondaPackage | PipPackage]:
    """Return what is installed from files: of what the image has, and of trees, no file is in a bundle."""
    packages: list[CondaPackage | PipPackage] = [*steps.linked(lockfile), *steps.installed(lockfile)]
    return (each for each in packages if each.file)


def _rows(packages: Sequence[CondaPackage | PipPackage], bundle: Path) -> list[_Row]:
    """Return what the packages state; None where a file is not in the bundle."""
    stated = licences.of_bundle(bundle, packages)
    there = {each.sha256 for each in packages if (bundle / bundle_path(each)).is_file()}
    return [
        {
            "name": each.name,
            "version": each.version,
            "file": each.file,
            "licences": list(stated.get(each.sha256, ())) if each.sha256 in there else None,
        }
        for each in packages
    ]
