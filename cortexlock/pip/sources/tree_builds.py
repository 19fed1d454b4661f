"""Builds of source trees for their metadata, each once: what one has told is kept, and environments are shared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from cortexlock.errors import NoSolutionError
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.pip.sources import undeclared_requirements
from cortexlock.pip.sources.build import static_requirements
from cortexlock.pip.sources.build_failures import BuildFailedError
from cortexlock.pip.sources.builds_ahead import BuildsAhead
from cortexlock.pip.sources.hook_servers import HookServers
from cortexlock.pip.sources.kept_metadata import Answer, KeptMetadata
from cortexlock.pip.sources.prefix_builds import PrefixBuildTools
from cortexlock.pip.sources.shared_environments import SharedEnvironments

_UNPACKED = re.compile(r"_[0-9a-f]{32}$")
"""What pip appends to the name of a distribution to make a directory of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTools:
    """What builds are made with.

    Attributes:
        interpreter: Finds an interpreter of the target's minor version, or makes one.
        interpreter_there: Finds one, and makes none.
        wheels: Resolves build requirements for the target and fetches their wheels.
        hashes: Resolves build requirements for the target and returns the sha256 of their wheels.
        scratch: A directory to copy and build in.
        environment: The caller's variables.
        installed: Versions of the image's distributions, by normalized name.
        further: What the project says that builds need and do not declare, by normalized name.
        commits: Commits of a previous lock, by URL of the repository, reference and subdirectory.
        kept: Where answers are kept; None: nowhere.
        ahead: Looks into sdists before the resolver does; None: nobody does.
        hooks: Runs hooks of build backends; None: each is a program of its own.
        in_prefix: What is built in the prefix, and how its metadata are had.
        asked: Normalized names that the project asks for.
    """

    interpreter: Callable[[], Path]
    interpreter_there: Callable[[], Path]
    wheels: Callable[[Sequence[str]], Sequence[Path]]
    hashes: Callable[[Sequence[str]], Sequence[str]]
    scratch: Path
    environment: Mapping[str, str]
    installed: Mapping[str, str]
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    commits: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    kept: KeptMetadata | None = None
    ahead: BuildsAhead | None = None
    hooks: HookServers | None = None
    in_prefix: PrefixBuildTools = field(default_factory=PrefixBuildTools)
    asked: frozenset[str] = frozenset()


@dataclass(slots=True)
class BuildUsage:
    """What a build has used so far; see `Answer`."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    installed: dict[str, str] = field(default_factory=dict)


class TreeBuilds:
    """Builds for one target."""

    def __init__(self, tools: BuildTools, *, on_progress: OnProgress) -> None:
        """Describe how trees are built if they must be; `on_progress` is told about each build."""
        self._tools = tools
        self._on_progress = on_progress
        self._python: Path | None = None
        self._finding = Lock()
        self._environments = SharedEnvironments(
            tools.wheels, tools.scratch, tools.environment, hooks=tools.hooks, ahead=tools.ahead
        )
        self._told: dict[str, Answer] = {}

    def known(self, source: str) -> Answer | None:
        """Return what is kept of a source, if it is what a build now would tell.

        Raises:
            NetworkError: An index does not answer, which is asked for what the build would need.
        """
        return next(filter(self._holds, self._kept(source)), None)

    def keep(
        self, source: str, metadata: bytes, build_requirements: Sequence[str], course: BuildUsage | None = None
    ) -> None:
        """Keep an answer about a source; one that is no text is not kept."""
        if self._tools.kept is None or not source:
            return
        try:
            text = metadata.decode("utf-8")
        except UnicodeDecodeError:
            return
        course = course or BuildUsage()  # nothing was built
        hashes = tuple(tuple(self._tools.hashes(texts)) for texts in course.asked)
        answer = Answer(text, tuple(build_requirements), tuple(course.asked), hashes, course.installed)
        self._told[source] = answer
        self._tools.kept.keep(source, answer)

    def build(
        self, tree: Path, further: Sequence[str], source: str, *, ahead: bool = False
    ) -> tuple[bytes, tuple[str, ...]]:
        """Build the METADATA of a tree, and find out all that a build of it needs; any thread can do it.

        Args:
            tree: The tree, which the build may write to.
            further: What its build needs and does not declare.
            source: What the answer is kept under; empty: it is not kept.
            ahead: Whether it is only a guess that it must be built: no interpreter is made for that.

        Raises:
            UsageError: There is no interpreter of the target's version.
            BuildFailedError: The build fails.
            NoSolutionError: What it needs has no solution.
            InputError: Its `pyproject.toml` is malformed.
        """
        python = self._python_of(ahead=ahead)
        self._on_progress(LockProgress(Activity.BUILDS_METADATA, name_of(tree)))
        course = BuildUsage()
        built = self._attempted(python, tree, (*static_requirements(tree), *further), course)
        self.keep(source, *built, course)
        return built

    def wheel(self, tree: Path, build_requirements: Sequence[str]) -> Path:
        """Build a wheel of a tree, which the build may write to, with exactly these build requirements.

        Raises:
            UsageError: There is no interpreter of the target's version.
            BuildFailedError: The build fails.
        """
        self._on_progress(LockProgress(Activity.BUILDS_REQUIREMENT, name_of(tree)))
        output = Path(mkdtemp(dir=self._tools.scratch))
        environment = self._environments.get(self._python_of(ahead=False), build_requirements, by_default=False)
        return environment.wheel(tree, output)

    def _python_of(self, *, ahead: bool) -> Path:
        """Return the interpreter, which is looked for once, whichever threads need it."""
        with self._finding:
            if self._python is None:
                self._python = (self._tools.interpreter_there if ahead else self._tools.interpreter)()
            return self._python

    def _holds(self, answer: Answer) -> bool:
        if any(self._tools.installed.get(name, "") != version for name, version in answer.installed.items()):
            return False
        try:
            return all(
                tuple(self._tools.hashes(texts)) == wheels
                for texts, wheels in zip(answer.asked, answer.wheels, strict=True)
            )
        except NoSolutionError:  # the build says more of it
            return False
        except ValueError:  # of another length
            return False

    def _attempted(
        self, python: Path, tree: Path, declared: tuple[str, ...], course: BuildUsage
    ) -> tuple[bytes, tuple[str, ...]]:
        """Build the metadata; try again with what a `setup.py` imports without declaring it."""
        by_default = not (tree / "pyproject.toml").exists()
        try:
            course.asked.append(declared)
            environment = self._environments.get(python, declared, by_default=by_default)
            dynamic = environment.dynamic_requirements(tree)
            if set(dynamic) - set(declared):
                course.asked.append((*declared, *dynamic))
                environment = self._environments.get(python, (*declared, *dynamic), by_default=False)
            return environment.metadata(tree), (*declared, *dynamic)
        except BuildFailedError as error:
            missing = undeclared_requirements.requirement(error.output, self._tools.installed)
            if missing is None or missing.text in declared or not by_default:
                raise
            self._on_progress(LockProgress(Activity.ADDS_REQUIREMENT, name_of(tree), missing.text))
            course.installed[missing.name] = self._tools.installed.get(missing.name, "")
            try:
                return self._attempted(python, tree, (*declared, missing.text), course)
            except NoSolutionError as unavailable:  # the image's own version is on no index
                raise error from unavailable

    def _kept(self, source: str) -> Iterator[Answer]:
        if source in self._told:
            yield self._told[source]
        if self._tools.kept is not None:
            yield from self._tools.kept.find(source)


def name_of(tree: Path) -> str:
    """Return the name of a tree as its directory has it."""
    return _UNPACKED.sub("", tree.name)
