"""What an image's own files tell of its platform: machine, C library, CUDA, the interpreter's version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from cortexlock.predictors.images.environments import PythonEnvironment
from cortexlock.predictors.images.image_path import ImagePath

Machine: TypeAlias = Literal["x86_64", "aarch64"]

_ELF_MACHINES: dict[bytes, Machine] = {b"\x3e\x00": "x86_64", b"\xb7\x00": "aarch64"}
_ELF = b"\x7fELF"
_ELF_MACHINE_AT = 18  # e_machine of an ELF header, two bytes
_ARCHITECTURES: dict[str, Machine] = {"amd64": "x86_64", "arm64": "aarch64"}
_LIBRARIES = ("lib", "lib64", "usr/lib", "usr/lib64")
_TRIPLETS = ("", "x86_64-linux-gnu", "aarch64-linux-gnu")
_BANNER = re.compile(rb"GNU C Library [^\0\n]* version (2\.[0-9]+)")
_LIBC_NAME = re.compile(r"libc-(2\.[0-9]+)\.so")
_NUMBERS = re.compile(r"[0-9]+\.[0-9]+")
_CUDART = re.compile(r"libcudart\.so\.([0-9]+\.[0-9]+)(?:\.[0-9]+)*")
_CUDART_LIBRARIES = ("lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib")


def c_library(root: ImagePath) -> ImagePath | None:
    """Return the GNU C library of an image, links followed; None: it has none.

    Where there are several (Red Hat's `lib` has the one for 32 bits), it is the one for a machine that is known.
    """
    places = (root / library / triplet / "libc.so.6" for triplet in _TRIPLETS for library in _LIBRARIES)
    found = list(dict.fromkeys(path.resolve() for path in places if path.is_file()))
    return next((path for path in found if _machine_of(path) is not None), found[0] if found else None)


def glibc(root: ImagePath) -> str:
    """Return the version of the GNU C library, `2.31`, by its name or its own words; empty: there is none."""
    library = c_library(root)
    if library is None:
        return ""
    named = _LIBC_NAME.fullmatch(library.name)
    if named:
        return named[1]
    said = _BANNER.search(library.read_bytes())
    return said[1].decode("ascii") if said else ""


def has_musl(root: ImagePath) -> bool:
    """Whether an image has musl, another C library."""
    return any(path.name.startswith("ld-musl-") for path in (root / "lib").iterdir())


def machine(root: ImagePath, architecture: str) -> Machine | None:
    """Return what machine an image is for, by its C library, else by its configuration; None: none that is known."""
    library = c_library(root)
    if library is not None and library.read_bytes().startswith(_ELF):
        return _machine_of(library)
    return _ARCHITECTURES.get(architecture)


def machine_said(architecture: str) -> Machine | None:
    """Return the machine that a configuration names; None: none that is known."""
    return _ARCHITECTURES.get(architecture)


def _machine_of(library: ImagePath) -> Machine | None:
    return _ELF_MACHINES.get(library.read_bytes()[_ELF_MACHINE_AT : _ELF_MACHINE_AT + 2])


def cuda(root: ImagePath, environment: Mapping[str, str]) -> str:
    """Return the version of CUDA's toolkit, `12.4`: of its file, of `CUDA_VERSION`, of its libraries; or nothing."""
    return next((found for found in map(_first_numbers, _cuda_words(root, environment)) if found), "")


def python_version(environment: PythonEnvironment) -> str:
    """Return the version of an interpreter, `3.11.9`, by conda's record, its own bytes or its headers; or nothing."""
    found = _conda_version(environment.prefix)
    base = environment.base or environment
    minor = environment.minor
    libraries = [
        base.prefix / lib / f"libpython{minor}{flag}.so.1.0" for lib in _python_libraries() for flag in ("", "m")
    ]
    said = re.compile(rb"\0(" + re.escape(minor.encode()) + rb"\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)\+?\0")
    for path in (environment.interpreter, *libraries):
        if not found and path.is_file():
            match = said.search(path.read_bytes())
            found = match[1].decode("ascii") if match else ""
    return found or _header_version(base.prefix, minor) or _configured_version(environment.prefix, minor)


def _python_libraries() -> Iterator[str]:
    for library in ("lib", "lib64"):
        for triplet in _TRIPLETS:
            yield f"{library}/{triplet}".rstrip("/")


def _conda_version(prefix: ImagePath) -> str:
    for path in (prefix / "conda-meta").glob("python-[0-9]*.json"):
        name, version = _name_and_version(path)
        if name == "python":
            return version
    return ""


def _name_and_version(file: ImagePath) -> tuple[str, str]:
    """Return what a record of conda is for; nothing where it cannot be read, of which the reader of records tells."""
    try:
        record = json.loads(file.read_bytes())
        return str(record["name"]), str(record["version"])
    except (KeyError, RecursionError, TypeError, ValueError):
        return "", ""


def _header_version(prefix: ImagePath, minor: str) -> str:
    files = (prefix / "include" / f"python{minor}{flag}" / "patchlevel.h" for flag in ("", "m"))
    text = next((file.read_bytes().decode("latin-1") for file in files if file.is_file()), "")
    match = re.search(r'(?m)^#define\s+PY_VERSION\s+"([0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)', text)
    return match[1] if match else ""


def _configured_version(prefix: ImagePath, minor: str) -> str:
    file = prefix / "pyvenv.cfg"
    text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
    match = re.search(r"(?m)^version(?:_info)?\s*=\s*([0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)", text)
    return match[1] if match and match[1].startswith(f"{minor}.") else ""


def _cuda_words(root: ImagePath, environment: Mapping[str, str]) -> Iterator[str]:
    local = root / "usr/local"
    toolkits = [local / "cuda", *sorted(path for path in local.glob("cuda-*") if path.is_dir())]
    for toolkit in toolkits:
        yield _json_version(toolkit / "version.json")
        text = toolkit / "version.txt"
        yield text.read_bytes().decode("latin-1") if text.is_file() else ""
    yield environment.get("CUDA_VERSION", "")
    for toolkit in toolkits:
        for library in _CUDART_LIBRARIES:
            for path in sorted((toolkit / library).iterdir()):
                match = _CUDART.fullmatch(path.name)
                yield match[1] if match else ""


def _json_version(file: ImagePath) -> str:
    try:
        return str(json.loads(file.read_bytes())["cuda"]["version"]) if file.is_file() else ""
    except (KeyError, RecursionError, TypeError, ValueError):
        return ""


def _first_numbers(text: str) -> str:
    found = _NUMBERS.search(text)
    return found.group() if found else ""
