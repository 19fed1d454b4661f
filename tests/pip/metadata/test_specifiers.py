"""Version specifiers from before PEP 440 was enforced: what pip 18.1 under Python 3.6 makes of them."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError, readable

_VERSIONS = ("0.9", "1.0", "1.0.1", "1.9", "1.10", "1.10.1", "1.11", "2.0", "2.7", "3.0", "3.0.1", "3.5", "3.6", "4.0")
_FROM_110 = ("1.10", "1.10.1", "1.11", "2.0", "2.7", "3.0", "3.0.1", "3.5", "3.6", "4.0")
_BEFORE_110 = ("0.9", "1.0", "1.0.1", "1.9")
_FROM_2 = ("2.0", "2.7", "3.0", "3.0.1", "3.5", "3.6", "4.0")


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        (">=1.10.*", _FROM_110),
        (">1.10.*", _FROM_110),
        ("<=1.10.*", _BEFORE_110),
        ("<1.10.*", _BEFORE_110),
        (">=3.", ("3.0", "3.0.1", "3.5", "3.6", "4.0")),
        ("==3.", ("3.0",)),
        ("<4.", _VERSIONS[:-1]),
        (">=2.*", _FROM_2),
        (">=2.0.*.*", _FROM_2),
        (">= 1.2.", ("1.9", *_FROM_110)),
        (">=v1.0", _VERSIONS[1:]),
        (">=3.6+", ("3.6", "4.0")),
        (">dev", _VERSIONS),
        (">=2.7,!=3.0.*,<3.6.*", ("2.7", "3.5")),
        (">3,<4.*", ("3.0.1", "3.5", "3.6")),
    ],
)
def test_as_the_pip_of_the_time(written: str, holds: tuple[str, ...]) -> None:
    assert tuple(SpecifierSet(readable(written)).filter(_VERSIONS)) == holds


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (">=1.0<2", ">=1.0,<2"),
        (">=1.0 <2", ">=1.0,<2"),
        ("!=3.0*", "!=3.0.*"),
        ("==1.x", "==1.*"),
        ("~=3.*", "==3.*"),
        (">='2.7'", ">=2.7"),
        ("=>1.0", ">=1.0"),
        ("=1.0", "==1.0"),
        (", >=1.*,, <3", ">=1,<3"),
        ("", ""),
    ],
)
def test_what_it_refuses_or_takes_by_the_letter_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert readable(written) == meant


@pytest.mark.parametrize("written", ["3.6", "^3.6", "<1.0-SNAPSHOT", "==dev", ">=", ">=1.0;", "any"])
def test_what_says_nothing_is_refused(written: str) -> None:
    with pytest.raises(UnreadableSpecifierError):
        readable(written)
