"""Frozen dataclasses that are made quickly: they do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import KW_ONLY, FrozenInstanceError, field
from typing import Any, TypeAlias

import pytest

from cortexlock.quick_dataclass import dataclass, required


@dataclass(frozen=True, slots=True)
class _Quick:
    """Made here."""

    name: str
    numbers: tuple[int, ...] = ()
    _: KW_ONLY
    hidden: str = field(default="", repr=False)
    where: str = field(default="", compare=False)
    more: dict[str, int] = field(default_factory=dict, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class _Usual:
    """Made by the standard library."""

    name: str
    numbers: tuple[int, ...] = ()
    _: KW_ONLY
    hidden: str = field(default="", repr=False)
    where: str = field(default="", compare=False)
    more: dict[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived(_Quick):
    """With what another one has."""

    last: int

    def __repr__(self) -> str:
        """Say less."""
        return f"<{self.last}>"


_Made: TypeAlias = Any  # both are made of the same fields
_BOTH: list[_Made] = [_Quick, _Usual]


@pytest.mark.parametrize("cls", _BOTH)
def test_it_has_what_it_is_given_and_defaults_for_the_rest(cls: _Made) -> None:
    value = cls("a", (1,), hidden="s")
    assert (value.name, value.numbers, value.hidden, value.where, value.more) == ("a", (1,), "s", "", {})
    assert cls("a").more is not cls("a").more
    assert dataclasses.asdict(cls(name="a", more={"b": 1})) == {
        "name": "a",
        "numbers": (),
        "hidden": "",
        "where": "",
        "more": {"b": 1},
    }


@pytest.mark.parametrize("cls", _BOTH)
def test_values_with_the_same_fields_are_equal(cls: _Made) -> None:
    assert cls("a", where="here") == cls("a", where="there")
    assert hash(cls("a", where="here")) == hash(cls("a", where="there"))
    assert cls("a") != cls("b")
    assert len({cls("a"), cls("a"), cls("a", (1,))}) == 2
    assert cls("a") != dataclasses.astuple(cls("a"))


def test_values_of_other_classes_are_others() -> None:
    assert _Quick("a") != _Usual("a")  # type: ignore[comparison-overlap]
    assert _Derived("a", last=1) != _Quick("a")


@pytest.mark.parametrize("cls", _BOTH)
def test_what_is_not_to_be_shown_is_not(cls: _Made) -> None:
    assert repr(cls("a", (1,), hidden="s")) == f"{cls.__name__}(name='a', numbers=(1,), where='', more={{}})"


@pytest.mark.parametrize("cls", _BOTH)
def test_nothing_can_be_changed(cls: _Made) -> None:
    value = cls("a")
    with pytest.raises(FrozenInstanceError):
        value.name = "b"
    with pytest.raises((FrozenInstanceError, TypeError)):  # the latter of the usual ones
        value.other = "b"
    with pytest.raises(FrozenInstanceError):
        del value.name
    assert not hasattr(value, "__dict__")
    assert value == cls("a")


@pytest.mark.parametrize("cls", _BOTH)
@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), {}), (("a", (), "s"), {}), (("a",), {"name": "a"}), (("a",), {"unknown": 1}), ((), {"numbers": ()})],
)
def test_wrong_arguments_are_refused(cls: _Made, arguments: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        cls(*arguments, **named)


def test_the_error_names_what_is_missing_or_unknown() -> None:
    unknown: Any = {"other": 1}
    with pytest.raises(TypeError, match="missing or unknown: name, other"):
        _Quick(**unknown)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_it_goes_to_other_processes(protocol: int) -> None:
    value = _Quick("a", (1, 2), hidden="s", where="w", more={"b": 1})
    again = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - what was written above
    assert dataclasses.asdict(again) == dataclasses.asdict(value)


def test_the_standard_library_knows_it() -> None:
    value = dataclasses.replace(_Quick("a", hidden="s"), name="b")
    assert value == _Quick("b", hidden="s")
    assert copy.copy(value) == copy.deepcopy(value) == value
    match value:
        case _Quick(name, numbers):
            assert (name, numbers) == ("b", ())


def test_a_class_has_fields_of_those_before_it_and_methods_of_its_own() -> None:
    value = _Derived("a", last=1)
    assert (value.name, value.last, repr(value)) == ("a", 1, "<1>")
    assert value != _Derived("a", last=2)


def test_other_classes_are_not_made_here() -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)


def test_the_standard_library_sees_it_when_it_is_asked() -> None:
    names = ["name", "numbers", "hidden", "where", "more", "last"]
    assert [field.name for field in dataclasses.fields(_Derived)] == names
    assert dataclasses.is_dataclass(_Derived)
    assert dataclasses.replace(_Derived("a", hidden="s", last=1), last=2) == _Derived("a", hidden="s", last=2)
    assert {field.name for field in dataclasses.fields(_Quick("a")) if field.kw_only} == {"hidden", "where", "more"}


def test_what_is_required_is_what_has_no_default() -> None:
    assert required(_Quick) == ("name",)
    assert required(_Derived) == ("name", "last")
