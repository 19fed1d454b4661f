"""The step `pip` of an exported script: commands for the image's pip, from 9 on."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from cortexlock.export import heredoc, requirement_lines, steps
from cortexlock.export.content import IndexPlace, Source
from cortexlock.model.index_alias import DEFAULT_INDEX
from cortexlock.model.lockfile import PipStep
from cortexlock.model.nested_builds import built_in_prefix, needed_for
from cortexlock.model.package import BuildRequirement, FromArchive, FromGit, FromUrl, PipPackage


def commands(step: PipStep, source: Source) -> Iterator[str]:
    """Yield the commands that install what a step adds and changes: wheels at once, then what is built, one by one.

    What is built in the environment itself comes last.
    """
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
    last = built_in_prefix(packages)
    alone = [each for each in packages if each.needs_build and each not in last]
    for number, package in enumerate((*alone, *last)):
        yield from _build(f"{step.step}-{number}.txt", package, step.build_requirements)


def _index_options(
    packages: Sequence[PipPackage], builds: Iterable[BuildRequirement], indexes: Iterable[IndexPlace]
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
    if requirement_lines.asks_no_index(packages, places):
        yield "    PIP_NO_INDEX=1"
        yield "    export PIP_NO_INDEX"
    yield "fi"


def _double_quoted(places: Iterable[IndexPlace]) -> str:
    """Return URLs as one word of the shell, in which only the variables of credentials are replaced."""
    texts = []
    for place in places:
        text = place.url.translate(heredoc.QUOTED)
        for name in place.variables:
            text = text.replace(f"\\${{{name}}}", f"${{{name}}}")
        texts.append(text)
    return f'"{" ".join(texts)}"'


def _install(file: str, packages: list[PipPackage], *, force: bool) -> Iterator[str]:
    lines = [_line(each) for each in packages]
    yield heredoc.command(f'"$scratch/{file}"', "\n".join(lines) + "\n")
    options = "--force-reinstall " if force else ""
    yield f'pip_install {options}--require-hashes -r "$scratch/{file}" || fail 7 "pip failed"'


def _line(package: PipPackage) -> str:
    """Return a line for the heredoc: what is a file of its own is named by its path or URL."""
    hashed = f"--hash=sha256:{package.sha256}"
    match package.source:
        case FromArchive(path):
            return f"file://$project/{path.translate(heredoc.ESCAPED)} {hashed}"
        case FromUrl(url, subdirectory):
            place = f"$(place {shlex.quote(package.file)} {shlex.quote(url)})#egg={package.name}"
            inside = f"&subdirectory={subdirectory.translate(heredoc.ESCAPED)}" if subdirectory else ""
            return f"{place}{inside} {hashed}"
        case _:
            return f"{package.name}=={package.version} {hashed}"


def _build(file: str, package: PipPackage, builds: Iterable[BuildRequirement]) -> Iterator[str]:
    """Yield the installation of one distribution that is built, with its locked build requirements."""
    pins = [each.package for each in needed_for({package.name}, tuple(builds))]
    constraints = "".join(f"{each.name}=={each.version}\n" for each in pins)
    variables = ""
    if constraints:
        yield heredoc.command(f'"$scratch/{file}.build"', constraints)
        # Until pip 25.2 the one holds for builds, from 25.3 the other.
        path = f'"$scratch/{file}.build"'
        variables = f"export PIP_CONSTRAINT={path} PIP_BUILD_CONSTRAINT={path} && "
    install = (
        f"{variables}pip_install --no-build-isolation" if package.no_build_isolation else f"{variables}pip_install"
    )
    if package.file:
        yield heredoc.command(f'"$scratch/{file}"', _line(package) + "\n")
        yield f'({install} --require-hashes -r "$scratch/{file}") || fail 7 "pip failed"'
        return
    option = "--editable " if package.editable else ""
    if isinstance(package.source, FromGit):
        yield from _clone(file, package, package.source, install)
        return
    path = f'"$project"/{shlex.quote(steps.tree_of(package) or ".")}'
    yield f'({install} {option}{path}) || fail 7 "pip failed"'


def _clone(file: str, package: PipPackage, source: FromGit, install: str) -> Iterator[str]:
    """Yield the installation of what is built from a commit: pip clones it, or it was made of a bundle's objects.

    What is editable stays where pip puts it: below `src` in the environment.
    """
    inside = f"/{shlex.quote(source.subdirectory)}" if source.subdirectory else ""
    target, option = f'"$scratch/git/{package.name}"', ""
    yield 'if [ -n "$from" ]; then'
    if source.editable:
        yield f'    keep_checkout {package.name} || fail 7 "{package.name} cannot be copied"'
        target, option = f'"$prefix/src/{package.name}"', "--editable "
    yield f'    ({install} {option}{target}{inside}) || fail 7 "pip failed"'
    yield "else"
    text = requirement_lines.line(package, hashed=False)
    yield heredoc.command(f'"$scratch/{file}"', text.translate(heredoc.ESCAPED) + "\n")
    yield "    export GIT_TERMINAL_PROMPT=0"
    option = '--src "$prefix/src" ' if source.editable else ""
    yield f'    ({install} {option}-r "$scratch/{file}") || fail 7 "pip failed"'
    yield "fi"
