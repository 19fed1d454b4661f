"""What `cortexlock lock` has to say at its end: what was written, and what it does to the image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cortexlock.cli.image_words import image_words
from cortexlock.cli.output import Output
from cortexlock.model.lockfile import Lockfile, ScriptStep, Step
from cortexlock.model.package import CondaPackage, Conflict, PipPackage
from cortexlock.put_off import when_used

if TYPE_CHECKING:
    from cortexlock.cli import difference_text, lock_words
    from cortexlock.lock.locked import Locked
    from cortexlock.lockfile import difference
else:  # where nothing has changed, there is nothing to say
    difference_text = when_used("cortexlock.cli.difference_text")
    lock_words = when_used("cortexlock.cli.lock_words")
    difference = when_used("cortexlock.lockfile.difference")

_COLUMNS = ("step", "add", "change", "keep")


def documents(locked: Sequence[Locked]) -> list[dict[str, object]]:
    """Return what became of each platform, for `--json`."""
    return [_document(one) for one in locked]


def show(output: Output, locked: Sequence[Locked], *, dry_run: bool = False) -> None:
    """Print what became of each platform: what is different since the last lock, and what it does to the image."""
    if output.as_json:
        output.document({"lockfiles": documents(locked)})
    show_lines(output, locked, dry_run=dry_run)


def show_lines(output: Output, locked: Sequence[Locked], *, dry_run: bool = False) -> None:
    """Print what became of each platform, for people."""
    if output.quiet:
        return
    for one in locked:
        output.line(_headline(output, one, dry_run=dry_run))
        output.line(f"  {_image(one)}")
        if one.replaced_python:
            output.line(f"  {output.styled('WARNING', 'red')}: {_replaced(one)}")
        _counts(output, one.lockfile)
        _since(output, one)
        for title, lines in (
            ("changes in the image", [_change(package) for package in _changed(one.lockfile)]),
            ("conflicts", [describe(conflict) for conflict in one.lockfile.conflicts]),
            ("notes", [lock_words.words(note) for note in one.notes]),
        ):
            if lines:
                output.line(f"  {output.styled(title, 'yellow')}:")
            for line in lines:
                output.line(f"    {line}")


def describe(conflict: Conflict) -> str:
    """Return a conflict as a sentence."""
    there = f"{conflict.found} is there" if conflict.found else "it is not there"
    already = " (it does not hold in the image either)" if conflict.already else ""
    return f"{conflict.package} {conflict.version} requires {conflict.requirement}, {there}{already}"


def _since(output: Output, one: Locked) -> None:
    """Print what changed since the lockfile that was there before."""
    if not one.changed or one.previous is None:
        return
    found = difference.difference(one.previous, one.lockfile)
    output.line(f"  {output.styled('since the last lock', 'yellow')}: {difference_text.summary(found)}")
    for line in difference_text.lines(output, found):
        output.line(f"    {line}")


def _headline(output: Output, one: Locked, *, dry_run: bool) -> str:
    written = "would change" if dry_run else "written"
    state = output.styled(written, "green") if one.changed else output.styled("unchanged", "dim")
    return f"{one.path.name}: {state}"


def _image(one: Locked) -> str:
    predictor = one.lockfile.predictor
    default = ", the newest, as nothing says another" if one.default_release else ""
    described = f" ({predictor.file})" if predictor.file else ""
    release = f", Cortex {predictor.cortex_version}{default}" if predictor.cortex_version else ""
    image = image_words(predictor, one.lockfile.platform, one.lockfile.subdir)
    return f"{image}{described}{release}; Python {one.lockfile.python}"


def _replaced(one: Locked) -> str:
    return (
        f"conda replaces Python {one.replaced_python} with {one.lockfile.python}; what the image has for pip is lost "
        "(see notes; --strict refuses this)"
    )


def _counts(output: Output, lockfile: Lockfile) -> None:
    rows = [(step.step, *_numbers(step)) for step in lockfile.steps if not isinstance(step, ScriptStep)]
    for script in lockfile.script_steps:
        output.line(f"  script: {script.file} (what it installs is not locked)")
    if not lockfile.steps:
        output.line("  nothing to do on top of the image")
    elif rows and output.rich and not output.as_json:
        _table(output, rows)
    else:
        for step, added, changed, kept in rows:
            output.line(f"  {step}: {added} added, {changed} changed, {kept} kept")


def _table(output: Output, rows: Sequence[tuple[str, int, int, int]]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only where there is a terminal
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=SIMPLE_HEAD, header_style="bold" if output.color else "")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column == "step" else "right")
    for row in rows:
        table.add_row(*map(str, row))
    Console(no_color=not output.color).print(table)


def _numbers(step: Step) -> tuple[int, int, int]:
    actions = Counter(package.action for package in step.packages)
    return actions["add"], actions["change"], actions["keep"]


def _changed(lockfile: Lockfile) -> Iterator[CondaPackage | PipPackage]:
    for step in lockfile.steps:
        yield from (package for package in step.packages if package.action == "change")


def _change(package: CondaPackage | PipPackage) -> str:
    before = " and ".join(map(str, package.replaces)) if isinstance(package, CondaPackage) else _version(package)
    asked = f" (for {', '.join(package.by)})" if package.by else ""
    after = package.version
    if isinstance(package, CondaPackage) and any(each.version == package.version for each in package.replaces):
        after = f"{package.version}, build {package.build}"
    return f"{package.name} {before} -> {after}{asked}"


def _version(package: PipPackage) -> str:
    """Return the version that a distribution replaces."""
    return package.replaces[0].version if package.replaces else ""


def _replaces(package: CondaPackage | PipPackage) -> object:
    """Return what a package replaces as JSON has it: a version, or, for conda's, a list with managers."""
    return _version(package) if isinstance(package, PipPackage) else [str(each) for each in package.replaces]


def _document(one: Locked) -> dict[str, object]:
    predictor = one.lockfile.predictor
    return {
        "platform": one.platform,
        "file": one.path.name,
        "changed": one.changed,
        "since": difference_text.document(difference.difference(one.previous, one.lockfile)) if one.previous else None,
        "predictor": {
            "type": predictor.type,
            "cortex-version": predictor.cortex_version,
            "image": predictor.image,
            "slim": predictor.slim,
            "default-release": one.default_release,
        },
        "python": one.lockfile.python,
        "replaced-python": one.replaced_python or None,
        "steps": [dict(zip(_COLUMNS, (step.step, *_numbers(step)), strict=True)) for step in one.lockfile.steps],
        "changes": [
            {"name": package.name, "version": package.version, "replaces": _replaces(package), "by": package.by}
            for package in _changed(one.lockfile)
        ],
        "conflicts": [
            {
                "package": conflict.package,
                "version": conflict.version,
                "requirement": conflict.requirement,
                "found": conflict.found or None,
                "already": conflict.already,
            }
            for conflict in one.lockfile.conflicts
        ],
        "notes": [lock_words.words(note) for note in one.notes],
    }
