"""Builds of sdists and source trees under an interpreter of the target's version (PEP 517).

The hooks run in a fresh virtual environment of that interpreter that holds the build requirements and nothing else,
with an environment of variables that is the same on every machine. A host build would give wrong answers: a `setup.py`
that looks at the version of the interpreter that runs it, or refuses it.
"""

from __future__ import annotations

import copy
import errno
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from types import TracebackType
from typing import TYPE_CHECKING

from build import BuildBackendException, BuildException, ProjectBuilder
from pyproject_hooks import BackendUnavailable, HookMissing

from cortexlock import process
from cortexlock.errors import CortexlockError, InputError
from cortexlock.pip.install import pure_wheels
from cortexlock.pip.install.uv import install_files
from cortexlock.pip.sources import build_output
from cortexlock.pip.sources.build_failures import BuildFailedError, NotEditableError
from cortexlock.pip.sources.hook_runner import HookRunner
from cortexlock.pip.sources.hook_servers import HookServers

if TYPE_CHECKING:
    from build._types import SubprocessRunner
    from typing_extensions import Self

_SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the first date that a ZIP archive can hold."""

_FROM_HOST = frozenset(
    ("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "CC", "CXX", "CUDA_HOME", "SYSTEMROOT", "PATHEXT", "COMSPEC"),
)
"""What a build may see of the caller's variables: where compilers and libraries are."""


