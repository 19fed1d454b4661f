"""What `cortexlock install` has to say, while it runs and at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli import comparison_report
from cortexlock.cli.output import Output
from cortexlock.cli.replay_words import words
from cortexlock.model.counts import counted
from cortexlock.model.lockfile import ScriptStep
from cortexlock.model.replay_facts import HasRun, OtherImage

if TYPE_CHECKING:
    from cortexlock.model.predictor import LockedPredictor
    from cortexlock.model.replay import ReplayEvent
    from cortexlock.replay.plan import Plan, PlannedStep
    from cortexlock.replay.prefix.problem import Comparison
    from cortexlock.replay.steps.replay import Installed

_MIB = 1 << 20


def describe(event: ReplayEvent) -> str:
    """Return an event as one line: the step, what goes on, and how far it is."""
    if event.kind == "note":
        return f"{event.step}: note: {words(event.fact)}"
    if event.done is None or not event.total:
        return f"{event.step}: {words(event.fact)}"
    if event.step == "fetch":
        return f"{event.step}: {words(event.fact)} ({event.done / _MIB:.1f} of {event.total / _MIB:.1f} MiB)"
    return f"{event.step}: {words(event.fact)} ({event.done} of {event.total})"


def show(output: Output, done: Installed, prefix: Path, image: LockedPredictor) -> None:
    """Print what was installed, or that there was nothing to do, and how the prefix compares with the lockfile then."""
    receipt, comparison = done.receipt, done.comparison
    # That the image is another one is a note of the comparison, too.
    notes = [words(note) for note in done.notes if not isinstance(note, OtherImage)]
    output.document(
        {
            "prefix": str(prefix),
            "state": receipt.state,
            "changed": done.changed,
            "content-hash": receipt.content_hash,
            "image": receipt.image,
            "image-digest": image.digest or None,
            "image-as-captured": _is_as_captured(comparison),
            "platform": receipt.platform,
            "python": receipt.python,
            "steps": list(receipt.steps),
            "installed": {manager: dict(versions) for manager, versions in receipt.installed.items()},
            **comparison_report.document(comparison),
            "notes": [*notes, *comparison_report.notes_of(comparison)],
        }
    )
    if not output.quiet:
        counts = ", ".join(
            counted(len(versions), f"{manager} package") for manager, versions in receipt.installed.items()
        )
        where = f"{receipt.image} on {receipt.platform}, Python {receipt.python}"
        after = [f"  {where}" + (f"; {counts}" if counts else "")]
        if image.digest:
            verdict = "by what it holds" if _is_as_captured(comparison) else "no more: what it holds differs"
            after.append(f"  the image is {image.reference}, {verdict}")
    else:
        after = []
    comparison_report.show(
        output, comparison, prefix, done="" if done.changed else ", nothing to do", after=after, notes=notes
    )


def _is_as_captured(comparison: Comparison) -> bool:
    """Whether the prefix has all that the image has, but for what the lockfile changes."""
    return not any(each.part == "image" for each in (*comparison.problems, *comparison.allowed))


def show_plan(output: Output, plan: Plan, prefix: Path, *, exact: bool = False) -> None:
    """Print what a replay would do."""
    comparison = plan.comparison
    strange = comparison.of("extra") if exact else ()
    notes = list(comparison_report.notes_of(comparison))
    if plan.ran:
        notes.append(words(HasRun(plan.ran)))
    is_done = plan.is_done and not strange
    output.document(
        {
            "prefix": str(prefix),
            "content-hash": plan.content_hash,
            "done": is_done,
            "remove": [*plan.stale, *plan.stale_conda, *(each.package or each.path for each in strange)],
            "steps": [_document(step) for step in plan.steps],
            **comparison_report.document(comparison),
            "notes": notes,
        }
    )
    if is_done:
        comparison_report.show(output, comparison, prefix, done=", nothing to do")
        return
    output.line(f"{prefix}: this would be done")
    for manager, names in (("pip", plan.stale), ("conda", plan.stale_conda)):
        for name in names:
            output.line(
                f"  {manager}: remove {name}, which an earlier installation brought and the lockfile has no more"
            )
    for line in comparison_report.lines_of(strange):
        output.line(f"  remove what is in neither image nor lockfile: {line}")
    for step in plan.steps:
        for line in _work(step):
            output.line(f"  {step.step.step}: {line}")
    for note in notes:
        output.line(f"  {output.styled('note:', 'yellow')} {note}")


def _work(step: PlannedStep) -> list[str]:
    run = [f"run {step.step.file}"] if step.run and isinstance(step.step, ScriptStep) else []
    return run + [f"install {name} {version}" for name, version in _packages(step)]


def _packages(step: PlannedStep) -> list[tuple[str, str]]:
    by_conda = [(package.name, package.version) for package in step.conda]
    return by_conda + [(package.name, package.version) for package in step.pip]


def _document(step: PlannedStep) -> dict[str, object]:
    packages = [{"name": name, "version": version} for name, version in _packages(step)]
    return {"step": step.step.step, "run": step.run, "install": packages}
