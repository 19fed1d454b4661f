"""What is compared: a lockfile, a prefix as it is, and what the last replay has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cortexlock.conda import prefix as conda_prefix
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State

SEEDS = frozenset(("pip", "setuptools", "wheel"))
"""Who installs, not what is installed: other versions of these are no drift."""


@dataclass(frozen=True)
class Subject:
    """The two sides of a comparison, and what is asked of them more than once.

    Attributes:
        lockfile: What was locked.
        state: The prefix as it is.
        receipt: Of the last replay in it, of whatever lockfile; None if there was none.
        now: What the prefix holds.
        is_ours: Whether the receipt is of this lockfile.
    """

    lockfile: Lockfile
    state: State
    receipt: Receipt | None
    now: Snapshot
    is_ours: bool

    @property
    def known(self) -> Snapshot:
        """What the last replay left; empty where there was none."""
        return self.receipt.known if self.receipt is not None else Snapshot()

    @cached_property
    def installed_keys(self) -> frozenset[PackageKey]:
        """The keys of the packages that the steps install."""
        return self.lockfile.installed_keys

    @cached_property
    def expected_keys(self) -> frozenset[PackageKey]:
        """The keys of all that image and lockfile say something of, and of who installs."""
        return self.lockfile.keys | self.lockfile.assumed | self.seeds

    @cached_property
    def seeds(self) -> frozenset[PackageKey]:
        """The keys of who installs, where they are not locked themselves."""
        return frozenset(PackageKey("pip", name) for name in SEEDS) - self.installed_keys

    @cached_property
    def altered(self) -> frozenset[PackageKey]:
        """The packages whose list of files is not as the last replay left it, or is gone."""
        left, now = self.known.records, self.now.records
        return frozenset(key for key in self.state.listings if key in left and left[key] != now.get(key))

    @cached_property
    def in_script(self) -> bool:
        """Whether the script of the lockfile has begun and not ended: it may have changed what it likes."""
        receipt = self.receipt
        if receipt is None or not self.is_ours or receipt.state != "started":
            return False
        return any(step.sha256 != receipt.script for step in self.lockfile.script_steps)

    @cached_property
    def kept_keys(self) -> frozenset[PackageKey]:
        """The keys of what the image has and the lockfile keeps."""
        return frozenset(each.key for each in self.lockfile.kept())

    @cached_property
    def wrong_links(self) -> frozenset[str]:
        """The links of conda packages that do not lead where their records say, relative to the prefix."""
        return conda_prefix.wrong_links(self.state.prefix.root, self.state.records.values())

    def of_pip(self) -> Mapping[str, str]:
        """Return name and version of the distributions that are not part of a conda package."""
        return {name: found[0].version for name in self.state.distributions if (found := self.state.of_pip(name))}
