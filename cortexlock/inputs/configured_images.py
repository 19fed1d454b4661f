"""What `cortexlock.yaml` says of images: `predictor`, `image` or `images`, and `platforms`."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath, PureWindowsPath

from cortexlock.errors import FileLine, UsageError
from cortexlock.inputs.configuration_reader import ConfigurationReader
from cortexlock.model.lockfile_name import in_order, is_image_name
from cortexlock.model.predictor import PLATFORMS, PlatformName
from cortexlock.quick_dataclass import dataclass

_KEYS = ("predictor", "image", "images")
_IMAGES = "write `images: {cpu: ./cpu.yaml, gpu: ./gpu.yaml}`, a name and the file that describes the image"


@dataclass(frozen=True, slots=True)
class ConfiguredImages:
    """What a configuration says of images; the fields are those of `Configuration`."""

    predictor: str | None = None
    predictor_files: tuple[str, ...] = ()
    image_names: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


def read(reader: ConfigurationReader) -> ConfiguredImages:
    """Read what a configuration says of images.

    Raises:
        UsageError: It says something that makes no sense; with file and line.
    """
    said = [key for key in _KEYS if reader.mapping.get(key) is not None]
    if len(said) > 1:
        hint = (
            "leave one of them out: an image has a file, and a predictor is one of Cortex's"
            if "predictor" in said
            else "leave `image` out, and give each image a name in `images`"
        )
        reader.refuse(f"`{said[1]}` and `{said[0]}` are both there", said[1], hint=hint)
    key = said[0] if said else ""
    if key == "images":
        names, files = _named(reader)
        return ConfiguredImages(predictor_files=files, image_names=names, platforms=_some_of(reader, names))
    value = reader.mapping.get(key)
    if key == "image" or isinstance(value, list) or (isinstance(value, str) and is_predictor_file(value)):
        return ConfiguredImages(predictor_files=_files(reader, key), platforms=_platforms(reader))
    return ConfiguredImages(predictor=reader.text("predictor"), platforms=_platforms(reader))


def parse_platform(text: str, *, where: FileLine | str | None = None) -> PlatformName:
    """Return the platform of that name.

    Raises:
        UsageError: There is none.
    """
    for platform in PLATFORMS:
        if text == platform:
            return platform
    raise UsageError(f"there is no platform `{text}`", where=where, hint=f"platforms are {', '.join(PLATFORMS)}")


def parse_label(text: str, *, where: FileLine | str | None = None) -> str:
    """Return a platform, or what can be the name of an image.

    Raises:
        UsageError: It is neither.
    """
    return text if is_image_name(text) else parse_platform(text, where=where)


def refuse_unknown(label: str, names: tuple[str, ...], *, where: FileLine | str | None = None) -> None:
    """Refuse what is neither the name of an image nor, where images have none, a platform.

    Args:
        label: What is said.
        names: The names of the project's images; none: they go by their platforms.
        where: Where it is said.

    Raises:
        UsageError: It is neither.
    """
    if not names:
        parse_platform(label, where=where)
    elif label not in names:
        from difflib import get_close_matches  # noqa: PLC0415 - only an error pays for it

        near = [f"did you mean `{each}`? " for each in get_close_matches(label, names, n=1)]
        hint = f"{''.join(near)}the project's images are {', '.join(names)}"
        raise UsageError(f"there is no image `{label}`", where=where, hint=hint)


def is_predictor_file(text: str) -> bool:
    """Whether a value names a predictor file, not a predictor type: a path, or a name that ends as YAML files do."""
    return "/" in text or "\\" in text or text.lower().endswith((".yaml", ".yml"))


def parse_predictor_file(text: str, *, where: FileLine | str | None = None) -> str:
    """Return the path of a predictor file as lockfiles have it: relative to the project, POSIX separators.

    Raises:
        UsageError: It leads out of the project: what decides a lock must go where the lockfile goes.
    """
    path = posixpath.normpath(text.replace("\\", "/"))
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or path.split("/")[0] == "..":
        raise UsageError(
            f"the predictor file `{text}` is outside the project",
            where=where,
            hint="copy it into the project, or make a symbolic link to it there",
        )
    return path


def _named(reader: ConfigurationReader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of `images` and the file of each."""
    value = reader.mapping["images"]
    if not isinstance(value, dict) or not value:
        reader.refuse("`images` must be a mapping of names and files", "images", hint=_IMAGES)
    for name, file in value.items():
        if not isinstance(name, str) or not is_image_name(name):
            hint = "a name is small letters, digits, `_` and `-`, as it stands in the lockfile's: cortexlock.NAME.yaml"
            reader.refuse(f"`{name}` is no name of an image", "images", name, hint=hint)
        if not isinstance(file, str) or not is_predictor_file(file):
            reader.refuse(f"the image `{name}` has no file that describes it", "images", name, hint=_IMAGES)
    files = (parse_predictor_file(file, where=reader.where("images", name)) for name, file in value.items())
    return tuple(value), tuple(files)


def _files(reader: ConfigurationReader, key: str) -> tuple[str, ...]:
    """Return the files of `image` or `predictor`, one or a list."""
    texts = reader.texts(key) if isinstance(reader.mapping[key], list) else (reader.text(key) or "",)
    found = []
    for position, text in enumerate(texts):
        if not is_predictor_file(text):
            hint = "a list is for predictor files, one for each platform; write a single type without brackets"
            if key == "image":
                hint = "write the path of the file that `cortexlock predictors capture` makes: `image: ./image.yaml`"
            reader.refuse(f"`{text}` is no predictor file", key, position, hint=hint)
        found.append(parse_predictor_file(text, where=reader.where(key, position)))
    return tuple(found)


def _platforms(reader: ConfigurationReader) -> tuple[str, ...]:
    texts = reader.texts("platforms")
    return in_order(parse_platform(text, where=reader.where("platforms", at)) for at, text in enumerate(texts))


def _some_of(reader: ConfigurationReader, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the named images that `platforms` says, in the order of `images`."""
    texts = reader.texts("platforms")
    for position, text in enumerate(texts):
        refuse_unknown(text, names, where=reader.where("platforms", position))
    return tuple(name for name in names if name in texts)
