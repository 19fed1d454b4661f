"""Source trees of a resolution: their metadata and what their builds need, by reading where that is certain."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from packaging.utils import canonicalize_name

from cortexlock.errors import CortexlockError, InputError
from cortexlock.formats import source_archive
from cortexlock.inputs.trees import tree_files, tree_hash
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.pip.resolution.values import Checkout, SourceTree
from cortexlock.pip.sources import build_failures, git, static_metadata, undeclared_requirements
from cortexlock.pip.sources.build_failures import BuildFailedError, of_build
from cortexlock.pip.sources.kept_metadata import Answer
from cortexlock.pip.sources.prefix_builds import PrefixBuilds
from cortexlock.pip.sources.tree_builds import BuildTools, TreeBuilds, name_of


class SourceTrees:
    """Answers about source trees for one target; a tree is built at most once, and only under the target's Python."""

    def __init__(self, tools: BuildTools, *, on_progress: OnProgress) -> None:
        """Describe how trees are built if they must be; `on_progress` is told about each build."""
        self._tools = tools
        self._builds = TreeBuilds(tools, on_progress=on_progress)
        self.in_prefix = PrefixBuilds(tools.in_prefix, on_progress=on_progress)
        self._on_progress = on_progress
        self._read: dict[Path, static_metadata.Static] = {}
        self._built: dict[Path, tuple[bytes, tuple[str, ...]]] = {}
        self._copies: dict[Path, Path] = {}
        self._checkouts: dict[Path, str] = {}
        self._answers: dict[str, Answer] = {}

    def check_out(self, url: str, directory: Path) -> Checkout:
        """Check a repository out into an empty directory; the URL has reference and credentials.

        The commit is the locked one of that reference, if there is one and the repository still has it.

        Raises:
            InputError: It is no git repository, or has no such reference.
            NetworkError: It cannot be reached.
        """
        repository = git.parse(url)
        self._on_progress(LockProgress(Activity.CHECKS_OUT, repository.url))
        locked = self._tools.commits.get((repository.url, repository.reference, repository.subdirectory))
        found = self._locked_commit(repository, locked, directory) if locked else None
        found = found or git.check_out(repository, directory, environment=self._tools.environment)
        self._checkouts[directory] = " ".join((found.commit, *found.tags))
        sha256 = tree_hash(directory, checkout=True)
        return Checkout(repository.url, found.commit, repository.subdirectory, sha256, repository.reference, found.tags)

    def kept_metadata(self, archive: str, name: str) -> bytes | None:
        """Return the METADATA of an sdist, if it is kept and is what a look into the archive would tell.

        Args:
            archive: The sha256 of the sdist.
            name: Its normalized name.

        Raises:
            NetworkError: An index does not answer, which is asked for what a build would need.
        """
        if self.in_prefix.are_of(name):
            return None
        if archive not in self._answers:
            if self._tools.ahead is not None:
                self._tools.ahead.wait_for(archive)
            with of_build(name):
                found = self._builds.known(_source(archive, self._tools.further.get(name, ())))
            if found is None:
                return None
            self._answers[archive] = found
        return self._answers[archive].metadata.encode("utf-8")

    def attend(self) -> None:
        """Do what builds ahead wait for, in the thread that resolves."""
        if self._tools.ahead is not None:
            self._tools.ahead.attend()

    def wait(self, coming: Future[Any]) -> None:
        """Do what builds ahead wait for until something is done, in the thread that resolves."""
        if self._tools.ahead is not None:
            self._tools.ahead.wait(coming)

    def look_ahead(
        self, archive: str, name: str, fetch: Callable[[Path], object], then: Callable[[bytes], object]
    ) -> None:
        """Begin to find out the METADATA of an sdist ahead of the resolver, which decides whether it is looked into.

        Args:
            archive: The sha256 of the sdist.
            name: Its normalized name.
            fetch: Writes the sdist into a file, in another thread; raises `OSError` if it does not come.
            then: Called with the METADATA, in another thread.
        """
        if self._tools.ahead is not None and not self.in_prefix.are_of(name):
            self._tools.ahead.begin(archive, lambda: self._look_ahead(archive, name, fetch, then))

    def metadata(self, tree: SourceTree) -> bytes:
        """Return the METADATA of a tree.

        Raises:
            UsageError: It must be built, and there is no interpreter of the target's version, or none with the image's
                packages where these are what it is built with.
            NoSolutionError: The build fails.
            InputError: It is a local tree, and the build fails; `where` is its path.
        """
        static = self._static(tree)
        if self.in_prefix.is_one(tree):
            return self.in_prefix.metadata(tree, static.metadata, sdist=self._is_sdist(tree))
        if static.metadata and static.build_requirements is not None:
            self._builds.keep(self._source(tree) if tree.archive else "", static.metadata, static.build_requirements)
        return static.metadata or self._by_build(tree)[0]

    def build_requirements(self, tree: SourceTree) -> tuple[str, ...]:
        """Return all that a build of the tree needs, dynamic requirements included, sorted.

        Raises:
            UsageError: Only a build can tell, and there is no interpreter of the target's version.
            NoSolutionError: The build fails.
            InputError: It is a local tree, and the build fails; `where` is its path.
        """
        if tree.archive in self._answers:
            needed = self._answers[tree.archive].build_requirements
        else:
            known = self._static(tree).build_requirements
            needed = known if known is not None else self._by_build(tree)[1]
        return tuple(sorted({*needed, *self._further(tree)}))

    def wheel(self, archive: Path, name: str, build_requirements: Sequence[str]) -> Path:
        """Build a wheel of an sdist, for builds that need it.

        Args:
            archive: The sdist.
            name: Its normalized name.
            build_requirements: All that its build needs.

        Raises:
            UsageError: There is no interpreter of the target's version.
            NoSolutionError: The build fails.
            IntegrityError: The archive is unsafe.
        """
        tree = source_archive.unpack(archive, Path(mkdtemp(dir=self._tools.scratch)) / "source")
        try:
            return self._builds.wheel(tree, build_requirements)
        except BuildFailedError as error:
            raise self._failed(error, SourceTree(tree, local=False, name=name), tree) from error

    def _look_ahead(
        self, archive: str, name: str, fetch: Callable[[Path], object], then: Callable[[bytes], object]
    ) -> None:
        further = self._tools.further.get(name, ())
        source = _source(archive, further)
        with suppress(CortexlockError, CancelledError, OSError):  # the resolver comes to it, and says so
            kept = self._tools.kept
            with nullcontext() if kept is None else kept.turn(source):
                known = self._builds.known(source)
                content = known.metadata.encode("utf-8") if known else self._unknown(name, source, further, fetch)
            then(content)

    def _unknown(self, name: str, source: str, further: tuple[str, ...], fetch: Callable[[Path], object]) -> bytes:
        """Fetch an sdist, and find out and keep its METADATA; what only a build of it tells is looked at by a build."""
        with TemporaryDirectory(dir=self._tools.scratch, ignore_cleanup_errors=True) as directory:
            archive, tree = Path(directory, "archive"), Path(directory, name)
            fetch(archive)
            tree.mkdir()
            source_archive.unpack_flat(archive, tree)
            static = static_metadata.read(tree, sdist=True)
            if static.metadata is None:
                return self._builds.build(tree, further, source, ahead=True)[0]
            if static.build_requirements is not None:
                self._builds.keep(source, static.metadata, static.build_requirements)
            return static.metadata

    def _locked_commit(self, repository: git.Repository, commit: str, directory: Path) -> git.CheckedOut | None:
        """Check out the commit of a previous lock; None if the repository has it no more."""
        try:
            return git.check_out(replace(repository, reference=commit), directory, environment=self._tools.environment)
        except InputError:
            self._on_progress(LockProgress(Activity.MISSES_COMMIT, repository.url, commit))
            return None

    def _further(self, tree: SourceTree) -> tuple[str, ...]:
        return self._tools.further.get(_name(tree), ())

    def _source(self, tree: SourceTree) -> str:
        """Return what the answer about a tree is kept under; empty: it can change."""
        identity = tree.archive
        for directory, commit in self._checkouts.items():
            if tree.path.is_relative_to(directory):
                identity = f"{commit} {tree.path.relative_to(directory).as_posix()}"
        return _source(identity, self._further(tree)) if identity and not tree.local else ""

    def _static(self, tree: SourceTree) -> static_metadata.Static:
        if tree.path not in self._read:
            self._read[tree.path] = found = static_metadata.read(tree.path, sdist=self._is_sdist(tree))
            if found.metadata and found.build_requirements is None and not tree.local:
                # What its build needs is asked for once all is resolved, and pip has removed the tree by then.
                self._copies[tree.path] = Path(mkdtemp(dir=self._tools.scratch)) / tree.path.name
                shutil.copytree(tree.path, self._copies[tree.path], symlinks=True)
        return self._read[tree.path]

    def _is_sdist(self, tree: SourceTree) -> bool:
        return not tree.local and not any(tree.path.is_relative_to(checkout) for checkout in self._checkouts)

    def _by_build(self, tree: SourceTree) -> tuple[bytes, tuple[str, ...]]:
        if tree.path not in self._built:
            directory = self._copied(tree.path) if tree.local else self._copies.get(tree.path, tree.path)
            source = self._source(tree)
            if tree.archive and self._tools.ahead is not None:
                self._tools.ahead.wait_for(tree.archive)
            try:
                with of_build(_name(tree)):
                    kept = self._builds.known(source) if source else None
                    self._built[tree.path] = (
                        (kept.metadata.encode("utf-8"), kept.build_requirements)
                        if kept
                        else self._builds.build(directory, self._further(tree), source)
                    )
            except BuildFailedError as error:
                raise self._failed(error, tree, directory) from error
        return self._built[tree.path]

    def _failed(self, error: BuildFailedError, tree: SourceTree, directory: Path) -> CortexlockError:
        lacked = undeclared_requirements.provider(
            f"{error.what}\n{error.output}", {*self._tools.installed, *self._tools.asked}
        )
        return build_failures.of_tree(error, tree, tree.name or name_of(directory), lacked)

    def _copied(self, directory: Path) -> Path:
        """Copy a local tree: builds write into the tree that they build."""
        copy = Path(mkdtemp(dir=self._tools.scratch)) / directory.name
        for path in tree_files(directory):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(directory / path, copy / path, follow_symlinks=False)
        return copy


def _name(tree: SourceTree) -> str:
    return tree.name or canonicalize_name(name_of(tree.path))


def _source(identity: str, further: tuple[str, ...]) -> str:
    """Return what an answer is kept under: another one serves where the project says that the build needs more."""
    return "\0".join((identity, *sorted(further)))
