"""conda's own classic solver, as conda-lock ships it: the only module that knows this vendored conda.

It is conda 24.7's, which decides as conda 4.7 does; docs/design/conda.md says what was compared. It keeps its
configuration in globals and in the environment of its process: use it in a process of its own.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cortexlock.conda import conda_lock_package
from cortexlock.conda.executable.conflicts import RefusedRequestError, fewest, needs, solver_on_index

PACKAGE = "conda_lock._vendor.conda"
_ADDS_MACHINE = "_supplement_index_with_system"
USED: Mapping[str, tuple[str, ...]] = {
    "base.constants": ("UpdateModifier",),
    "base.context": ("reset_context",),
    "core.index": ("_make_virtual_package", "_supplement_index_with_prefix"),
    "core.prefix_data": ("PrefixData",),
    "core.solve": ("Solver", _ADDS_MACHINE),
    "core.subdir_data": ("make_feature_record",),
    "exceptions": ("ResolvePackageNotFound", "SpecsConfigurationConflictError", "UnsatisfiableError"),
    "models.channel": ("Channel",),
    "models.match_spec": ("MatchSpec",),
    "models.records": ("PackageRecord",),
    "models.version": ("VersionOrder",),
    "resolve": ("Resolve",),
    "": ("CondaError", "__version__"),
}
"""What is used of it, by module."""

_COMPARED = "24.7."  # versions whose decisions were compared with conda 4.7.12's
_CHAIN = re.compile(r" -> (?!Available versions)")
_AMBIENT = ("CONDA", "_CONDA", "MAMBA")


class MissingSolverError(Exception):
    """What is installed of conda-lock or python-sat lacks something that is used; the message says what."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What conda's configuration says, and what the machine has.

    Attributes:
        subdir: The platform, `linux-64`.
        priority: Of channels: `flexible`, `strict` or `disabled`.
        aggressive_updates: Names of packages that are always updated where they are installed.
        virtual_packages: `(name, version, build)`.
    """

    subdir: str
    priority: str = "flexible"
    aggressive_updates: tuple[str, ...] = ()
    virtual_packages: tuple[tuple[str, str, str], ...] = ()


class ClassicSolver:
    """The vendored conda with settings of its own: nothing that this machine says of conda reaches it."""

    def __init__(self, settings: Settings) -> None:
        """Import conda, and set it up.

        Raises:
            MissingSolverError: Something that is used is not there.
        """
        for name in [name for name in os.environ if name.startswith(_AMBIENT)]:
            del os.environ[name]
        self._settings = settings
        self._conda = _load()
        logging.getLogger(PACKAGE).propagate = False  # what it warns of is for who sits before a terminal
        logging.getLogger(PACKAGE).addHandler(logging.NullHandler())
        self._conda.reset_context(search_path=(), argparse_args=_configuration(settings))
        # In place of what conda finds out about the machine that it runs on.
        setattr(self._conda.modules["core.solve"], _ADDS_MACHINE, self._add_virtual_packages)

    def names(self, specs: Iterable[str]) -> set[str]:
        """Return the names of packages that MatchSpecs are for.

        Raises:
            RefusedRequestError: One is no MatchSpec.
        """
        found = set()
        for spec in specs:
            name = self._match_spec(spec).get_exact_value("name")
            if name:
                found.add(str(name))
        return found

    def matches(self, spec: str, entry: Mapping[str, Any]) -> bool:
        """Whether a MatchSpec allows a record of a channel, or of a prefix.

        Raises:
            RefusedRequestError: It is no MatchSpec.
        """
        return bool(self._match_spec(spec).match(self._conda.PackageRecord(**entry)))

    def parsed(self, entries: Sequence[Mapping[str, Any]]) -> tuple[list[Any], list[int]]:
        """Return conda's records of those entries that conda can read, and these entries' positions."""
        records, positions = [], []
        for position, entry in enumerate(entries):
            record = self._parsed(entry)
            if record is not None:
                records.append(record)
                positions.append(position)
        return records, positions

    def _parsed(self, entry: Mapping[str, Any]) -> Any:  # noqa: ANN401 - untyped
        try:
            record = self._conda.PackageRecord(**entry)
            self._conda.VersionOrder(record.version)
            for spec in (*record.depends, *record.constrains):
                self._conda.MatchSpec(spec)
        except Exception:  # noqa: BLE001 - whatever a stranger's record makes it stumble over
            return None
        return record

    def solve(
        self, prefix: Path, channels: Sequence[str], specs: Sequence[str], records: Sequence[Any]
    ) -> dict[str, int | None]:
        """Do what `conda install` does: first with everything that is installed frozen, then without.

        Args:
            prefix: An environment; its `conda-meta` has the records, the history and the pins.
            channels: Names and URLs in order of priority.
            specs: MatchSpecs; none: what the environment has is put in order.
            records: Those that can be reached, of all channels, as `parsed` returns them.

        Returns:
            What the environment has afterwards, by name, sorted: the position of each record among `records`, None for
            what was there before.

        Raises:
            RefusedRequestError: There is no solution.
        """
        conda = self._conda
        keys = {record: key for key, record in reversed(list(enumerate(records)))}
        index = self._index(prefix, keys)
        installed = set(conda.PrefixData(str(prefix)).iter_records())
        decide = partial(self._decide, prefix, channels, solver_on_index(conda, index))
        try:
            final = decide(specs)
        except conda.UnsatisfiableError:
            raise self._explained(decide, specs, index) from None
        except conda.CondaError as error:
            raise self._refused(error) from error
        return {
            record.name: None if record in installed else keys[record]
            for record in sorted(final, key=lambda record: record.name)
            if not record.name.startswith("__")
        }

    def _decide(
        self,
        prefix: Path,
        channels: Sequence[str],
        solver_class: Any,  # noqa: ANN401 - untyped
        specs: Sequence[str],
        *,
        explain: bool = False,
    ) -> Any:  # noqa: ANN401 - untyped
        conda, wanted = self._conda, [self._match_spec(spec) for spec in specs]
        places = [conda.Channel(channel) for channel in channels]

        def solver() -> Any:  # noqa: ANN401 - untyped
            subdirs = (self._settings.subdir, "noarch")
            made = solver_class(str(prefix), places, subdirs, specs_to_add=wanted, command="install")
            made.explains = explain
            return made.solve_final_state

        try:
            return solver()(update_modifier=conda.UpdateModifier.FREEZE_INSTALLED, should_retry_solve=True)
        except (conda.UnsatisfiableError, conda.SpecsConfigurationConflictError, SystemExit) as error:
            if not getattr(error, "allow_retry", True):
                raise
            return solver()(update_modifier=conda.UpdateModifier.UPDATE_SPECS)

    def _explained(
        self, decide: Callable[..., Any], specs: Sequence[str], index: Mapping[Any, Any]
    ) -> RefusedRequestError:
        """Return the error of specifications that cannot hold together: of as few of them as that takes."""
        conda = self._conda

        def holds(some: Sequence[str]) -> bool:
            try:
                decide(some)
            except conda.CondaError:
                return False
            return True

        few = fewest(specs, holds)
        try:
            decide(few, explain=True)
        except conda.UnsatisfiableError as error:
            text = str(error)
            if not _CHAIN.search(text):
                depends = needs(conda.Resolve(index), map(self._match_spec, few))
                text = "\n".join(("What is asked for depends on:", *depends))
            return RefusedRequestError(type(error).__name__, text, sorted(self.names(few)))
        except conda.CondaError as error:
            return self._refused(error)
        return RefusedRequestError(conda.UnsatisfiableError.__name__, "", sorted(self.names(few)))

    @staticmethod
    def _refused(error: Any) -> RefusedRequestError:  # noqa: ANN401 - untyped
        """Return an error of conda's that explains itself."""
        name = type(error).__name__
        if name == "ResolvePackageNotFound":
            return RefusedRequestError("PackagesNotFoundError", str(error).strip("\n"))  # as `conda install` names it
        if name == "SpecsConfigurationConflictError":
            asked, pinned = (
                ", ".join(str(spec) for spec in vars(error)["_kwargs"][key])
                for key in ("requested_specs", "pinned_specs")
            )
            return RefusedRequestError(name, f"  - {asked}\nis not what the image pins (conda-meta/pinned): {pinned}")
        return RefusedRequestError(name, str(error))

    def _index(self, prefix: Path, records: Iterable[Any]) -> dict[Any, Any]:
        """Return conda's index: the records, what the prefix has, features, and virtual packages."""
        index = {record: record for record in records}
        self._conda.supplement_index_with_prefix(index, str(prefix))
        features = {name for record in index for name in (*record.track_features, *record.features)}
        index |= {record: record for record in map(self._conda.make_feature_record, sorted(features))}
        self._add_virtual_packages(index)
        return index

    def _add_virtual_packages(self, index: dict[Any, Any]) -> None:
        records = (self._conda.make_virtual_package(*package) for package in self._settings.virtual_packages)
        index |= {record: record for record in records}

    def _match_spec(self, spec: str) -> Any:  # noqa: ANN401 - untyped
        try:
            return self._conda.MatchSpec(spec)
        except self._conda.CondaError as error:
            raise RefusedRequestError("InvalidMatchSpec", str(error)) from error


