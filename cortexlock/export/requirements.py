"""`requirements`: a hashed requirements file of what pip installs."""

from __future__ import annotations

from cortexlock.export import requirement_lines, steps
from cortexlock.export.content import Exported, LeftOut, Source

FILE = "requirements.lock.txt"


def export(source: Source, *, with_image: bool = False) -> Exported:
    """Return the requirements file.

    What pip cannot check by a hash (repositories, local trees) makes a file without it impossible to hash as a whole:
    these lines are left out, as are the steps that are not pip's.

    Args:
        source: What is exported.
        with_image: Whether what was asked for and stays as the image has it is pinned, too; such a line has no hash,
            so that the file as a whole has none.
    """
    lockfile = source.lockfile
    apart = steps.without_isolation(lockfile)
    packages = [each for each in steps.installed(lockfile) if each.name not in apart]
    carried = [each for each in packages if requirement_lines.can_be_hashed(each)]
    left_out = [*steps.not_carried(lockfile, pip=True), *steps.not_isolated(lockfile)]
    left_out += _left("tree", [each.name for each in packages if steps.tree_of(each)])
    left_out += _left("git", [each.name for each in packages if steps.is_from_git(each)])
    builds = sorted({each.name for each in carried if each.needs_build})
    if builds and steps.build_requirements(lockfile):
        left_out += [LeftOut("build-requirements", tuple(builds))]
    lines = [
        f"# {source.file} ({lockfile.predictor.image}, Python {lockfile.python}), exported by `cortexlock export`.",
        "# Install with: pip install --no-deps -r FILE",
        *requirement_lines.option_lines(carried, source.indexes),
    ]
    kept = steps.kept(lockfile) if with_image else ()
    for package in sorted((*carried, *kept), key=lambda each: each.name):
        text = requirement_lines.line(package, hashed=not kept)
        lines.append(requirement_lines.with_comment(text, package))
    used = {each.alias for each in carried}
    variables = sorted({name for place in source.indexes if place.alias in used for name in place.variables})
    text = "\n".join(lines) + "\n"
    return Exported({FILE: text.encode()}, left_out=tuple(left_out), variables=tuple(variables))


def _left(kind: str, names: list[str]) -> list[LeftOut]:
    return [LeftOut("git" if kind == "git" else "tree", tuple(names))] if names else []
