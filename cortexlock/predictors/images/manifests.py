"""What an archive says of the images in it: manifests and configurations, checked value by value.

Formats: the OCI image specification 1.1 (image-layout.md, image-index.md, manifest.md, config.md), and what
`docker save` wrote before it (`manifest.json`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cortexlock.errors import IntegrityError
from cortexlock.predictors.images.limits import damaged
from cortexlock.predictors.images.streams import Blob

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_HEX = re.compile(r"[0-9a-f]{64}")
_INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
_NAME_KEYS = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_DEPTH = 4  # indexes within indexes
_MANIFESTS = 1000  # of an archive
_ATTESTATION = "vnd.docker.reference.type"

Find = Callable[[str], Blob | None]
"""Finds a member of an archive by its path."""


@dataclass(frozen=True, slots=True)
class Described:
    """An image of an archive.

    Attributes:
        names: What it is called, `registry/name:tag` or a part of it.
        digest: The digest of its manifest, or, where there is none (`docker save`), of its configuration.
        architecture: As its configuration has it: `amd64`, `arm64`.
        system: As its configuration has it: `linux`.
        environment: The variables of its containers.
        directory: Where its containers start, and empty where nothing says it.
        user: Who its containers run as: a name or a number, also with a group; empty where nothing says it.
        missing: Why it cannot be read: a part of it is not in the archive, which may have another one whole.
        layers: Its layers, the lowest first.
    """

    names: tuple[str, ...]
    digest: str
    architecture: str
    system: str
    layers: tuple[Blob, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""
    user: str = ""
    missing: IntegrityError | None = None

    @property
    def platform(self) -> str:
        """The platform as Docker writes it, `linux/arm64`."""
        return f"{self.system}/{self.architecture}"


def of_layout(find: Find) -> tuple[Described, ...]:
    """Return the images of an OCI layout whose manifests are there.

    Raises:
        IntegrityError: It is damaged.
    """
    index = find("index.json")
    if index is None:
        raise damaged("it has no index.json", "the image")
    found: dict[str, Described] = {}
    for descriptor, names in _manifests(_object(index), find, (), 0):
        digest = _digest(descriptor)
        if digest in found:
            found[digest] = replace(found[digest], names=tuple(dict.fromkeys((*found[digest].names, *names))))
        elif len(found) == _MANIFESTS:
            raise damaged(f"it has more than {_MANIFESTS} manifests", "index.json")
        elif (blob := _blob(find, descriptor)) is not None:
            image = _image(find, blob, names, descriptor)
            if image is not None:
                found[digest] = image
    return tuple(found.values())


def of_docker(find: Find) -> tuple[Described, ...]:
    """Return the images of what `docker save` wrote before it knew OCI layouts.

    Raises:
        IntegrityError: It is damaged.
    """
    manifest = find("manifest.json")
    entries = [] if manifest is None else _json(manifest)
    if not isinstance(entries, list) or not entries or len(entries) > _MANIFESTS:
        raise damaged("it is no list of images", "manifest.json")
    return tuple(_of_entry(find, _mapping(entry, "manifest.json")) for entry in entries)


def _manifests(
    index: Mapping[str, Any], find: Find, names: tuple[str, ...], depth: int
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Yield the descriptors of manifests, with the names that indexes give them."""
    for entry in _list(index.get("manifests"), "index.json"):
        descriptor = _mapping(entry, "index.json")
        annotations = descriptor.get("annotations")
        annotations = annotations if isinstance(annotations, dict) else {}
        if _ATTESTATION in annotations or "unknown" in _platform(descriptor):
            continue
        own = tuple(str(annotations[key]) for key in _NAME_KEYS if annotations.get(key)) or names
        if descriptor.get("mediaType") not in _INDEXES:
            yield descriptor, own
        elif depth == _DEPTH:
            raise damaged("indexes within indexes without end", "index.json")
        elif (blob := _blob(find, descriptor)) is not None:
            yield from _manifests(_object(blob), find, own, depth + 1)


def _platform(descriptor: Mapping[str, Any]) -> tuple[str, str]:
    """Return system and machine that an index says of a manifest; nothing where it does not."""
    said = descriptor.get("platform")
    said = said if isinstance(said, dict) else {}
    return str(said.get("os", "")), str(said.get("architecture", ""))


