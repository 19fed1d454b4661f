"""The licences that packages state, of the files in a bundle: lockfiles have none.

Sources: core metadata (PEP 639's License-Expression, classifiers, License) of wheels and sdists; `info/index.json` of
conda packages.
"""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.metadata import parse_email

from cortexlock.conda import archive
from cortexlock.errors import CortexlockError, IntegrityError
from cortexlock.export.script import bundle_path
from cortexlock.model.package import CondaPackage, PipPackage
from cortexlock.patterns import pattern
from cortexlock.storage.digests import file_digest

_LARGEST = 4 << 20  # bytes of a METADATA file
_LONGEST = 100  # characters: what is longer is the text of a licence
_METADATA = pattern(r"[^/]+\.dist-info/METADATA")
_PKG_INFO = pattern(r"[^/]+/PKG-INFO")
_NO_LICENCE = frozenset(["", "UNKNOWN", "OSI Approved"])


def of_bundle(bundle: Path, packages: Iterable[CondaPackage | PipPackage]) -> dict[str, tuple[str, ...]]:
    """Return the licences of packages by the sha256 of their files, those that state any.

    Raises:
        IntegrityError: A file in the bundle has other bytes than the locked ones.
    """
    found = {}
    for package in packages:
        path = bundle / bundle_path(package) if package.file else None
        if path is None or not path.is_file():
            continue
        if file_digest(path) != package.sha256:
            raise IntegrityError("the file has other bytes than the locked ones", where=str(path), hint="fetch it anew")
        try:
            stated = tuple(_of_conda(path) if isinstance(package, CondaPackage) else _of_pip(path))
        except (CortexlockError, OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, tarfile.TarError):
            stated = ()  # what cannot be read states nothing: no reason to have no document
        if stated:
            found[package.sha256] = stated
    return found


def _of_conda(path: Path) -> Iterator[str]:
    stated = json.loads(archive.index(path, path.name)).get("license")
    if isinstance(stated, str) and stated not in _NO_LICENCE:
        yield stated


def _of_pip(path: Path) -> Iterator[str]:
    raw, _ = parse_email(_metadata(path))
    named = [each.rpartition("::")[2].strip() for each in raw.get("classifiers", []) if each.startswith("License ::")]
    said = raw.get("license", "")
    choices = ([raw.get("license_expression", "")], named, [said] if len(said) <= _LONGEST else [])
    for choice in choices:
        stated = [" ".join(each.split()) for each in choice]
        if wanted := [each for each in stated if each not in _NO_LICENCE]:
            yield from wanted
            return


def _metadata(path: Path) -> bytes:
    """Return the core metadata of a wheel or sdist; empty where it has none."""
    if path.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(path) as members:
            form = _METADATA if path.suffix == ".whl" else _PKG_INFO
            for name in filter(form.fullmatch, members.namelist()):
                with members.open(name) as member:
                    return member.read(_LARGEST)
        return b""
    with tarfile.open(path) as tar:
        for entry in tar:
            file = tar.extractfile(entry) if entry.isreg() and _PKG_INFO.fullmatch(entry.name) else None
            if file is not None:
                return file.read(_LARGEST)
    return b""
