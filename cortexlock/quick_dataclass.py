"""Frozen dataclasses that are made in a twentieth of the time, for what the quick commands load.

`dataclasses` writes six methods of a frozen class as text and compiles them, half a millisecond and more for each: a
third of the time of `check`. Here the methods are the same for all classes. All else is the standard library's, which
makes the class and its fields: `replace`, `fields`, `asdict` and patterns know them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import KW_ONLY, MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any


def _decorator(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], Any]:
    """Stand in for `dataclasses.dataclass`, with those of its options that values have."""
    if not (frozen and slots):
        raise TypeError("only frozen classes with slots are made here")

    def decorated(cls: type) -> Any:  # noqa: ANN401 - mypy sees the standard library's
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        fields = dataclasses.fields(made)
        shown = tuple(field.name for field in fields if field.repr)
        methods: dict[str, Any] = {
            "__init__": _init(fields),
            "__repr__": lambda self: f"{made.__qualname__}({', '.join(f'{n}={getattr(self, n)!r}' for n in shown)})",
            **_comparison(tuple(field.name for field in fields if field.compare)),
            "__setattr__": _refuse_to_set,
            "__delattr__": _refuse_to_delete,
            "__getstate__": _state,
            "__setstate__": _set_state,
        }
        for name, method in methods.items():
            if name not in vars(made):  # a class can have its own
                setattr(made, name, method)
        return made

    return decorated


def _init(fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    names = tuple(field.name for field in fields)
    positional = tuple(field.name for field in fields if not field.kw_only)
    defaults = {field.name: field.default for field in fields if field.default is not MISSING}
    factories = [(field.name, field.default_factory) for field in fields if field.default_factory is not MISSING]
    all_names, assign = frozenset(names), object.__setattr__

    def __init__(self: object, *args: object, **named: object) -> None:  # noqa: N807 - it becomes the method
        given = dict(zip(positional, args, strict=False))
        if len(args) > len(positional) or not given.keys().isdisjoint(named):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}, each once")
        values = {**defaults, **given, **named}
        for name, make in factories:
            if name not in values:
                values[name] = make()
        if values.keys() != all_names:
            wrong = sorted(values.keys() ^ all_names)
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}; missing or unknown: {', '.join(wrong)}")
        for name in names:
            assign(self, name, values[name])

    return __init__


def _comparison(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """Return what compares and hashes by fields."""
    get: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: object, other: object) -> Any:  # noqa: ANN401, N807 - a bool or NotImplemented
        return get(self) == get(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807 - it becomes the method
        return hash((get(self),))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _refuse_to_set(_: object, name: str, value: object) -> None:
    del value
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:  # noqa: ANN401 - a dataclass
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:  # noqa: ANN401 - a dataclass
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


if TYPE_CHECKING:  # who uses it is checked as a user of the standard library's
    from dataclasses import dataclass
else:
    dataclass = _decorator

__all__ = ["KW_ONLY", "dataclass"]
