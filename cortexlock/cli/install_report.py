"""What `cortexlock install` has to say, while it runs and at its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli.output import Output
from cortexlock.model.lockfile import ScriptStep

if TYPE_CHECKING:
    from cortexlock.replay.options import Event
    from cortexlock.replay.plan import Plan, PlannedStep
    from cortexlock.replay.prefix.receipt import Receipt

NOTE = "note: "
"""How an event starts that is still worth reading when all is done."""

_MIB = 1 << 20


def describe(event: Event) -> str:
    """Return an event as one line: the step, what goes on, and how far it is."""
    if event.done is None or not event.total:
        return f"{event.step}: {event.text}"
    if event.step == "fetch":
        return f"{event.step}: {event.text} ({event.done / _MIB:.1f} of {event.total / _MIB:.1f} MiB)"
    return f"{event.step}: {event.text} ({event.done} of {event.total})"


def show(output: Output, receipt: Receipt, prefix: Path, notes: Sequence[str], *, changed: bool = True) -> None:
    """Print what was installed, or that there was nothing to do."""
    output.document(
        {
            "prefix": str(prefix),
            "state": receipt.state,
            "changed": changed,
            "content-hash": receipt.content_hash,
            "image": receipt.image,
            "platform": receipt.platform,
            "python": receipt.python,
            "steps": list(receipt.steps),
            "installed": {manager: dict(versions) for manager, versions in receipt.installed.items()},
            "notes": list(notes),
        }
    )
    if output.quiet:
        return
    counts = ", ".join(f"{len(versions)} {manager} packages" for manager, versions in receipt.installed.items())
    done = "" if changed else ", nothing to do"
    output.line(f"{prefix}: {output.styled('as locked', 'green')}{done}")
    output.line(f"  {receipt.image} on {receipt.platform}, Python {receipt.python}" + (f"; {counts}" if counts else ""))
    _notes(output, notes)


def show_plan(output: Output, plan: Plan, prefix: Path) -> None:
    """Print what a replay would do."""
    output.document(
        {
            "prefix": str(prefix),
            "content-hash": plan.content_hash,
            "done": plan.is_done,
            "remove": [*plan.stale, *plan.stale_conda],
            "steps": [_document(step) for step in plan.steps],
            "notes": list(plan.notes),
        }
    )
    state = "as locked, nothing to do" if plan.is_done else "this would be done"
    output.line(f"{prefix}: {state}")
    for manager, names in (("pip", plan.stale), ("conda", plan.stale_conda)):
        for name in names:
            output.line(
                f"  {manager}: remove {name}, which an earlier installation brought and the lockfile has no more"
            )
    for step in plan.steps:
        for line in _work(step):
            output.line(f"  {step.step.step}: {line}")
    _notes(output, plan.notes)


def _work(step: PlannedStep) -> list[str]:
    run = [f"run {step.step.file}"] if step.run and isinstance(step.step, ScriptStep) else []
    return run + [f"install {name} {version}" for name, version in _packages(step)]


def _packages(step: PlannedStep) -> list[tuple[str, str]]:
    by_conda = [(package.name, package.version) for package in step.conda]
    return by_conda + [(package.name, package.version) for package in step.pip]


def _document(step: PlannedStep) -> dict[str, object]:
    packages = [{"name": name, "version": version} for name, version in _packages(step)]
    return {"step": step.step.step, "run": step.run, "install": packages}


def _notes(output: Output, notes: Sequence[str]) -> None:
    for note in notes:
        output.line(f"  {output.styled('note:', 'yellow')} {note}")
