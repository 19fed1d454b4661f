"""Whether two lockfiles say the same."""

from __future__ import annotations

from dataclasses import replace

from cortexlock.model.lockfile import Lockfile


def same(a: Lockfile, b: Lockfile) -> bool:
    """Tell whether two lockfiles say the same, whoever resolved them.

    Other versions of a resolver with the same result are no reason to write a lockfile anew.
    """
    return replace(a, resolvers=()) == replace(b, resolvers=())
