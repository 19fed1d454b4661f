"""The value of a plain YAML document, in one pass over the parser's events: what lockfiles are, thousands of them.

Whatever is not plain (tags, anchors, merge keys, a key twice, keys that are no text, several documents, depth) is left
to `yaml_text`, which knows how to say what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yaml import MappingEndEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

_MERGE = "<<"
_ONLY_TEXT = frozenset({str})


class NotPlainError(Exception):
    """The document is not plain, or none."""


def value(next_event: Callable[[], Any], meanings: Mapping[str, Any], *, deepest: int, most: int) -> Any:  # noqa: ANN401 - any value of YAML
    """Return what a document holds.

    Args:
        next_event: Returns the parser's events one after the other, from the start of the stream; None after the last.
        meanings: What text without quotation marks stands for.
        deepest: How deep lists and mappings may stand in each other.
        most: How many events there may be.

    Raises:
        NotPlainError: There is something in it that is not plain, or nothing at all.
        YAMLError: It is not YAML.
    """
    root: list[Any] = []
    current = root  # the innermost list that is open, of a mapping its keys and values in turn
    around: list[list[Any]] = []
    for count, event in enumerate(iter(next_event, None)):
        kind = type(event)  # a small file has a thousand events: the kind that comes most often is asked for first
        if kind is ScalarEvent and event.tag is None and event.anchor is None:
            current.append(meanings[event.value] if event.implicit[0] else event.value)
        elif kind is MappingEndEvent:
            done, current = current, around.pop()
            current.append(_mapping(done))
        elif kind is SequenceEndEvent:
            done, current = current, around.pop()
            current.append(done)
        elif _starts_plain(event):
            around.append(current)
            current = []
        if count > most or len(around) > deepest:
            raise NotPlainError
    if len(root) != 1:  # an empty document holds a scalar
        raise NotPlainError
    return root[0]


def _starts_plain(event: object) -> bool:
    """Whether a list or a mapping starts; the rest is about the stream and its documents.

    Raises:
        NotPlainError: It is a node with a tag or an anchor; an alias has one.
    """
    if isinstance(event, NodeEvent) and (event.anchor is not None or getattr(event, "tag", None) is not None):
        raise NotPlainError
    return isinstance(event, MappingStartEvent | SequenceStartEvent)


def _mapping(parts: list[Any]) -> dict[Any, Any]:
    """Return a mapping of keys and values in turn."""
    keys = parts[::2]
    if not _ONLY_TEXT.issuperset(map(type, keys)):  # a key `1` and a key `'1'` are one, for us
        raise NotPlainError
    found = dict(zip(keys, parts[1::2], strict=True))
    if len(found) != len(keys) or _MERGE in found:
        raise NotPlainError
    return found
