"""The use case `verify`: all of a prefix against image and lockfile; nothing of it is run or changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.conda import prefix as conda_prefix
from cortexlock.lockfile.document import content_hash
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.package import PackageKey, PipPackage
from cortexlock.model.target import Target
from cortexlock.pip.prefix.comparison import same_version, verify
from cortexlock.pip.prefix.conflicts import Present, broken
from cortexlock.pip.prefix.distributions import requirements
from cortexlock.replay.plan import SEEDS, altered_records
from cortexlock.replay.prefix.comparison import compare_conda, overlaps
from cortexlock.replay.prefix.receipt import Receipt, read_receipt
from cortexlock.replay.prefix.snapshot import Snapshot
from cortexlock.replay.prefix.state import State, read_state
from cortexlock.replay.prefix.unlisted_files import strays

_ALTERED = "its own list of files was changed since it was installed"
_SHOWN = 5
"""Files of no package that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a prefix differs from image and lockfile, one line each, sorted.

    Attributes:
        locked: What was locked and is missing, of another version, or has other files.
        image: What was pre-installed, is not replaced by the lockfile, and is not as it was or has other files.
        extra: What nobody locked or pre-installed.
        conflicts: Requirements of what is there that do not hold, and that the lockfile does not know of.
        notes: What is no difference and still worth knowing.
    """

    locked: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is any difference."""
        return bool(self.locked or self.image or self.extra or self.conflicts)


def verify_prefix(lockfile: Lockfile, root: Path, environment: Mapping[str, str]) -> Report:
    """Compare a prefix with a lockfile and with the image that it is for.

    Where a replay of this lockfile was completed, what its receipt says was there beside image and lock, or not there
    any more, is a note: the script may install and remove what it likes.

    Args:
        lockfile: What was locked.
        root: The prefix.
        environment: Variables for its interpreter, which is asked for its version only if no file tells it.

    Raises:
        UsageError: It is no prefix with a Python.
        DifferenceError: A record of a conda package cannot be read.
    """
    state = read_state(root, environment)
    receipt = read_receipt(state.prefix.root)
    ours = receipt is not None and receipt.content_hash == content_hash(lockfile)
    left = receipt.known if receipt is not None and ours and receipt.state == "completed" else None
    known = left.packages if left is not None else {}
    altered = altered_records(state, receipt) if left is not None else set()
    unlisted = _unlisted(strays(state), left)
    locked = lockfile.final_distributions()
    of_pip = {name: found for name in state.distributions if (found := state.of_pip(name))}
    others = {name: PipPackage(name, found[0].version) for name, found in of_pip.items() if name not in locked}
    everything = (*(replace(each, action="add") for each in locked.values()), *others.values())
    files = verify(state.prefix, everything)
    ours_of = [line for line in files if line.partition(":")[0] in locked]
    image, absent = _image(lockfile, state, known)
    extra, there = _extra(lockfile, state, known)
    conflicts, expected = _conflicts(lockfile, state)
    told = (*compare_conda(lockfile, state), *(f"pip {line}" for line in ours_of))
    about_image = (
        *image,
        *(f"pip {line}" for line in files if line not in ours_of),
        *_conda_files(lockfile, state),
    )
    assumed = lockfile.assumed - lockfile.installed_keys - {PackageKey("pip", name) for name in SEEDS}
    half = ("a replay of this lockfile was ended half-way: install again",)
    return Report(
        locked=(
            *(half if ours and receipt is not None and receipt.state == "started" else ()),
            *told,
            *(f"{key}: {_ALTERED}" for key in sorted(altered & lockfile.installed_keys) if not _is_in(key, told)),
        ),
        image=tuple(
            sorted((*about_image, *(f"{key}: {_ALTERED}" for key in altered & assumed if not _is_in(key, about_image))))
        ),
        extra=(*extra, *unlisted) if left is not None else extra,
        conflicts=conflicts,
        notes=(
            *_receipt_notes(receipt, ours=ours),
            *absent,
            *there,
            *overlaps(sorted(of_pip), state),
            *(unlisted if left is None else ()),
            *expected,
        ),
    )


def _is_in(key: PackageKey, lines: Iterable[str]) -> bool:
    """Whether lines tell of a package already."""
    return any(line.startswith((f"{key}:", f"{key} ")) for line in lines)


