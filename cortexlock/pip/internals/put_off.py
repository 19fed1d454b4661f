"""Modules that pip and pip-tools import at their top and a resolution never uses: they are loaded once something does.

pip shows progress, and its own crashes, with rich, which brings a lexer for each language; pip-tools asks pkg_resources
for a requirement of its own. That is a sixth of what the import of the resolver takes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_UNUSED = (
    "pip._internal.metadata.pkg_resources",
    "pip._vendor.pkg_resources",
    "pip._vendor.rich.live",
    "pip._vendor.rich.progress",
    "pip._vendor.rich.traceback",
)


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
def put_off() -> Iterator[None]:
    """Import modules without those of `_UNUSED` that are not there yet; what is imported after the block is real."""
    there = {name: _Module(name) for name in _UNUSED if name not in sys.modules}
    sys.modules.update(there)
    try:
        yield
    finally:
        for name in there:
            del sys.modules[name]
