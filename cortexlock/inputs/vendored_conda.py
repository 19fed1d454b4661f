"""How the conda that conda-lock ships reads a specification: the only module of this layer that knows it.

Its modules are loaded under a name of their own, when the first line is read: `import conda_lock` would load all of
conda-lock and poetry. They read text and nothing else: no configuration and no variable of the machine counts.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from cortexlock.errors import UsageError
from cortexlock.patterns import pattern

_ALIAS = "_cortexlock_vendored_conda"
_KNOWN = pattern(r"4\.0\.")  # versions of conda-lock whose conda was compared with conda 4.7.12
_VARIABLES = ("CONDA_", "_CONDA_")


class InvalidSpecError(Exception):
    """conda cannot read a specification.

    Attributes:
        version: The part of it that is no version, where that is why.
    """

    def __init__(self, what: str, *, version: str = "") -> None:
        """Keep what conda says, and the version."""
        super().__init__(what)
        self.version = version


@dataclass(frozen=True, slots=True)
class Reading:
    """What conda makes of a specification.

    Attributes:
        fields: Its fields by name (`channel`, `subdir`, `name`, `version`, `build`, …), as text.
        atoms: The versions that `version` compares with, as conda normalizes them.
    """

    fields: Mapping[str, str]
    atoms: tuple[str, ...]


def specification(line: str) -> str | None:
    """Return a line of a `--file` list as a specification, `numpy >=1.16`; None where it is none."""
    try:
        found: str | None = _conda().spec_from_line(line)
    except AssertionError:  # two operators `~=`, and the like
        return None
    return found


def read(text: str) -> Reading:
    """Return what conda makes of a specification.

    Args:
        text: It: `numpy >=1.16`, `conda-forge::blas[version='1.0',build=mkl]`.

    Raises:
        InvalidSpecError: conda refuses it.
    """
    spec = _match_spec(text)
    names = [name for name in spec.FIELD_NAMES if spec.get_raw_value(name) is not None]
    fields = {name: str(spec.get_raw_value(name)) for name in names if name != "channel"}
    channel = spec.get_raw_value("channel")
    if channel is not None:
        fields["channel"] = str(getattr(channel, "name", channel))
    return Reading(fields, tuple(_atoms(spec._match_components.get("version"))))  # noqa: SLF001 - it has no public way


def written(text: str) -> str:
    """Return a specification as conda writes it: `nltk==3.1=py27_0`, `pandas[version='>=1.0']`, `python=3.7`.

    Raises:
        InvalidSpecError: conda refuses it.
    """
    return str(_match_spec(text))


def holds(constraint: str, version: str) -> bool:
    """Whether a version meets a constraint, `>=3.6,<3.7.0a0`; what conda cannot read holds for none."""
    conda = _conda()
    try:
        return bool(conda.VersionSpec(constraint).match(version))
    except (conda.CondaError, ValueError, AttributeError, LookupError, re.error):
        return False


def _match_spec(text: str) -> Any:  # noqa: ANN401 - conda has no types
    """Return conda's `MatchSpec` of a specification."""
    conda = _conda()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return conda.MatchSpec(text)
    except conda.CondaError as error:
        cause = error.__cause__ if isinstance(error.__cause__, conda.InvalidVersionSpec) else error
        wrong = str(cause._kwargs["invalid_spec"]) if isinstance(cause, conda.InvalidVersionSpec) else ""  # noqa: SLF001
        raise InvalidSpecError(str(cause), version=wrong) from None
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, re.error) as error:
        raise InvalidSpecError(str(error)) from None  # conda lets them through


def _atoms(version: Any) -> Iterator[str]:  # noqa: ANN401 - conda has no types
    """Return the versions of conda's tree of a constraint."""
    for each in getattr(version, "tup", ()):
        yield from _atoms(each)
    compared = getattr(version, "matcher_vo", None)
    if compared is not None:
        yield compared.norm_version


@dataclass(frozen=True, slots=True)
class _Conda:
    """The functions and classes of the vendored conda that read lines, and the errors that they raise."""

    spec_from_line: Any
    MatchSpec: Any
    CondaError: Any
    InvalidVersionSpec: Any
    VersionSpec: Any


@lru_cache(maxsize=1)
def _conda() -> _Conda:
    """Load conda's reader.

    Raises:
        UsageError: conda-lock is not there, or is of a version whose conda was not compared.
    """
    try:
        found = version("conda-lock")
    except PackageNotFoundError:
        found = "no conda-lock"
    place = find_spec("conda_lock")
    if not _KNOWN.match(found) or place is None or not place.submodule_search_locations:
        raise UsageError(
            f"{found} is installed, and conda lists are read with that of conda-lock 4.0",
            hint="install it beside cortexlock: pip install 'conda-lock>=4.0.3,<4.1'",
        )
    with _untouched_environment(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _load(Path(place.submodule_search_locations[0], "_vendor", "conda"))
        return _Conda(
            import_module(f"{_ALIAS}.cli.common").spec_from_line,
            import_module(f"{_ALIAS}.models.match_spec").MatchSpec,
            import_module(f"{_ALIAS}.exceptions").CondaError,
            import_module(f"{_ALIAS}.exceptions").InvalidVersionSpec,
            import_module(f"{_ALIAS}.models.version").VersionSpec,
        )


def _load(root: Path) -> None:
    """Load the package `root`, once, under our name for it; its modules are imported as they are asked for."""
    spec = spec_from_file_location(_ALIAS, root / "__init__.py", submodule_search_locations=[str(root)])
    if _ALIAS in sys.modules or spec is None or spec.loader is None:
        return
    logger = logging.getLogger(_ALIAS)  # it warns of what is deprecated in later condas
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    sys.modules[_ALIAS] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[_ALIAS])


@contextmanager
def _untouched_environment() -> Iterator[None]:
    """Hide conda's variables from what is loaded, and take back those that it sets."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(_VARIABLES)]:
        del os.environ[name]
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
