"""`script`: one POSIX shell file that carries a lockfile out with the image's own conda and pip."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import PurePosixPath

from cortexlock.export import conda_explicit, requirement_lines, steps
from cortexlock.export.content import Exported, IndexPlace, LeftOut, Source
from cortexlock.inputs.trees import hash_of_file
from cortexlock.model.lockfile import CondaStep, PipStep, ScriptStep
from cortexlock.model.package import (
    DEFAULT_INDEX,
    BuildRequirement,
    CondaPackage,
    FromArchive,
    FromGit,
    FromUrl,
    PipPackage,
)
from cortexlock.replay.supply.cache import Expected, relative_path

_HEREDOC = str.maketrans({"\\": "\\\\", "`": "\\`", "$": "\\$"})
_PLACE = re.compile(r"@([A-Z0-9_]+)@")
_QUOTED = {**_HEREDOC, **str.maketrans({'"': '\\"'})}


def export(source: Source) -> Exported:
    """Return the script.

    It takes files by their URL or, with `--from`, from the directory that `cortexlock fetch` filled; checks the bytes
    of all that is on this machine before it changes anything; carries the steps out in their order; and compares names
    and versions at the end. Git repositories are cloned: they are in no bundle that pip could read.
    """
    lockfile = source.lockfile
    template = (files("cortexlock.export") / "data" / "replay.sh").read_text(encoding="utf-8")
    name = f"cortexlock.{lockfile.label}.sh"
    functions, calls = [], []
    for step in lockfile.steps:
        functions.append(_function(step, source))
        calls.append(f"if wanted {step.step}; then step_{step.step} || exit $?; fi")
    packages = steps.installed(lockfile)
    values = {
        "TITLE": f"{source.file} ({lockfile.predictor.image}), exported by `cortexlock export script`.",
        "NAME": name,
        "LOCKFILE": source.file,
        "LOCKFILE_SHA256": source.sha256,
        "PROJECT_FILES": "\n".join(_project_files(source)),
        "BUNDLED_FILES": "\n".join(_bundled_files(source)),
        "STEPS": "\n".join(functions).rstrip("\n"),
        "PACKAGES": "\n".join(_packages(source)),
        "CALLS": "\n".join(calls),
    }
    # In one pass: a value that looks like a place for another one is text.
    text = _PLACE.sub(lambda match: values[match[1]], template)
    cloned = tuple(each.name for each in packages if steps.is_from_git(each))
    left_out = [LeftOut("git", cloned)] if cloned else []
    used = {each.alias for step in lockfile.pip_steps for each in step.packages}
    variables = sorted({each for place in source.indexes if place.alias in used for each in place.variables})
    return Exported({name: text.encode()}, frozenset([name]), {}, tuple(left_out), tuple(variables))


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


def _project_files(source: Source) -> Iterator[str]:
    """Yield the hashes of the project's files that the steps depend on."""
    for step in source.lockfile.steps:
        if isinstance(step, ScriptStep):
            yield f"script {step.sha256} {step.file}"
        elif isinstance(step, CondaStep):
            for archive in (each for each in step.packages if each.file):
                place = source.urls[archive.sha256]
                if "://" not in place and source.bundle is None:
                    yield f"conda {archive.sha256} {place}"
        else:
            yield from _of_trees(step, source)


def _of_trees(step: PipStep, source: Source) -> Iterator[str]:
    for package in step.packages:
        archive, tree = steps.archive_of(package), steps.tree_of(package)
        if archive is not None:
            yield f"{step.step} {package.sha256} {archive}"
        for file in source.trees.get(tree, ()) if tree is not None else ():
            path = source.project / tree / file if tree is not None else file
            if path.is_file():
                relative = (PurePosixPath(tree or ".") / file.as_posix()).as_posix()
                yield f"{step.step} {hash_of_file(path)} {relative}"


def _bundled_files(source: Source) -> Iterator[str]:
    for step in source.lockfile.steps:
        if not isinstance(step, ScriptStep):
            for package in step_files(step):
                if not (isinstance(package, PipPackage) and steps.archive_of(package)):
                    yield f"{step.step} {package.sha256} {bundle_path(package)}"


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
        body = list(_pip(step, source))
    lines = "\n".join(text if _is_heredoc(text) else f"    {text}" for text in body)
    return f"step_{step.step}() {{\n{lines}\n}}\n"


def _is_heredoc(text: str) -> bool:
    return "<<" in text


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
    local = conda_explicit.listing(source, lambda package: f"$scratch/files/{package.file}").replace("$scratch", "@@")
    remote = conda_explicit.listing(source, lambda package: _url(source, package))
    yield 'if [ -n "$from" ]; then'
    yield _heredoc('"$list"', local.translate(_HEREDOC).replace("@@", "$scratch"))
    yield "else"
    yield _heredoc('"$list"', remote)
    yield "fi"
    yield 'set -- --yes --prefix "$prefix" --file "$list"'
    yield 'if [ -n "$from" ]; then set -- --offline "$@"; fi'
    yield '"$conda" install "$@" || fail 7 "conda failed"'


def _url(source: Source, package: CondaPackage) -> str:
    place = source.urls[package.sha256]
    return place.translate(_HEREDOC) if "://" in place else f"$project/{place.removeprefix('./').translate(_HEREDOC)}"


