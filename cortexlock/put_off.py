"""Modules that libraries import at their top and hardly ever use: they are loaded once something does."""

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
