"""How a prefix differs from what the lockfile assumed, before anything of it is changed."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.errors import DifferenceError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.model.predictor import LockedPredictor
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.replay.plan import Plan
from cortexlock.replay.prefix.image_packages import problem_of
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.state import State
from cortexlock.replay.prefix.subject import SEEDS

_REFUSED = frozenset(("missing", "version", "left"))
"""What of the image keeps a replay from beginning; what else differs is told when it has ended."""


class DriftError(DifferenceError):
    """The prefix is not what the lockfile assumed; `facts` are the differences, sorted."""

    id = "drift"

    def __init__(self, problems: tuple[Problem, ...], image: str = "") -> None:
        """Take over what differs, and which image the lockfile is for, where it knows that to the digest."""
        super().__init__(
            f"the prefix is not that of the image {image}" if image else "The prefix is not what the lockfile assumes",
            hint="install into a fresh copy of the image, or accept the differences with --allow-drift",
        )
        self.facts = problems


def drift(lockfile: Lockfile, planned: Plan) -> tuple[Problem, ...]:
    """Return what of the image is not there, or is of another version than the lockfile assumed.

    What the replay sets right is no drift, nor what was allowed before.
    """
    found = [each for each in planned.comparison.of("image") if each.kind in _REFUSED]
    if planned.state is not None:
        found += _replaced(lockfile, planned.state, planned.receipt)
    return tuple(sorted(set(found)))


def refuse_drift(found: tuple[Problem, ...], image: LockedPredictor | None = None) -> None:
    """Refuse a prefix that is not what the lockfile assumed of an image.

    Raises:
        DriftError: It is not.
    """
    if found:
        raise DriftError(found, image.reference if image is not None and image.digest else "")


def _replaced(lockfile: Lockfile, state: State, receipt: Receipt | None) -> Iterator[Problem]:
    """Yield what the lockfile replaces and is neither what it assumed nor what any step leaves.

    What an earlier replay has installed is its own doing.
    """
    versions = lockfile.versions()
    ours = set(receipt.pip) if receipt is not None else set()
    if receipt is not None and receipt.state == "started":
        return
    kept = {each.key for each in lockfile.kept()}
    for assumed in lockfile.pre_installed:
        key = assumed.key
        if key.name in SEEDS or key not in lockfile.keys - kept or (key.manager == "pip" and key.name in ours):
            continue
        found = state.found(assumed)
        if found is None or (key.manager == "pip" and lockfile.changes_python) or key == PackageKey("conda", "python"):
            continue
        if receipt is not None and key.manager == "conda":
            continue
        if not (len(found) == 1 and any(same_version(found[0], version) for version in versions[key])):
            yield problem_of(assumed, found)