def _heredoc(target: str, text: str) -> str:
    return f"cat >{target} <<END\n{text}END"


def _pip(step: PipStep, source: Source) -> Iterator[str]:
    packages = [each for each in step.packages if each.action != "keep"]
    if not packages:
        yield ":"
        return
    yield f"printf '{step.step}: {len(packages)} distributions\\n'"
    yield from _index_options(packages, step.build_requirements, source.indexes)
    wheels = [each for each in packages if each.file and not each.needs_build]
    if wheels:
        same = any(there.version == each.version for each in wheels for there in each.replaces)
        yield from _install(f"{step.step}.txt", wheels, force=same)
    for number, package in enumerate(each for each in packages if each.needs_build):
        yield from _build(f"{step.step}-{number}.txt", package, step.build_requirements)


def _index_options(
    packages: Iterable[PipPackage], builds: Iterable[BuildRequirement], indexes: Iterable[IndexPlace]
) -> Iterator[str]:
    """Yield what names the indexes: in variables, which no list of processes shows."""
    used = {each.alias for each in (*packages, *(each.package for each in builds))}
    places = [place for place in indexes if place.alias in used and (place.is_declared or place.alias != DEFAULT_INDEX)]
    if not places:
        return
    yield 'if [ -z "$from" ]; then'
    for name in sorted({name for place in places for name in place.variables}):
        yield f'    [ -n "${{{name}:-}}" ] || fail 2 "set {name}: an index takes its credentials from there"'
    primary = [place for place in places if place.alias == DEFAULT_INDEX]
    if primary:
        yield f"    PIP_INDEX_URL=${{PIP_INDEX_URL:-{_double_quoted(primary)}}}"
        yield "    export PIP_INDEX_URL"
    for kind, variable in (("index", "PIP_EXTRA_INDEX_URL"), ("links", "PIP_FIND_LINKS")):
        further = [place for place in places if place.kind == kind and place.alias != DEFAULT_INDEX]
        if further:
            yield f"    {variable}={_double_quoted(further)}"
            yield f"    export {variable}"
    yield "fi"


def _double_quoted(places: Iterable[IndexPlace]) -> str:
    """Return URLs as one word of the shell, in which only the variables of credentials are replaced."""
    texts = []
    for place in places:
        text = place.url.translate(_QUOTED)
        for name in place.variables:
            text = text.replace(f"\\${{{name}}}", f"${{{name}}}")
        texts.append(text)
    return f'"{" ".join(texts)}"'


def _install(file: str, packages: list[PipPackage], *, force: bool) -> Iterator[str]:
    lines = [_line(each) for each in packages]
    yield _heredoc(f'"$scratch/{file}"', "\n".join(lines) + "\n")
    options = "--force-reinstall " if force else ""
    yield f'pip_install {options}--require-hashes -r "$scratch/{file}" || fail 7 "pip failed"'


def _line(package: PipPackage) -> str:
    """Return a line for the heredoc: what is a file of its own is named by its path or URL."""
    hashed = f"--hash=sha256:{package.sha256}"
    match package.source:
        case FromArchive(path):
            return f"file://$project/{path.translate(_HEREDOC)} {hashed}"
        case FromUrl(url, subdirectory):
            place = f"$(place {shlex.quote(package.file)} {shlex.quote(url)})#egg={package.name}"
            inside = f"&subdirectory={subdirectory.translate(_HEREDOC)}" if subdirectory else ""
            return f"{place}{inside} {hashed}"
        case _:
            return f"{package.name}=={package.version} {hashed}"


def _build(file: str, package: PipPackage, builds: Iterable[BuildRequirement]) -> Iterator[str]:
    """Yield the installation of one distribution that is built, with its locked build requirements."""
    pins = [each.package for each in builds if package.name in each.needed_by]
    constraints = "".join(f"{each.name}=={each.version}\n" for each in pins)
    variables = ""
    if constraints:
        yield _heredoc(f'"$scratch/{file}.build"', constraints)
        # Until pip 25.2 the one holds for builds, from 25.3 the other.
        path = f'"$scratch/{file}.build"'
        variables = f"export PIP_CONSTRAINT={path} PIP_BUILD_CONSTRAINT={path} && "
    if package.file:
        yield _heredoc(f'"$scratch/{file}"', _line(package) + "\n")
        yield f'({variables}pip_install --require-hashes -r "$scratch/{file}") || fail 7 "pip failed"'
        return
    if isinstance(package.source, FromGit):
        text = requirement_lines.line(package, hashed=False)
        yield f'[ -z "$from" ] || fail 2 "{package.name} is in a git repository, which --from cannot give to pip"'
        yield _heredoc(f'"$scratch/{file}"', text.translate(_HEREDOC) + "\n")
        yield "export GIT_TERMINAL_PROMPT=0"
        yield f'({variables}pip_install -r "$scratch/{file}") || fail 7 "pip failed"'
        return
    option = "--editable " if package.editable else ""
    path = f'"$project"/{shlex.quote(steps.tree_of(package) or ".")}'
    yield f'({variables}pip_install {option}{path}) || fail 7 "pip failed"'
