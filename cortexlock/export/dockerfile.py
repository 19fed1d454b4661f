"""`dockerfile`: a Dockerfile that carries a lockfile out on its base image, and what it copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cortexlock.export import script, steps
from cortexlock.export.content import Exported, Source
from cortexlock.model.lockfile import CondaStep, PipStep, ScriptStep
from cortexlock.pip.sources import git_repository
from cortexlock.replay.supply import checkouts

FILE = "Dockerfile"
_PLACE = "/opt/cortexlock"
"""Where the script and the project's files are in the image; removed again by nobody: they say what was done."""


def export(source: Source) -> Exported:
    """Return the Dockerfile, the script that it runs, and the project's files that this needs.

    A step is a layer of its own, with a layer of its files before it where a bundle has them, in the order of the
    steps: a changed requirement leaves the layers of the script and of conda as they are.
    """
    lockfile = source.lockfile
    made = script.export(source)
    (name,) = made.files
    copies: dict[str, Path] = {}
    lines = [
        f"# {source.file} ({lockfile.predictor.image}), exported by `cortexlock export dockerfile`.",
        f"ARG BASE={source.base_image}" if source.base_image else "ARG BASE",
        "FROM ${BASE}",
        _copy([name], f"{_PLACE}/"),
        f"RUN mkdir -p {_PLACE}/project {_PLACE}/files",  # the script asks for them, whether or not a step has files
    ]
    mount = ""
    if made.variables:
        lines.append("# Credentials are secrets of the build: docker build --secret id=NAME,env=NAME …")
        mount = " ".join(f"--mount=type=secret,id={each},env={each}" for each in made.variables) + " "
    for step in lockfile.steps:
        for files, target in _files_of(step, source):
            lines.append(_copy(files, target))
            copies |= {file: _origin(file, source) for file in files}
        bundle = f" --from {_PLACE}/files" if source.bundle is not None else ""
        command = f"sh {_PLACE}/{name} --project {_PLACE}/project --step {step.step}{bundle}"
        lines.append(f"RUN {mount}{command}")
    lines.append(f"RUN sh {_PLACE}/{name} --project {_PLACE}/project --check")
    text = "\n".join(lines) + "\n"
    return Exported({FILE: text.encode(), **made.files}, made.executable, copies, made.left_out, made.variables)


def _files_of(step: ScriptStep | CondaStep | PipStep, source: Source) -> Iterator[tuple[list[str], str]]:
    """Yield what a step needs: paths beside the Dockerfile, and the directory in the image that they go to."""
    if isinstance(step, ScriptStep):
        yield [step.file], _target(step.file)
        return
    if source.bundle is not None:
        yield from _of_repositories(step, Path(source.bundle))
        found = sorted(script.bundle_path(each) for each in script.step_files(step))
        if found:
            yield found, f"{_PLACE}/files/"
    elif isinstance(step, CondaStep):
        local = {source.urls[each.sha256] for each in step.packages if each.file}
        for path in sorted(each for each in local if "://" not in each):
            yield [path], _target(path)
    if isinstance(step, PipStep):
        yield from _of_project(step, source)


def _of_repositories(step: CondaStep | PipStep, bundle: Path) -> Iterator[tuple[list[str], str]]:
    """Yield the packs of a bundle's git repositories: all of them that counts."""
    for package in step.packages if isinstance(step, PipStep) else ():
        if steps.is_from_git(package) and package.action != "keep":
            place = checkouts.relative_path(package)
            packs = [path.relative_to(bundle).as_posix() for path in git_repository.stored_packs(bundle / place)]
            yield packs, f"{_PLACE}/files/{place.as_posix()}/.git/objects/pack/"


def _of_project(step: PipStep, source: Source) -> Iterator[tuple[list[str], str]]:
    """Yield the local archives and the files of local trees, those of one directory together."""
    by_target: dict[str, list[str]] = {}
    for package in step.packages:
        tree, archive = steps.tree_of(package), steps.archive_of(package)
        of_tree = source.trees.get(tree, ()) if tree is not None else ()
        files = [str(PurePosixPath(tree or ".") / file.as_posix()) for file in of_tree]
        for path in (*files, *([archive] if archive is not None else [])):
            by_target.setdefault(_target(path), []).append(path)
    for target in sorted(by_target):
        yield by_target[target], target


def _target(path: str) -> str:
    parent = PurePosixPath(path).parent.as_posix()
    return f"{_PLACE}/project/" if parent == "." else f"{_PLACE}/project/{parent}/"


def _origin(file: str, source: Source) -> Path:
    """Return where a file is now: in the bundle, or in the project."""
    in_bundle = source.bundle is not None and file.startswith(("artifacts/sha256/", "git/"))
    return Path(source.bundle or "") / file if in_bundle else source.project / file


def _copy(files: list[str], target: str) -> str:
    """Return a COPY instruction in the form that takes names with blanks; variables and patterns in names are text."""
    sources = [_literal(re.sub(r"([\[*?])", r"[\1]", file)) for file in files]
    return f"COPY {json.dumps([*sources, _literal(target)])}"


def _literal(text: str) -> str:
    return text.replace("$", "\\$")
