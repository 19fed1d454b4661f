"""The use case `install`: check, fetch, carry the steps out in their order, compare, write the receipt."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from cortexlock import process
from cortexlock.errors import UsageError
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.model.project import Project
from cortexlock.pip.install.with_pip import check_pip
from cortexlock.replay.checks import drift, foreseen, machine
from cortexlock.replay.checks.inputs import check_inputs
from cortexlock.replay.checks.prefix import check_prefix
from cortexlock.replay.checks.replaceable import check_removable, check_replaceable
from cortexlock.replay.options import Event, InstallOptions, OnEvent
from cortexlock.replay.plan import Plan, make_plan
from cortexlock.replay.prefix.comparison import compare
from cortexlock.replay.prefix.file_digests import FileDigests
from cortexlock.replay.prefix.install_order import order_of
from cortexlock.replay.prefix.problem import Comparison, Problem
from cortexlock.replay.prefix.receipt import Receipt, clear_remains, read_receipt, write_receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State, read_state
from cortexlock.replay.redaction import discreet
from cortexlock.replay.steps.carry_out import CarryOut
from cortexlock.replay.steps.site import ReplaySite, StepContext
from cortexlock.replay.supply.cache import Cache, opened
from cortexlock.replay.supply.gather import Gathered, gather

LOCK_NAME = ".cortexlock.lock"

_SIGNS = ("pyvenv.cfg", "conda-meta", "bin/python", "bin/python3")
"""What tells an environment from any other directory, which gets no lock file."""

_UMASK = 0o022
"""What containers have: what is installed, another user can read, whatever the umask of who installs."""

BACKOFF = 0.5
"""Seconds before a second retry of a request; each later one waits twice as long."""

_ROUNDS = 2
"""How often steps are carried out: a second time where packages have overwritten what another one should have."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation came to.

    Attributes:
        receipt: As it is in the prefix.
        comparison: How the prefix compares with image and lockfile now: what `verify` says of it.
        notes: What else is worth knowing, one sentence each.
        changed: Whether there was anything to do.
    """

    receipt: Receipt
    comparison: Comparison
    notes: tuple[str, ...] = ()
    changed: bool = True


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
    if options.gpu_check:
        machine.check_gpu(lockfile, options.environment)
    receipt = read_receipt(state.prefix.root)
    if options.installer == "pip":
        check_pip(state.prefix)
    planned = make_plan(lockfile, state, receipt)
    if not options.allow_drift:
        drift.refuse_drift(drift.drift(lockfile, planned))
    check_replaceable(planned, state, receipt)
    if options.exact:
        check_removable(_strangers(planned, options), state)
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
    notes: list[str] = []

    def noted(event: Event) -> None:
        if event.kind == "note":
            notes.append(event.text)
        on_event(event)

    with suppress(OSError):
        options.cache.mkdir(parents=True, exist_ok=True)  # before: whether others may look into it is the caller's
    with (
        discreet(project, lockfile, options, noted) as say,
        process.umask(_UMASK),
        process.observed(partial(_tell, say)),
    ):
        machine.check_machine(lockfile)
        with _alone(options.prefix, say) as lock:
            done = _Replay(project, lockfile, options, say, lock).run()
    return replace(done, notes=tuple(dict.fromkeys(notes)))


class _Replay:
    """One call of `install`, in a prefix where no other one is running."""

    def __init__(self, project: Project, lockfile: Lockfile, options: InstallOptions, say: OnEvent, lock: int) -> None:
        self._project = project
        self._lockfile = lockfile
        self._options = options
        self._say = say
        self._lock = lock
        self._digests = FileDigests()

    def run(self) -> Installed:
        """Do what is left to do, if anything is."""
        self._say(Event("check", "checking project and prefix"))
        planned = plan(self._project, self._lockfile, self._options, self._digests)
        for note in foreseen.of_plan(planned):
            self._say(Event("check", note, kind="note"))
        receipt = planned.receipt
        strangers = _strangers(planned, self._options)
        if planned.is_done and not strangers and receipt is not None and _is_completed(receipt, planned):
            self._say(Event("check", "there is nothing to do"))
            return replace(self._ended(receipt, planned.state, planned.now), changed=False)
        options = self._options
        with opened(options.cache, () if options.bundle is None else (options.bundle,)) as cache:
            return self._carried_out(planned, cache, strangers)

    def _carried_out(self, planned: Plan, cache: Cache, strangers: Sequence[Problem]) -> Installed:
        got = self._gathered(planned, cache)
        state = _state_of(planned)
        clear_remains(state.prefix.root)
        receipt = self._started(planned)
        resumed = planned.receipt is not None and planned.receipt.state == "started" and self._is_ours(planned.receipt)
        write_receipt(receipt, state.prefix.root)
        site = self._site(state, cache)
        gathered = [got]

        def again(receipt: Receipt, earlier: Plan) -> tuple[Plan, Gathered | None]:
            found = make_plan(self._lockfile, site.look(), receipt)
            if found.is_within(earlier):
                return found, None
            check_replaceable(found, _state_of(found), receipt)
            gathered.append(self._gathered(found, cache))
            return found, gathered[-1]

        for number in range(_ROUNDS):
            context = StepContext(site, _state_of(planned), gathered[-1].files, gathered[-1].checkouts)
            replay = CarryOut(
                self._lockfile,
                planned,
                context,
                receipt,
                again,
                allow_drift=self._options.allow_drift,
                resumed=resumed and number == 0,
            )
            if number == 0 and strangers:
                replay.remove(strangers)
            receipt = replace(replay.run(), state="completed")
            state = site.look()
            planned = make_plan(self._lockfile, state, receipt)
            if planned.is_done or number + 1 == _ROUNDS:
                break
            gathered.append(self._gathered(planned, cache))
        self._say(Event("verify", "comparing the prefix with the lockfile"))
        receipt = replace(receipt, python=state.prefix.python_version, installed=state.summary())
        return self._ended(receipt, state, planned.now)

    def _ended(self, receipt: Receipt, state: State | None, now: Snapshot) -> Installed:
        """Compare, and write the receipt with what was allowed, unless it is there already."""
        if state is None:
            raise AssertionError
        found = compare(self._lockfile, state, receipt, now)
        others = found.allowed
        if self._options.allow_drift:
            others = (*others, *found.of("image", "extra", "conflicts"))
        allowed = replace(receipt, allowed=tuple(sorted(others)))
        if allowed != read_receipt(state.prefix.root):
            write_receipt(allowed, state.prefix.root)
        comparison = compare(self._lockfile, state, allowed, now)
        if not comparison.differs:
            self._say(Event("verify", "the prefix is as locked", kind="milestone"))
        return Installed(allowed, comparison)

    def _gathered(self, planned: Plan, cache: Cache) -> Gathered:
        """Gather what a plan needs, and check all that is known of what its packages will run and write."""
        got = gather(self._project, self._lockfile, planned, self._options, cache, on_event=self._say, backoff=BACKOFF)
        for note in foreseen.of_archives(self._lockfile, planned, got, self._options):
            self._say(Event("check", note, kind="note"))
        return got

    def _site(self, state: State, cache: Cache) -> ReplaySite:
        options = self._options
        return ReplaySite(
            project=self._project.directory,
            prefix=state.prefix.root,
            cache=cache.directory,
            environment=options.environment,
            on_event=self._say,
            built=[each / "built" for each in cache.also if each != options.bundle],
            installer=options.installer,
            keep=(self._lock,),
            link_scripts=options.allow_link_scripts,
            digests=self._digests,
        )

    def _is_ours(self, receipt: Receipt) -> bool:
        return content_hash(self._lockfile) == receipt.content_hash

    def _started(self, planned: Plan) -> Receipt:
        """Return the receipt to begin with; what an earlier replay installed is still known."""
        earlier = planned.receipt
        runs = any(step.run for step in planned.steps)
        tools = self._tools(_state_of(planned))
        if earlier is None:
            earlier = Receipt(state="started", content_hash="", image="", platform="cpu", python="")
        return Receipt(
            state="started",
            content_hash=planned.content_hash,
            image=self._lockfile.predictor.image,
            platform=self._lockfile.platform,
            python=self._lockfile.python,
            pip=dict(earlier.pip),
            conda=dict(earlier.conda),
            order=order_of(self._lockfile, foreseen.written_names(self._project, self._lockfile)),
            tools=tools,
            script="" if runs else earlier.script,
            known=earlier.known if earlier.known.packages else self._known(planned),
            allowed=earlier.allowed,
        )

    def _tools(self, state: State) -> dict[str, str]:
        """Return the versions of what installs: the same for a replay that goes on where another one was killed."""
        own = ["cortexlock", *(["py-rattler"] if any(step.linked for step in self._lockfile.conda_steps) else [])]
        if self._options.installer == "uv":
            return {name: version(name) for name in (*own, "uv")}
        return {**{name: version(name) for name in own}, "pip": ", ".join(state.versions("pip"))}

    def _known(self, planned: Plan) -> Snapshot:
        """Return what is known before the first step of the first replay: what is there, and belongs there.

        The catalog does not know all that an image has: what it does not know is the image's, unless it is removed or
        was allowed. Of a captured image all is known.
        """
        now = planned.now
        options = self._options
        if not (self._lockfile.predictor.closure == "captured" or options.exact or options.allow_drift):
            return now
        strange = {(each.manager, each.package) for each in planned.comparison.of("extra")}
        packages = {
            manager: {name: each for name, each in versions.items() if (manager, name) not in strange}
            for manager, versions in now.packages.items()
        }
        for each in planned.comparison.of("image"):
            if each.kind in {"missing", "version"}:  # of what was allowed it is known what it should be
                packages[each.manager][each.package] = each.expected
        return replace(
            now,
            packages=packages,
            records={key: each for key, each in now.records.items() if tuple(key) not in strange},
            files={key: each for key, each in now.files.items() if tuple(key) not in strange},
        )


def _strangers(planned: Plan, options: InstallOptions) -> tuple[Problem, ...]:
    """Return what is to be removed because it is in neither image nor lockfile, what was allowed before included."""
    if not options.exact:
        return ()
    found = (*planned.comparison.of("extra"), *(each for each in planned.comparison.allowed if each.part == "extra"))
    stale = {PackageKey.of("pip", name) for name in planned.stale}
    stale |= {PackageKey.of("conda", name) for name in planned.stale_conda}
    return tuple(each for each in found if not each.package or each.key not in stale)


def _state_of(planned: Plan) -> State:
    if planned.state is None:
        raise AssertionError
    return planned.state


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


def _tell(on_event: OnEvent, command: Sequence[str]) -> None:
    """Tell of a command that is run."""
    on_event(Event("run", shlex.join(command), kind="command"))


def _is_completed(receipt: Receipt, planned: Plan) -> bool:
    return receipt.state == "completed" and receipt.content_hash == planned.content_hash