def version() -> str:
    """Return the version of the vendored conda.

    Raises:
        MissingSolverError: It is not there.
    """
    return str(_load().version)


def _load() -> SimpleNamespace:
    """Import all that is used, by its name without underscores at its ends; `modules` has the modules."""
    found: dict[str, Any] = {}
    modules: dict[str, Any] = {}
    try:
        conda_lock_package.prepare()
        importlib.import_module("pysat.solvers")
        for module, names in USED.items():
            modules[module] = importlib.import_module(f"{PACKAGE}.{module}".rstrip("."))
            found |= {name.strip("_"): getattr(modules[module], name) for name in names}
    except (ImportError, AttributeError) as error:
        raise MissingSolverError(str(error)) from error
    if not str(found["version"]).startswith(_COMPARED):
        raise MissingSolverError(f"conda-lock has conda {found['version']}, and {_COMPARED}* is what was compared")
    return SimpleNamespace(**found, modules=modules)


def _configuration(settings: Settings) -> dict[str, Any]:
    """Return what conda's configuration is to say, by its names, in place of files and variables of this machine."""
    return {
        "channel_priority": settings.priority,
        "aggressive_update_packages": settings.aggressive_updates,
        "sat_solver": "pysat",
        "auto_update_conda": False,
        # The pip of an image is among its packages, and in its history.
        "add_pip_as_python_dependency": False,
        "subdir": settings.subdir,
        "json": True,  # no spinners
        "quiet": True,
    }
