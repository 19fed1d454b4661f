"""What a package's source says of how it is installed."""

from __future__ import annotations

import pytest

from cortexlock.model.package import PipPackage


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (PipPackage("a", "1", file="a-1-py3-none-any.whl", index="default"), False),
        (PipPackage("a", "1", file="a-1.tar.gz", index="default"), True),
        (PipPackage("a", "1", file="a-1.zip", url="https://example.org/a-1.zip"), True),
        (PipPackage("a", "1", file="a-1-py3-none-any.whl", url="https://example.org/a-1-py3-none-any.whl"), False),
        (PipPackage("a", "1", git="https://example.org/a.git", commit="0" * 40), True),
        (PipPackage("a", "1", directory=".", editable=True), True),
        (PipPackage("a", "1", action="keep"), False),
    ],
)
def test_what_must_be_built(package: PipPackage, expected: bool) -> None:  # noqa: FBT001 - parametrized
    assert package.needs_build is expected
