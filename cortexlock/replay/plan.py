"""What is left to do in a prefix until it is as locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from cortexlock.conda import dependents
from cortexlock.conda.prefix import same
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep, Step, brought_by
from cortexlock.model.nested_builds import build_context, built_in_prefix, needed_for
from cortexlock.model.package import BuildRequirement, CondaPackage, PackageKey, PipPackage
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.prefix.comparison import compare
from cortexlock.replay.prefix.problem import Comparison
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import Snapshot, take
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.subject import SEEDS


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of the lockfile, and what of it is left to do.

    Attributes:
        step: As locked.
        conda: Packages to link.
        pip: Distributions to install.
        run: Whether a script must run.
    """

    step: Step
    conda: tuple[CondaPackage, ...] = ()
    pip: tuple[PipPackage, ...] = ()
    run: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.conda or self.pip or self.run)

    @property
    def build_requirements(self) -> tuple[BuildRequirement, ...]:
        """What the builds of this step need."""
        if not isinstance(self.step, PipStep):
            return ()
        building = {package.name for package in self.pip if package.needs_build}
        return needed_for(building, self.step.build_requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is left to do, and the prefix that it was made for.

    Attributes:
        steps: All steps in order.
        content_hash: The lockfile's.
        stale: Distributions that an earlier replay installed and the lockfile does not have any more, to be removed.
        stale_conda: Such conda packages, to be unlinked.
        ran: The script that has run here for another lockfile and is not run again; empty if there is none.
        state: The prefix; None for a plan that is for no prefix.
        now: What the prefix holds.
        receipt: Of the last replay in it; None if there was none.
        comparison: How it compares with image and lockfile.
    """

    steps: tuple[PlannedStep, ...]
    content_hash: str
    stale: tuple[str, ...] = ()
    stale_conda: tuple[str, ...] = ()
    ran: str = ""
    state: State | None = field(default=None, compare=False)
    now: Snapshot = field(default_factory=Snapshot, compare=False)
    receipt: Receipt | None = None
    comparison: Comparison = field(default_factory=Comparison, compare=False)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing that a replay would do."""
        return not self.stale and not self.stale_conda and all(step.is_done for step in self.steps)

    def is_within(self, other: Plan) -> bool:
        """Whether another plan has all that is to be installed here, so that nothing more must be had for it."""
        return _hashes(self) <= _hashes(other)


def _hashes(plan: Plan) -> set[tuple[str, str]]:
    conda = {(package.name, package.sha256) for step in plan.steps for package in step.conda}
    return conda | {(package.name, package.sha256) for step in plan.steps for package in step.pip}


def make_plan(lockfile: Lockfile, state: State, receipt: Receipt | None, now: Snapshot | None = None) -> Plan:
    """Find out what is left to do.

    A distribution is as locked if the comparison finds nothing of it, and the receipt says that it was installed from
    the locked artifact; a conda package if the comparison finds nothing of it, and its record has the locked hash.
    A script that has run in this prefix is done, of whatever lockfile it was, unless what goes before it changes.

    Args:
        lockfile: What was locked.
        state: What is there.
        receipt: Of the last replay in this prefix, of whatever lockfile.
        now: What the prefix holds, if it was looked at already.
    """
    own_hash = content_hash(lockfile)
    now = now or take(state)
    comparison = compare(lockfile, state, receipt, now)
    wrong = {each.key for each in comparison.of("locked")}
    stale = _stale(lockfile, state, receipt, now)
    known = receipt.pip if receipt is not None else {}
    steps: list[PlannedStep] = []
    ran = ""
    python_changes = False
    for step in lockfile.steps:
        if isinstance(step, ScriptStep):
            is_same = receipt is not None and receipt.script == step.sha256 and all(each.is_done for each in steps)
            steps.append(PlannedStep(step, run=not is_same))
            if is_same and receipt is not None and receipt.content_hash != own_hash:
                ran = step.file
        elif isinstance(step, CondaStep):
            left = tuple(each for each in step.linked if each.key in wrong or not _is_linked(each, state, receipt))
            python_changes = any(each.name == "python" for each in left)
            steps.append(PlannedStep(step, conda=left))
        else:
            anew = brought_by([package for each in steps for package in each.conda])
            left_of_pip = tuple(
                each
                for each in step.installed
                if python_changes
                or each.key in wrong
                or each.key in anew
                or not each.sha256
                or known.get(each.name) != each.sha256
            )
            steps.append(_with_built(PlannedStep(step, pip=left_of_pip), step, {key.name for key in anew}))
    planned = Plan(
        steps=tuple(steps),
        content_hash=own_hash,
        stale=stale,
        stale_conda=_stale_conda(lockfile, state, receipt),
        ran=ran,
        state=state,
        now=now,
        receipt=receipt,
        comparison=comparison,
    )
    return _with_sharers(planned, state)


def everything(lockfile: Lockfile) -> Plan:
    """Return all that a lockfile can ever ask for, whatever a prefix holds."""
    steps: list[PlannedStep] = []
    for step in lockfile.steps:
        if isinstance(step, ScriptStep):
            steps.append(PlannedStep(step, run=True))
        elif isinstance(step, CondaStep):
            steps.append(PlannedStep(step, conda=step.linked))
        else:
            steps.append(PlannedStep(step, pip=step.installed))
    return Plan(steps=tuple(steps), content_hash=content_hash(lockfile))


def _with_sharers(planned: Plan, state: State) -> Plan:
    """Return a plan with what shares a file with what is installed or removed: it is decided anew who has that."""
    touched = {PackageKey("pip", name) for name in planned.stale}
    touched |= {package.key for step in planned.steps for package in step.pip}
    paths = {path for key in touched for path in state.listings.get(key, {})}
    sharers = {key for key, listing in state.listings.items() if key.manager == "pip" and not paths.isdisjoint(listing)}
    if sharers <= touched:
        return planned
    return replace(planned, steps=tuple(_with(step, sharers) for step in planned.steps))


def _with_built(planned: PlannedStep, step: PipStep, anew: Collection[str]) -> PlannedStep:
    """Return a plan of a step with what is built in the prefix for something that is installed anew."""
    changed = {*anew, *(package.name for package in planned.pip)}
    built: set[str] = set()
    for package in built_in_prefix(step.installed):
        if not changed.isdisjoint(build_context(package, step.installed)):
            changed.add(package.name)
            built.add(package.name)
    there = {package.name for package in planned.pip} | built
    return replace(planned, pip=tuple(each for each in step.installed if each.name in there)) if built else planned


def _with(planned: PlannedStep, keys: Collection[PackageKey]) -> PlannedStep:
    if not isinstance(planned.step, PipStep):
        return planned
    there = {package.key for package in planned.pip}
    return replace(planned, pip=tuple(each for each in planned.step.installed if each.key in keys or each.key in there))


def _stale(lockfile: Lockfile, state: State, receipt: Receipt | None, now: Snapshot) -> tuple[str, ...]:
    """Return what an earlier replay installed and nobody asks for, unless somebody has installed it anew since.

    What was there in its place before is not known, so that what the image is assumed to have stays.
    """
    if receipt is None:
        return ()
    wanted = {key.name for key in lockfile.keys | lockfile.assumed if key.manager == "pip"} | SEEDS
    left = sorted(set(receipt.pip) - wanted)
    return tuple(name for name in left if state.of_pip(name) and not _is_anew(name, state, receipt.known.records, now))


def _stale_conda(lockfile: Lockfile, state: State, receipt: Receipt | None) -> tuple[str, ...]:
    """Return the conda packages that an earlier replay linked and nobody asks for, nor any package that stays.

    What another archive has taken the place of since is somebody else's.
    """
    if receipt is None:
        return ()
    wanted = {key.name for key in lockfile.assumed | lockfile.keys if key.manager == "conda"} | {"python"}
    left = {
        name
        for name, sha256 in receipt.conda.items()
        if name in state.conda and state.conda[name].sha256 == sha256
        if PackageKey.of("conda", name).name not in wanted
    }
    return tuple(sorted(dependents.unneeded(state.prefix.root, left))) if left else ()


def _is_anew(name: str, state: State, left: Mapping[PackageKey, str], now: Snapshot) -> bool:
    """Whether somebody else has installed a distribution since a replay did."""
    key = PackageKey("pip", name)
    is_altered = key in left and left[key] != now.records.get(key)
    return is_altered and all(recorded(each) is not None for each in state.of_pip(name))


def _is_linked(package: CondaPackage, state: State, receipt: Receipt | None) -> bool:
    """Whether a package is linked, and all is noted that goes with it: a killed replay may have come to the links."""
    found = state.conda.get(package.name)
    if receipt is not None and receipt.state == "started" and receipt.conda.get(package.name) != package.sha256:
        return False
    return found is not None and bool(found.sha256 or found.md5) and same(package, found)
