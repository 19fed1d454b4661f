"""The value of a plain YAML document, in one pass over the parser's events: what lockfiles are, thousands of them.

Whatever is not plain (tags, anchors, merge keys, a key twice, keys that are no text, several documents, depth) is left
to `yaml_text`, which knows how to say what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import yaml

_MERGE = "<<"


class NotPlainError(Exception):
    """The document is not plain, or none."""


def value(events: Iterable[yaml.Event], scalar: Callable[[str], Any], *, deepest: int, most: int) -> Any:  # noqa: ANN401 - any value of YAML
    """Return what a document holds.

    Args:
        events: Of the parser, from the start of the stream.
        scalar: What text without quotation marks stands for.
        deepest: How deep lists and mappings may stand in each other.
        most: How many events there may be.

    Raises:
        NotPlainError: There is something in it that is not plain, or nothing at all.
        YAMLError: It is not YAML.
    """
    root: list[Any] = []
    open_lists: list[list[Any]] = [root]  # of a mapping its keys and values in turn
    for count, event in enumerate(events):
        if count > most or not _is_plain(event):
            raise NotPlainError
        if isinstance(event, yaml.ScalarEvent):
            open_lists[-1].append(scalar(event.value) if event.implicit[0] else event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_lists) > deepest:
                raise NotPlainError
            open_lists.append([])
        elif isinstance(event, yaml.CollectionEndEvent):
            done = open_lists.pop()
            open_lists[-1].append(_mapping(done) if isinstance(event, yaml.MappingEndEvent) else done)
    if len(root) != 1:  # an empty document holds a scalar
        raise NotPlainError
    return root[0]


def _is_plain(event: yaml.Event) -> bool:
    """Whether a node has neither tag nor anchor; an alias has an anchor."""
    return not isinstance(event, yaml.NodeEvent) or (event.anchor is None and getattr(event, "tag", None) is None)


def _mapping(parts: list[Any]) -> dict[Any, Any]:
    """Return a mapping of keys and values in turn."""
    keys = parts[::2]
    if not all(type(key) is str for key in keys):  # a key `1` and a key `'1'` are one, for us
        raise NotPlainError
    found = dict(zip(keys, parts[1::2], strict=True))
    if len(found) != len(keys) or _MERGE in found:
        raise NotPlainError
    return found
