"""METADATA (PKG-INFO), the fields that a resolution needs: read leniently in form, strictly in what they must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser

from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.pip.metadata import requirements, specifiers
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """What a distribution says of itself.

    Attributes:
        name: Its name, as written.
        version: Its version, as written; a valid one (PEP 440).
        requires: Its `Requires-Dist` values, each a valid requirement (PEP 508).
        extras: Its `Provides-Extra` values.
        requires_python: Valid specifiers, or None; what cannot be read says nothing, as for pip.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str | None = None

    def refuse_other(self, name: str, version: str) -> None:
        """Check that it is the metadata of a file whose name says these; empty: the name does not say.

        Raises:
            UnreadableSpecifierError: It is not.
        """
        if name and canonicalize_name(name) != canonicalize_name(self.name):
            raise UnreadableSpecifierError(f"its metadata has the name {self.name}")
        if version and Version(version) != Version(self.version):
            raise UnreadableSpecifierError(f"its metadata has the version {self.version}")


def read(text: str) -> CoreMetadata:
    """Read METADATA.

    Raises:
        UnreadableSpecifierError: It has no name or version that is one, or a requirement that cannot be read.
    """
    headers = HeaderParser().parsestr(text)
    name, version = str(headers["Name"] or "").strip(), str(headers["Version"] or "").strip()
    if not name:
        raise UnreadableSpecifierError("its metadata has no name")
    if not requirements.is_name(name):
        raise UnreadableSpecifierError(f"its name `{name}` is none (PEP 508)")
    try:
        Version(version)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        raise UnreadableSpecifierError(f"its version `{version}` is none (PEP 440)") from None
    try:
        requires = tuple(requirements.readable(each) for each in headers.get_all("Requires-Dist") or ())
    except UnreadableSpecifierError as error:
        raise UnreadableSpecifierError(f"its requirement {error}") from None
    extras = tuple(str(extra).strip() for extra in headers.get_all("Provides-Extra") or ())
    return CoreMetadata(name, version, requires, extras, python_requirement(headers["Requires-Python"]))


def decoded(content: bytes) -> str:
    """Return METADATA as text.

    Raises:
        UnreadableSpecifierError: It is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableSpecifierError(f"its metadata is not UTF-8 in line {line}") from None


def python_requirement(text: str | None) -> str | None:
    """Return a `Requires-Python` value, of metadata or of a page, as valid specifiers; None: it says nothing."""
    try:
        return specifiers.readable(" ".join(text.split())) or None if text else None
    except UnreadableSpecifierError:
        return None


def written(metadata: CoreMetadata) -> bytes:
    """Return what was read as the content of a METADATA file, without the fields that no resolution needs."""
    return metadata_file(metadata.name, metadata.version, metadata.requires, metadata.extras, metadata.requires_python)


def metadata_file(
    name: str, version: str, requires: Sequence[str], extras: Sequence[str] = (), requires_python: str | None = None
) -> bytes:
    """Return the content of a METADATA file with the fields that a resolution needs."""
    fields = [("Metadata-Version", "2.1"), ("Name", name), ("Version", version)]
    if requires_python:
        fields.append(("Requires-Python", requires_python))
    fields += [("Provides-Extra", extra) for extra in extras]
    fields += [("Requires-Dist", requirement) for requirement in requires]
    # Not with the email package: it folds long lines, and pip does not unfold them.
    return "".join(f"{field}: {' '.join(value.split())}\n" for field, value in fields).encode("utf-8")
