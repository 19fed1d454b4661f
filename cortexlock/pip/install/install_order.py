"""The order in which pip installs what it has resolved: of two distributions that bring one file, the later has it.

pip sorts by how far a distribution is from the end of its chain of requirements, the farthest last, and distributions
that are as far from it by name, backwards (`pip._internal.resolution.resolvelib.resolver`, since 20.3). Before 20.3 it
went through the requirements in the order in which they are written, each after what it requires.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from packaging.version import Version

from cortexlock.model.package import PipPackage

_BACKWARDS_SINCE = Version("20.3")


def install_order(packages: Collection[PipPackage], *, pip: str = "", written: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of locked distributions in the order in which pip installs them.

    Args:
        packages: All of one step, with who asked for each.
        pip: The version of the pip whose order it is; today's by default.
        written: The names that the requirements file has, in its order.
    """
    names = {package.name for package in packages}
    needs: dict[str, set[str]] = {name: set() for name in names}
    for package in packages:
        for asker in package.by:
            if asker in names and asker != package.name:
                needs[asker].add(package.name)
    if _is_before(pip):
        return tuple(_depth_first([*(name for name in written if name in names), *sorted(names)], needs))
    return tuple(_by_layers(names, needs))


def _is_before(pip: str) -> bool:
    try:
        return bool(pip) and Version(pip) < _BACKWARDS_SINCE
    except ValueError:
        return False


def _by_layers(names: Iterable[str], needs: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield what requires nothing that is left, layer after layer, each by name, backwards; circles come last."""
    left = set(names)
    while left:
        layer = {name for name in left if not left & set(needs[name])} or left
        yield from sorted(layer, reverse=True)
        left -= layer


def _depth_first(names: Iterable[str], needs: Mapping[str, Collection[str]]) -> Iterator[str]:
    done: set[str] = set()
    for start in names:
        waiting = [(start, False)]
        while waiting:
            name, is_ready = waiting.pop()
            if is_ready:
                yield name
            elif name not in done:
                done.add(name)
                waiting.append((name, True))
                waiting += [(each, False) for each in sorted(needs[name], reverse=True)]
