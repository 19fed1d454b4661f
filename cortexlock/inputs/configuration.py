"""`cortexlock.yaml`: the project's configuration. Every key is optional, and so is the file."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from cortexlock.errors import FileLine, UsageError
from cortexlock.formats import yaml_text
from cortexlock.formats.yaml_text import YamlText
from cortexlock.inputs import configured_images
from cortexlock.inputs.configuration_reader import ConfigurationReader
from cortexlock.inputs.configured_images import is_predictor_file
from cortexlock.inputs.exclude_newer import is_duration, parse_exclude_newer
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.index_alias import DEFAULT_INDEX
from cortexlock.model.package import normalized
from cortexlock.model.project import CHANNEL_PRIORITIES, ChannelPriority, Configuration, Index
from cortexlock.patterns import pattern

FILE_NAME = "cortexlock.yaml"
_INDEX = "write `- {name: mirror, url: https://…}`"
_ALIAS = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NAME = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PATTERN = pattern(r"[A-Za-z0-9*][A-Za-z0-9._*-]*")
_CHANNEL = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9._-]+)*")
_URL = pattern(r"(?:https?|file)://\S+|\$\{[A-Z0-9_]+\}\S*")


def read(path: Path) -> Configuration:
    """Read a configuration file; one that is not there says nothing.

    Raises:
        InputError: It is not valid YAML.
        UsageError: It says something that makes no sense; with file and line.
    """
    if not os.path.lexists(path):
        return Configuration()
    return parse(yaml_text.read(path, file=path.name))


def place(path: Path, key: str, value: str) -> FileLine | None:
    """Return where a configuration file says a value: file and line, or None if it does not."""
    if not path.exists():
        return None
    text = yaml_text.read(path, file=path.name)
    said = text.value.get(key) if isinstance(text.value, dict) else None
    if isinstance(said, dict):
        name = next((name for name, each in said.items() if _comparable(str(each)) == _comparable(value)), None)
        return None if name is None else FileLine(text.file, text.line(key, name))
    texts = [_comparable(str(each).strip()) for each in (said if isinstance(said, list) else [said])]
    if _comparable(value) not in texts:
        return None
    line = text.line(key, texts.index(_comparable(value))) if isinstance(said, list) else text.line(key)
    return FileLine(text.file, line)


def _comparable(value: str) -> str:
    """Return a value so that two ways to write the path of a predictor file are one."""
    return posixpath.normpath(value.replace("\\", "/")) if is_predictor_file(value) and "://" not in value else value


def parse(text: YamlText) -> Configuration:
    """Turn the YAML of a configuration file into a value.

    Raises:
        UsageError: It says something that makes no sense; with file and line.
    """
    reader = _Reader(text)
    images = configured_images.read(reader)
    return Configuration(
        predictor=images.predictor,
        predictor_files=images.predictor_files,
        image_names=images.image_names,
        cortex_version=reader.text("cortex-version"),
        slim=reader.flag("slim"),
        platforms=images.platforms,
        channels=reader.texts("channels"),
        index_url=reader.url("index-url"),
        indexes=reader.indexes(),
        exclude_newer=reader.moment("exclude-newer"),
        build_requirements=reader.build_requirements(),
        no_build_isolation=reader.no_build_isolation(),
        channel_aliases=reader.channel_aliases(),
        channel_priority=reader.channel_priority(),
        exclude_newer_moves=is_duration(reader.text("exclude-newer") or "") or None,
        freeze=reader.freeze(),
        environment=reader.environment(),
        strict=reader.flag("strict"),
    )


def _is_requirement(text: object) -> bool:
    from packaging.requirements import InvalidRequirement  # noqa: PLC0415 - `check` does not pay for it

    from cortexlock.formats.requirement import parsed  # noqa: PLC0415 - as above

    try:
        return isinstance(text, str) and parsed(text).url is None
    except InvalidRequirement:
        return False


def parse_frozen(text: str, *, where: FileLine | str | None = None) -> str:
    """Return a name or pattern of what is frozen, as lockfiles have it; `all` is `*`.

    Raises:
        UsageError: It is neither.
    """
    if not _PATTERN.fullmatch(text):
        hint = "write `all`, or names of what the image has: `[torch, nvidia-*]`"
        raise UsageError(f"`{text}` is no name of a project", where=where, hint=hint)
    return "*" if text == "all" else re.sub(r"[-_.]+", "-", text).lower()


def frozen_as_written(names: Sequence[str]) -> str:
    """Return what `freeze` says as people write it, from names and patterns."""
    return ", ".join("all" if name == "*" else name for name in names)


def is_index_url(text: str) -> bool:
    """Whether a value is the URL of an index; a variable may stand for its beginning."""
    return bool(_URL.fullmatch(text))


class _Reader(ConfigurationReader):
    """Takes values out of the file's mapping; each method raises `UsageError` at the line of its key."""

    def url(self, key: str) -> str | None:
        value = self.text(key)
        return None if value is None else self._url(value, key)

    def indexes(self) -> tuple[Index, ...]:
        value = self.mapping.get("indexes")
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse("`indexes` must be a list of mappings with `name` and `url`", "indexes", hint=_INDEX)
        found: list[Index] = []
        for position, entry in enumerate(value):
            if not isinstance(entry, dict) or set(entry) - {"packages", "upload-times"} != {"name", "url"}:
                what = "an index has a `name` and a `url`, perhaps `packages` and `upload-times`, nothing else"
                self.refuse(what, "indexes", position, hint=_INDEX)
            name, url = entry["name"], entry["url"]
            if not isinstance(name, str) or not _ALIAS.fullmatch(name):
                what = "the name of an index is letters, digits, `.`, `_` and `-`"
                self.refuse(what, "indexes", position, "name", hint=_INDEX)
            if name == DEFAULT_INDEX or name in {index.name for index in found}:
                hint = f"give each index a name of its own; `{DEFAULT_INDEX}` is the one that `index-url` names"
                self.refuse(f"the name `{name}` is taken", "indexes", position, "name", hint=hint)
            packages = entry.get("packages", [])
            if not isinstance(packages, list) or not all(
                isinstance(each, str) and _PATTERN.fullmatch(each) for each in packages
            ):
                what = "`packages` of an index is a list of project names, with `*` for any part"
                self.refuse(what, "indexes", position, "packages", hint="write `packages: [mycompany-*]`")
            upload_times = entry.get("upload-times", True)
            if not isinstance(upload_times, bool):
                what = "`upload-times` of an index is true or false"
                self.refuse(what, "indexes", position, "upload-times", hint="write `upload-times: false`")
            found.append(Index(name, self._url(url, "indexes", position, "url"), tuple(packages), upload_times))
        return tuple(found)

    def build_requirements(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        value = self.mapping.get("build-requirements")
        if value is None:
            return ()
        hint = "write `build-requirements: {fasttext: [pybind11]}`"
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            self.refuse("`build-requirements` must be a mapping of project names", "build-requirements", hint=hint)
        from packaging.utils import canonicalize_name  # noqa: PLC0415 - `check` does not pay for it

        found: dict[str, tuple[str, ...]] = {}
        for name, texts in value.items():
            if not isinstance(texts, list) or not texts or not all(_is_requirement(text) for text in texts):
                what = f"what the build of `{name}` needs must be a list of requirements (PEP 508)"
                self.refuse(what, "build-requirements", name, hint=hint)
            found[canonicalize_name(name)] = tuple(sorted(texts))
        return tuple(sorted(found.items()))

    def no_build_isolation(self) -> tuple[str, ...]:
        names = self.texts("no-build-isolation")
        for position, name in enumerate(names):
            if not _NAME.fullmatch(name):
                hint = "write `no-build-isolation: [flash-attn]`"
                self.refuse(f"`{name}` is no name of a project", "no-build-isolation", position, hint=hint)
        return tuple(sorted(set(map(normalized, names))))

    def channel_aliases(self) -> tuple[tuple[str, str], ...]:
        value = self.mapping.get("channel-aliases")
        if value is None:
            return ()
        hint = "write `channel-aliases: {conda-forge: https://mirror.example.org/conda-forge}`"
        if not isinstance(value, dict) or not value:
            self.refuse("`channel-aliases` must be a mapping of channel names", "channel-aliases", hint=hint)
        for name, address in value.items():
            if not isinstance(name, str) or not _CHANNEL.fullmatch(name):
                self.refuse(f"`{name}` is no name of a channel", "channel-aliases", name, hint=hint)
            if not isinstance(address, str) or not (_URL.fullmatch(address) or address.startswith(("./", "../", "/"))):
                what = f"the address of `{name}` must be a URL (https, http or file) or a path"
                self.refuse(what, "channel-aliases", name, hint=hint)
        return tuple(sorted(value.items()))

    def channel_priority(self) -> ChannelPriority | None:
        value = self.text("channel-priority")
        for priority in CHANNEL_PRIORITIES:
            if value == priority:
                return priority
        if value is not None:
            known = ", ".join(CHANNEL_PRIORITIES)
            self.refuse(f"there is no channel priority `{value}`", "channel-priority", hint=f"it is one of {known}")
        return None

    def environment(self) -> str | None:
        value = self.text("environment")
        if value is None:
            return None
        path = posixpath.normpath(value.replace("\\", "/"))
        if not is_environment_file(path):
            hint = "name a file as `conda env create` takes it: `environment: environment.yml`"
            self.refuse(f"`{value}` is no environment file", "environment", hint=hint)
        if path.startswith("/") or path.split("/")[0] == "..":
            self.refuse(f"`{value}` is outside the project", "environment", hint="move it into the project")
        return path

    def freeze(self) -> tuple[str, ...]:
        value = self.mapping.get("freeze")
        texts = (self.text("freeze") or "",) if isinstance(value, str) else self.texts("freeze")
        return tuple(
            sorted({parse_frozen(text, where=self.where("freeze", position)) for position, text in enumerate(texts)})
        )

    def moment(self, key: str) -> str | None:
        value = self.text(key)
        return None if value is None else parse_exclude_newer(value, where=self.where(key))

    def _url(self, value: object, *path: str | int) -> str:
        if not isinstance(value, str) or not is_index_url(value):
            what = "the URL of an index starts with https://, http:// or file://"
            self.refuse(what, *path, hint="write `https://…`; a variable may stand for it: `${INDEX}`")
        return value
