"""What is left to do in a prefix until it is as locked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from cortexlock.conda import dependents
from cortexlock.conda.prefix import same
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, ScriptStep, Step
from cortexlock.model.package import BuildRequirement, CondaPackage, PackageKey, PipPackage, brought_by
from cortexlock.pip.prefix.comparison import problems
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.prefix.comparison import conda_problems
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import records_of
from cortexlock.replay.prefix.state import State

SEEDS = frozenset(("pip", "setuptools", "wheel"))
"""Who installs, not what is installed: other versions of these are no drift."""


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
        return tuple(each for each in self.step.build_requirements if building & set(each.needed_by))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do.

    Attributes:
        steps: All steps in order.
        content_hash: The lockfile's.
        notes: What is worth a note.
        stale: Distributions that an earlier replay installed and the lockfile does not have any more, to be removed.
        stale_conda: Such conda packages.
    """

    steps: tuple[PlannedStep, ...]
    content_hash: str
    notes: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    stale_conda: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the prefix is as locked already."""
        return not self.stale and not self.stale_conda and all(step.is_done for step in self.steps)

    def is_within(self, other: Plan) -> bool:
        """Whether another plan has all that is to be installed here, so that nothing more must be had for it."""
        return _hashes(self) <= _hashes(other)


def _hashes(plan: Plan) -> set[tuple[str, str]]:
    conda = {(package.name, package.sha256) for step in plan.steps for package in step.conda}
    return conda | {(package.name, package.sha256) for step in plan.steps for package in step.pip}


def make_plan(lockfile: Lockfile, state: State, receipt: Receipt | None, notes: Iterable[str] = ()) -> Plan:
    """Find out what is left to do.

    A distribution is as locked if its version is right, the receipt says that it was installed from the locked
    artifact, and its files are as recorded; a conda package if its record has the locked hash, and its files are as
    recorded. What records the files must be as the last replay left it.
    A script that has run in this prefix is done, of whatever lockfile it was, unless what goes before it changes.

    Args:
        lockfile: What was locked.
        state: What is there.
        receipt: Of the last replay in this prefix, of whatever lockfile.
        notes: What is worth a note.
    """
    own_hash = content_hash(lockfile)
    altered = altered_records(state, receipt)
    intact = {name for name in _intact(lockfile, state, receipt) if PackageKey("pip", name) not in altered}
    damaged = {
        *map(canonicalize_name, conda_problems(lockfile, state)),
        *(key.name for key in altered if key.manager == "conda"),
    }
    steps: list[PlannedStep] = []
    said = list(notes)
    python_changes = False
    for step in lockfile.steps:
        if isinstance(step, ScriptStep):
            is_same = receipt is not None and receipt.script == step.sha256 and all(each.is_done for each in steps)
            steps.append(PlannedStep(step, run=not is_same))
            if is_same and receipt is not None and receipt.content_hash != own_hash:
                said.append(f"{step.file} has run here before and is not run again")
        elif isinstance(step, CondaStep):
            left = tuple(each for each in step.linked if each.key.name in damaged or not _is_linked(each, state))
            python_changes = any(each.name == "python" for each in left)
            steps.append(PlannedStep(step, conda=left))
        else:
            done = set() if python_changes else intact - _brought_by(steps)
            to_do = (each for each in step.installed if each.name not in done)
            steps.append(PlannedStep(step, pip=tuple(to_do)))
    stale = _stale(lockfile, state, receipt, altered)
    return Plan(tuple(steps), own_hash, tuple(said), stale=stale, stale_conda=_stale_conda(lockfile, state, receipt))


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
    return Plan(tuple(steps), content_hash(lockfile))


def altered_records(state: State, receipt: Receipt | None) -> set[PackageKey]:
    """Return the packages whose list of files is not as the last replay left it."""
    if receipt is None or not receipt.known.records:
        return set()
    left, now = receipt.known.records, records_of(state)
    without_list = {PackageKey("pip", name) for name in state.distributions if state.of_pip(name)} - set(now)
    return {key for key in now if left.get(key) != now[key]} | (without_list & set(left))


def _stale(
    lockfile: Lockfile, state: State, receipt: Receipt | None, altered: Collection[PackageKey]
) -> tuple[str, ...]:
    """Return what an earlier replay installed and nobody asks for, unless somebody has installed it anew since.

    What was there in its place before is not known, so that what the image is assumed to have stays.
    """
    if receipt is None:
        return ()
    wanted = {key.name for key in lockfile.assumed | lockfile.keys if key.manager == "pip"} | SEEDS
    left = sorted(set(receipt.pip) - wanted)
    return tuple(
        name
        for name in left
        if state.of_pip(name)
        and (PackageKey("pip", name) not in altered or any(recorded(each) is None for each in state.of_pip(name)))
    )


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


def _brought_by(steps: Iterable[PlannedStep]) -> set[str]:
    """Return the distributions that conda packages which are still to be linked bring."""
    return {key.name for step in steps for key in brought_by(step.conda)}


def _is_linked(package: CondaPackage, state: State) -> bool:
    found = state.conda.get(package.name)
    return found is not None and bool(found.sha256 or found.md5) and same(package, found)


def _intact(lockfile: Lockfile, state: State, receipt: Receipt | None) -> set[str]:
    """Return the names of the distributions that are as locked."""
    known = receipt.pip if receipt is not None else {}
    candidates = {
        package.name: package
        for step in lockfile.pip_steps
        for package in step.packages
        if package.sha256 and known.get(package.name) == package.sha256
    }
    return set(candidates) - set(problems(state.prefix, tuple(candidates.values())))
