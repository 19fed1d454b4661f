"""One record of a channel as py-rattler reads it: each field of the form that it has in `repodata.json`, or left out.

conda reads what rattler does not (a time stamp with a fraction, an empty hash), and fields that nobody needs can be of
any form for it. So what has another form than rattler's is mended, left out where a record can do without, and else
the record is passed over. The fields: https://github.com/conda/schemas, repodata-record-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from rattler import PackageName, Version
from rattler.exceptions import InvalidPackageNameError, InvalidVersionError

_ENDINGS = (".tar.bz2", ".conda")
_HASHES = {"md5": 32, "sha256": 64, "legacy_bz2_md5": 32}  # hexadecimal digits
_TEXTS = ("features", "license", "license_family", "python_site_packages_path")
_NUMBERS = {"timestamp": 253_000_000_000_000, "size": (1 << 63) - 1, "legacy_bz2_size": (1 << 63) - 1}
"""The greatest that counts: of a time stamp milliseconds of the year 9987, near the last that rattler reads."""
_SECONDS = 253_402_300_799
"""A time stamp up to this one is in seconds, as conda has it."""
_LAST_SECOND = 253_000_000_000
_BUILD_NUMBERS = 1 << 63
_NOARCH = ("python", "generic", True, False)


def mended(file: str, record: object, subdir: str) -> dict[str, Any] | None:
    """Return a record as rattler reads it.

    Args:
        file: The archive's file name.
        record: What `repodata.json` has for it.
        subdir: Where in the channel it is.

    Returns:
        The record, with the fields that rattler knows and no others; None where nothing can be made of it.
    """
    if not isinstance(record, dict) or not file.endswith(_ENDINGS) or file.count("-") <= 1:
        return None
    depends, constrains = _lines(record.get("depends")), _lines(record.get("constrains"))
    build_number = _build_number(record.get("build_number"))
    if depends is None or constrains is None or build_number is None or not _is_named(record):
        return None
    return {
        **{key: record[key] for key in ("name", "version", "build")},
        **_optional(record),
        "build_number": build_number,
        "depends": depends,
        "constrains": constrains,
        "subdir": subdir,
    }


def _is_named(record: Mapping[str, Any]) -> bool:
    """Whether a record says which package it is of."""
    if not all(_is_text(record.get(key)) for key in ("name", "version", "build")) or not record["name"]:
        return False
    try:
        PackageName(record["name"])
        Version(record["version"])
    except (InvalidPackageNameError, InvalidVersionError):
        return False
    return True


def _optional(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a record can do without, those of them that have the right form."""
    found: dict[str, Any] = {key: record[key] for key in _TEXTS if _is_text(record.get(key))}
    found |= {key: record[key] for key, digits in _HASHES.items() if _is_hexadecimal(record.get(key), digits)}
    numbers = {key: _number(record.get(key), most) for key, most in _NUMBERS.items()}
    found |= {key: number for key, number in numbers.items() if number is not None}
    if _LAST_SECOND < found.get("timestamp", 0) <= _SECONDS:
        found["timestamp"] = _LAST_SECOND
    tracked = record.get("track_features")
    if _is_text(tracked) or (isinstance(tracked, list) and all(_is_text(each) for each in tracked)):
        found["track_features"] = tracked
    noarch = record.get("noarch")
    if isinstance(noarch, str | bool) and noarch in _NOARCH:
        found["noarch"] = noarch
    return found


def _lines(value: object) -> list[str] | None:
    """Return a list of texts; what is not there is an empty one, anything else None."""
    if value is None:
        return []
    return value if isinstance(value, list) and all(_is_text(each) for each in value) else None


def _build_number(value: object) -> int | None:
    """Return a build number, 0 where it is not said; None where it cannot be compared with others."""
    if value is None:
        return 0
    number = _number(value, _BUILD_NUMBERS)
    return None if number != value or number == _BUILD_NUMBERS else number


def _number(value: object, most: int) -> int | None:
    """Return a number as a whole one, within bounds; None where it is none."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        return None
    return int(min(max(value, 0), most))


def _is_text(value: object) -> TypeGuard[str]:
    """Whether a value is text that can be written, which half of a surrogate pair cannot."""
    return isinstance(value, str) and value.isprintable()


def _is_hexadecimal(text: object, digits: int) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) == digits and not set(text.lower()) - set("0123456789abcdef")
