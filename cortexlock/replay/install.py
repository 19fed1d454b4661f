"""The use case `install`: check, fetch, carry the steps out in their order, verify, write the receipt."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from cortexlock import process
from cortexlock.errors import UsageError
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.pip.install.with_pip import check_pip
from cortexlock.replay.checks import before, machine, shared_files
from cortexlock.replay.checks.replaceable import check_replaceable
from cortexlock.replay.options import Event, Installer, InstallOptions, OnEvent
from cortexlock.replay.plan import Plan, make_plan
from cortexlock.replay.prefix import comparison
from cortexlock.replay.prefix.receipt import Receipt, clear_remains, read_receipt, write_receipt
from cortexlock.replay.prefix.snapshot import Snapshot, accepted, take
from cortexlock.replay.prefix.state import State, read_state
from cortexlock.replay.redaction import discreet
from cortexlock.replay.steps.carry_out import carry_out
from cortexlock.replay.steps.changes import Site
from cortexlock.replay.supply.cache import Cache, opened
from cortexlock.replay.supply.gather import Gathered, gather

LOCK_NAME = ".cortexlock.lock"
NOTHING_TO_DO = "the prefix is as locked already: nothing to do"
"""The text of the event that tells of it."""

_SIGNS = ("pyvenv.cfg", "conda-meta", "bin/python", "bin/python3")
"""What tells an environment from any other directory, which gets no lock file."""

_UMASK = 0o022
"""What containers have: what is installed, another user can read, whatever the umask of who installs."""

BACKOFF = 0.5
"""Seconds before a second retry of a request; each later one waits twice as long."""


def plan(project: Project, lockfile: Lockfile, options: InstallOptions) -> Plan:
    """Check everything that can be checked without the network, and find out what is left to do. Changes nothing.

    Raises:
        UsageError: This machine or prefix is not what the lockfile is for.
        DifferenceError: The lockfile is stale, or machine or prefix are not what it assumes.
    """
    machine.check_machine(lockfile)
    before.check_inputs(project, lockfile)
    state = read_state(options.prefix, options.environment)
    before.check_prefix(lockfile, state)
    if options.gpu_check:
        machine.check_gpu(lockfile, options.environment)
    receipt = read_receipt(state.prefix.root)
    drift = before.drift(lockfile, state, receipt, content_hash=content_hash(lockfile))
    if not options.allow_drift:
        before.refuse_drift(drift)
    if options.installer == "pip":
        check_pip(state.prefix)
    planned = make_plan(lockfile, state, receipt, (*drift.notes, *drift.differences))
    check_replaceable(planned, state, receipt)
    return planned


def install(project: Project, lockfile: Lockfile, options: InstallOptions, *, on_event: OnEvent) -> Receipt:
    """Make a prefix be as locked.

    Nothing is touched before everything was checked, fetched and verified. A second call over a completed prefix does
    nothing; one after a replay that was ended half-way completes it; two at the same time follow one another.

    Args:
        project: The project as it is now.
        lockfile: What to carry out.
        options: Where, and how.
        on_event: Told what happens.

    Returns:
        The receipt, as it was written into the prefix.

    Raises:
        UsageError: This machine or prefix is not what the lockfile is for.
        DifferenceError: The lockfile is stale, the prefix is not what it assumes, or is not as locked afterwards.
        NetworkError: An artifact cannot be had.
        IntegrityError: An artifact has other bytes than the locked ones, or is unsafe.
        StepError: A step failed.
    """
    with suppress(OSError):
        options.cache.mkdir(parents=True, exist_ok=True)  # before: whether others may look into it is the caller's
    with (
        discreet(project, lockfile, options, on_event) as say,
        process.umask(_UMASK),
        process.observed(partial(_tell, say)),
    ):
        return _install(project, lockfile, options, say)


def _install(project: Project, lockfile: Lockfile, options: InstallOptions, on_event: OnEvent) -> Receipt:
    machine.check_machine(lockfile)
    with _alone(options.prefix, on_event) as lock:
        on_event(Event("check", "checking project and prefix"))
        planned = plan(project, lockfile, options)
        for note in planned.notes:
            on_event(Event("check", f"note: {note}"))
        state = read_state(options.prefix, options.environment)
        receipt = read_receipt(state.prefix.root)
        resumed = receipt is not None and receipt.state == "started" and receipt.content_hash == planned.content_hash
        known = _known(lockfile, state, receipt, allow_drift=options.allow_drift)
        if planned.is_done and receipt is not None and _is_completed(receipt, planned):
            on_event(Event("check", NOTHING_TO_DO))
            if receipt.known != known:
                receipt = replace(receipt, known=known)
                write_receipt(receipt, state.prefix.root)
            return receipt
        with opened(options.cache, () if options.bundle is None else (options.bundle,)) as cache:
            got = _gathered(project, lockfile, planned, options, cache, on_event)
            clear_remains(state.prefix.root)
            tools = _tools(planned, state, options.installer)
            receipt = replace(_started(lockfile, planned, receipt), tools=tools, known=known)
            write_receipt(receipt, state.prefix.root)
            site = Site(
                project.directory,
                state.prefix.root,
                cache.directory,
                got.files,
                got.checkouts,
                options.environment,
                on_event,
                [each / "built" for each in cache.also if each != options.bundle],
                options.installer,
                (lock,),
                link_scripts=options.allow_link_scripts,
            )

            def again(site: Site, receipt: Receipt) -> tuple[Plan, Site]:
                found = make_plan(lockfile, read_state(site.prefix, site.environment), receipt)
                if found.is_within(planned):
                    return found, site
                check_replaceable(found, read_state(site.prefix, site.environment), receipt)
                got = _gathered(project, lockfile, found, options, cache, on_event)
                return found, replace(site, files=got.files, checkouts=got.checkouts)

            receipt, wheels = carry_out(
                lockfile, planned, site, receipt, again, allow_drift=options.allow_drift, resumed=resumed
            )
            return _verified(lockfile, options, receipt, wheels, on_event)


def _gathered(  # noqa: PLR0913, PLR0917 - what `install` has at hand
    project: Project, lockfile: Lockfile, planned: Plan, options: InstallOptions, cache: Cache, on_event: OnEvent
) -> Gathered:
    """Gather what a plan needs, check that there is space for it, and say what its packages would run and overwrite."""
    got = gather(project, lockfile, planned, options, cache, on_event=on_event, backoff=BACKOFF)
    state = read_state(options.prefix, options.environment)
    before.check_space(planned, got.files, state)
    before.check_prefix_path(got.listings, options.prefix)
    for name, listing in sorted(got.listings.items()):
        if listing.scripts:
            on_event(Event("check", _of_link_scripts(name, listing.scripts, run=options.allow_link_scripts)))
    for note in shared_files.foreseen(planned, got.listings, state, python=lockfile.python):
        on_event(Event("check", f"note: {note}"))
    return got


@contextmanager
def _alone(prefix: Path, on_event: OnEvent) -> Iterator[int]:
    """Keep other replays out of a prefix, or wait for one that is running there; yield what holds the lock.

    What writes to the prefix keeps it open, so that the lock of a replay that was killed lasts until its installer,
    which nobody could tell to stop, has come to its end.
    """
    import fcntl  # noqa: PLC0415 - Windows, where this module can be imported, has none

    if not prefix.is_dir():
        raise UsageError(
            "There is no such prefix", where=str(prefix), hint="name the image's environment with --prefix"
        )
    if not any((prefix / sign).exists() for sign in _SIGNS):
        raise UsageError(
            "There is no Python environment in it", where=str(prefix), hint="name the image's environment with --prefix"
        )
    try:
        descriptor = os.open(prefix / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UsageError(
            f"The prefix cannot be written: {error.strerror}", where=str(prefix), hint="run as its owner"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_event(Event("check", "waiting for another replay in this prefix", kind="milestone"))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _verified(
    lockfile: Lockfile, options: InstallOptions, receipt: Receipt, wheels: Mapping[str, Path], on_event: OnEvent
) -> Receipt:
    """Compare the prefix with the lockfile, and write the receipt of a completed replay."""
    on_event(Event("verify", "comparing the prefix with the lockfile"))
    state = read_state(options.prefix, options.environment)
    wanted = lockfile.without_kept() if options.allow_drift else lockfile
    verified = comparison.compare(wanted, state, wheels)
    for note in verified.notes:
        on_event(Event("verify", f"note: {note}"))
    comparison.refuse_differences(verified)
    receipt = replace(receipt, state="completed", python=state.prefix.python_version, installed=state.summary())
    write_receipt(receipt, state.prefix.root)
    on_event(Event("verify", "the prefix is as locked", kind="milestone"))
    return receipt


def _tell(on_event: OnEvent, command: Sequence[str]) -> None:
    """Tell of a command that is run."""
    on_event(Event("run", shlex.join(command), kind="command"))


def _of_link_scripts(name: str, scripts: Sequence[str], *, run: bool) -> str:
    done = "run, as --allow-link-scripts says" if run else "not run; --allow-link-scripts lets them run"
    return f"note: link scripts of the conda package {name} are {done}: {', '.join(scripts)}"


def _is_completed(receipt: Receipt, planned: Plan) -> bool:
    return receipt.state == "completed" and receipt.content_hash == planned.content_hash


def _tools(planned: Plan, state: State, installer: Installer) -> dict[str, str]:
    """Return the versions of what installs."""
    own = ["cortexlock", *(["py-rattler"] if any(step.conda for step in planned.steps) else [])]
    if installer == "uv":
        return {name: version(name) for name in (*own, "uv")}
    return {**{name: version(name) for name in own}, "pip": ", ".join(state.versions("pip"))}


def _known(lockfile: Lockfile, state: State, earlier: Receipt | None, *, allow_drift: bool) -> Snapshot:
    """Return what is known before the first step: what an earlier replay left, or else what is there."""
    if earlier is None or not earlier.known.packages:
        return take(state)
    return accepted(earlier.known, take(state), lockfile) if allow_drift else earlier.known


def _started(lockfile: Lockfile, planned: Plan, earlier: Receipt | None) -> Receipt:
    """Return the receipt to begin with; what an earlier replay installed is still known."""
    runs = any(step.run for step in planned.steps)
    return Receipt(
        state="started",
        content_hash=planned.content_hash,
        image=lockfile.predictor.image,
        platform=lockfile.platform,
        python=lockfile.python,
        pip=dict(earlier.pip) if earlier is not None else {},
        conda=dict(earlier.conda) if earlier is not None else {},
        script=earlier.script if earlier is not None and not runs else "",
    )
