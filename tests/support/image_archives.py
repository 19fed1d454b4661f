"""Archives of images, made by hand: layers, OCI layouts, what `docker save` writes, and flat tars."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Packing: TypeAlias = Literal["gzip", "zstd", "bzip2", "xz", ""]

Entries: TypeAlias = Mapping[str, "str | bytes | Link | None"]
"""What is in a layer, by path: a file's content, a link, or None for a directory."""

ELF = {"amd64": b"\x7fELF" + b"\0" * 14 + b"\x3e\x00", "arm64": b"\x7fELF" + b"\0" * 14 + b"\xb7\x00"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link and its target."""

    target: str
    hard: bool = False


def layer(entries: Entries) -> bytes:
    """Return the tar of a layer."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, Link):
                info.type = tarfile.LNKTYPE if content.hard else tarfile.SYMTYPE
                info.linkname = content.target
                tar.addfile(info)
            elif content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def packed(content: bytes, how: Packing = "") -> bytes:
    """Return a layer as it is compressed."""
    ways = {
        "gzip": lambda: gzip.compress(content, 1, mtime=0),
        "zstd": lambda: zstd.compress(content, 1),
        "bzip2": lambda: bz2.compress(content, 1),
        "xz": lambda: lzma.compress(content[:99], preset=0) + b"\0\0\0\0" + lzma.compress(content[99:], preset=0),
        "": lambda: content,
    }
    return ways[how]()


def digest(content: bytes) -> str:
    """Return a digest as manifests have it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def config_of(
    layers: Sequence[bytes],
    *,
    architecture: str = "amd64",
    directory: str = "",
    user: str = "",
    **variables: str,
) -> bytes:
    """Return the configuration of an image of these layers, not compressed."""
    said = {"WorkingDir": directory, "User": user}
    document = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Env": [f"{name}={value}" for name, value in variables.items()], **said},
        "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]},
    }
    return json.dumps(document).encode()


def layout(images: Sequence[tuple[Sequence[bytes], bytes, str]], how: Packing = "") -> dict[str, bytes]:
    """Return the files of an OCI layout: of each image the layers, the configuration and the name."""
    files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(content: bytes, kind: str) -> dict[str, object]:
        files["blobs/" + digest(content).replace(":", "/")] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(content), "size": len(content)}

    manifests = []
    for layers, config, name in images:
        manifest = {
            "schemaVersion": 2,
            "config": blob(config, "config.v1+json"),
            "layers": [blob(packed(each, how), "layer.v1.tar") for each in layers],
        }
        descriptor = blob(json.dumps(manifest).encode(), "manifest.v1+json")
        manifests.append({**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    return files


def docker(layers: Sequence[bytes], config: bytes, name: str) -> dict[str, bytes]:
    """Return the files of what `docker save` wrote before it knew OCI layouts."""
    paths = [f"{hashlib.sha256(b'id' + each).hexdigest()}/layer.tar" for each in layers]
    stem = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{stem}.json", "RepoTags": [name], "Layers": paths}]
    return {
        **dict(zip(paths, layers, strict=True)),
        f"{stem}.json": config,
        "manifest.json": json.dumps(manifest).encode(),
    }


def write(directory: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of a layout into a directory."""
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    return directory


def python_image(
    *, architecture: str = "amd64", python: str = "3.11.9", glibc: str = "2.31"
) -> dict[str, str | bytes | Link | None]:
    """Return the lowest layer of an image: a C library, and a Python of its own in /usr/local."""
    minor = python.rpartition(".")[0]
    banner = f"\0GNU C Library (Debian GLIBC {glibc}-13) stable release version {glibc}.\n\0".encode()
    return {
        "etc": None,
        "lib": Link("usr/lib"),
        f"usr/lib/{'x86_64' if architecture == 'amd64' else 'aarch64'}-linux-gnu/libc.so.6": ELF[architecture] + banner,
        f"usr/local/bin/python{minor}": f"\0{python}\0".encode(),
        "usr/local/bin/python3": Link(f"python{minor}"),
        f"usr/local/lib/python{minor}/site-packages": None,
    }


def distribution(site: str, name: str, version: str, *lines: str) -> dict[str, str | bytes | Link | None]:
    """Return the files of a distribution."""
    text = "\n".join([f"Name: {name}", f"Version: {version}", *lines, "", "Text"])
    return {f"{site}/{name}-{version}.dist-info/METADATA": text, f"{site}/{name}.py": "raise SystemExit\n"}
