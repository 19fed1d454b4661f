"""`cortex`: a project's dependency files, pinned, as Cortex's own start-up carries them out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cortexlock.export import conda_explicit, requirement_lines, steps
from cortexlock.export.content import Exported, LeftOut, Source
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.package import CondaPackage, PipPackage
from cortexlock.storage.digests import file_digest

_DOCUMENTED, _RUN = "script.sh", "dependencies.sh"
"""The script's documented name, and the one that every release runs."""

_CHECK = """\
# Checked by `cortexlock export cortex`, before anything is installed.
(cd "$(dirname "$0")" && sha256sum --check --quiet) <<'END' || exit 6
{lines}END
"""


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
    content = (source.project / script.file).read_bytes() if script is not None else b""
    checked = _checked(content, files, copies) if script is not None or copies else b""
    if script is not None and script.file == _DOCUMENTED:
        files[script.file] = content
    if checked:
        files[_RUN if script is None or script.file == _DOCUMENTED else script.file] = checked
    executable = frozenset(each for each in files if each in {_DOCUMENTED, _RUN} or (script and each == script.file))
    used = {each.alias for each in distributions}
    variables = sorted({name for place in source.indexes if place.alias in used for name in place.variables})
    return Exported(files, executable, copies, tuple(left_out), tuple(variables))


def _checked(script: bytes, files: Mapping[str, bytes], copies: Mapping[str, Path]) -> bytes:
    """Return the script that is run first, with a check of all other files before it: conda checks no local archive."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    hashes |= {name: file_digest(path) for name, path in copies.items() if path.is_file()}
    first, line_break, rest = script.partition(b"\n") if script.startswith(b"#!") else (b"", b"", script)
    lines = "".join(_check_line(name, hashes[name]) for name in sorted(hashes))
    return first + line_break + _CHECK.format(lines=lines).encode() + rest


def _check_line(name: str, sha256: str) -> str:
    """Return a line as `sha256sum --check` takes it; a backslash in front says that the name is escaped."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{chr(92) if escaped != name else ''}{sha256}  {escaped}\n"


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
