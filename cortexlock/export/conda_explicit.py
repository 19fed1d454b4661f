"""`conda-explicit`: archives with their hashes, as `conda install --file` and `conda create --file` take them."""

from __future__ import annotations

from collections.abc import Callable

from cortexlock.export import steps
from cortexlock.export.content import Exported, Source
from cortexlock.model.package import CondaPackage

FILE = "conda-explicit.txt"


def export(source: Source) -> Exported:
    """Return the explicit list: one URL a line, `#md5` behind it where the channel has one, else `#sha256:…`.

    conda 4.7 knows md5 only; conda 23.1 and later take both.
    """
    text = listing(source, lambda package: source.urls[package.sha256])
    left_out = tuple(steps.not_carried(source.lockfile, conda=True))
    return Exported({FILE: text.encode()}, left_out=left_out)


def listing(source: Source, place: Callable[[CondaPackage], str]) -> str:
    """Return the text of an explicit list, with a URL or path for each archive."""
    lines = [f"# platform: {source.lockfile.subdir}", "@EXPLICIT"]
    lines += [f"{place(package)}{fragment(package)}" for package in steps.linked(source.lockfile)]
    return "\n".join(lines) + "\n"


def fragment(package: CondaPackage) -> str:
    """Return what stands behind a URL for its hash."""
    return f"#{package.md5}" if package.md5 else f"#sha256:{package.sha256}"
