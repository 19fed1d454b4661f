"""`script`: one POSIX shell file that carries a lockfile out with the image's own conda and pip."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import PurePosixPath

from cortexlock.errors import UsageError
from cortexlock.export import conda_explicit, heredoc, script_pip, steps
from cortexlock.export.content import Exported, Source
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep
from cortexlock.model.package import CondaPackage, FromGit, PipPackage
from cortexlock.patterns import pattern
from cortexlock.replay.supply import checkouts
from cortexlock.replay.supply.cache import Expected, relative_path
from cortexlock.storage.digests import file_digest

_PLACE = pattern(r"@([A-Z0-9_]+)@")


def export(source: Source) -> Exported:
    """Return the script.

    It takes files by their URL or, with `--from`, from the directory that `cortexlock fetch` filled; checks the bytes
    of all that is on this machine before it changes anything; carries the steps out in their order; and compares names
    and versions at the end. Git repositories are cloned; with `--from` a repository is made of the objects in the
    bundle, whose commit and files are the locked ones.

    Raises:
        UsageError: A file has a name that a line of a list cannot have.
    """
    lockfile = source.lockfile
    template = (files("cortexlock.export") / "data" / "replay.sh").read_text(encoding="utf-8")
    name = f"cortexlock.{lockfile.label}.sh"
    functions, calls = [], []
    for step in lockfile.steps:
        functions.append(_function(step, source))
        calls.append(f"if wanted {step.step}; then step_{step.step} || exit $?; fi")
    given = _project_files(source)
    values = {
        "TITLE": f"{source.file} ({lockfile.predictor.image}), exported by `cortexlock export script`.",
        "NAME": name,
        "LOCKFILE": source.file,
        "LOCKFILE_SHA256": source.sha256,
        "PROJECT_FILES": "\n".join(f"{step} {sha256} {_one_line(path)}" for step, sha256, path in given),
        "BUNDLED_FILES": "\n".join(_bundled_files(source)),
        "REPOSITORIES": "\n".join(_repositories(lockfile)),
        "STEPS": "\n".join(functions).rstrip("\n"),
        "PACKAGES": "\n".join(_packages(source)),
        "CALLS": "\n".join(calls),
    }
    # In one pass: a value that looks like a place for another one is text.
    text = _PLACE.sub(lambda match: values[match[1]], template)
    used = {each.alias for step in lockfile.pip_steps for each in step.packages}
    variables = sorted({each for place in source.indexes if place.alias in used for each in place.variables})
    return Exported({name: text.encode()}, frozenset([name]), variables=tuple(variables))


def bundle_path(package: CondaPackage | PipPackage) -> str:
    """Return where a file is in the directory that `cortexlock fetch` filled."""
    return relative_path(Expected(package.file, package.sha256)).as_posix()


def step_files(step: CondaStep | PipStep) -> Iterator[CondaPackage | PipPackage]:
    """Yield what a step takes from a bundle: files of packages and of what builds need, each once."""
    seen: set[str] = set()
    packages: list[CondaPackage | PipPackage] = [*step.packages]
    if isinstance(step, PipStep):
        packages += [each.package for each in step.build_requirements]
    for package in packages:
        if package.file and package.action != "keep" and package.sha256 not in seen:
            seen.add(package.sha256)
            yield package


def _project_files(source: Source) -> Iterator[tuple[str, str, str]]:
    """Yield step, hash and path of each of the project's files that the steps depend on."""
    for step in source.lockfile.steps:
        if isinstance(step, ScriptStep):
            yield "script", step.sha256, step.file
        elif isinstance(step, CondaStep):
            for archive in (each for each in step.packages if each.file):
                place = source.urls[archive.sha256]
                if "://" not in place and source.bundle is None:
                    yield "conda", archive.sha256, place
        else:
            yield from _of_trees(step, source)


