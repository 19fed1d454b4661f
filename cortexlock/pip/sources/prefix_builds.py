"""Source trees that must see the image's packages to be built: they are built at replay, in the prefix itself.

Their metadata are had without such a build, in this order: as for any source tree where they are certain; from a build
with the interpreter that the user names (`--python`), if its environment has what the build imports; from what the
maker of an sdist has put into it (PKG-INFO, `requires.txt`), which a build elsewhere need not repeat. The lockfile says
so of the last, and a replay compares what it has built with what was locked.
"""

from __future__ import annotations

import ast
import configparser
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Literal

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from cortexlock.errors import UsageError
from cortexlock.formats.requirement import parsed
from cortexlock.inputs.trees import tree_files
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError
from cortexlock.pip.resolution.values import SourceTree
from cortexlock.pip.sources import static_metadata
from cortexlock.pip.sources.build import static_requirements
from cortexlock.pip.sources.build_failures import BuildFailedError
from cortexlock.pip.sources.prefix_environment import PrefixEnvironment
from cortexlock.predictors import egg_info

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class PrefixBuild:
    """What is known of a build in the prefix.

    Attributes:
        needs: What it is declared to need there, each with its specifiers (PEP 508), for the target alone.
        metadata: `sdist` where its metadata are what its maker put into the sdist; empty: they are certain.
    """

    needs: tuple[Requirement, ...]
    metadata: Literal["sdist", ""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixBuildTools:
    """What is known of such builds.

    Attributes:
        names: Normalized names of the projects that are built so.
        python: The interpreter that the user names, or None: checked when it is asked for.
        further: What the project says that builds need and do not declare, by normalized name.
        markers: The target's marker environment.
        environment: The caller's variables.
        scratch: A directory to copy and build in.
    """

    names: frozenset[str] = frozenset()
    python: Callable[[], Path | None] = lambda: None
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    markers: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    scratch: Path = Path()


class PrefixBuilds:
    """Answers about the trees of one resolution that are built in the prefix."""

    def __init__(self, tools: PrefixBuildTools, *, on_progress: OnProgress) -> None:
        """Describe which they are; `on_progress` is told about each build."""
        self._tools = tools
        self._on_progress = on_progress
        self._metadata: dict[Path, bytes] = {}
        self._found: dict[Path, PrefixBuild] = {}

    def are_of(self, name: str) -> bool:
        """Whether a project, by its normalized name, is built in the prefix."""
        return name in self._tools.names

    def is_one(self, tree: SourceTree) -> bool:
        """Whether a tree is built in the prefix, by its name or, where no line has that, as its files tell it."""
        if not self._tools.names:
            return False
        return tree.path in self._found or (tree.name or written_name(tree.path)) in self._tools.names

    def found(self, tree: SourceTree) -> PrefixBuild | None:
        """Return what is known of a tree whose metadata were asked for; None: its build is an isolated one."""
        return self._found.get(tree.path)

    def metadata(self, tree: SourceTree, certain: bytes | None, *, sdist: bool) -> bytes:
        """Return the METADATA of a tree that is built in the prefix.

        Args:
            tree: The tree.
            certain: Its metadata where they are certain without a build.
            sdist: Whether it is an unpacked sdist.

        Raises:
            UsageError: Only a build tells them, and no interpreter is named that could build it.
            InputError: Its `pyproject.toml` is malformed.
        """
        if tree.path not in self._metadata:
            needs = self._needs(tree)
            content, origin = (certain, "") if certain else self._uncertain(tree, sdist=sdist)
            self._metadata[tree.path] = content
            self._found[tree.path] = PrefixBuild(needs, "sdist" if origin else "")
        return self._metadata[tree.path]

    def _uncertain(self, tree: SourceTree, *, sdist: bool) -> tuple[bytes, str]:
        name = _name(tree)
        python, failed = self._tools.python(), None
        if python is not None:
            self._on_progress(LockProgress(Activity.BUILDS_METADATA_WITH, name, str(python)))
            try:
                return self._built(tree, python), ""
            except BuildFailedError as error:
                failed = error
        told = _told(tree.path) if sdist else None
        if told is None:
            raise UsageError(
                failed.summary
                if failed
                else f"only a build in an environment like the image tells what {name} requires",
                details=failed.details if failed else (),
                where=name,
                hint=f"{'name another' if failed else 'name the'} interpreter with --python, of an environment that "
                "has the image's packages, or give the project metadata that need no build (`[project]` in "
                "pyproject.toml)",
            )
        return told, "sdist"

    def _built(self, tree: SourceTree, python: Path) -> bytes:
        copy = Path(mkdtemp(dir=self._tools.scratch), tree.path.name)
        if tree.local:
            for path in tree_files(tree.path):
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(tree.path / path, copy / path, follow_symlinks=False)
        else:
            shutil.copytree(tree.path, copy, symlinks=True)
        with PrefixEnvironment(python, self._tools.scratch, self._tools.environment) as environment:
            return environment.metadata(copy)

    def _needs(self, tree: SourceTree) -> tuple[Requirement, ...]:
        found: dict[str, Requirement] = {}
        for text in (*static_requirements(tree.path), *self._tools.further.get(_name(tree), ())):
            try:
                requirement = parsed(text)
            except InvalidRequirement:  # the build says what is wrong with it
                continue
            if requirement.marker is None or requirement.marker.evaluate({**self._tools.markers, "extra": ""}):
                found.setdefault(canonicalize_name(requirement.name), requirement)
        return tuple(found[name] for name in sorted(found))


def written_name(tree: Path) -> str:
    """Return the normalized name that a tree's files say without a build, else that of its directory."""
    pyproject = static_metadata.toml_of(tree / "pyproject.toml") or {}
    project = pyproject.get("project")
    said = project.get("name") if isinstance(project, dict) else None
    said = said or _from_setup_cfg(tree / "setup.cfg") or _from_setup_script(tree / "setup.py") or tree.name
    return canonicalize_name(str(said))


def _name(tree: SourceTree) -> str:
    return tree.name or written_name(tree.path)


def _from_setup_cfg(path: Path) -> str:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return ""
    return parser.get("metadata", "name", fallback="").strip()


def _from_setup_script(path: Path) -> str:
    """Return the name that the first call of `setup()` has as a literal."""
    try:
        module = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ""


def _told(sdist: Path) -> bytes | None:
    """Return what the maker of an sdist has put into it as its metadata; None if that is none."""
    try:
        metadata = core_metadata.read(core_metadata.decoded((sdist / "PKG-INFO").read_bytes()))
    except (OSError, UnreadableSpecifierError):
        return None
    if metadata.requires:
        return core_metadata.written(metadata)
    # Older setuptools have the requirements beside it alone.
    for path in sorted((*sdist.glob("*.egg-info/requires.txt"), *sdist.glob("*/*.egg-info/requires.txt"))):
        text = path.read_text(encoding="utf-8", errors="replace")
        content = core_metadata.metadata_file(
            metadata.name,
            metadata.version,
            tuple(egg_info.requires_of(text)),
            tuple(egg_info.extras_of(text)),
            metadata.requires_python,
        )
        try:
            return core_metadata.written(core_metadata.read(content.decode("utf-8")))
        except UnreadableSpecifierError:
            return None
    return core_metadata.written(metadata)
