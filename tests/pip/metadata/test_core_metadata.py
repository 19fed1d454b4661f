"""METADATA: what is read, and what makes it unreadable."""

from __future__ import annotations

import pytest

from cortexlock.pip.metadata.core_metadata import CoreMetadata, decoded, python_requirement, read, written
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError

_HEAD = "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\n"


def test_what_was_common_once_is_read() -> None:
    text = (
        f"{_HEAD}Requires-Python: >=3.7.*\nProvides-Extra: x\nRequires-Dist: grpcio (>=1.0<2)\n"
        "Requires-Dist: idna\n  (>=2.)\n\nRequires-Dist: a ???\n"
    )
    found = read(text)
    assert found == CoreMetadata("Foo.Bar", "1.0", ("grpcio>=1.0,<2", "idna>=2"), ("x",), ">=3.7")
    assert read(written(found).decode()) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Version: 1.0\n", "its metadata has no name"),
        ("Name: foo_\nVersion: 1.0\n", "its name `foo_` is none (PEP 508)"),
        ("Name: foo\nVersion: 1.0-SNAPSHOT\n", "its version `1.0-SNAPSHOT` is none (PEP 440)"),
        ("Name: foo\n", "its version `` is none (PEP 440)"),
        (f"{_HEAD}Requires-Dist: foo ???\n", "its requirement `foo ???` is no requirement"),
        (f"{_HEAD}Requires-Dist: foo<1.0-x\n", "its requirement `foo<1.0-x` is no requirement"),
    ],
)
def test_what_is_wrong_is_said(text: str, reason: str) -> None:
    with pytest.raises(UnreadableSpecifierError) as caught:
        read(text)
    assert str(caught.value) == reason


def test_text_that_is_not_utf8() -> None:
    with pytest.raises(UnreadableSpecifierError, match="not UTF-8 in line 2"):
        decoded(b"Name: foo\nAuthor: Andr\xe9\n")


def test_metadata_of_another_file() -> None:
    found = read(_HEAD)
    found.refuse_other("foo-bar", "1.0.0")
    found.refuse_other("", "")
    with pytest.raises(UnreadableSpecifierError, match=r"the name Foo\.Bar"):
        found.refuse_other("other", "1.0")
    with pytest.raises(UnreadableSpecifierError, match=r"the version 1\.0"):
        found.refuse_other("foo_bar", "1.1")


@pytest.mark.parametrize(
    ("text", "expected"), [(">=3.7.*", ">=3.7"), ("3.6", None), ("", None), (None, None), (">dev", None)]
)
def test_requires_python(text: str | None, expected: str | None) -> None:
    assert python_requirement(text) == expected