def _of_trees(step: PipStep, source: Source) -> Iterator[tuple[str, str, str]]:
    for package in step.packages:
        archive, tree = steps.archive_of(package), steps.tree_of(package)
        if archive is not None:
            yield step.step, package.sha256, archive
        for file in source.trees.get(tree, ()) if tree is not None else ():
            path = source.project / tree / file if tree is not None else file
            if path.is_file():
                relative = (PurePosixPath(tree or ".") / file.as_posix()).as_posix()
                yield step.step, file_digest(path), relative


def _bundled_files(source: Source) -> Iterator[str]:
    for step in source.lockfile.steps:
        if not isinstance(step, ScriptStep):
            for package in step_files(step):
                if not (isinstance(package, PipPackage) and steps.archive_of(package)):
                    yield f"{step.step} {package.sha256} {bundle_path(package)}"


def _one_line(path: str) -> str:
    if "\n" in path:
        raise UsageError("a file's name has a line break", where=repr(path), hint="rename the file")
    return path


def _repositories(lockfile: Lockfile) -> Iterator[str]:
    """Yield what a bundle has of git repositories: step, hash of the tree, commit, place, name, tags."""
    for step in lockfile.pip_steps:
        for package in step.packages:
            if isinstance(package.source, FromGit) and package.action != "keep":
                place = checkouts.relative_path(package).as_posix()
                words = (step.step, package.sha256, package.source.commit, place, package.name, *package.source.tags)
                yield " ".join(words)


def _packages(source: Source) -> Iterator[str]:
    lockfile = source.lockfile
    for package in steps.linked(lockfile):
        yield f"conda {package.name} {package.version} {package.build}"
    for each in (*steps.installed(lockfile), *steps.kept(lockfile)):
        yield f"pip {each.name} {each.version}"


def _function(step: ScriptStep | CondaStep | PipStep, source: Source) -> str:
    if isinstance(step, ScriptStep):
        body = list(_script(step))
    elif isinstance(step, CondaStep):
        body = list(_conda(step, source))
    else:
        body = list(script_pip.commands(step, source))
    lines = "\n".join(text if heredoc.is_one(text) else f"    {text}" for text in body)
    return f"step_{step.step}() {{\n{lines}\n}}\n"


def _script(step: ScriptStep) -> Iterator[str]:
    yield f"printf 'script: %s\\n' {shlex.quote(step.file)}"
    yield f'(PATH="$prefix/bin:$PATH" && bash -e "$project"/{shlex.quote(step.file)}) || fail 7 "the script failed"'


def _conda(step: CondaStep, source: Source) -> Iterator[str]:
    archives = [each for each in step.packages if each.file]
    if not archives:
        yield ":"
        return
    over_pip = (each for each in archives if any(there.manager == "pip" for there in each.replaces))
    replaced = sorted({key.name for each in over_pip for key in each.brings})
    yield f"printf 'conda: {len(archives)} packages\\n'"
    if replaced:  # conda would leave pip's metadata beside its own
        names = " ".join(map(shlex.quote, replaced))
        yield f'"$python" -m pip uninstall --yes {names} || fail 7 "pip cannot remove {names}"'
    yield "conda=${CONDA_EXE:-conda}"
    yield "list=$scratch/conda.txt"
    local = conda_explicit.listing(source, lambda package: f"@@/files/{package.file}")  # `$` would be escaped
    remote = conda_explicit.listing(source, lambda package: _url(source, package))
    yield 'if [ -n "$from" ]; then'
    yield heredoc.command('"$list"', local.translate(heredoc.ESCAPED).replace("@@", "$scratch"))
    yield "else"
    yield heredoc.command('"$list"', remote)
    yield "fi"
    yield 'set -- --yes --prefix "$prefix" --file "$list"'
    yield 'if [ -n "$from" ]; then set -- --offline "$@"; fi'
    yield '"$conda" install "$@" || fail 7 "conda failed"'


def _url(source: Source, package: CondaPackage) -> str:
    place = source.urls[package.sha256]
    escaped = place.removeprefix("./").translate(heredoc.ESCAPED)
    return escaped if "://" in place else f"$project/{escaped}"
