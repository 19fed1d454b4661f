"""The use case `install`: check, fetch, carry the steps out in their order, compare, write the receipt."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from cortexlock import process
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing, Fact
from cortexlock.pip.install.with_pip import check_pip
from cortexlock.replay.checks import drift, machine
from cortexlock.replay.checks.inputs import check_inputs
from cortexlock.replay.checks.prefix import check_in_front, check_prefix
from cortexlock.replay.checks.replaceable import check_removable, check_replaceable
from cortexlock.replay.plan import Plan, make_plan
from cortexlock.replay.prefix.file_digests import FileDigests
from cortexlock.replay.prefix.process_lock import exclusive
from cortexlock.replay.prefix.receipt import read_receipt
from cortexlock.replay.prefix.state import read_state
from cortexlock.replay.steps.removal import strangers
from cortexlock.replay.steps.replay import Installed, Replay
from cortexlock.replay.supply.redaction import discreet

_UMASK = 0o022
"""What containers have: what is installed, another user can read, whatever the umask of who installs."""

BACKOFF = 0.5
"""Seconds before a second retry of a request; each later one waits twice as long."""


def plan(project: Project, lockfile: Lockfile, options: InstallOptions, digests: FileDigests | None = None) -> Plan:
    """Check everything that can be checked without the network, and find out what is left to do. Changes nothing.

    Args:
        project: The project as it is now.
        lockfile: What to carry out.
        options: Where, and how.
        digests: What is known of the prefix's files.

    Raises:
        UsageError: This machine or prefix is not what the lockfile is for.
        DifferenceError: The lockfile is stale, or machine or prefix are not what it assumes.
    """
    machine.check_machine(lockfile)
    check_inputs(project, lockfile)
    state = read_state(options.prefix, options.environment, digests)
    check_prefix(lockfile, state)
    check_in_front(lockfile, state)
    if options.gpu_check:
        machine.check_gpu(lockfile, options.environment)
    receipt = read_receipt(state.prefix.root)
    if options.installer == "pip":
        check_pip(state.prefix)
    planned = make_plan(lockfile, state, receipt)
    if not options.allow_drift:
        drift.refuse_drift(drift.drift(lockfile, planned), lockfile.predictor)
    check_replaceable(planned, state, receipt)
    if options.exact:
        check_removable(strangers(planned, exact=options.exact), state)
    return planned


def install(project: Project, lockfile: Lockfile, options: InstallOptions, *, on_event: OnEvent) -> Installed:
    """Make a prefix be as locked.

    Nothing is touched before everything was checked, fetched and verified. A second call over a completed prefix does
    nothing; one after a replay that was ended half-way completes it; two at the same time follow one another.

    Args:
        project: The project as it is now.
        lockfile: What to carry out.
        options: Where, and how.
        on_event: Told what happens.

    Returns:
        What was done, and how the prefix compares with the lockfile then: a difference that is left is no error.

    Raises:
        UsageError: This machine or prefix is not what the lockfile is for.
        DifferenceError: The lockfile is stale, or the prefix is not what it assumes.
        NetworkError: An artifact cannot be had.
        IntegrityError: An artifact has other bytes than the locked ones, or is unsafe.
        StepError: A step failed.
    """
    notes: list[Fact | str] = []

    def noted(event: ReplayEvent) -> None:
        if event.kind == "note":
            notes.append(event.fact)
        on_event(event)

    with suppress(OSError):
        options.cache.mkdir(parents=True, exist_ok=True)  # before: whether others may look into it is the caller's
    with (
        discreet(project, lockfile, options, noted) as say,
        process.umask(_UMASK),
        process.observed(partial(_tell, say)),
    ):
        machine.check_machine(lockfile)
        with exclusive(options.prefix, say) as lock:
            say(ReplayEvent("check", Doing.CHECKS))
            digests = FileDigests()
            planned = plan(project, lockfile, options, digests)
            replay = Replay(project, lockfile, options, say, keep=(lock,), digests=digests, backoff=BACKOFF)
            done = replay.run(planned)
    return replace(done, notes=tuple(dict.fromkeys(notes)))


def _tell(on_event: OnEvent, command: Sequence[str]) -> None:
    """Tell of a command that is run."""
    on_event(ReplayEvent("run", shlex.join(command), kind="command"))
