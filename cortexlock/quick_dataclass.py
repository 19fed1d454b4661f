"""Frozen dataclasses that are made in a fiftieth of the time, for what the quick commands load.

`dataclasses` writes six methods of a frozen class as text and compiles them, half a millisecond and more for each: a
third of the time of `check`. Here the methods are the same for all classes, and the standard library sees a class when
it is asked about it (`replace`, `fields`, `asdict`), which few commands do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, MISSING, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

_OWN_FIELDS = "__quick_fields__"
_REQUIRED = "__required_fields__"
_OF_STANDARD_LIBRARY = ("__dataclass_fields__", "__dataclass_params__")
_KW_ONLY = ("KW_ONLY", "dataclasses.KW_ONLY", KW_ONLY)


class _Field(NamedTuple):
    """What is said of a field."""

    default: Any
    make_default: Any
    kw_only: bool
    shown: bool
    compared: bool


def _decorator(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], Any]:
    """Stand in for `dataclasses.dataclass`, with those of its options that values have."""
    if not (frozen and slots):
        raise TypeError("only frozen classes with slots are made here")

    def decorated(cls: type) -> Any:  # noqa: ANN401 - mypy sees the standard library's
        own = _own_fields(cls, kw_only=kw_only)
        fields = {name: field for base in cls.__mro__[:0:-1] for name, field in vars(base).get(_OWN_FIELDS, {}).items()}
        fields |= own
        content = {name: value for name, value in vars(cls).items() if name not in own}
        content.pop("__dict__", None)
        content.pop("__weakref__", None)
        for name, method in _methods(fields).items():
            content.setdefault(name, method)  # a class can have its own
        content |= {
            "__slots__": tuple(own),
            "__match_args__": tuple(name for name, field in fields.items() if not field.kw_only),
            _OWN_FIELDS: fields,
            _REQUIRED: tuple(name for name, each in fields.items() if each.default is each.make_default is MISSING),
            **{name: _AskedStandardLibrary(cls, name, kw_only=kw_only) for name in _OF_STANDARD_LIBRARY},
        }
        made = type(cls)(cls.__name__, cls.__bases__, content)
        made.__qualname__ = cls.__qualname__
        return made

    return decorated


def required(cls: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a class made here that have no default."""
    found: tuple[str, ...] = getattr(cls, _REQUIRED)
    return found


def _own_fields(cls: type, *, kw_only: bool) -> dict[str, _Field]:
    """Return the fields that a class has beyond those of its bases."""
    found = {}
    for name, annotation in cls.__annotations__.items():
        if annotation in _KW_ONLY:
            kw_only = True
            continue
        said = vars(cls).get(name, MISSING)
        if isinstance(said, dataclasses.Field):
            found[name] = _Field(said.default, said.default_factory, kw_only, said.repr, bool(said.compare))
        else:
            found[name] = _Field(said, MISSING, kw_only, shown=True, compared=True)
    return found


class _AskedStandardLibrary:
    """What the standard library says of a class: it makes one of the same fields once somebody wants to know."""

    def __init__(self, cls: type, name: str, *, kw_only: bool) -> None:
        self._cls, self._name, self._kw_only = cls, name, kw_only

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - its fields, or its parameters
        del instance
        if "__dataclass_fields__" not in vars(self._cls):
            dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=self._kw_only)(self._cls)
        return getattr(self._cls, self._name)


def _methods(fields: Mapping[str, _Field]) -> dict[str, Any]:
    """Return the methods of a class with these fields."""
    names = tuple(fields)
    shown = tuple(name for name, field in fields.items() if field.shown)

    def __repr__(self: object) -> str:  # noqa: N807 - it becomes the method
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __getstate__(self: object) -> list[object]:  # noqa: N807 - as above
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807 - as above
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__init__": _init(fields),
        "__repr__": __repr__,
        **_comparison(tuple(name for name, field in fields.items() if field.compared)),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": __getstate__,
        "__setstate__": __setstate__,
        "__replace__": dataclasses.replace,
    }


def _init(fields: Mapping[str, _Field]) -> Callable[..., None]:
    names = tuple(fields)
    positional = tuple(name for name, field in fields.items() if not field.kw_only)
    defaults = {name: field.default for name, field in fields.items() if field.default is not MISSING}
    factories = [(name, field.make_default) for name, field in fields.items() if field.make_default is not MISSING]
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


if TYPE_CHECKING:  # who uses it is checked as a user of the standard library's
    from dataclasses import dataclass
else:
    dataclass = _decorator

__all__ = ["KW_ONLY", "dataclass", "required"]
