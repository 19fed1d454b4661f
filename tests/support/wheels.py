"""Wheels, sdists and project trees made to order; the same arguments give the same bytes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from tests.support.backend import BACKEND

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_EXTRAS: Mapping[str, Sequence[str]] = MappingProxyType({})
_DATE = (2020, 1, 1, 0, 0, 0)
_MTIME = 1577836800  # 2020-01-01T00:00:00Z
_IN_TREE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def make_wheel(
    directory: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    extras: Mapping[str, Sequence[str]] = _NO_EXTRAS,
    modules: Mapping[str, str] | None = None,
    tag: str = "py3-none-any",
    entry_points: Mapping[str, str] = _NOTHING,
    data: Mapping[str, str] = _NOTHING,
) -> Path:
    """Write a wheel (PEP 427) with a valid RECORD.

    Args:
        directory: Where the file goes; it is made if it is not there.
        name: Project name, as written in METADATA.
        version: Version.
        requires: `Requires-Dist` values.
        requires_python: `Requires-Python` value.
        extras: Requirements by extra.
        modules: Text by path within the wheel; None: one module that is named like the project, empty: METADATA only.
        tag: Compatibility tag; more than one, as in `py2.py3-none-any`, is written out in WHEEL.
        entry_points: Console scripts: `module:function` by name.
        data: Text by path below `{name}-{version}.data/`, such as `data/share/x` or `scripts/run`.

    Returns:
        The path of the wheel.
    """
    stem = f"{file_name_part(name)}-{version_part(version)}"
    files = {path: text.encode() for path, text in _modules(name, version, modules).items()}
    files |= {f"{stem}.data/{path}": text.encode() for path, text in data.items()}
    metadata = make_metadata(name, version, requires=requires, requires_python=requires_python, extras=extras)
    files[f"{stem}.dist-info/METADATA"] = metadata.encode()
    tags = "".join(f"Tag: {each}\n" for each in _expand(tag))
    purelib = "true" if tag.endswith("-none-any") else "false"
    wheel = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {purelib}\n{tags}"
    files[f"{stem}.dist-info/WHEEL"] = wheel.encode()
    if entry_points:
        lines = "".join(f"{script} = {target}\n" for script, target in sorted(entry_points.items()))
        files[f"{stem}.dist-info/entry_points.txt"] = f"[console_scripts]\n{lines}".encode()
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n".encode()
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path, _DATE)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return target


def make_sdist(
    directory: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    modules: Mapping[str, str] | None = None,
    pyproject: str | None = None,
    setup: str | None = None,
    dynamic: str | None = None,
    pep643: bool = False,
) -> Path:
    """Write an sdist, as `{name}-{version}.tar.gz`, of the tree that `make_tree` writes.

    Args:
        directory: Where the file goes; it is made if it is not there.
        name: As for `make_tree`, and so are the next ones.
        version: Version.
        requires: `Requires-Dist` values of what is built.
        requires_python: `Requires-Python` value, also in PKG-INFO.
        modules: Text by path.
        pyproject: The text of pyproject.toml.
        setup: The text of setup.py.
        dynamic: A Python expression for further requirements.
        pep643: Whether PKG-INFO tells the requirements in a way that can be relied on (Metadata-Version 2.2);
            otherwise it tells none.

    Returns:
        The path of the sdist.
    """
    stem = f"{file_name_part(name)}-{version_part(version)}"
    files = _tree(
        name,
        version,
        requires=requires,
        requires_python=requires_python,
        modules=modules,
        pyproject=pyproject,
        setup=setup,
        dynamic=dynamic,
    )
    if pep643:
        files["PKG-INFO"] = make_metadata(
            name, version, requires=requires, requires_python=requires_python, metadata_version="2.2"
        )
    else:
        files["PKG-INFO"] = make_metadata(name, version, requires_python=requires_python, metadata_version="1.2")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, text in sorted(files.items()):
            info = tarfile.TarInfo(f"{stem}/{path}")
            info.size, info.mtime, info.mode = len(text.encode()), _MTIME, 0o644
            archive.addfile(info, io.BytesIO(text.encode()))
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{stem}.tar.gz"
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=0, fileobj=raw, mtime=_MTIME) as file,
    ):
        file.write(buffer.getvalue())
    return target


def make_tree(
    directory: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    modules: Mapping[str, str] | None = None,
    pyproject: str | None = None,
    setup: str | None = None,
    dynamic: str | None = None,
) -> Path:
    """Write the source tree of a project.

    By default it has a build backend of its own, which needs nothing from an index and runs on Python 3.6 and later.

    Args:
        directory: The root of the tree; it is made if it is not there.
        name: Project name.
        version: Version.
        requires: `Requires-Dist` values of what is built.
        requires_python: `Requires-Python` value.
        modules: Text by path; None: one module that is named like the project.
        pyproject: The text of pyproject.toml in place of the one that names the backend in the tree.
        setup: The text of setup.py: then there is no backend, and no pyproject.toml but the one given.
        dynamic: A Python expression for further requirements, evaluated by the interpreter that builds
            (`["dataclasses"] if sys.version_info < (3, 7) else []`).

    Returns:
        The directory.
    """
    files = _tree(
        name,
        version,
        requires=requires,
        requires_python=requires_python,
        modules=modules,
        pyproject=pyproject,
        setup=setup,
        dynamic=dynamic,
    )
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8", newline="\n")
    return directory


def make_metadata(
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    extras: Mapping[str, Sequence[str]] = _NO_EXTRAS,
    metadata_version: str = "2.1",
) -> str:
    """Return the text of a METADATA file."""
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra, requirements in extras.items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {_under_extra(requirement, extra)}" for requirement in requirements]
    return "\n".join(lines) + "\n"


def file_name_part(name: str) -> str:
    """Return a project's name as file names have it (PEP 491, PEP 625)."""
    return re.sub(r"[-_.]+", "_", name).lower()


def version_part(version: str) -> str:
    """Return a version as file names have it."""
    return version.replace("-", "_")


def _under_extra(requirement: str, extra: str) -> str:
    bare, _, marker = requirement.partition(";")
    condition = f'({marker.strip()}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
    return f"{bare.strip()} ; {condition}"


def _expand(tag: str) -> list[str]:
    interpreters, abis, platforms = (part.split(".") for part in tag.split("-"))
    return [f"{python}-{abi}-{platform}" for python in interpreters for abi in abis for platform in platforms]


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _modules(name: str, version: str, modules: Mapping[str, str] | None) -> Mapping[str, str]:
    return {f"{file_name_part(name)}.py": f'__version__ = "{version}"\n'} if modules is None else modules


def _tree(
    name: str,
    version: str,
    *,
    requires: Sequence[str],
    requires_python: str | None,
    modules: Mapping[str, str] | None,
    pyproject: str | None,
    setup: str | None,
    dynamic: str | None,
) -> dict[str, str]:
    files = dict(_modules(name, version, modules))
    if setup is not None:
        files["setup.py"] = setup
    else:
        head = f"NAME = {name!r}\nVERSION = {version!r}\nREQUIRES = {list(requires)!r}\n"
        values = head + f"REQUIRES_PYTHON = {requires_python!r}\nMODULES = {sorted(files)!r}\n"
        files["backend.py"] = f"{BACKEND}\n{values}REQUIRES += {dynamic or '[]'}\n"
        files["pyproject.toml"] = _IN_TREE
    if pyproject is not None:
        files["pyproject.toml"] = pyproject
    return files
