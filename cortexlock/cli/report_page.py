"""The page that `cortexlock report` writes: lockfiles as values for its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2
import squarify

from cortexlock import __version__
from cortexlock.cli import difference_text, lock_words, stale_words
from cortexlock.cli.image_words import image_words
from cortexlock.cli.lock_report import describe
from cortexlock.cli.output import escaped
from cortexlock.lock import lock_notes
from cortexlock.lock.check import Checked
from cortexlock.lockfile.difference import Difference
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep, Step
from cortexlock.model.package import CondaPackage, PipPackage

_UNITS = ("B", "kB", "MB", "GB")
_THOUSAND = 1000
_LABELLED = (6.0, 5.0)
"""Per cent of the map's width and height from which on a tile has room for its name."""
_LEAST = 0.002
"""Part of all bytes from which on a package has a tile of its own."""
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Reported:
    """A lockfile, what `check` says of it, and what is different from a revision (None: nothing to compare with)."""

    lockfile: Lockfile
    checked: Checked | None
    difference: Difference | None


def page(project: str, reported: Sequence[Reported], revision: str) -> str:
    """Return the page: one HTML document that needs nothing else.

    Args:
        project: The project's name.
        reported: Its lockfiles.
        revision: What they are compared with.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.finalize = lambda value: escaped(value) if isinstance(value, str) else value
    template = environment.from_string((files("cortexlock.cli") / "data" / "report.html.j2").read_text("utf-8"))
    wrong = sum(len(_warnings(each)) for each in reported)
    return template.render(
        title=f"Dependencies of {project}",
        lead=f"{_count(len(reported), 'lockfile')}, {_count(wrong, 'thing')} to look at",
        revision=revision,
        version=__version__,
        lockfiles=[_lockfile(each, number) for number, each in enumerate(reported, 1)],
    )


def _lockfile(each: Reported, number: int) -> Mapping[str, object]:
    lockfile = each.lockfile
    sized = [(package, step) for step, package in _installed(lockfile) if package.size]
    total = sum(package.size for package, _step in sized)
    largest = sorted(sized, key=lambda pair: -pair[0].size)[:_NAMED]
    named = ", ".join(f"{package.name} {_size(package.size)}" for package, _step in largest)
    return {
        "id": f"lockfile-{number}",
        "file": lockfile.file_name,
        "warnings": _warnings(each),
        "facts": list(_facts(lockfile)),
        "difference": None if each.difference is None else list(_changes(each.difference)),
        "summary": "" if each.difference is None else f"{difference_text.summary(each.difference)}.",
        "layers": list(_layers(lockfile)),
        "replaced": list(_replaced(lockfile)),
        "tiles": _tiles(sized),
        "map_text": f"{_size(total)} in {_count(len(sized), 'file')}; the largest: {named}.",
        "packages": [_row(step, package) for step, package in _installed(lockfile)],
    }


def _warnings(each: Reported) -> list[str]:
    lockfile, checked = each.lockfile, each.checked
    said = [(reason.file, stale_words.words(reason.fact)) for reason in checked.reasons] if checked else []
    stale = [f"{checked.state}: {file}: {why}" for file, why in said] if checked else []
    python = f"conda replaces Python {lockfile.assumed_python} of the image with {lockfile.python}"
    return [
        *stale,
        *([python] if lockfile.changes_python else []),
        *(describe(conflict) for conflict in lockfile.conflicts),
        *(lock_words.words(note) for note in lock_notes.of_lockfile(lockfile)),
    ]


def _facts(lockfile: Lockfile) -> Iterator[tuple[str, str]]:
    image = lockfile.predictor
    yield "image", f"{image_words(image, lockfile.platform, lockfile.subdir)} {image.cortex_version}".strip()
    yield "Python", lockfile.python
    if lockfile.channels:
        yield "channels", ", ".join(lockfile.channels)
    if lockfile.indexes:
        yield "indexes", ", ".join(lockfile.indexes)
    yield "cut-off date", lockfile.exclude_newer or "none"


def _changes(difference: Difference) -> Iterator[Mapping[str, str]]:
    for fact in difference.facts:
        yield {"name": fact.fact, "kind": "fact", "before": fact.before, "after": fact.after, "by": ""}
    for change in difference.packages:
        name = f"{change.key.name} (conda)" if change.key.manager == "conda" else change.key.name
        by = ", ".join(change.by)
        yield {"name": name, "kind": change.kind, "before": change.before, "after": change.after, "by": by}


def _layers(lockfile: Lockfile) -> Iterator[Mapping[str, str]]:
    by = {manager: sum(each.manager == manager for each in lockfile.pre_installed) for manager in ("conda", "pip")}
    image = f"{lockfile.predictor.image}; {by['pip']} packages of pip and {by['conda']} of conda are known"
    yield {"kind": "image", "title": "image", "text": image}
    for step in lockfile.steps:
        kind = {"script": "script", "conda": "conda"}.get(step.step, "add")
        yield {"kind": kind, "title": step.step, "text": _of_step(step)}


def _of_step(step: Step) -> str:
    if isinstance(step, ScriptStep):
        return f"{step.file}, run with bash -e; what it does is not locked, its bytes are"
    counts = [
        f"{sum(package.action == action for package in step.packages)} {word}"
        for action, word in (("add", "added"), ("change", "changed"), ("keep", "kept"))
    ]
    size = sum(package.size for package in step.packages)
    return f"{step.file or 'what the image brings'}; {', '.join(counts)}; {_size(size)} to download"


def _replaced(lockfile: Lockfile) -> Iterator[Mapping[str, str]]:
    for step, package in _installed(lockfile):
        if package.replaces:
            yield {
                "name": package.name,
                "before": ", ".join(f"{each.version} ({each.manager})" for each in package.replaces),
                "after": package.version,
                "step": step.step,
                "by": ", ".join(package.by),
            }


def _row(step: Step, package: CondaPackage | PipPackage) -> Mapping[str, str]:
    return {
        "name": package.name,
        "version": package.version,
        "step": step.step,
        "action": package.action,
        "size": _size(package.size) if package.size else "",
        "by": ", ".join(package.by),
    }


def _installed(lockfile: Lockfile) -> Iterator[tuple[Step, CondaPackage | PipPackage]]:
    for step in lockfile.steps:
        if isinstance(step, CondaStep):
            yield from ((step, each) for each in step.linked)
        elif isinstance(step, PipStep):
            yield from ((step, each) for each in step.installed)


def _tiles(sized: Sequence[tuple[CondaPackage | PipPackage, Step]]) -> list[dict[str, str]]:
    """Return the rectangles of a treemap, in per cent of its width and height; the smallest files share one."""
    total = sum(package.size for package, _step in sized)
    entries = [
        (package.name, package.size, _kind(package, step)) for package, step in sized if package.size >= total * _LEAST
    ]
    rest = total - sum(size for _name, size, _kind in entries)
    if rest:
        entries.append(("smaller ones", rest, "image"))
    entries.sort(key=lambda entry: (-entry[1], entry[0]))
    if not entries:
        return []
    # Laid out as wide as it is shown on a wide page; per cent of both sides fit any other.
    areas = squarify.normalize_sizes([size for _name, size, _kind in entries], 300, 100)
    found = []
    for (name, size, kind), tile in zip(entries, squarify.squarify(areas, 0, 0, 300, 100), strict=True):
        width, height = tile["dx"] / 3, tile["dy"]
        is_labelled = width >= _LABELLED[0] and height >= _LABELLED[1]
        places = {"left": tile["x"] / 3, "top": tile["y"], "width": width, "height": height}
        shown = {key: f"{value:.3f}" for key, value in places.items()}
        label = f"{name} {_size(size)}" if is_labelled else ""
        found.append({"name": name, "kind": kind, "size": _size(size), "label": label, **shown})
    return found


def _kind(package: CondaPackage | PipPackage, step: Step) -> str:
    if package.action == "change":
        return "change"
    return "conda" if step.step == "conda" else "add"


def _size(size: int) -> str:
    """Return a size as people read it: `641.8 kB`."""
    value, unit = float(size), 0
    while value >= _THOUSAND and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
