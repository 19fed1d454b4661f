"""A plan is carried out: step after step, with a note in the prefix of what is done and of what is known then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from cortexlock.model.lockfile import Lockfile, ScriptStep
from cortexlock.model.package import PackageKey
from cortexlock.replay.options import Event
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.receipt import Receipt, write_receipt
from cortexlock.replay.prefix.snapshot import Snapshot, after_step, take
from cortexlock.replay.prefix.state import read_state
from cortexlock.replay.steps.changes import Site, install_pip, remove_stale, run_script
from cortexlock.replay.steps.conda_packages import link_conda, unlink_stale
from cortexlock.replay.steps.script_effects import alterations, check_kept

_DOTENV_SINCE = Version("0.18")


def carry_out(  # noqa: PLR0913 - what, where, and what is known of it
    lockfile: Lockfile,
    planned: Plan,
    site: Site,
    receipt: Receipt,
    again: Callable[[Site, Receipt], tuple[Plan, Site]],
    *,
    allow_drift: bool,
    resumed: bool = False,
) -> tuple[Receipt, dict[str, Path]]:
    """Carry out what is left of each step.

    What an earlier replay installed and the lockfile has no more is removed after the script, before what is installed
    takes its place.

    Args:
        lockfile: What was locked.
        planned: What is left to do.
        site: Where.
        receipt: As the replay begins.
        again: Makes the plan anew and gathers what it needs: a script may change what is there.
        allow_drift: Whether the script may take away what the lockfile keeps.
        resumed: Whether an earlier replay of the lockfile was ended half-way: what differs since it began counts as
            done by the script, if that is still to run.

    Returns:
        The receipt, and the wheels that were installed, by normalized name.

    Raises:
        DifferenceError: The script took away what is kept, or something cannot be removed.
        IntegrityError: A file was changed since it was verified.
        StepError: A step failed.
    """
    wheels: dict[str, Path] = {}
    before = take(read_state(site.prefix, site.environment))
    for number, step in enumerate(lockfile.steps):
        if isinstance(step, ScriptStep):
            if planned.steps[number].run:
                before = receipt.known if resumed else before
                _run_script(step, lockfile, site, before, receipt, allow_drift=allow_drift)
                receipt = replace(receipt, script=step.sha256)
                receipt, before = _noted(receipt, step.step, site, before, script_of=lockfile)
                planned, site = again(site, receipt)
                continue
        elif planned.stale or planned.stale_conda:
            receipt, before = _without_stale(planned, site, receipt, before)
            planned = replace(planned, stale=(), stale_conda=())
        if planned.steps[number].conda:
            link_conda(planned.steps[number].conda, site, file=step.file)
        if planned.steps[number].pip:
            wheels |= install_pip(planned.steps[number], site)
        done = {package.name: package.sha256 for package in planned.steps[number].pip}
        keys = [package.key for package in planned.steps[number].pip]
        keys += [package.key for package in planned.steps[number].conda]
        linked = {package.name: package.sha256 for package in planned.steps[number].conda}
        receipt = replace(receipt, pip={**receipt.pip, **done}, conda={**receipt.conda, **linked})
        receipt, before = _noted(receipt, step.step, site, before, installed=keys)
    if planned.stale or planned.stale_conda:
        receipt, _ = _without_stale(planned, site, receipt, before)
    return receipt, wheels


def _noted(  # noqa: PLR0913 - as above
    receipt: Receipt,
    step: str,
    site: Site,
    before: Snapshot,
    *,
    script_of: Lockfile | None = None,
    installed: Collection[PackageKey] = (),
) -> tuple[Receipt, Snapshot]:
    """Write into the prefix that a step is done; return the receipt, and what is there now."""
    now = take(read_state(site.prefix, site.environment))
    known = after_step(receipt.known, before, now, script_of=script_of, installed=installed)
    receipt = replace(receipt, steps=tuple(dict.fromkeys((*receipt.steps, step))), known=known)
    write_receipt(receipt, site.prefix)
    return receipt, now


def _without_stale(planned: Plan, site: Site, receipt: Receipt, before: Snapshot) -> tuple[Receipt, Snapshot]:
    remove_stale(planned.stale, site)
    unlink_stale(planned.stale_conda, site)
    now = take(read_state(site.prefix, site.environment))
    left = {name: sha256 for name, sha256 in receipt.pip.items() if name not in planned.stale}
    linked = {name: sha256 for name, sha256 in receipt.conda.items() if name not in planned.stale_conda}
    receipt = replace(receipt, pip=left, conda=linked, known=after_step(receipt.known, before, now))
    write_receipt(receipt, site.prefix)
    return receipt, now


def _run_script(  # noqa: PLR0913 - as above
    step: ScriptStep, lockfile: Lockfile, site: Site, before: Snapshot, receipt: Receipt, *, allow_drift: bool
) -> None:
    """Run the script, say what it did to the packages, and refuse that it took away what is kept.

    What was there before is what the receipt knows: an earlier run may have been ended half-way.
    """
    site.on_event(Event("script", f"running {step.file}", kind="milestone"))
    run_script(step, site, dotenv=_sources_dotenv(lockfile))
    site.on_event(Event("script", f"{step.file} has ended well", kind="milestone"))
    state = read_state(site.prefix, site.environment)
    for line in alterations(before.packages, state.summary()):
        site.on_event(Event("script", f"note: {step.file}: {line}"))
    if not allow_drift:
        check_kept(lockfile, state, before=receipt.known.packages, file=step.file)


def _sources_dotenv(lockfile: Lockfile) -> bool:
    """Whether the image sources the project's `.env` before the script: Cortex 0.18 and later."""
    try:
        return Version(lockfile.predictor.cortex_version) >= _DOTENV_SINCE
    except InvalidVersion:
        return False
