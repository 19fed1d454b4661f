"""YAML files, read strictly: line numbers for messages, no key twice, and no guessing at numbers and dates.

Only booleans, integers and null are told from text: `cortex-version: 0.30` stays `0.30` and a date stays as written.
What makes a small file a large value, or a value that is none of JSON's, is refused before anything is made of it:
tags, aliases (but where other programs read the file, too), deep nesting, integers beyond 64 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from cortexlock.errors import InputError
from cortexlock.formats import conflict_markers, content, yaml_events

if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    try:
        from yaml import CSafeLoader as SafeLoader
    except ImportError:  # PyYAML without libyaml
        from yaml import SafeLoader

DEEPEST = 60
"""How deep lists and mappings may stand in each other; what cortexlock writes has a depth of five."""
MOST = 500_000
"""How many nodes a file may have, each alias counted as what it stands for."""

_GUESSED = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_MERGE = "tag:yaml.org,2002:merge"
_TEXT = "tag:yaml.org,2002:str"
_64_BITS = 1 << 63
_WRITE_PLAIN = "write plain YAML: text, lists and mappings"


class StrictError(yaml.MarkedYAMLError):
    """What is YAML, but not a plain document: `problem` says what, `problem_mark` where, and `hint` what to do."""

    def __init__(self, problem: str, mark: Any, *, hint: str = _WRITE_PLAIN) -> None:  # noqa: ANN401 - PyYAML has two kinds of marks
        """Describe it."""
        super().__init__(problem=problem, problem_mark=mark)
        self.hint = hint


class _Loader(SafeLoader):
    """PyYAML's safe loader without the guessing at floats and dates, and with bounds to integers."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute, read only
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _GUESSED]
        for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Return an integer."""
        if len(node.value) <= DEEPEST:  # longer ones take long to read, too
            found: int = super().construct_yaml_int(node)
            if -_64_BITS <= found < _64_BITS:
                return found
        raise StrictError("the number has more than 64 bits", node.start_mark)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


@dataclass(frozen=True)
class YamlText:
    """A YAML file as read.

    Attributes:
        file: Its name in messages.
        value: What it holds; None for an empty file.
    """

    file: str
    value: Any
    _text: str

    @cached_property
    def _root(self) -> yaml.Node | None:
        """The nodes, which know their lines: made only where somebody asks for one."""
        loader = _Loader(self._text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()

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


def read(path: Path, *, file: str, aliases: bool = False) -> YamlText:
    """Read a YAML file.

    Args:
        path: Where it is.
        file: How messages call it.
        aliases: Whether it may have some.

    Raises:
        InputError: It cannot be read, is not UTF-8, is not YAML, or has what `parse` refuses.
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
    return loads(text, file=file, aliases=aliases)


def loads(text: str, *, file: str, aliases: bool = False) -> YamlText:
    """Read YAML text.

    Raises:
        InputError: It is not YAML, or has what `parse` refuses.
    """
    try:
        return parse(text, file=file, aliases=aliases)
    except StrictError as error:
        what, line = error.problem or "", line_of(error)
        raise InputError.at(file, line, what, hint=error.hint) from None
    except yaml.MarkedYAMLError as error:
        marker = conflict_markers.line_of(text)
        if marker is not None:
            raise conflict_markers.error(file, marker) from None
        what, line = f"not valid YAML: {error.problem or error.context}", line_of(error)
        hint = "look at the indentation, colons, brackets and quotation marks there and above"
        if line is not None and "\t" in _indentation(text, line):
            hint = "indent with spaces: YAML allows no tabs there"
        raise InputError.at(file, line, what, hint=hint) from None
    except yaml.YAMLError:
        what = "not valid YAML: it holds characters that YAML does not allow"
        raise InputError.at(file, None, what, hint="write it anew as text, in UTF-8") from None


def _indentation(text: str, line: int) -> str:
    """Return the white space that a line, 1-based, begins with."""
    found = text.split("\n")[line - 1 : line]
    return found[0][: len(found[0]) - len(found[0].lstrip())] if found else ""


