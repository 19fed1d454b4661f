"""Attributes of modules and classes that have another value for a while.

`unittest.mock.patch` does so, too; it brings asyncio, a tenth of the time that the resolver takes to start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def replaced(owner: object, name: str, replacement: object) -> Iterator[None]:
    """Give an attribute another value, and at the end the one that it had.

    Args:
        owner: A module, a class or an object.
        name: The attribute.
        replacement: Its value in the meantime.
    """
    is_own = name in vars(owner)
    # As it is stored, not as it is seen: a class method is a function bound to its class when it is read.
    before = vars(owner)[name] if is_own else getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        if is_own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
