"""A plan is carried out: step after step, with a note in the prefix of what is done and of what is known then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from packaging.version import Version

from cortexlock.model import replay_facts as facts
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep, brought_by
from cortexlock.model.package import PackageKey
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.installed_files import of_conda, of_wheels
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.receipt import Receipt, write_receipt
from cortexlock.replay.prefix.snapshot import Digests, Snapshot, after_step, take
from cortexlock.replay.prefix.state import State
from cortexlock.replay.steps.conda import link_conda, unlink_conda
from cortexlock.replay.steps.pip import install_pip
from cortexlock.replay.steps.removal import remove_distributions, remove_strangers
from cortexlock.replay.steps.script import run_script
from cortexlock.replay.steps.script_effects import alterations, check_kept
from cortexlock.replay.steps.site import ReplayContext
from cortexlock.replay.supply.gather import Gathered

_DOTENV_SINCE = Version("0.18")


class CarryOut:
    """One replay, from its first step to its last.

    Rules:
        The steps are carried out in the order of the lockfile, each from what the one before has left.
        The receipt in the prefix is written after each step, so that a replay that is killed can be completed.
        What a script does is not locked: the plan is made anew after it, and what it needs more is gathered.
        What differed before a step and was not changed by it stays a difference.
        What an earlier replay installed and the lockfile has no more is removed after the script, before what is
        installed takes its place.
        What a script takes away of what the lockfile keeps ends the replay.

    Attributes:
        receipt: As it is in the prefix.
    """

    def __init__(  # noqa: PLR0913 - what, where, and what is known of it
        self,
        lockfile: Lockfile,
        planned: Plan,
        context: ReplayContext,
        receipt: Receipt,
        again: Callable[[Receipt, Plan, State, Snapshot], tuple[Plan, Gathered | None]],
        *,
        allow_drift: bool = False,
        resumed: bool = False,
    ) -> None:
        """Begin.

        Args:
            lockfile: What was locked.
            planned: What is left to do.
            context: The prefix, and what was gathered for it.
            receipt: As the replay begins.
            again: Makes the plan anew for what the prefix holds now, and gathers what it needs beyond an earlier one;
                None if that is nothing.
            allow_drift: Whether the script may take away what the lockfile keeps.
            resumed: Whether an earlier replay of the lockfile was ended half-way: what differs since it began counts as
                done by the script, if that is still to run.
        """
        self._lockfile = lockfile
        self._planned = planned
        self._context = context
        self._again = again
        self._allow_drift = allow_drift
        self._resumed = resumed
        self._before = planned.now
        self.receipt = receipt

    @property
    def state(self) -> State:
        """The prefix as it was after the last step that did something."""
        return self._context.state

    @property
    def now(self) -> Snapshot:
        """What the prefix held then."""
        return self._before

    def run(self) -> Receipt:
        """Carry out what is left of each step; return the receipt as it is in the prefix then.

        Raises:
            DifferenceError: The script took away what is kept, or something cannot be removed.
            IntegrityError: A file was changed since it was verified.
            StepError: A step failed.
        """
        for number, step in enumerate(self._lockfile.steps):
            if isinstance(step, ScriptStep):
                if self._planned.steps[number].run:
                    self._run_script(step)
                else:
                    self._note(self.receipt, step.step, self.receipt.known)
                continue
            if self._planned.stale or self._planned.stale_conda:
                self._remove_stale()
            if isinstance(step, CondaStep):
                self._link(number, step)
            else:
                self._install(number, step)
        if self._planned.stale or self._planned.stale_conda:
            self._remove_stale()
        return self.receipt

    def remove(self, strangers: Collection[Problem]) -> None:
        """Remove what is in neither image nor lockfile.

        Raises:
            DifferenceError: It cannot be removed.
            StepError: It cannot be removed.
        """
        remove_strangers(strangers, self._context)
        self._look()

    def _run_script(self, step: ScriptStep) -> None:
        """Run the script, say what it did to the packages, and refuse that it took away what is kept.

        What was there before is what the receipt knows: an earlier run may have been ended half-way.
        """
        site = self._context.site
        before = self.receipt.known if self._resumed else self._before
        site.on_event(ReplayEvent("script", facts.Script(step.file), kind="milestone"))
        run_script(step, site, dotenv=_sources_dotenv(self._lockfile))
        site.on_event(ReplayEvent("script", facts.Script(step.file, ended=True), kind="milestone"))
        now = self._look()
        for altered in alterations(before.packages, now.packages, file=step.file):
            site.on_event(ReplayEvent("script", altered, kind="note"))
        if not self._allow_drift:
            check_kept(self._lockfile, self._context.state, before=self.receipt.known.packages, file=step.file)
        fixed = self._lockfile.installed_keys | self._ours()
        known = after_step(self.receipt.known, before, now, fixed=fixed, is_script=True)
        self._note(replace(self.receipt, script=step.sha256), step.step, known)
        self._planned, gathered = self._again(self.receipt, self._planned, self.state, self.now)
        if gathered is not None:
            self._context = replace(self._context, files=gathered.files, checkouts=gathered.checkouts)

    def _remove_stale(self) -> None:
        names = self._planned.stale
        before = self._before
        remove_distributions(names, self._context.site, self._context.state, why=facts.Why.NOT_LOCKED_ANY_MORE)
        unlink_conda(self._planned.stale_conda, self._context, why=facts.Why.NOT_LOCKED_ANY_MORE)
        left = {name: sha256 for name, sha256 in self.receipt.pip.items() if name not in names}
        linked = {name: sha256 for name, sha256 in self.receipt.conda.items() if name not in self._planned.stale_conda}
        receipt = replace(self.receipt, pip=left, conda=linked)
        fixed = {PackageKey("pip", name) for name in left}
        self._note(receipt, "", after_step(receipt.known, before, self._look(), fixed=fixed))
        self._planned = replace(self._planned, stale=(), stale_conda=())

    def _link(self, number: int, step: CondaStep) -> None:
        packages = self._planned.steps[number].conda
        before = self._before
        if packages:
            link_conda(packages, self._context, file=step.file)
            self._look()
        # What a replay that was killed has linked and not noted is linked as well.
        there = self._context.state.conda
        noted = [each for each in step.linked if each in packages or each.name not in self.receipt.conda]
        noted = [each for each in noted if each.name in there]
        installed = of_conda([package.key for package in noted], self._context.state, self._before)
        linked = {package.name: package.sha256 for package in noted}
        receipt = replace(self.receipt, conda={**self.receipt.conda, **linked})
        self._done(receipt, step.step, before, installed, taken_over=brought_by(noted))

    def _install(self, number: int, step: PipStep) -> None:
        planned = self._planned.steps[number]
        before = self._before
        installed: Mapping[PackageKey, Digests] = {}
        if planned.pip:
            wheels = install_pip(planned, self._context, self.receipt.order)
            self._look()
            installed = of_wheels(wheels, self._context.state, self._before)
        done = {package.name: package.sha256 for package in planned.pip}
        self._done(replace(self.receipt, pip={**self.receipt.pip, **done}), step.step, before, installed)

    def _done(
        self,
        receipt: Receipt,
        step: str,
        before: Snapshot,
        installed: Mapping[PackageKey, Digests],
        *,
        taken_over: Collection[PackageKey] = (),
    ) -> None:
        known = after_step(
            receipt.known, before, self._before, fixed=self._ours(), installed=installed, taken_over=taken_over
        )
        self._note(receipt, step, known)

    def _ours(self) -> frozenset[PackageKey]:
        """Return the distributions that replays installed: what their files have to be follows from their archives."""
        return frozenset(PackageKey("pip", name) for name in self.receipt.pip)

    def _look(self) -> Snapshot:
        """Look at the prefix as it is now."""
        state: State = self._context.site.look()
        self._context = replace(self._context, state=state)
        self._before = take(state)
        return self._before

    def _note(self, receipt: Receipt, step: str, known: Snapshot) -> None:
        """Write into the prefix that a step is done, and what is known then."""
        steps = (*receipt.steps, step) if step else receipt.steps
        self.receipt = replace(receipt, steps=tuple(dict.fromkeys(steps)), known=known)
        write_receipt(self.receipt, self._context.site.prefix)


def _sources_dotenv(lockfile: Lockfile) -> bool:
    """Whether the image sources the project's `.env` before the script: Cortex 0.18 and later."""
    try:
        return Version(lockfile.predictor.cortex_version) >= _DOTENV_SINCE
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return False
