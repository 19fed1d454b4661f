"""Hashes of what decided a lock, taken so that comments, blank lines and the order of lines make nothing stale."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.formats import content, yaml_text
from cortexlock.formats.digest import bytes_sha256, document_sha256
from cortexlock.inputs import requirements_text, url_secrets
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.requirements_text import Requirements
from cortexlock.model.lockfile import Input
from cortexlock.put_off import when_used
from cortexlock.storage.digests import file_digest

if TYPE_CHECKING:
    from cortexlock.inputs import environment_file
else:  # few projects have one
    environment_file = when_used("cortexlock.inputs.environment_file")

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def inputs(
    directory: Path, found: FoundFiles, predictor_file: str = "", *, requirements: Requirements | None = None
) -> tuple[Input, ...]:
    """Return the files that decide a lock with their hashes, sorted by name.

    These are the script (its bytes), the conda list, the requirements files with all that they include (their
    normalized lines), local archives (their bytes), and the predictor file (what its YAML says). Local trees are not
    among them: the lockfile has their hash with the package. Credentials take no part: a new token makes nothing stale,
    and no hash lets anybody guess at one.

    Args:
        directory: The project.
        found: Its dependency files.
        predictor_file: The file that describes the image, relative to the project; empty for an image of the catalog.
        requirements: The requirements files, where they have been read already.

    Raises:
        InputError: A file cannot be read.
    """
    hashes: dict[str, str] = {}
    if predictor_file:
        hashes[predictor_file] = _document_hash(directory, predictor_file)
    if found.script is not None:
        hashes[found.script] = _bytes_hash(directory, found.script)
    if found.environment is not None:
        hashes[found.environment] = lines_hash(
            environment_file.lines(directory / found.environment, name=found.environment)
        )
    if found.conda is not None and found.conda not in hashes:
        hashes[found.conda] = lines_hash(_conda_lines(directory, found.conda))
    if found.pip is not None:
        requirements = requirements or requirements_text.read(directory, found.pip)
        included_options = any(_is_option(line.text) for line in requirements.lines if line.file != found.pip)
        for file in requirements.files:
            if file in hashes:  # an environment file, whose hash has both of its lists
                continue
            lines = (url_secrets.without(line.text) for line in requirements.lines if line.file == file)
            hashes[file] = lines_hash(lines, order_of_includes=included_options)
        for archive in requirements.archives:
            hashes[archive] = _bytes_hash(directory, archive)
    return tuple(Input(file, sha256) for file, sha256 in sorted(hashes.items()))


def lines_hash(lines: Iterable[str], *, order_of_includes: bool = False) -> str:
    """Return the SHA-256, hexadecimal, over lines: options in their order, then the others sorted.

    Args:
        lines: The lines.
        order_of_includes: Whether lines that include a file count as options: if such a file has options, their order
            decides as well.
    """
    lines = list(lines)
    options = [line for line in lines if _is_option(line) or (order_of_includes and requirements_text.is_include(line))]
    others = list((Counter(lines) - Counter(options)).elements())
    others.sort()
    return bytes_sha256("".join(f"{line}\n" for line in (*options, *others)).encode("utf-8"))


def _is_option(line: str) -> bool:
    is_requirement = line.startswith(("-e", "--editable"))
    return line.startswith("-") and not is_requirement and not requirements_text.is_include(line)


def _conda_lines(directory: Path, name: str) -> list[str]:
    """Return the lines of a conda list without comments; what conda cannot read, the reader of the list says."""
    try:
        raw = content.read(directory / name)
    except OSError as error:
        raise content.unreadable(name, error) from None
    text = raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig", errors="backslashreplace")
    # What follows the `#` of an archive's URL is its hash, and no comment.
    lines = (
        line.strip() if "://" in line.partition("#")[0] else line.partition("#")[0].strip()
        for line in text.splitlines()
    )
    return [url_secrets.without(line) for line in lines if line]


def _document_hash(directory: Path, name: str) -> str:
    text = yaml_text.read(directory / name, file=name)
    try:
        return document_sha256(text.value)
    except (TypeError, ValueError):
        raise text.error("not a predictor file: it holds what JSON has no word for") from None


def _bytes_hash(directory: Path, name: str) -> str:
    try:
        return file_digest(directory / name)
    except OSError as error:
        raise content.unreadable(name, error) from None
