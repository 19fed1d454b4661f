"""Whose content a file has that several packages bring: that of the one which is installed last."""

from __future__ import annotations

from cortexlock.model.lockfile import Lockfile
from cortexlock.model.nested_builds import built_in_prefix
from cortexlock.model.package import PackageKey
from cortexlock.pip.install.install_order import install_order
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.prefix.subject import Subject


def order_of(lockfile: Lockfile, written: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of all locked distributions in the order in which the image's own pip would install them.

    What is built in the prefix comes after all others of its step.

    Args:
        lockfile: What was locked.
        written: The names in the requirements file, in its order.
    """
    pip = next((each.version for each in lockfile.pre_installed if each.key == PackageKey("pip", "pip")), "")
    found: dict[str, None] = {}
    for step in lockfile.pip_steps:
        last = [package.name for package in built_in_prefix(step.packages)]
        for name in (*install_order(step.packages, pip=pip, written=written), *last):
            found.pop(name, None)
            found[name] = None
    return tuple(found)


def ranks(lockfile: Lockfile, receipt: Receipt | None) -> dict[PackageKey, int]:
    """Return a number for each package that is installed, higher for what is installed later; the image's have none."""
    names = receipt.order if receipt is not None and receipt.order else order_of(lockfile)
    installed = lockfile.installed_keys
    found = {key: 1 for key in installed if key.manager == "conda"}
    found |= {key: 2 for key in installed if key.manager == "pip"}
    return found | {
        key: 3 + number for number, name in enumerate(names) for key in [PackageKey("pip", name)] if key in installed
    }


def shared_files(subject: Subject) -> dict[tuple[PackageKey, PackageKey], tuple[str, ...]]:
    """Return the files that two locked distributions bring, with other content, by who loses them and who has them."""
    order = ranks(subject.lockfile, subject.receipt)
    owners: dict[str, PackageKey] = {}
    found: dict[tuple[PackageKey, PackageKey], list[str]] = {}
    for key in sorted((key for key in subject.state.listings if order.get(key, 0) > 1), key=lambda each: order[each]):
        for path in subject.state.listings[key]:
            other = owners.get(path)
            if other is not None and _content(subject, other, path) != _content(subject, key, path):
                found.setdefault((other, key), []).append(path)
            owners[path] = key
    return {pair: tuple(sorted(paths)) for pair, paths in sorted(found.items())}


def _content(subject: Subject, key: PackageKey, path: str) -> str:
    """Return the digest that a package has for a file, as the receipt or its list tell."""
    return subject.known.files.get(key, {}).get(path) or subject.state.listings[key][path].hint
