"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cortexlock
from cortexlock import patterns
from cortexlock.patterns import pattern

_PACKAGE = Path(cortexlock.__file__).parent


def test_a_pattern_is_compiled_once_and_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def counted(text: str, flags: int) -> re.Pattern[str]:
        compiled.append(text)
        return real(text, flags)

    real = re.compile
    monkeypatch.setattr("cortexlock.patterns.re.compile", counted)
    made = pattern(r"(?P<name>[a-z]+)=", re.IGNORECASE)
    assert made.pattern == r"(?P<name>[a-z]+)="
    assert not compiled
    match = made.match("Key=value")
    assert match is not None
    assert match["name"] == "Key"
    assert made.sub("", "a=b=c") == "c"
    assert compiled == [made.pattern]


def test_a_pattern_of_bytes_and_what_is_none() -> None:
    assert pattern(rb"\d+").findall(b"1 22") == [b"1", b"22"]
    with pytest.raises(re.error):
        pattern("(").match("(")
    with pytest.raises(AttributeError):
        pattern("a").none  # type: ignore[attr-defined]  # noqa: B018 - it is what is asked for


def _modules() -> Iterator[str]:
    """Yield the modules that have patterns."""
    for path in sorted(_PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.ImportFrom) and node.module == "cortexlock.patterns" for node in ast.walk(tree)):
            yield ".".join(path.relative_to(_PACKAGE.parent).with_suffix("").parts)


def test_each_pattern_of_a_module_is_one() -> None:
    """One that is none would be found out about by a user."""
    names = [name for name in _modules() if "compile_schema" not in name]
    assert "cortexlock.lockfile.validator" in names
    for name in names:
        values: list[Any] = [*vars(importlib.import_module(name)).values()]
        values += [each for value in values if isinstance(value, dict) for each in value.values()]
        for value in values:
            if type(value) is patterns._Pattern:
                assert re.compile(value.pattern, value._flags).groups == value.groups
