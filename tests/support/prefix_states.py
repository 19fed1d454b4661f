"""States of prefixes that are on no disk, and lockfiles that assume what they hold."""

from __future__ import annotations

from pathlib import Path

from cortexlock.conda.prefix import InstalledPackage
from cortexlock.model.lockfile import Lockfile, PreInstalled
from cortexlock.model.package import Pin
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.replay.prefix.state import State
from tests.support.replay import Case


def state_of(
    root: Path, pip: tuple[str, ...] = (), conda: tuple[str, ...] = (), *, python: str = "3.6.9", is_conda: bool = True
) -> State:
    """Return a state with distributions and conda packages, written `name==version`."""
    distributions: dict[str, tuple[InstalledDistribution, ...]] = {}
    for text in pip:
        name, _, version = text.partition("==")
        found = InstalledDistribution(name, version, root, root / name)
        distributions[name] = (*distributions.get(name, ()), found)
    pins = map(Pin.parse, conda)
    packages = {name: InstalledPackage(name=name, version=version) for name, version in pins}
    return State(Prefix(root, python, root / "site"), distributions, packages, is_conda, frozenset())


def assuming(case: Case, *texts: str) -> Lockfile:
    """Return a lockfile that assumes packages, written `manager name==version`."""
    for text in texts:
        manager, _, rest = text.partition(" ")
        name, _, version = rest.partition("==")
        case.pre_installed.append(PreInstalled("conda" if manager == "conda" else "pip", name, version))
    return case.lockfile
