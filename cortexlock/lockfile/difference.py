"""What is different between two lockfiles: facts for a review, the same whoever shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import CondaPackage, FromGit, PackageKey, PipPackage
from cortexlock.quick_dataclass import dataclass

ChangeKind: TypeAlias = Literal["added", "removed", "upgraded", "downgraded", "changed", "rebuilt", "image"]
"""`changed`: to another version, and nobody can say which is newer; `rebuilt`: the same version, another artifact;
`image`: what the image has and no step touches."""


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package that is otherwise after the steps.

    Attributes:
        key: The package.
        kind: What happened to it.
        before: Its version after the steps of the old lockfile, with its build for conda's; empty: it was not there.
        after: Its version after those of the new one; empty: it is not there.
        by: Who asks for it, in the new lockfile, or in the old one where it is gone.
    """

    key: PackageKey
    kind: ChangeKind
    before: str
    after: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact of the lockfile's header, or a script, that is otherwise; an empty text: there is none.

    `fact` is the key in the lockfile: `image`, `python`, `channels`, `indexes`, `exclude-newer`, `virtual-packages`,
    `script`, `steps`.
    """

    fact: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two lockfiles of a platform.

    Attributes:
        packages: What the steps leave otherwise, sorted by manager and name.
        facts: What else is otherwise, in the lockfile's order.
    """

    packages: tuple[PackageChange, ...]
    facts: tuple[FactChange, ...]

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self.packages or self.facts)


def difference(old: Lockfile | None, new: Lockfile | None) -> Difference:
    """Compare what two lockfiles leave in the image; None: there is none.

    What the image has and keeps of its own counts for both only where both know the image.
    """
    before, after = _versions(old), _versions(new)
    if old is None or new is None:
        there = old or new
        own = {each.key for each in there.pre_installed} - there.installed_keys if there is not None else set()
        before = {key: version for key, version in before.items() if key not in own}
        after = {key: version for key, version in after.items() if key not in own}
    touched = (old.installed_keys if old else frozenset()) | (new.installed_keys if new else frozenset())
    packages = _packages(old), _packages(new)
    changes = [
        change
        for key in sorted({*before, *after})
        if (change := _change(key, before.get(key, ""), after.get(key, ""), packages, is_touched=key in touched))
    ]
    return Difference(tuple(changes), tuple(_facts(old, new)) if old is not None and new is not None else ())


_Packages: TypeAlias = dict[PackageKey, CondaPackage | PipPackage]


def _versions(lockfile: Lockfile | None) -> dict[PackageKey, str]:
    if lockfile is None:
        return {}
    versions = lockfile.versions_after(len(lockfile.steps))
    # What conda brings for Python is the package's own change.
    brought = {key for step in lockfile.conda_steps for each in step.packages for key in each.brings}
    installed = {each.key for step in lockfile.pip_steps for each in step.installed}
    return {key: version for key, version in versions.items() if key not in brought or key in installed}


def _packages(lockfile: Lockfile | None) -> _Packages:
    steps = lockfile.steps if lockfile is not None else ()
    return {package.key: package for step in steps for package in step.packages}


def _change(
    key: PackageKey, before: str, after: str, packages: tuple[_Packages, _Packages], *, is_touched: bool
) -> PackageChange | None:
    old, new = packages[0].get(key), packages[1].get(key)
    by = new.by if new is not None else old.by if old is not None else ()
    shown = _shown(before, old), _shown(after, new)
    if before == after:
        if old is None or new is None or _artifact(old) == _artifact(new) or not (old.sha256 and new.sha256):
            return None
        return PackageChange(key, "rebuilt", *shown, by)
    if not before:
        return PackageChange(key, "added" if is_touched else "image", "", shown[1], by)
    if not after:
        return PackageChange(key, "removed" if is_touched else "image", shown[0], "", by)
    kind = _direction(before, after) if is_touched else "image"
    return PackageChange(key, kind, *shown, by)


def _shown(version: str, package: CondaPackage | PipPackage | None) -> str:
    build = package.build if isinstance(package, CondaPackage) and package.version == version else ""
    return f"{version} {build}".strip()


def _artifact(package: CondaPackage | PipPackage) -> tuple[str, str]:
    """Return what the bytes are known by: another index, channel or name of a commit is no other artifact."""
    source = package.source if isinstance(package, PipPackage) else None
    return package.sha256, source.commit if isinstance(source, FromGit) else ""


def _direction(before: str, after: str) -> ChangeKind:
    """Return whether a version is newer, as PEP 440 sorts versions; of conda's own that are none, nobody knows."""
    from packaging.version import Version  # noqa: PLC0415 - only where a version differs

    try:
        return "upgraded" if Version(before) < Version(after) else "downgraded"
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return "changed"


def _facts(old: Lockfile, new: Lockfile) -> Iterator[FactChange]:
    for fact, before, after in (
        ("image", _image(old), _image(new)),
        ("python", old.python, new.python),
        ("virtual-packages", _virtual(old), _virtual(new)),
        ("channels", ", ".join(old.channels), ", ".join(new.channels)),
        ("indexes", ", ".join(old.indexes), ", ".join(new.indexes)),
        ("exclude-newer", old.exclude_newer, new.exclude_newer),
        ("steps", ", ".join(each.step for each in old.steps), ", ".join(each.step for each in new.steps)),
    ):
        if before != after:
            yield FactChange(fact, before, after)
    scripts = [{each.file: each.sha256 for each in lockfile.script_steps} for lockfile in (old, new)]
    for file in sorted({*scripts[0], *scripts[1]}):
        before, after = (there.get(file, "") for there in scripts)
        if before != after:
            yield FactChange(
                "script", f"{file} {before[:12]}" if before else "", f"{file} {after[:12]}" if after else ""
            )


def _image(lockfile: Lockfile) -> str:
    predictor = lockfile.predictor
    return " ".join(filter(None, (predictor.image, predictor.cortex_version, predictor.digest)))


def _virtual(lockfile: Lockfile) -> str:
    return ", ".join(f"{each.name} {each.version}".strip() for each in lockfile.virtual_packages)
