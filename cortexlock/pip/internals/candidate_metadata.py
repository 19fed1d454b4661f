"""Metadata of candidates: however pip came by it (PEP 658, a wheel, a build), it is read by our reader.

pip's own refuses a whole resolution for one requirement of one candidate that was never valid, or for METADATA that is
not UTF-8, and takes a `Requires-Python` that it cannot read for none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pip._internal import exceptions
from pip._internal.models.wheel import Wheel

from cortexlock.pip.internals import metadata_in_memory
from cortexlock.pip.metadata import core_metadata
from cortexlock.pip.metadata.specifiers import UnreadableSpecifierError

if TYPE_CHECKING:
    from pip._internal.metadata import BaseDistribution
    from pip._internal.models.link import Link


def read_by_us(candidate: type) -> Callable[[Any], BaseDistribution]:
    """Make a stand-in for `_prepare_distribution` of a candidate of pip that can raise `UnreadableSpecifierError`."""
    prepare: Any = vars(candidate)["_prepare_distribution"]

    def prepare_distribution(self: Any) -> BaseDistribution:  # noqa: ANN401 - a candidate of pip's
        link: Link = self._link
        try:
            metadata = core_metadata.read(text_of(prepare(self)))
        except RecursionError:
            raise UnreadableSpecifierError("its pyproject.toml is nested too deep") from None
        if link.is_wheel:
            wheel = Wheel(link.filename)
            metadata.refuse_other(wheel.name, wheel.version)
        return remembering(metadata_in_memory.of_ours(core_metadata.written(metadata)))

    return prepare_distribution


def text_of(distribution: BaseDistribution) -> str:
    """Return the text of METADATA.

    Raises:
        UnreadableSpecifierError: There is none, or it is not UTF-8.
    """
    try:
        return distribution.read_text("METADATA")
    except (FileNotFoundError, exceptions.NoneMetadataError):
        raise UnreadableSpecifierError("it has no METADATA") from None
    except (UnicodeDecodeError, exceptions.UnsupportedWheel):
        raise UnreadableSpecifierError("its metadata is not UTF-8") from None


def remembering(distribution: BaseDistribution) -> BaseDistribution:
    """Have a distribution of pip's remember its name and version: pip reads METADATA for each look at them.

    The resolver compares names thousands of times, which is half of its time where it has to go back.
    """
    kind: Any = type(distribution)
    facts = {
        name: cached_property(vars(kind)[name].fget) for name in ("canonical_name", "version") if name in vars(kind)
    }
    remembering_kind = type(kind.__name__, (kind,), facts)
    distribution.__class__ = remembering_kind
    return distribution
