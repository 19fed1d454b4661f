"""What newer there is of a locked package."""

from __future__ import annotations

from typing import NamedTuple


class Newest(NamedTuple):
    """The newest versions of a package: before the cut-off date, and whenever; empty: there is none."""

    before_cut_off: str
    ever: str