class BuildEnvironment:
    """A place to build in, for as long as its `with` block lasts.

    The source directories that its methods take may be written to by build backends: give copies.
    """

    def __init__(  # noqa: PLR0913 - where, with what, for whom
        self,
        python: Path,
        directory: Path,
        environment: Mapping[str, str],
        *,
        on_line: Callable[[str], None] | None = None,
        name: str = "",
        hooks: HookServers | None = None,
    ) -> None:
        """Describe a build environment; nothing is written before it is entered.

        Args:
            python: An interpreter of the target's version, which needs no pip.
            directory: An existing directory under which a temporary one is made.
            name: The name of that one; without it, a new one each time.
            environment: The caller's variables, of which builds see where compilers and libraries are, no more.
            on_line: Called with each line of the builds' output.
            hooks: What can run hooks; None: each hook is a program of its own.
        """
        self._python = python
        self._directory = directory
        self._environment = environment
        self._on_line = on_line
        self._name = name
        self._hooks = hooks
        self._stack = ExitStack()
        self._place: Path | None = None
        self._home = Path()

    def __enter__(self) -> Self:
        """Make the virtual environment.

        Raises:
            BuildFailedError: The interpreter cannot be started, or makes no virtual environment.
        """
        with ExitStack() as stack:
            if self._name:
                self._place = self._directory / self._name
                self._place.mkdir()
                stack.callback(shutil.rmtree, self._place, ignore_errors=True)
            else:
                self._place = Path(stack.enter_context(TemporaryDirectory(prefix="build-", dir=self._directory)))
            self._make()
            self._stack = stack.pop_all()
        return self

    def adopt(self) -> None:
        """Take the directory of the name as it is: another process has made it, and will remove it."""
        self._place = self._directory / self._name
        self._home = self._place / "home"

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove everything."""
        self._place = None
        self._stack.close()

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self._root / "env" / "bin" / "python"

    def install(self, wheels: Sequence[Path]) -> None:
        """Put build requirements into the environment: exactly these files, without their dependencies.

        Raises:
            BuildFailedError: A file is not a wheel that this interpreter can use.
        """
        if not wheels or pure_wheels.install(wheels, self._root / "env"):
            return
        completed = install_files(wheels, python=self.python, environment=self._environment)
        if completed.returncode:
            what, names = "the build requirements cannot be installed:", ", ".join(each.name for each in wheels)
            shown = build_output.shown(completed.output)
            raise BuildFailedError(what, details=[shown], where=names, output=completed.output)

    def load(self, backend: str) -> None:
        """Have a backend loaded that will run hooks, by its module, where one process does so for all; do not wait."""
        if self._hooks is not None:
            self._hooks.begin(str(self.python), backend, env=self._variables())

    def another(self) -> Self:
        """Return the same environment with an empty home directory, so that a build does not see what others left."""
        found = copy.copy(self)
        vars(found)["_home"] = Path(mkdtemp(prefix="home-", dir=self._root))
        return found

    def dynamic_requirements(self, source: Path, *, editable: bool = False) -> tuple[str, ...]:
        """Return what the build backend asks for beside the static requirements, sorted.

        Raises:
            BuildFailedError: The backend fails.
            InputError: `pyproject.toml` is malformed.
        """
        with self._builder(source) as builder:
            return tuple(sorted(builder.get_requires_for_build("editable" if editable else "wheel")))

    def metadata(self, source: Path) -> bytes:
        """Return the METADATA that a wheel of the project has; a wheel is built where the backend has no other way.

        Raises:
            BuildFailedError: The backend fails.
            InputError: `pyproject.toml` is malformed.
        """
        with self._builder(source) as builder, TemporaryDirectory(dir=self._root) as output:
            return Path(builder.metadata_path(output), "METADATA").read_bytes()

    def wheel(self, source: Path, output: Path, *, editable: bool = False) -> Path:
        """Build a wheel into the directory `output` and return its path.

        Args:
            source: The project's directory.
            output: Where to write the wheel; made if it is not there.
            editable: Whether to make an editable wheel (PEP 660).

        Raises:
            NotEditableError: The backend makes no editable wheels.
            BuildFailedError: The backend fails.
            InputError: `pyproject.toml` is malformed.
        """
        with self._builder(source) as builder:
            return Path(builder.build("editable" if editable else "wheel", output))

    @property
    def _root(self) -> Path:
        if self._place is None:
            raise AssertionError("a build environment is used inside its with block")
        return self._place

    def _make(self) -> None:
        self._home = self._root / "home"
        self._home.mkdir()
        command: list[str | Path] = [self._python, "-I", "-B", "-m", "venv", "--without-pip", self._root / "env"]
        try:
            completed = process.run(command, env=self._variables())
        except OSError as error:
            raise BuildFailedError(f"the interpreter does not start: {error}", where=str(self._python)) from error
        if completed.returncode:
            raise BuildFailedError(
                "the interpreter makes no virtual environment:",
                details=[build_output.shown(completed.output)],
                where=str(self._python),
                hint=f"make space where {self._directory} is"
                if os.strerror(errno.ENOSPC) in completed.output
                else "builds need an interpreter with the module `venv` of the standard library",
                output=completed.output,
            )

    def _variables(self) -> dict[str, str]:
        """Return the variables that builds see: the same everywhere, but for the way to the compilers."""
        kept = {name: value for name, value in self._environment.items() if name in _FROM_HOST}
        path = os.pathsep.join(part for part in (str(self.python.parent), kept.get("PATH", os.defpath)) if part)
        return {
            **kept,
            "PATH": path,
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "SOURCE_DATE_EPOCH": _SOURCE_DATE_EPOCH,
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @contextmanager
    def _builder(self, source: Path) -> Iterator[ProjectBuilder]:
        """Yield the builder of a project; whatever a backend does wrong becomes our error."""
        run_hook = HookRunner(self._variables(), self._on_line, self._hooks)
        builder = _builder_of(source, self.python, run_hook)
        with _quiet():
            try:
                yield builder
            except BuildBackendException as error:
                printed = "\n".join(run_hook.output)
                cause = build_output.cause(printed) if printed else build_output.Cause()
                what = cause.said or _reason(error.exception)
                missing = isinstance(error.exception, HookMissing) and "editable" in error.exception.hook_name
                failed = (NotEditableError if missing else BuildFailedError)(
                    f"the project cannot be built: {what}",
                    details=map(build_output.shown, filter(None, (getattr(error.exception, "traceback", ""), printed))),
                    where=source.name,
                    hint=cause.hint or BuildFailedError.UNKNOWN,
                    output=printed,
                )
                failed.is_told = bool(cause.hint)
                raise failed from error
            except BuildException as error:
                raise BuildFailedError(f"the project cannot be built: {error}", where=source.name) from error


def static_requirements(source: Path) -> tuple[str, ...]:
    """Return `[build-system].requires` of a project, sorted, or what PEP 517 says in its absence.

    Raises:
        InputError: There is neither a valid `pyproject.toml` nor a `setup.py`.
    """
    return tuple(sorted(_builder_of(source).build_system_requires))


def _builder_of(source: Path, python: Path | None = None, runner: SubprocessRunner | None = None) -> ProjectBuilder:
    """Read a project's `pyproject.toml`; a malformed one is the input's fault."""
    options = {} if runner is None else {"runner": runner}
    try:
        with _quiet():
            return ProjectBuilder(source, str(python or sys.executable), **options)
    except (BuildException, ValueError) as error:
        text = str(error).replace(f"{source}{os.sep}", "").replace(str(source), source.name)
        raise InputError(f"the project cannot be built: {text}", where=f"{source.name}/pyproject.toml") from error


def _reason(error: Exception) -> str:
    """Return in words why a hook failed; what no backend can cause is a bug of ours and is raised."""
    match error:
        case CortexlockError():
            return error.summary
        case BackendUnavailable():
            return f"the build backend `{error.backend_name}` cannot be imported"
        case HookMissing():
            return f"the build backend has no `{error.hook_name}`"
        case OSError() | ValueError() | KeyError():
            return f"the build backend gave no usable answer ({error})"
        case _:
            raise error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings of backends, which are part of their output, from being warnings of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
