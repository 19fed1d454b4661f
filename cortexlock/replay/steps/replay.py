"""One replay as a whole: what a plan needs is gathered and checked, its steps carried out, the prefix compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing, Fact
from cortexlock.replay.checks import foreseen
from cortexlock.replay.checks.replaceable import check_replaceable
from cortexlock.replay.plan import Plan, make_plan
from cortexlock.replay.prefix.comparison import with_allowed
from cortexlock.replay.prefix.file_digests import FileDigests
from cortexlock.replay.prefix.install_order import order_of
from cortexlock.replay.prefix.problem import Comparison, Problem
from cortexlock.replay.prefix.receipt import Receipt, clear_remains, read_receipt, without_gone, write_receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.carry_out import CarryOut
from cortexlock.replay.steps.removal import strangers
from cortexlock.replay.steps.site import ReplayContext, ReplaySite
from cortexlock.replay.supply.cache import Cache, opened
from cortexlock.replay.supply.gather import Gathered, gather

_ROUNDS = 2
"""How often steps are carried out: a second time where packages have overwritten what another one should have."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation came to.

    Attributes:
        receipt: As it is in the prefix.
        comparison: How the prefix compares with image and lockfile now: what `verify` says of it.
        notes: What else is worth knowing.
        changed: Whether there was anything to do.
    """

    receipt: Receipt
    comparison: Comparison
    notes: tuple[Fact | str, ...] = ()
    changed: bool = True


class Replay:
    """One call of `install`, in a prefix where no other one is running: gather, carry out, compare."""

    def __init__(  # noqa: PLR0913 - what `install` is told
        self,
        project: Project,
        lockfile: Lockfile,
        options: InstallOptions,
        say: OnEvent,
        *,
        keep: Sequence[int],
        digests: FileDigests,
        backoff: float,
    ) -> None:
        """Begin.

        Args:
            project: The project as it is now.
            lockfile: What to carry out.
            options: Where, and how.
            say: Told what happens.
            keep: Descriptors that hold the lock of the prefix.
            digests: What is known of the prefix's files.
            backoff: Seconds before a second retry of a request.
        """
        self._project = project
        self._lockfile = lockfile
        self._options = options
        self._say = say
        self._keep = tuple(keep)
        self._digests = digests
        self._backoff = backoff
        self._known_to_uv = Path()

    def run(self, planned: Plan) -> Installed:
        """Do what is left to do, if anything is.

        Raises:
            CortexlockError: As `install` does.
        """
        for note in foreseen.of_plan(planned):
            self._say(ReplayEvent("check", note, kind="note"))
        receipt = planned.receipt
        strange = strangers(planned, exact=self._options.exact)
        if planned.is_done and not strange and receipt is not None and _is_completed(receipt, planned):
            self._say(ReplayEvent("check", Doing.NOTHING_TO_DO))
            return replace(self._ended(receipt, planned), changed=False)
        options = self._options
        with (
            opened(options.cache, () if options.bundle is None else (options.bundle,)) as cache,
            TemporaryDirectory(prefix="cortexlock-") as known,
        ):
            self._known_to_uv = Path(known)
            return self._carried_out(planned, cache, strange)

    def _carried_out(self, planned: Plan, cache: Cache, strange: Sequence[Problem]) -> Installed:
        got = self._gathered(planned, cache)
        state = _state_of(planned)
        clear_remains(state.prefix.root)
        receipt = self._started(planned)
        resumed = planned.receipt is not None and planned.receipt.state == "started" and self._is_ours(planned.receipt)
        write_receipt(receipt, state.prefix.root)
        site = self._site(state, cache, changes_alone=not any(step.run for step in planned.steps))
        gathered = [got]

        def again(receipt: Receipt, earlier: Plan, state: State, now: Snapshot) -> tuple[Plan, Gathered | None]:
            found = make_plan(self._lockfile, state, receipt, now)
            if found.is_within(earlier):
                return found, None
            check_replaceable(found, _state_of(found), receipt)
            gathered.append(self._gathered(found, cache))
            return found, gathered[-1]

        for number in range(_ROUNDS):
            context = ReplayContext(site, _state_of(planned), gathered[-1].files, gathered[-1].checkouts)
            replay = CarryOut(
                self._lockfile,
                planned,
                context,
                receipt,
                again,
                allow_drift=self._options.allow_drift,
                resumed=resumed and number == 0,
            )
            if number == 0 and strange:
                replay.remove(strange)
            receipt = replace(replay.run(), state="completed")
            state = replay.state  # nothing was done since it was looked at
            planned = make_plan(self._lockfile, state, receipt, replay.now)
            if planned.is_done or number + 1 == _ROUNDS:
                break
            gathered.append(self._gathered(planned, cache))
        self._say(ReplayEvent("verify", Doing.COMPARES))
        receipt = replace(receipt, python=state.prefix.python_version, installed=state.summary())
        return self._ended(receipt, planned)

    def _ended(self, receipt: Receipt, planned: Plan) -> Installed:
        """Tell how the prefix compares, and write the receipt with what was allowed, unless it is there already."""
        root, found = _state_of(planned).prefix.root, planned.comparison
        others = found.allowed
        if self._options.allow_drift:
            others = (*others, *found.of("image", "extra", "conflicts"))
        allowed = replace(receipt, allowed=tuple(sorted(others)))
        if allowed != read_receipt(root):
            write_receipt(allowed, root)
        comparison = with_allowed(found, allowed.allowed)
        if not comparison.differs:
            self._say(ReplayEvent("verify", Doing.AS_LOCKED, kind="milestone"))
        return Installed(allowed, comparison)

    def _gathered(self, planned: Plan, cache: Cache) -> Gathered:
        """Gather what a plan needs, and check all that is known of what its packages will run and write."""
        got = gather(
            self._project, self._lockfile, planned, self._options, cache, on_event=self._say, backoff=self._backoff
        )
        for note in foreseen.of_archives(self._lockfile, planned, got, self._options, self._known_to_uv):
            self._say(ReplayEvent("check", note, kind="note"))
        return got

    def _site(self, state: State, cache: Cache, *, changes_alone: bool) -> ReplaySite:
        options = self._options
        return ReplaySite(
            project=self._project.directory,
            prefix=state.prefix.root,
            cache=cache.directory,
            environment=options.environment,
            on_event=self._say,
            built=[each / "built" for each in cache.also if each != options.bundle],
            installer=options.installer,
            keep=self._keep,
            link_scripts=options.allow_link_scripts,
            digests=self._digests,
            known_to_uv=self._known_to_uv if changes_alone else None,  # a script may change the interpreter, too
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
        earlier = without_gone(earlier, {*self._lockfile.keys, *_state_of(planned).keys})
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


def _state_of(planned: Plan) -> State:
    if planned.state is None:
        raise AssertionError
    return planned.state


def _is_completed(receipt: Receipt, planned: Plan) -> bool:
    return receipt.state == "completed" and receipt.content_hash == planned.content_hash
