"""The difference of two lockfiles in words: for a terminal, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.cli.output import Output
from cortexlock.lockfile.difference import ChangeKind, Difference, FactChange, PackageChange
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage

_ORDER: tuple[ChangeKind, ...] = ("upgraded", "downgraded", "changed", "rebuilt", "added", "removed", "image")
_TITLES = {
    "upgraded": "Upgraded",
    "downgraded": "Downgraded",
    "changed": "Changed",
    "rebuilt": "Rebuilt (the same version, another file)",
    "added": "Added",
    "removed": "Removed",
    "image": "Changed in the image itself",
}
_STYLES = {"added": "green", "removed": "red", "downgraded": "red", "image": "dim"}


def lines(output: Output, found: Difference) -> Iterator[str]:
    """Yield a line for each change: `pandas 1.1.5 -> 1.0.5 (requirements.txt)`."""
    for fact in found.facts:
        yield f"{fact.fact}: {_pair(fact.before, fact.after)}"
    for kind in _ORDER:
        for change in found.packages:
            if change.kind == kind:
                style = _STYLES.get(kind, "yellow")
                yield f"{output.styled(_sign(change), style)} {text_of(change)}"


def text_of(change: PackageChange) -> str:
    """Return a change as a line: `pandas 1.1.5 -> 1.0.5 (requirements.txt)`."""
    manager = " (conda)" if change.key.manager == "conda" else ""
    asked = f" for {', '.join(change.by)}" if change.by else ""
    if change.kind == "rebuilt":
        versions = change.after if change.before == change.after else f"{change.before} -> {change.after}"
        return f"{change.key.name}{manager} {versions}: another file"
    image = " in the image itself" if change.kind == "image" else ""
    if not change.before:
        return f"{change.key.name}{manager} {change.after}{f': new{image}' if image else asked}"
    if not change.after:
        return f"{change.key.name}{manager} {change.before}{f': gone{image}' if image else ''}"
    return f"{change.key.name}{manager} {change.before} -> {change.after}{f':{image}' if image else ''}"


def summary(found: Difference) -> str:
    """Return how many packages changed in which way: `2 upgraded, 1 added`."""
    counts = {kind: sum(each.kind == kind for each in found.packages) for kind in _ORDER}
    words = [
        f"{count} {'changed in the image' if kind == 'image' else kind}" for kind, count in counts.items() if count
    ]
    words += [f"other {fact}" for fact in dict.fromkeys(each.fact for each in found.facts)]
    return ", ".join(words) or "nothing differs"


def markdown(title: str, found: Difference) -> str:
    """Return the difference as Markdown, for a comment in a review or a step's summary."""
    parts = [f"### {title}", "", f"{summary(found)}." if found else "Nothing differs."]
    if found.facts:
        parts += ["", "| | before | after |", "| --- | --- | --- |"]
        parts += [f"| {each.fact} | {_cell(each.before)} | {_cell(each.after)} |" for each in found.facts]
    for kind in _ORDER:
        changes = [each for each in found.packages if each.kind == kind]
        if changes:
            parts += ["", f"**{_TITLES[kind]}** ({len(changes)})", ""]
            parts += ["| package | before | after | asked for by |", "| --- | --- | --- | --- |"]
            parts += [_row(each) for each in changes]
    return "\n".join(parts) + "\n"


def document(found: Difference) -> dict[str, object]:
    """Return the difference as JSON has it."""
    return {
        "packages": [
            {
                "manager": each.key.manager,
                "name": each.key.name,
                "kind": each.kind,
                "before": each.before or None,
                "after": each.after or None,
                "by": list(each.by),
            }
            for each in found.packages
        ],
        "facts": [_fact(each) for each in found.facts],
    }


def _fact(each: FactChange) -> dict[str, object]:
    return {"fact": each.fact, "before": each.before or None, "after": each.after or None}


def _sign(change: PackageChange) -> str:
    return {"added": "+", "removed": "-"}.get(change.kind, "~")


def _pair(before: str, after: str) -> str:
    return f"{before or 'none'} -> {after or 'none'}"


def _row(each: PackageChange) -> str:
    name = f"{each.key.name} (conda)" if each.key.manager == "conda" else each.key.name
    return f"| {_cell(name)} | {_cell(each.before)} | {_cell(each.after)} | {_cell(', '.join(each.by))} |"


def _cell(text: str) -> str:
    """Return a text that no Markdown reads anything into."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;")
    return " ".join(escaped.split()).replace("*", "\\*").replace("_", "\\_").replace("[", "\\[") or "—"


def short_lines(lockfile: Lockfile) -> Iterator[str]:
    """Yield a line for each fact and package of a lockfile, without hashes and sizes."""
    yield f"{lockfile.predictor.image} {lockfile.predictor.cortex_version}".strip()
    yield f"python {lockfile.python}"
    for step in lockfile.steps:
        yield f"{step.step}: {step.file}"
        for package in step.packages:
            asked = f" for {', '.join(package.by)}" if package.by else ""
            build = f" {package.build}" if isinstance(package, CondaPackage) and package.build else ""
            yield f"  {package.action} {package.name} {package.version}{build}{asked}"
