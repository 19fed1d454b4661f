"""Source trees of a resolution: their metadata and what their builds need, by reading where that is certain."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp

from packaging.utils import canonicalize_name

from cortexlock.errors import CortexlockError, InputError, NoSolutionError
from cortexlock.inputs.trees import tree_files, tree_hash
from cortexlock.pip.resolution.values import Checkout, SourceTree
from cortexlock.pip.sources import git, static_metadata, undeclared_requirements
from cortexlock.pip.sources.build import BuildEnvironment, BuildFailedError, static_requirements
from cortexlock.pip.sources.build_failures import of_build

_UNPACKED = re.compile(r"_[0-9a-f]{32}$")
"""What pip appends to the name of a distribution to make a directory of its own."""


@dataclass(frozen=True, slots=True)
class Means:
    """What builds are made with.

    Attributes:
        interpreter: Finds an interpreter of the target's minor version.
        wheels: Resolves build requirements for the target and fetches their wheels.
        scratch: A directory to copy and build in.
        environment: The caller's variables.
        installed: Versions of the image's distributions, by normalized name.
        further: What the project says that builds need and do not declare, by normalized name.
        commits: Commits of a previous lock, by URL of the repository, reference and subdirectory.
    """

    interpreter: Callable[[], Path]
    wheels: Callable[[Sequence[str]], Sequence[Path]]
    scratch: Path
    environment: Mapping[str, str]
    installed: Mapping[str, str]
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commits: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


class Sources:
    """Answers about source trees for one target; a tree is built at most once, and only under the target's Python."""

    def __init__(self, means: Means, *, on_progress: Callable[[str], None]) -> None:
        """Describe how trees are built if they must be; `on_progress` is told about each build."""
        self._means = means
        self._on_progress = on_progress
        self._read: dict[Path, static_metadata.Static] = {}
        self._built: dict[Path, tuple[bytes, tuple[str, ...]]] = {}
        self._kept: dict[Path, Path] = {}
        self._checkouts: set[Path] = set()

    def check_out(self, url: str, directory: Path) -> Checkout:
        """Check a repository out into an empty directory; the URL has reference and credentials.

        The commit is the locked one of that reference, if there is one and the repository still has it.

        Raises:
            InputError: It is no git repository, or has no such reference.
            NetworkError: It cannot be reached.
        """
        repository = git.parse(url)
        self._on_progress(f"checking out {repository.url}")
        self._checkouts.add(directory)
        locked = self._means.commits.get((repository.url, repository.reference, repository.subdirectory))
        commit = self._locked_commit(repository, locked, directory) if locked else ""
        commit = commit or git.check_out(repository, directory, environment=self._means.environment)
        sha256 = tree_hash(directory, checkout=True)
        return Checkout(repository.url, commit, repository.subdirectory, sha256, repository.reference)

    def metadata(self, tree: SourceTree) -> bytes:
        """Return the METADATA of a tree.

        Raises:
            UsageError: It must be built, and there is no interpreter of the target's version.
            NoSolutionError: The build fails.
            InputError: It is a local tree, and the build fails; `where` is its path.
        """
        return self._static(tree).metadata or self._by_build(tree)[0]

    def build_requirements(self, tree: SourceTree) -> tuple[str, ...]:
        """Return all that a build of the tree needs, dynamic requirements included, sorted.

        Raises:
            UsageError: Only a build can tell, and there is no interpreter of the target's version.
            NoSolutionError: The build fails.
            InputError: It is a local tree, and the build fails; `where` is its path.
        """
        known = self._static(tree).build_requirements
        needed = known if known is not None else self._by_build(tree)[1]
        return tuple(sorted({*needed, *self._further(tree)}))

    def _locked_commit(self, repository: git.Repository, commit: str, directory: Path) -> str:
        """Check out the commit of a previous lock; empty if the repository has it no more."""
        try:
            return git.check_out(replace(repository, reference=commit), directory, environment=self._means.environment)
        except InputError:
            self._on_progress(f"{repository.url} has the locked commit {commit} no more")
            return ""

    def _further(self, tree: SourceTree) -> tuple[str, ...]:
        name = tree.name or canonicalize_name(_UNPACKED.sub("", tree.path.name))
        return self._means.further.get(name, ())

    def _static(self, tree: SourceTree) -> static_metadata.Static:
        if tree.path not in self._read:
            is_sdist = not tree.local and not any(tree.path.is_relative_to(checkout) for checkout in self._checkouts)
            self._read[tree.path] = found = static_metadata.read(tree.path, sdist=is_sdist)
            if found.metadata and found.build_requirements is None and not tree.local:
                # What its build needs is asked for once all is resolved, and pip has removed the tree by then.
                self._kept[tree.path] = Path(mkdtemp(dir=self._means.scratch)) / tree.path.name
                shutil.copytree(tree.path, self._kept[tree.path], symlinks=True)
        return self._read[tree.path]

    def _by_build(self, tree: SourceTree) -> tuple[bytes, tuple[str, ...]]:
        if tree.path not in self._built:
            name = tree.name or canonicalize_name(_UNPACKED.sub("", tree.path.name))
            python = self._means.interpreter()
            self._on_progress(f"building the metadata of {_UNPACKED.sub('', tree.path.name)}")
            source = self._copied(tree.path) if tree.local else self._kept.get(tree.path, tree.path)
            declared = (*static_requirements(source), *self._further(tree))
            try:
                with of_build(name):
                    self._built[tree.path] = self._attempted(python, source, declared)
            except BuildFailedError as error:
                raise _failure(error, tree, _UNPACKED.sub("", source.name)) from error
        return self._built[tree.path]

    def _attempted(self, python: Path, source: Path, declared: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """Build the metadata; try again with what a `setup.py` imports without declaring it."""
        try:
            with BuildEnvironment(python, self._means.scratch, self._means.environment) as environment:
                environment.install(self._means.wheels(declared))
                dynamic = environment.dynamic_requirements(source)
                if set(dynamic) - set(declared):
                    environment.install(self._means.wheels((*declared, *dynamic)))
                return environment.metadata(source), (*declared, *dynamic)
        except BuildFailedError as error:
            missing = undeclared_requirements.requirement(error.what, self._means.installed)
            if missing is None or missing in declared or (source / "pyproject.toml").exists():
                raise
            self._on_progress(f"{_UNPACKED.sub('', source.name)} needs {missing} to build, without saying so")
            return self._attempted(python, source, (*declared, missing))

    def _copied(self, directory: Path) -> Path:
        """Copy a local tree: builds write into the tree that they build."""
        copy = Path(mkdtemp(dir=self._means.scratch)) / directory.name
        for path in tree_files(directory):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(directory / path, copy / path, follow_symlinks=False)
        return copy


def _failure(error: BuildFailedError, tree: SourceTree, name: str) -> CortexlockError:
    """Make the error of a build that fails: a local tree can be put right, of others another version can be taken."""
    lacks = f"if its build lacks a package, name that in cortexlock.yaml: `build-requirements: {{{name}: [package]}}`"
    if tree.local:
        return InputError(error.what, where=str(tree.path), hint=f"correct its setup.py or pyproject.toml; {lacks}")
    hint = f"ask for a version that has a wheel or that builds with the image's Python; {lacks}"
    return NoSolutionError(error.what, where=name, hint=hint)
