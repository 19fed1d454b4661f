"""conda-lock, called as a library: the only module that knows it.

conda-lock reads and changes the environment variables of the process that it runs in, keeps module-wide state, and
prints; all of that is put back or caught here, yet no other thread should run meanwhile.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock import put_off
from cortexlock.conda import conda_lock_package, failure
from cortexlock.conda.failure import CondaFailedError
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.target import VirtualPackage

_AMBIENT = ("CONDA_", "MAMBA_")
_SHOWN = 500  # characters of an answer that is none
_UNUSED = ("conda_lock.lookup_cache", "ensureconda.api", "requests.exceptions")
"""What conda-lock imports to look for a conda, and to fetch what it is given as a file here."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A package that the solver chose; hashes are empty where its channel gives none."""

    name: str
    version: str
    url: str
    sha256: str
    md5: str


def load() -> None:
    """Import what `solve` imports, which takes a quarter of a second.

    Raises:
        ImportError: conda-lock is not whole.
    """
    with _environment({}), _silence():
        _load()


def solve(  # noqa: PLR0913 - all of it decides the solution
    conda: Path,
    specs: Sequence[CondaSpec],
    *,
    channels: Sequence[str],
    subdir: str,
    virtual_packages: Sequence[VirtualPackage],
    variables: Mapping[str, str],
    workspace: Path,
) -> tuple[Chosen, ...]:
    """Let conda-lock drive a conda executable.

    Args:
        conda: The executable.
        specs: What is asked for; each package once.
        channels: Names and URLs in order of priority.
        subdir: The platform.
        virtual_packages: What to assume of the machine.
        variables: Further environment variables of the executable.
        workspace: An empty directory for what is written on the way.

    Returns:
        The packages, sorted by name, without virtual ones.

    Raises:
        CondaFailedError: The executable failed.
    """
    for name in ("virtual", "packages"):
        (workspace / name).mkdir()
    # Names of distributions are not looked up in a conda solve; an empty file makes sure of it.
    (workspace / "mapping.json").write_text("{}", encoding="utf-8")
    with _environment(variables), _silence():
        _load()
        from conda_lock import conda_solver, invoke_conda  # type: ignore[import-untyped]  # noqa: PLC0415 - as said
        from conda_lock.models.channel import Channel  # type: ignore[import-untyped]  # noqa: PLC0415 - as said

        invoke_conda.CONDA_PKGS_DIRS = str(workspace / "packages")
        fake = _virtual_channel(virtual_packages, subdir, workspace / "virtual")
        with fake.conda_virtual_package_overrides(subdir), _failures(conda):
            locked = conda_solver.solve_conda(
                conda=conda,
                specs={spec.name: _dependency(spec) for spec in specs},
                locked={},
                update=[],
                platform=subdir,
                channels=[Channel(url=url, used_env_vars=()) for url in [*channels, fake.channel_url]],
                mapping_url=str(workspace / "mapping.json"),
            )
    return tuple(
        Chosen(package.name, package.version, package.url, package.hash.sha256 or "", package.hash.md5 or "")
        for name, package in sorted(locked.items())
        if not name.startswith("__")
    )


def _load() -> None:
    # Not at the top because it takes long, and warns.
    conda_lock_package.prepare()
    with put_off.put_off(*_UNUSED):
        for module in ("conda_solver", "invoke_conda", "models.channel", "models.lock_spec", "virtual_package"):
            importlib.import_module(f"conda_lock.{module}")


@contextlib.contextmanager
def _failures(conda: Path) -> Iterator[None]:
    """Raise what conda-lock raises for an executable that fails, or that does not answer as conda does, as our own."""
    from conda_lock import conda_solver  # noqa: PLC0415 - as above

    try:
        yield
    except conda_solver.subprocess.CalledProcessError as error:
        raise _failure(conda, error.returncode, error.stdout, error.stderr) from None
    except KeyError as error:
        # conda-lock follows the dependencies of what was chosen, and finds one that was not.
        what = f"its answer leaves out `{error.args[0]}`, which a package of it depends on"
        raise CondaFailedError("IncompleteAnswer", what) from error
    except (RuntimeError, OSError, ValueError, TypeError, AttributeError) as error:
        what = f"{conda} did not give the answer that conda gives: {str(error)[:_SHOWN]}"
        raise CondaFailedError("UnreadableAnswer", what) from error


def _virtual_channel(packages: Sequence[VirtualPackage], subdir: str, directory: Path) -> Any:  # noqa: ANN401 - untyped
    """Write conda-lock's channel of virtual packages."""
    from conda_lock.virtual_package import FakeRepoData  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
    from conda_lock.virtual_package import VirtualPackage as FakePackage  # noqa: PLC0415 - as above

    fake = FakeRepoData(base_path=directory, packages_by_subdir={}, all_repodata={}, old_env_vars={})
    for package in packages:
        build = "" if package.build == "0" else package.build
        fake.add_package(FakePackage(name=package.name, version=package.version, build_string=build), [subdir])
    fake.write()
    return fake


def _dependency(spec: CondaSpec) -> Any:  # noqa: ANN401 - conda-lock is untyped
    """Return a specification as conda-lock has it."""
    from conda_lock.models.lock_spec import VersionedDependency  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    return VersionedDependency(
        name=spec.name, version=spec.version, build=spec.build or None, conda_channel=spec.channel or None
    )


def _failure(conda: Path, returncode: int, stdout: str, stderr: str) -> CondaFailedError:
    """Read the error that a conda executable printed, as JSON or not."""
    ended = f"{conda} ended with exit code {returncode}"
    try:
        answer = json.loads(stdout[stdout.index("{") : stdout.rindex("}") + 1])
    except ValueError:
        said = (stdout + stderr).strip()
        return CondaFailedError("CondaError", f"{ended}: {said}" if said else f"{ended}, and it said nothing")
    return failure.read(answer, f"{ended}, and its answer has no message")


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, without what the user configured for other uses of conda."""
    before = dict(os.environ)
    try:
        for name in [name for name in os.environ if name.startswith(_AMBIENT)]:
            del os.environ[name]
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Drop what conda-lock prints and warns of: its caller gets an exception that says the same."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
