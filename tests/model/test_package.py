"""What a package's source says of how it is installed."""

from __future__ import annotations

import pytest

from cortexlock.model.package import FromDirectory, FromGit, FromIndex, FromUrl, PackageKey, Pin, PipPackage, Replaced


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (PipPackage("a", "1", file="a-1-py3-none-any.whl", source=FromIndex("default")), False),
        (PipPackage("a", "1", file="a-1.tar.gz", source=FromIndex("default")), True),
        (PipPackage("a", "1", file="a-1.zip", source=FromUrl("https://example.org/a-1.zip")), True),
        (
            PipPackage(
                "a", "1", file="a-1-py3-none-any.whl", source=FromUrl("https://example.org/a-1-py3-none-any.whl")
            ),
            False,
        ),
        (PipPackage("a", "1", source=FromGit("https://example.org/a.git", "0" * 40)), True),
        (PipPackage("a", "1", source=FromDirectory(".", editable=True)), True),
        (PipPackage("a", "1", action="keep"), False),
    ],
)
def test_what_must_be_built(package: PipPackage, expected: bool) -> None:  # noqa: FBT001 - parametrized
    assert package.needs_build is expected


@pytest.mark.parametrize("text", ["", "pip", "pip ", "apt demo", "demo 1.0", " demo"])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a manager and a name"):
        PackageKey.parse(text)


def test_a_key_is_its_text_and_back() -> None:
    assert str(PackageKey.of("conda", "Py_Array")) == "conda py-array"
    assert PackageKey.parse("conda py-array") == PackageKey("conda", "py-array")
    assert str(Replaced.parse("pip 1.0 b")) == "pip 1.0 b"


@pytest.mark.parametrize("text", ["", "demo", "demo=1.0", "==1.0"])
def test_a_text_that_is_no_pin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a name and a version"):
        Pin.parse(text)
