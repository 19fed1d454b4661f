"""What a replay has to remove before something else takes its place, and whether that can be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cortexlock.errors import DifferenceError
from cortexlock.model.package import CondaPackage
from cortexlock.pip.prefix.distributions import InstalledDistribution
from cortexlock.pip.prefix.recorded_files import recorded
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State


def replaced_by_conda(packages: Sequence[CondaPackage], state: State) -> set[str]:
    """Return the names of distributions that pip installed and that conda packages bring anew."""
    return {key.name for package in packages for key in package.removes if state.of_pip(key.name)}


def is_remains(distribution: InstalledDistribution) -> bool:
    """Whether it has metadata and no list of its files, as an installation leaves it that was killed."""
    return distribution.metadata.suffix == ".dist-info" and recorded(distribution) is None


def check_replaceable(planned: Plan, state: State, receipt: Receipt | None) -> None:
    """Refuse, before anything is touched, what would have to remove a distribution that nobody can remove.

    A distribution without a list of its files is no obstacle where a replay was ended half-way: it is what that left.

    Args:
        planned: What is left to do.
        state: The prefix.
        receipt: Of the last replay in it.

    Raises:
        DifferenceError: The message lists the distributions.
    """
    half_way = receipt is not None and receipt.state == "started"
    lines = [
        f"  {distribution.name} {distribution.version} ({distribution.metadata.name})"
        for distribution in _to_remove(planned, state)
        if not (half_way and is_remains(distribution))
    ]
    if lines:
        raise DifferenceError(
            "Distributions that must give way have no list of their files and cannot be removed:\n"
            + "\n".join(sorted(set(lines))),
            hint="remove them from the image, or install them there with pip, or pin the project to these versions",
        )


def _to_remove(planned: Plan, state: State) -> Iterator[InstalledDistribution]:
    """Yield the distributions that are in the way and cannot be removed by who replaces them."""
    for name in planned.stale:
        yield from (each for each in state.of_pip(name) if recorded(each) is None)
    for step in planned.steps:
        for name in replaced_by_conda(step.conda, state):
            yield from (each for each in state.of_pip(name) if recorded(each) is None)
        for package in step.pip:
            for each in state.of_pip(package.name):
                # An .egg-info that is a file is what distutils left; of a directory, top_level.txt names the modules.
                if each.metadata.is_file() or is_remains(each):
                    yield each
