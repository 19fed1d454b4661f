"""`cortex`: a project's dependency files, pinned, as Cortex's own start-up carries them out."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from cortexlock.export import conda_explicit, requirement_lines, steps
from cortexlock.export.content import Exported, LeftOut, Source
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.package import CondaPackage, PipPackage


def export(source: Source) -> Exported:
    """Return the directory: the script as it is, an explicit conda list, and pinned requirements.

    The image's `conda install --file` takes an explicit list as `conda create` does; archives of a channel in the
    project are named by their path from there. The requirements have hashes unless one of them can have none, since
    pip asks for all or nothing.
    """
    files: dict[str, bytes] = {}
    copies: dict[str, Path] = {}
    lockfile = source.lockfile
    script = next(iter(lockfile.script_steps), None)
    if script is not None:
        content = (source.project / script.file).read_bytes()
        files |= dict.fromkeys(_names(script.file), content)
    conda = next(iter(lockfile.conda_steps), None)
    if conda is not None and steps.linked(lockfile):
        text = conda_explicit.listing(source, lambda package: _archive(source, package, copies))
        files["conda-packages.txt" if is_environment_file(conda.file) else conda.file] = text.encode()
    apart = steps.without_isolation(lockfile)
    distributions = tuple(each for each in steps.installed(lockfile) if each.name not in apart)
    left_out = list(steps.not_isolated(lockfile))
    if distributions:
        lists = (each for each in lockfile.requirements_files if not is_environment_file(each))
        files[next(lists, "requirements.txt")] = _requirements(source, distributions).encode()
        builds = tuple(each.name for each in distributions if each.needs_build)
        if builds:
            left_out.append(LeftOut("build-requirements", builds))
    copies |= _trees(source, distributions)
    executable = frozenset(_names(script.file)) if script is not None else frozenset()
    used = {each.alias for each in distributions}
    variables = sorted({name for place in source.indexes if place.alias in used for name in place.variables})
    return Exported(files, executable, copies, tuple(left_out), tuple(variables))


def _names(script: str) -> tuple[str, ...]:
    """Return the names of the script: documented is `script.sh`, and what every release runs is `dependencies.sh`."""
    return (script, "dependencies.sh") if script == "script.sh" else (script,)


def _archive(source: Source, package: CondaPackage, copies: dict[str, Path]) -> str:
    place = source.urls[package.sha256]
    if "://" not in place:
        copies[place] = source.project / place
    return place


def _requirements(source: Source, packages: tuple[PipPackage, ...]) -> str:
    hashed = all(requirement_lines.can_be_hashed(each) for each in packages)
    lines = [
        f"# {source.file}, exported by `cortexlock export cortex`.",
        *requirement_lines.option_lines(packages, source.indexes),
    ]
    lines += [requirement_lines.with_comment(requirement_lines.line(each, hashed=hashed), each) for each in packages]
    return "\n".join(lines) + "\n"


def _trees(source: Source, packages: tuple[PipPackage, ...]) -> dict[str, Path]:
    """Return the files of the local trees and archives that are installed, by their path in the project."""
    found: dict[str, Path] = {}
    for package in packages:
        tree, archive = steps.tree_of(package), steps.archive_of(package)
        if tree is not None:
            for file in source.trees.get(tree, ()):
                found[str(PurePosixPath(tree) / file.as_posix())] = source.project / tree / file
        elif archive is not None:
            found[archive] = source.project / archive
    return found