def _image(find: Find, blob: Blob, names: tuple[str, ...], listed: Mapping[str, Any]) -> Described | None:
    """Return the image of a manifest that an index lists; None: it is a manifest of something else."""
    manifest = _object(blob)
    descriptor = _mapping(manifest.get("config"), blob.name)
    if "image" not in str(descriptor.get("mediaType", "image")):  # charts, signatures and other artifacts
        return None
    config = _blob(find, descriptor)
    if config is None:
        system, architecture = _platform(listed)
        missing = damaged("the configuration of the image is not there", str(descriptor.get("digest")))
        return Described(names, blob.digest, architecture, system, (), missing=missing)
    entries = [_mapping(entry, blob.name) for entry in _list(manifest.get("layers"), blob.name)]
    layers = [_blob(find, entry) for entry in entries]
    described = _described(_object(config), config.name, names, blob.digest, tuple(filter(None, layers)))
    gone = next((entry for entry, layer in zip(entries, layers, strict=True) if layer is None), None)
    return described if gone is None else replace(described, missing=_missing_layer(gone))


def _missing_layer(entry: Mapping[str, Any]) -> IntegrityError:
    """Return the error of a layer that is not there; such of Windows and of licensed software may be elsewhere."""
    digest, urls = str(entry.get("digest")), entry.get("urls")
    if not urls:
        return damaged("a layer is not there", digest)
    hint = "save the image with a program that fetches such layers, or capture it where it runs, by --script"
    return IntegrityError("a layer is not there, but at a URL that the image names", where=digest, hint=hint)


def _of_entry(find: Find, entry: Mapping[str, Any]) -> Described:
    """Return an image of `manifest.json`."""
    name = str(entry.get("Config"))
    config = find(name)
    if config is None:
        raise damaged("the configuration of the image is not there", "manifest.json")
    stem = name.rpartition("/")[2].removesuffix(".json").removeprefix("sha256:")
    if _HEX.fullmatch(stem):
        config = replace(config, digest=f"sha256:{stem}")
    document = _object(config)
    digests = _list(_mapping(document.get("rootfs"), name).get("diff_ids"), name)
    paths = _list(entry.get("Layers"), "manifest.json")
    if len(paths) != len(digests):
        raise damaged(f"it has {len(paths)} layers, its configuration {len(digests)}", "manifest.json")
    layers = []
    for path, digest in zip(paths, digests, strict=True):
        layer = find(str(path))
        if layer is None:
            raise damaged("a layer is not there", str(path))
        layers.append(replace(layer, unpacked_digest=_digest({"digest": digest})))
    tags = entry.get("RepoTags") or ()
    names = tuple(map(str, tags)) if isinstance(tags, list) else ()
    return _described(document, name, names, config.digest, tuple(layers))


def _described(
    config: Mapping[str, Any], where: str, names: tuple[str, ...], digest: str, layers: tuple[Blob, ...]
) -> Described:
    settings = _mapping(config.get("config") or {}, where)
    variables = settings.get("Env") or []
    pairs = (str(each).partition("=") for each in _list(variables, where))
    return Described(
        names,
        digest,
        str(config.get("architecture", "")),
        str(config.get("os", "")),
        layers,
        {name: value for name, _, value in pairs},
        str(settings.get("WorkingDir") or ""),
        str(settings.get("User") or ""),
    )


def _blob(find: Find, descriptor: Mapping[str, Any]) -> Blob | None:
    """Return what a descriptor names, with its digest; None: it is not there."""
    digest = _digest(descriptor)
    algorithm, _, value = digest.partition(":")
    blob = find(f"blobs/{algorithm}/{value}")
    if blob is None:
        return None
    size = descriptor.get("size")
    if size is not None and size != blob.size:
        raise damaged(f"it has {blob.size} bytes, the image says {size!a}", digest)
    return replace(blob, digest=digest, name=digest)


def _digest(descriptor: Mapping[str, Any]) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise damaged(f"{str(digest)[:80]!a} is no digest", "the image")
    return digest


def _json(blob: Blob) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(blob.read())
    except (RecursionError, ValueError):
        raise damaged("it is no JSON", blob.name) from None


def _object(blob: Blob) -> Mapping[str, Any]:
    return _mapping(_json(blob), blob.name)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise damaged("something is missing or wrong in what describes the image", where)
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise damaged("something is missing or wrong in what describes the image", where)
    return value
