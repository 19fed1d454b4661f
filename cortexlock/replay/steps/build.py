"""Wheels of locked sdists, archives and local trees, built with the locked build requirements and nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from cortexlock.errors import DifferenceError, Hint, IntegrityError, StepError
from cortexlock.formats import content
from cortexlock.formats.source_archive import unpack
from cortexlock.inputs.trees import tree_files, tree_hash
from cortexlock.model.package import BuildRequirement, FromDirectory, FromGit, PipPackage
from cortexlock.pip.install import wheel_check
from cortexlock.pip.install.with_uv import WheelFile
from cortexlock.pip.prefix import interpreter
from cortexlock.pip.prefix.comparison import same_version
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix, installed
from cortexlock.pip.sources.build import BuildEnvironment
from cortexlock.pip.sources.build_failures import NotEditableError
from cortexlock.pip.sources.editable import editable_wheel
from cortexlock.pip.sources.prefix_environment import FURTHER_VARIABLES, PrefixEnvironment
from cortexlock.replay.supply import cache_errors
from cortexlock.replay.supply.cache import verified_copy
from cortexlock.replay.supply.checkouts import make
from cortexlock.storage import whole_directory
from cortexlock.storage.digests import file_digest

_IDENTITY = (
    "import platform, sys, sysconfig;"
    "print(sys.version, sysconfig.get_config_var('SOABI'), platform.libc_ver(), platform.machine())"
)


_SHORT = 12
"""Digits of a build's key in the path of its scratch directory: the first line of a script holds 127 characters."""


@dataclass(frozen=True)
class Workshop:
    """Where and with what builds take place.

    Attributes:
        prefix: Whose interpreter builds.
        project: The project's directory, which has the local trees.
        cache: The cache directory; built wheels are kept below `built`.
        files: Verified artifacts, by sha256.
        checkouts: Verified checkouts of git repositories, by normalized name of the package.
        environment: The caller's variables.
        on_line: Called with each line of the builds' output.
        built: Directories of wheels that were built before, which are only read: of the user's own caches, never of a
            bundle, as nothing in a lockfile tells what a built wheel must be.
    """

    prefix: Prefix
    project: Path
    cache: Path
    files: Mapping[str, Path]
    checkouts: Mapping[str, Path]
    environment: Mapping[str, str]
    on_line: Callable[[str], None]
    built: Sequence[Path] = ()

    @cached_property
    def interpreter(self) -> str:
        """What the interpreter says of itself that decides a build; it is asked once."""
        return interpreter.ask(self.prefix.python, _IDENTITY, self.environment, options=("-I", "-S", "-B"))


def build(
    package: PipPackage, requirements: Sequence[BuildRequirement], shop: Workshop, *, needing: str = ""
) -> WheelFile:
    """Build a wheel, or take the one that was built of the same inputs before.

    Args:
        package: An sdist, an archive or a local tree.
        requirements: The build requirements of its step, of which its own are used; what is no wheel of them is built
            first, with its own in turn.
        shop: Where and with what.
        needing: How build requirements name it; its name, if it is not one itself.

    Raises:
        BuildFailedError: The build fails.
        StepError: It gives another package than the locked one, or the cache cannot be written.
        DifferenceError: The local tree is not what was locked.
        IntegrityError: The archive cannot be unpacked safely, or what was built cannot be installed safely.
    """
    needing = needing or package.name
    key = _key(package, _all_needed(needing, requirements), shop)
    kept = shop.cache / "built" / key
    places = (kept, *(directory / key for directory in shop.built))
    # Two builds need not give the same bytes: what one process is about to install, no other may replace.
    with cache_errors.writing(shop.cache), whole_directory.exclusive(kept):
        wheel = None if package.editable else next((found for found in map(_kept, places) if found), None)
        if wheel is None:
            wheel = _built(package, *_made(needing, requirements, shop), kept)
        wheel_check.check(wheel)
        return WheelFile(package.name, package.version, wheel, file_digest(wheel))


def _all_needed(needing: str, requirements: Sequence[BuildRequirement], above: tuple[str, ...] = ()) -> list[str]:
    """Return the hashes of all that a build needs, and of what is needed to build that, sorted.

    Raises:
        StepError: Something needs itself to be built.
    """
    if needing in above:
        chain = " needs ".join((*above[above.index(needing) :], needing))
        raise StepError(
            f"the lockfile builds nothing: {chain}", where=needing, hint=Hint("run ", "lock", " and review the change")
        )
    found = []
    for each in requirements:
        if needing in each.needed_by:
            found.append(each.package.sha256)
            if each.package.needs_build:
                found += _all_needed(each.needing, requirements, (*above, needing))
    return sorted(found)


def _made(needing: str, requirements: Sequence[BuildRequirement], shop: Workshop) -> tuple[Sequence[str], Workshop]:
    """Build what a build needs and is no wheel; return the hashes of all its wheels, and where these are, too."""
    files = dict(shop.files)
    needed = []
    for each in requirements:
        if needing in each.needed_by:
            sha256 = each.package.sha256
            if each.package.needs_build:
                wheel = build(each.package, requirements, shop, needing=each.needing)
                sha256 = wheel.sha256
                files[sha256] = wheel.path
            needed.append(sha256)
    return sorted(needed), replace(shop, files=files)


