"""A Python prefix (a virtual or conda environment) as its files tell it; nothing of it is run or imported.

Distributions are found by their `.dist-info` (PEP 376, PEP 627), `.egg-info` and `.egg-link`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from cortexlock.errors import StepError, UsageError
from cortexlock.formats import prefix_file
from cortexlock.model.target import minor_of, prerelease_of
from cortexlock.pip.prefix import interpreter

_LARGEST = 1 << 24
"""Bytes of the largest METADATA that is read; real ones have less than a tenth."""

_VENV = "pyvenv.cfg"
_VERSION = re.compile(r"[1-9]\d?\.\d{1,3}\.\d{1,3}(?:(?:a|b|rc)\d{1,3})?(?!\d)", re.ASCII)
"""The start of the version of an interpreter, of three parts; a pre-release says so."""

_DEFINED = re.compile(r'(?m)^#define\s+PY_VERSION\s+"(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)')

_ASKED = """\
import sys
v = sys.version_info
stage = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(v[3], "")
print("%d.%d.%d" % v[:3] + (stage + str(v[4]) if stage else ""))
"""


@dataclass(frozen=True, slots=True)
class InstalledDistribution:
    """A distribution in a prefix.

    Attributes:
        name: Normalized name.
        version: Version as its metadata has it.
        site: The directory that holds it, what paths of its RECORD are relative to.
        metadata: Its `.dist-info` or `.egg-info`, directory or file.
        installer: Who installed it (`pip`, `uv`, `conda`), or empty.
    """

    name: str
    version: str
    site: Path
    metadata: Path
    installer: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix: its root, its interpreter's version (`3.6.9`), and its site-packages."""

    root: Path
    python_version: str
    site: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.root / "bin" / "python"

    @property
    def python_minor(self) -> str:
        """Major and minor version of the interpreter, `3.6`."""
        return minor_of(self.python_version)


def read_prefix(root: Path, environment: Mapping[str, str]) -> Prefix:
    """Describe a prefix.

    Args:
        root: The prefix.
        environment: Variables for the interpreter, which is asked for its version where no file tells it.

    Raises:
        UsageError: This is no prefix with a Python.
        DifferenceError: A record of it cannot be read.
        StepError: The interpreter does not tell its version, and no file does.
    """
    root = Path(os.path.abspath(root))  # noqa: PTH100 - a prefix that is a symbolic link keeps its name
    python = root / "bin" / "python"
    if not python.exists():
        raise UsageError(
            "the prefix has no interpreter `bin/python`",
            where=str(root),
            hint="name the root of a virtual or conda environment with --prefix",
        )
    told = (_conda_version(root), _venv_version(root), _header_version(root))
    version = next((each for each in told if _VERSION.match(each)), "") or _asked_version(python, environment)
    minor = minor_of(version)
    return Prefix(root, version, root / "lib" / f"python{minor}" / "site-packages")


def installed(prefix: Prefix) -> tuple[InstalledDistribution, ...]:
    """Return the distributions in a prefix, sorted by name; one that is there twice is returned twice."""
    return installed_in(prefix.site)


def installed_in(site: Path) -> tuple[InstalledDistribution, ...]:
    """Return the distributions in a directory of a search path, sorted by name."""
    if not site.is_dir():
        return ()
    found: list[InstalledDistribution] = []
    for path in sorted(site.iterdir()):
        metadata = metadata_of(path)
        distribution = _distribution(site, metadata) if metadata is not None else None
        if distribution is not None:
            found.append(distribution)
    return tuple(sorted(found, key=lambda each: (each.name, each.version, str(each.metadata))))


def metadata_of(entry: Path) -> Path | None:
    """Return where an entry of site-packages has, or leads to, a distribution's metadata; None where it has none."""
    if entry.suffix == ".egg-link":
        return _linked(entry)
    if entry.suffix == ".egg":
        return entry / "EGG-INFO" if (entry / "EGG-INFO").is_dir() else None
    return entry if entry.suffix in {".dist-info", ".egg-info"} else None


def requirements(distribution: InstalledDistribution) -> tuple[str, ...]:
    """Return the `Requires-Dist` values of a distribution, as written, each once."""
    message = HeaderParser().parsestr(_metadata_text(distribution.metadata))
    return tuple(dict.fromkeys(str(value) for value in message.get_all("Requires-Dist", ())))


def _distribution(site: Path, metadata: Path) -> InstalledDistribution | None:
    text = _metadata_text(metadata)
    message = HeaderParser().parsestr(text)
    name, version = message.get("Name"), message.get("Version")
    if not name or not version:
        return None
    by = (prefix_file.read_text(metadata / "INSTALLER") or "").strip()
    return InstalledDistribution(canonicalize_name(str(name)), str(version).strip(), site, metadata, by)


def _metadata_text(metadata: Path) -> str:
    """Return the text of a distribution's metadata, empty where it has none."""
    for path in (metadata / "METADATA", metadata / "PKG-INFO", metadata):
        text = prefix_file.read_text(path, largest=_LARGEST)
        if text is not None:
            return text
    return ""


def _linked(egg_link: Path) -> Path:
    """Return the `.egg-info` that an `.egg-link` (setuptools' development mode) leads to."""
    lines = (prefix_file.read_text(egg_link) or "").replace("\0", "").splitlines()
    directory = Path(lines[0].strip()) if lines else egg_link
    stem = re.sub(r"[^A-Za-z0-9.]+", "_", egg_link.stem)
    return directory / f"{stem}.egg-info"


def _conda_version(root: Path) -> str:
    """Return the version of conda's `python`, or nothing."""
    for path in (root / "conda-meta").glob("python-[0-9]*.json"):
        record = prefix_file.read_json(path)
        if isinstance(record, dict) and record.get("name") == "python":
            return str(record.get("version"))
    return ""


def _venv_version(root: Path) -> str:
    """Return the version that `pyvenv.cfg` has, or nothing.

    Raises:
        DifferenceError: There is something else in its place: an interpreter that reads it would wait for a pipe.
    """
    text = prefix_file.read_text(root / _VENV)
    if text is None:
        if os.path.lexists(root / _VENV):
            raise prefix_file.damaged(root / _VENV, "it is no regular file")
        return ""
    match = re.search(r"(?m)^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)", text)
    version = match[1] if match else ""
    home = re.search(r"(?m)^home\s*=\s*([^\0\n]+)$", text)
    if home is None or not version.endswith(".0"):
        return version
    base = _header_version(Path(home[1].strip()).parent)  # `venv` leaves out that it is a pre-release
    return base if base.startswith(version) and prerelease_of(base) else version


def _header_version(root: Path) -> str:
    """Return the version that the headers of an interpreter's own installation have, or nothing."""
    texts = (prefix_file.read_text(file) or "" for file in root.glob("include/python[0-9]*/patchlevel.h"))
    found = {match[1] for text in texts if (match := _DEFINED.search(text))}
    return found.pop() if len(found) == 1 else ""


def _asked_version(python: Path, environment: Mapping[str, str]) -> str:
    said = interpreter.ask(python, _ASKED, environment, options=("-I", "-S", "-B"))
    version = said.strip().rpartition("\n")[2]
    if not _VERSION.fullmatch(version):
        raise StepError(f"the interpreter does not tell its version: {version[:80]!r}", where=str(python))
    return version