def _unlisted(found: Mapping[str, str], left: Snapshot | None) -> tuple[str, ...]:
    """Return lines of files in site-packages that nobody lists and the replay did not leave: a few, and a count."""
    known = left.strays if left is not None else {}
    changed = [path for path, digest in found.items() if known.get(path) != digest]
    lines = [f"{path} in site-packages is of no package" for path in changed if path not in known]
    lines += [f"{path} in site-packages, which is of no package, was changed" for path in changed if path in known]
    if len(lines) > _SHOWN:
        return (*lines[:_SHOWN], f"{len(lines) - _SHOWN} further files in site-packages are of no package")
    return tuple(lines)


def _image(
    lockfile: Lockfile, state: State, known: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return differences and notes of what was pre-installed and is not replaced."""
    differences: list[str] = []
    notes: list[str] = []
    gone = lockfile.changes_python
    for assumed in lockfile.pre_installed:
        name = assumed.key.name
        if name in SEEDS or assumed.key in lockfile.keys or (assumed.manager == "pip" and gone):
            continue
        if assumed.manager == "pip":
            found = state.versions(name)
        elif state.is_conda:
            found = (state.conda[assumed.name].version,) if assumed.name in state.conda else ()
        else:
            continue  # an environment without conda: nobody can tell
        if any(same_version(version, assumed.version) for version in found):
            continue
        line = f"{assumed.manager} {name}: {' and '.join(found) or 'not there'}, the image has {assumed.version}"
        left = known.get(assumed.manager, {}).get(assumed.name)
        is_left = bool(known) and (left in found if found else left is None)
        (notes if is_left else differences).append(line)
    return tuple(sorted(differences)), tuple(sorted(f"{line}; the replay left it so" for line in notes))


def _extra(
    lockfile: Lockfile, state: State, known: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return differences and notes of what is neither pre-installed nor locked.

    The catalog knows few of conda's packages in an image: without a receipt, others are notes.
    """
    differences, notes = [], []
    accounted = lockfile.keys | lockfile.assumed
    there = {
        "pip": {name: found[0].version for name in state.distributions if (found := state.of_pip(name))},
        "conda": {name: package.version for name, package in state.conda.items()},
    }
    for manager, packages in there.items():
        for name, version in packages.items():
            if (manager, canonicalize_name(name)) in accounted or name in SEEDS:
                continue
            is_known = known.get(manager, {}).get(name) == version
            if is_known or (manager == "conda" and not known and lockfile.predictor.closure != "captured"):
                notes.append(f"{manager} {name} {version}")
            else:
                differences.append(f"{manager} {name} {version}")
    text = (f"there beside image and lockfile: {', '.join(sorted(notes))}",) if notes else ()
    return tuple(sorted(differences)), text


def _conflicts(lockfile: Lockfile, state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what `pip check` would find for the target: what the lockfile does not know, and what it does."""
    numbers = [int(part) for part in state.prefix.python_version.split(".")]
    python = (numbers[0], numbers[1], numbers[2])
    major, minor = (int(part) for part in lockfile.glibc.split(".")[:2])
    target = Target(lockfile.platform, lockfile.subdir, python, (major, minor), None)
    present = {name: Present(found[-1].version, requirements(found[-1])) for name, found in state.distributions.items()}
    known = {(each.package, each.requirement, each.found) for each in lockfile.conflicts}
    differences: list[str] = []
    notes: list[str] = []
    for each in broken({}, present, target.marker_environment):
        found = f"{each.found} is there" if each.found else "it is not there"
        line = f"{each.package} {each.version} requires {each.requirement}, {found}"
        (notes if (each.package, each.requirement, each.found) in known else differences).append(line)
    return tuple(differences), tuple(f"{line}; the lockfile says so" for line in notes)


def _conda_files(lockfile: Lockfile, state: State) -> tuple[str, ...]:
    """Return the altered files of the image's conda packages, but for those that pip has installed over."""
    locked = {each.name for step in lockfile.conda_steps for each in step.linked}
    mine = [name for name in sorted(state.conda) if name not in locked and not state.of_pip(canonicalize_name(name))]
    return tuple(f"conda {line}" for line in conda_prefix.altered_files(state.prefix.root, mine))


def _receipt_notes(receipt: Receipt | None, *, ours: bool) -> tuple[str, ...]:
    if receipt is None:
        return ("no replay left a receipt here",)
    return () if ours else ("the last replay here was of another lockfile",)
