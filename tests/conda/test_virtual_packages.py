"""A list may ask for virtual packages: the image has them, or the lock ends there."""

from __future__ import annotations

import pytest

from cortexlock.conda import virtual_packages
from cortexlock.errors import NoSolutionError
from cortexlock.inputs.conda_list import parse_line
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.target import VirtualPackage

HAS = (VirtualPackage("__archspec", "1", "x86_64"), VirtualPackage("__glibc", "2.27"), VirtualPackage("__linux", "0"))


def _without(*lines: str) -> tuple[CondaSpec, ...]:
    specs = [parse_line(text, name="list", line=number) for number, text in enumerate(lines, 1)]
    return virtual_packages.without(specs, HAS, file="list")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "__glibc",
            "__glibc>=2.17",
            "__glibc>=2.17,<3",
            "__glibc=2.27",
            "__glibc=2.*",
            "__glibc!=2.28",
            "__glibc<2.28",
        ),
        *("__glibc>2.9,<=2.27", "__glibc>=2.27.0", "__linux", "__archspec=1=x86_64", "__glibc<2|>=2.20"),
    ],
)
def test_what_the_image_has_is_no_package_to_install(text: str) -> None:
    (left,) = _without("numpy", text)
    assert left.name == "numpy"


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("__glibc>=2.28", "the image has __glibc 2.27"),
        ("__glibc=2.2", "the image has __glibc 2.27"),
        ("__glibc=2.1*", "the image has __glibc 2.27"),
        ("__glibc<2.20|>=2.30", "the image has __glibc 2.27"),
        ("__archspec=1=arm64", "the image has __archspec 1 x86_64"),
        ("__cuda", "the image has no __cuda"),
        ("__cuda>=10", "the image has no __cuda"),
    ],
)
def test_what_the_image_has_not_ends_the_lock_at_its_line(text: str, is_so: str) -> None:
    with pytest.raises(NoSolutionError, match=is_so) as caught:
        _without("numpy", text)
    assert caught.value.where == "list:2"
