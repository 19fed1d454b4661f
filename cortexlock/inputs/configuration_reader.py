"""Values out of the mapping of `cortexlock.yaml`, each with the line of its key where it makes no sense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from cortexlock.errors import FileLine, UsageError
from cortexlock.formats.yaml_text import YamlText

KEYS = (
    *("predictor", "image", "images", "cortex-version", "slim", "platforms"),
    *("channels", "environment", "channel-aliases", "channel-priority"),
    *("index-url", "indexes", "exclude-newer", "freeze", "strict", "build-requirements", "no-build-isolation"),
)

_EXAMPLES = {
    "predictor": "python",
    "image": "./image.yaml",
    "cortex-version": "0.35.0",
    "index-url": "https://…",
    "exclude-newer": "2021-06-01",
    "channel-priority": "flexible",
    "environment": "environment.yml",
}


class ConfigurationReader:
    """Takes values out of the file's mapping; each method raises `UsageError` at the line of its key."""

    def __init__(self, text: YamlText) -> None:
        """Check that the file is a mapping with known keys."""
        self._text = text
        self.mapping: Mapping[str, Any] = {} if text.value is None else text.value
        if not isinstance(self.mapping, dict):
            self.refuse("it must be a mapping, `key: value` a line", hint=f"keys are {', '.join(KEYS)}")
        for key in self.mapping:
            if key not in KEYS:
                self.refuse(f"there is no key `{key}`", key, hint=_nearest(str(key)))

    def text(self, key: str) -> str | None:
        """Return a text or number as text, or None where it is not said."""
        value = self.mapping.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            self.refuse(f"`{key}` must be text, not {_kind(value)}", key, hint=f"write `{key}: {_EXAMPLES[key]}`")
        return str(value).strip()

    def flag(self, key: str) -> bool | None:
        """Return true or false, or None where it is not said."""
        value = self.mapping.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(f"`{key}` must be true or false, not {_kind(value)}", key, hint=f"write `{key}: true`")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of text without duplicates; none where it is not said."""
        value = self.mapping.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(entry, str) and entry for entry in value):
            self.refuse(f"`{key}` must be a list of text, one entry at least", key, hint=f"write `{key}: [a, b]`")
        for position, entry in enumerate(value):
            if entry in value[:position]:
                self.refuse(f"`{entry}` is there twice", key, position, hint="keep one of them")
        return tuple(value)

    def where(self, *path: str | int) -> FileLine:
        """Return file and line of a value."""
        return FileLine(self._text.file, self._text.line(*path))

    def refuse(self, what: str, *path: str | int, hint: str) -> NoReturn:
        """Refuse a value, at its place."""
        raise UsageError(what, where=self.where(*path), hint=hint)


def _nearest(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only an error pays for it

    near = get_close_matches(key.replace("_", "-").lower(), KEYS, n=1)
    return f"did you mean `{near[0]}`?" if near else f"keys are {', '.join(KEYS)}"


def _kind(value: object) -> str:
    names = {bool: "true or false", list: "a list", dict: "a mapping", int: "a number"}
    return names.get(type(value), "empty" if value == "" else "text")