def parse(text: str, *, file: str, aliases: bool = False) -> YamlText:
    """Read YAML text.

    Args:
        text: The text.
        file: How messages call it.
        aliases: Whether it may have some.

    Raises:
        YAMLError: It is not YAML.
        StrictError: It has a key twice, a tag, an alias, a merge key, a number beyond 64 bits, or is nested too deeply.
    """
    try:
        return YamlText(file, _plain(text), text)
    except (yaml_events.NotPlainError, yaml.YAMLError, ValueError):
        pass  # what is wrong with it, or more than plain, is found out node by node
    try:
        _check_events(text, aliases=aliases)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlText(file, None, text)
            _check_nodes(node, aliases=aliases)
            return YamlText(file, loader.construct_document(node), text)
        finally:
            loader.dispose()
    except (RecursionError, ValueError) as error:  # a value that PyYAML stumbles over
        raise StrictError(f"cannot be read as YAML: {error}", None) from None


def _plain(text: str) -> Any:  # noqa: ANN401 - any value of YAML
    """Return what a plain document holds.

    Raises:
        NotPlainError: It is not plain.
        YAMLError: It is not YAML.
    """
    loader, meanings = SafeLoader(text), _Meanings()
    try:
        return yaml_events.value(loader.get_event, meanings, deepest=DEEPEST, most=MOST)
    finally:
        loader.dispose()
        meanings.dispose()


class _Meanings(dict[str, Any]):
    """What text without quotation marks stands for, found out once for each."""

    def __init__(self) -> None:
        super().__init__()
        self._loader = _Loader("")

    def __missing__(self, written: str) -> Any:  # noqa: ANN401 - any scalar of YAML
        tag = self._loader.resolve(yaml.ScalarNode, written, (True, False))  # type: ignore[no-untyped-call]
        if tag == _MERGE:
            raise yaml_events.NotPlainError
        found = written if tag == _TEXT else self._loader.construct_object(yaml.ScalarNode(tag, written))
        self[written] = found
        return found

    def dispose(self) -> None:
        """Let go of the loader."""
        self._loader.dispose()


def line_of(error: yaml.MarkedYAMLError) -> int | None:
    """Return the 1-based line that an error is about."""
    mark = error.problem_mark or error.context_mark
    return None if mark is None else mark.line + 1


def _check_events(text: str, *, aliases: bool) -> None:
    """Refuse what stands in the text, before a node is made of it."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise StrictError("it is nested too deeply", event.start_mark)
        if count > MOST:
            raise StrictError("it is too long", event.start_mark)
        if getattr(event, "tag", None) not in {None, "!"}:  # an empty tag is what quotation marks mean
            raise StrictError("it has a tag (`!`)", event.start_mark)
        if not aliases and getattr(event, "anchor", None) is not None:
            raise StrictError("it has an anchor or an alias (`&`, `*`)", event.start_mark)


def _check_nodes(root: yaml.Node, *, aliases: bool) -> None:
    """Refuse a key that stands twice in one mapping (which one counts is anybody's guess), and aliases that grow.

    Merge keys are a use of aliases: where there may be none, a mapping has the keys that stand in it.
    """
    sizes: dict[int, int] = {}  # nodes in a node, each alias counted as what it stands for; 0: it is being counted
    waiting = [root]
    while waiting:
        node = waiting[-1]
        children = _children(node)
        if id(node) not in sizes:
            sizes[id(node)] = 0
            _check_keys(node, aliases=aliases)
            if any(sizes.get(id(child)) == 0 for child in children):
                raise StrictError("it has an alias of what it stands in", node.start_mark)
            waiting += (child for child in children if id(child) not in sizes)
            continue
        waiting.pop()
        sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children)
        if sizes[id(node)] > MOST:
            raise StrictError("its aliases stand for too much", node.start_mark)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [each for pair in node.value for each in pair] if isinstance(node, yaml.MappingNode) else []


def _check_keys(node: yaml.Node, *, aliases: bool) -> None:
    keys: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == _MERGE and not aliases:
            raise StrictError("it has a merge key (`<<`)", key.start_mark)
        if isinstance(key, yaml.ScalarNode) and key.value in keys and key.value != "<<":
            raise StrictError(f"the key `{key.value}` is there twice", key.start_mark, hint="keep one of them")
        keys.add(str(key.value))
