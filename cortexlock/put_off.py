"""Modules that are imported at the top of others and hardly ever used: they are loaded once something does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(type):
    """Stands for a class or function of a module: whoever calls it, or asks what is one of it, loads the module."""

    def __call__(cls, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it stands for takes and returns
        return cls._itself()(*given, **named)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._itself())

    def _itself(cls) -> Any:  # noqa: ANN401 - as above
        return getattr(import_module(cls.__module__), cls.__name__)


class _Module(ModuleType):
    def __getattr__(self, name: str) -> _Later:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(name, (), {"__module__": self.__name__})


class when_used:  # noqa: N801 - it is called as a function
    """A module of ours that is loaded when something of it is asked for first.

    mypy and import-linter are told by an import for type checking beside it.
    """

    def __init__(self, name: str) -> None:
        """Take over its full name."""
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, D105 - whatever the module has
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Import modules without those of these names that are not there yet; what is imported after the block is real."""
    there = {name: _Module(name) for name in names if name not in sys.modules}
    sys.modules.update(there)
    try:
        yield
    finally:
        for name in there:
            del sys.modules[name]
