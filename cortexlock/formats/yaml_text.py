"""Small YAML files, read strictly: line numbers for messages, no key twice, and no guessing at numbers and dates.

Only booleans, integers and null are told from text: `cortex-version: 0.30` stays `0.30` and a date stays as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from cortexlock.errors import InputError
from cortexlock.formats import content

if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    try:
        from yaml import CSafeLoader as SafeLoader
    except ImportError:  # PyYAML without libyaml
        from yaml import SafeLoader

_GUESSED = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")


class _Loader(SafeLoader):
    """PyYAML's safe loader without the guessing at floats and dates."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute, read only
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _GUESSED]
        for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class YamlText:
    """A YAML file as read.

    Attributes:
        file: Its name in messages.
        value: What it holds; None for an empty file.
    """

    file: str
    value: Any
    _root: yaml.Node | None

    def line(self, *path: str | int) -> int | None:
        """Return the 1-based line of a place (`line("indexes", 0, "url")`), or of the nearest place around it.

        For a key it is the key's line.
        """
        node, found = self._root, None
        for part in path:
            if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                found = node.start_mark.line + 1
            elif isinstance(node, yaml.MappingNode):
                key, node = next(((key, value) for key, value in node.value if key.value == str(part)), (None, None))
                found = found if key is None else key.start_mark.line + 1
            else:
                break
        return found

    def error(self, what: str, *path: str | int, hint: str | None = None) -> InputError:
        """Make an error at the line of a place."""
        return InputError.at(self.file, self.line(*path), what, hint=hint)


def read(path: Path, *, file: str) -> YamlText:
    """Read a YAML file.

    Args:
        path: Where it is.
        file: How messages call it.

    Raises:
        InputError: It cannot be read, is not UTF-8, is not YAML, or has a key twice.
    """
    try:
        raw = content.read(path)
    except OSError as error:
        raise content.unreadable(file, error) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(file, line, "the line is not UTF-8", hint="save the file as UTF-8") from None
    return loads(text, file=file)


def loads(text: str, *, file: str) -> YamlText:
    """Read YAML text.

    Raises:
        InputError: It is not YAML (or not the harmless part of it), or has a key twice.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlText(file, None, None)
            _refuse_duplicates(node, file)
            return YamlText(file, loader.construct_document(node), node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        what = f"not valid YAML: {error.problem or error.context}"
        hint = "look at the indentation, colons, brackets and quotation marks there and above"
        raise InputError.at(file, line, what, hint=hint) from None
    except yaml.YAMLError:
        what = "not valid YAML: it holds characters that YAML does not allow"
        raise InputError.at(file, None, what, hint="write it anew as text, in UTF-8") from None
    except (RecursionError, ValueError) as error:
        raise InputError.at(file, None, f"cannot be read as YAML: {error}", hint="nest it less deeply") from None


def _refuse_duplicates(root: yaml.Node, file: str) -> None:
    """Refuse a key that stands twice in one mapping: which one counts is anybody's guess."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys and key.value != "<<":
                    what = f"the key `{key.value}` is there twice"
                    raise InputError.at(file, key.start_mark.line + 1, what, hint="keep one of them")
                keys.add(str(key.value))
                waiting.append(value)