def _built(package: PipPackage, needed: Sequence[str], shop: Workshop, kept: Path) -> Path:
    """Build a wheel, and return its path in the directory where it is kept."""
    with _scratch(shop.cache / "builds" / kept.name[:_SHORT]) as scratch:
        source = _source(package, shop, scratch / "source")
        kind = PrefixEnvironment if package.no_build_isolation else BuildEnvironment
        with kind(shop.prefix.python, scratch, shop.environment, on_line=shop.on_line, name="build") as environment:
            environment.install(_requirements(needed, shop, scratch / "requirements"))
            built = _wheel(package, source, environment, scratch)
        _check(built, package)
        return _keep(built, kept)


@contextmanager
def _scratch(directory: Path) -> Iterator[Path]:
    """Yield an empty directory, which is removed again. The caller is alone with it.

    Its path is the same each time: compilers write paths into what they make.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    if directory.exists():
        _remove(directory)  # of a process that was killed
    directory.mkdir()
    try:
        yield directory
    finally:
        _remove(directory)


def _remove(directory: Path) -> None:
    """Remove a directory out of the way of the next, whatever still writes into it."""
    with TemporaryDirectory(dir=directory.parent, ignore_cleanup_errors=True) as temporary:
        directory.rename(Path(temporary, "old"))


def _wheel(package: PipPackage, source: Path, environment: BuildEnvironment, scratch: Path) -> Path:
    """Build, in the backend's own way or, for editable trees, in ours."""
    if package.editable:
        try:
            return environment.wheel(source, scratch / "wheel", editable=True)
        except NotEditableError:
            return editable_wheel(source, environment, scratch)
    return environment.wheel(source, scratch / "wheel")


def _source(package: PipPackage, shop: Workshop, scratch: Path) -> Path:
    """Return the directory to build: a copy, but for editable trees, which are installed where they are."""
    source = package.source
    if isinstance(source, FromGit):
        # Where pip has editable checkouts, too.
        place = shop.prefix.root / "src" / package.name if package.editable else scratch / package.name
        shutil.rmtree(place, ignore_errors=True)
        try:
            make(package, shop.checkouts[package.name], place, shop.environment)
        except (IntegrityError, FileNotFoundError) as error:
            shutil.rmtree(place, ignore_errors=True)
            raise IntegrityError(
                "the checkout was changed after it was verified",
                where=f"{package.name} {package.version}",
                hint="let nobody else write to the cache, the project's script included, and install again",
            ) from error
        return place / source.subdirectory
    if isinstance(source, FromDirectory):
        tree = shop.project / source.path
        return tree if source.editable else _copied(source.path, package, shop, scratch)
    copies = scratch.parent / "archive"
    copies.mkdir()
    return unpack(verified_copy(shop.files[package.sha256], package.sha256, copies), scratch) / package.subdirectory


def _requirements(needed: Sequence[str], shop: Workshop, directory: Path) -> list[Path]:
    """Copy build requirements into a new directory, each below its hash, and verify the copies."""
    found = []
    for sha256 in needed:
        (directory / sha256).mkdir(parents=True)
        found.append(verified_copy(shop.files[sha256], sha256, directory / sha256))
    return found


def _copied(path: str, package: PipPackage, shop: Workshop, scratch: Path) -> Path:
    """Copy what belongs to a local tree, and check that it is what was locked."""
    tree = shop.project / path
    copy = scratch / (tree.resolve().name or "project")
    for file in tree_files(tree):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / file, copy / file, follow_symlinks=False)
    if tree_hash(copy) != package.sha256:
        raise DifferenceError(
            f"the tree `{path}` is not what was locked",
            where=f"{package.name} {package.version}",
            hint=Hint("run ", "lock", " and review the change"),
        )
    return copy


def _check(wheel: Path, package: PipPackage) -> None:
    """Refuse a wheel of another package or version than the locked one."""
    where = f"{package.name} {package.version}"
    try:
        name, version, _, _ = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise StepError(f"the build gave a file that is no wheel: {wheel.name}", where=where) from error
    if name != canonicalize_name(package.name) or not same_version(str(version), package.version):
        raise StepError(
            f"the build gave {name} {version}",
            where=where,
            hint="its version depends on something that is not locked; pin it in the project",
        )


def _key(package: PipPackage, needed: Sequence[str], shop: Workshop) -> str:
    """Return a hash of all that decides a build."""
    inputs = [package.name, package.version, package.sha256, package.subdirectory, *needed, shop.interpreter]
    if isinstance(package.source, FromGit):
        inputs += [package.source.commit, *package.source.tags]
    if package.no_build_isolation:
        inputs += [_fingerprint(each) for each in installed(shop.prefix)]
        inputs += [f"{name}={shop.environment.get(name, '')}" for name in FURTHER_VARIABLES]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def _fingerprint(distribution: InstalledDistribution) -> str:
    """Return what tells a distribution of a prefix from another one of its name and version."""
    record = distribution.metadata / "RECORD"
    files = file_digest(record) if record.is_file() else ""
    return f"{distribution.name}=={distribution.version} {files}"


def _kept(directory: Path) -> Path | None:
    """Return the wheel that was kept in a directory, if it is still what was put there."""
    for wheel in directory.glob("*.whl"):
        with suppress(OSError):
            if content.read(wheel.with_suffix(".sha256")).strip() == file_digest(wheel).encode():
                return wheel
    return None


def _keep(wheel: Path, directory: Path) -> Path:
    """Move a wheel into a directory, each file whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    note = wheel.with_suffix(".sha256")
    note.write_text(file_digest(wheel) + "\n", encoding="ascii")
    for path in (wheel, note):
        path.replace(directory / path.name)
    return directory / wheel.name
