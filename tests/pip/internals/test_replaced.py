"""Attributes that have another value for a while."""

from __future__ import annotations

import pytest

from cortexlock.pip.internals.replaced import replaced


class _Base:
    value = 1

    @classmethod
    def who(cls) -> str:
        return cls.__name__


class _Derived(_Base):
    pass


def _fail() -> str:
    raise KeyError("nobody")


def test_an_attribute_has_its_value_back_even_after_an_error() -> None:
    own = vars(_Base)["who"]
    with pytest.raises(KeyError, match="nobody"), replaced(_Base, "who", _fail):
        _Base.who()
    assert vars(_Base)["who"] is own
    assert _Base.who() == "_Base"


def test_an_inherited_attribute_is_inherited_again() -> None:
    with replaced(_Derived, "value", 2):
        assert (_Base.value, _Derived.value) == (1, 2)
    assert "value" not in vars(_Derived)
    derived = _Derived()
    with replaced(derived, "value", 3):
        assert derived.value == 3
    assert (derived.value, vars(derived)) == (1, {})
