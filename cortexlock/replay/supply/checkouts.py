"""Locked commits of git repositories, checked out into the cache and verified by the hash of their trees.

Layout: `git/<hash of URL and commit>/` below the cache directory, the repository included, as some builds ask it for
their version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock.errors import Hint, InputError, IntegrityError, NetworkError
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.package import FromGit, PipPackage
from cortexlock.model.replay import OnEvent, ReplayEvent
from cortexlock.model.replay_facts import CheckingOut
from cortexlock.patterns import pattern
from cortexlock.pip.sources import git, git_repository
from cortexlock.replay.supply import cache_errors
from cortexlock.storage import whole_directory

_GIT_URL = pattern(r"git\+[^\s\"']+")


def check_out(  # noqa: PLR0913 - what, where to, and how
    packages: Sequence[PipPackage],
    cache: Path,
    *,
    requirements: str,
    environment: Mapping[str, str],
    on_event: OnEvent,
    also: Sequence[Path] = (),
    offline: bool = False,
) -> dict[str, Path]:
    """Check out the commits of packages from git.

    Args:
        packages: Packages; those that are not from git are passed over.
        cache: The cache directory.
        requirements: The text of the requirements files, variables expanded: user and password of a repository's URL
            are there, and in no lockfile.
        environment: The caller's variables.
        on_event: Told about each repository that is fetched.
        also: Further directories of the cache's layout, which are only read.
        offline: Whether only what is on this machine may be used.

    Returns:
        The checkouts, by normalized name.

    Raises:
        NetworkError: A repository cannot be reached.
        IntegrityError: A commit has other files than those that were locked.
        UsageError: There is no git on this machine.
        StepError: The cache cannot be written.
    """
    secrets = _secrets(requirements)
    found: dict[str, Path] = {}
    for package in packages:
        source = package.source
        if not isinstance(source, FromGit):
            continue
        places = [directory / relative_path(package) for directory in (cache, *also)]
        place = next((each for each in places if is_right(each, package, environment)), None)
        if place is None:
            if offline:
                raise _missing(package, any(each.is_dir() for each in places))
            on_event(ReplayEvent("fetch", CheckingOut(package.name, package.version)))
            repository = git.Repository(source.url, source.commit, secret=secrets.get(source.url, ""))
            place = places[0]
            with cache_errors.writing(place.parent):
                keep(package, place, environment, partial(_fetch, package, repository, environment))
        found[package.name] = place
    return found


def relative_path(package: PipPackage) -> Path:
    """Return where the checkout of a package is below a cache directory."""
    source = source_of(package)
    return Path("git", hashlib.sha256(f"{source.url}@{source.commit}".encode()).hexdigest())


def source_of(package: PipPackage) -> FromGit:
    """Return the commit that a package is from.

    Raises:
        ValueError: It is from elsewhere.
    """
    if not isinstance(package.source, FromGit):
        raise ValueError(f"{package.name} is not from a git repository")  # noqa: TRY004 - of a value that may be so
    return package.source


def is_right(place: Path, package: PipPackage, environment: Mapping[str, str]) -> bool:
    """Whether the objects of the locked commit are there, with the locked files: nothing else of a checkout counts."""
    objects = git_repository.stored_packs(place)
    if not objects:
        return False
    try:
        with TemporaryDirectory(prefix="cortexlock-git-", ignore_cleanup_errors=True) as temporary:
            make(package, place, Path(temporary), environment)
    except (IntegrityError, FileNotFoundError):  # the latter: another process is replacing one that is not right
        return False
    return True


def make(package: PipPackage, place: Path, directory: Path, environment: Mapping[str, str]) -> None:
    """Make a checkout anew in an empty directory, of the objects that one has which was kept.

    Args:
        package: The package.
        place: The one that was kept.
        directory: Where to.
        environment: The caller's variables, of which git sees where programs are.

    Raises:
        IntegrityError: The objects are not those of the locked commit, with the locked files and tags.
        OSError: They cannot be read.
    """
    source = source_of(package)
    git_repository.make(git_repository.stored_packs(place), directory, source.commit, source.tags, environment)
    found = tree_hash(directory, checkout=True)
    if found != package.sha256:
        raise IntegrityError(f"the hash of its tree is {found}, {package.sha256} is locked")


def _missing(package: PipPackage, is_there: bool) -> IntegrityError | NetworkError:  # noqa: FBT001 - which of the two
    where = f"{package.name} {package.version}"
    if is_there:
        return IntegrityError(
            "the checkout that is there is not the commit that was locked, or its repository is damaged",
            where=where,
            hint=Hint("fetch it anew with ", "fetch", ", or install without --offline"),
        )
    return NetworkError(
        f"the checkout is not on this machine, and --offline keeps from fetching it from {source_of(package).url}",
        where=where,
        hint="fetch all files of this lockfile with `cortexlock fetch --output DIR`, and name it with --from DIR",
    )


def keep(package: PipPackage, place: Path, environment: Mapping[str, str], fill: Callable[[Path], object]) -> None:
    """Put a checkout into its place in a cache, unless another process has just done that.

    Args:
        package: The package.
        place: Where it belongs.
        environment: The caller's variables, of which git sees where programs are.
        fill: Makes the checkout in the directory whose path it is given.

    Raises:
        OSError: The cache cannot be written.
    """
    with whole_directory.exclusive(place):
        if not is_right(place, package, environment):
            whole_directory.replace(place, fill)


def _fetch(package: PipPackage, repository: git.Repository, environment: Mapping[str, str], directory: Path) -> None:
    """Check a commit out into a directory, and verify it."""
    try:
        git.check_out(repository, directory, environment=environment, tags=source_of(package).tags)
    except IntegrityError as error:
        error.place, error.advice = f"{package.name} {package.version}", "check the repository, then lock anew"
        raise
    found = tree_hash(directory, checkout=True)
    if found != package.sha256:
        raise IntegrityError(
            f"the commit {repository.reference} has other files than those that were locked: the hash of its tree is "
            f"{found}, {package.sha256} is locked",
            where=f"{package.name} {package.version}",
            hint="check the repository and its submodules, then lock anew",
        )


def _secrets(requirements: str) -> dict[str, str]:
    """Return URLs with user and password by the URLs without them."""
    found: dict[str, str] = {}
    for url in _GIT_URL.findall(requirements):
        try:
            repository = git.parse(url)
        except InputError:
            continue
        if repository.secret:
            found[repository.url] = repository.secret
    return found
