"""A file that is written beside its place and renamed: whoever reads it sees all of it, before or after."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes, *, mode: int = 0o644, durable: bool = False) -> None:
    """Write a file, whole or not at all.

    Args:
        path: Where to; what is there is replaced. Its directory must be there.
        content: The bytes.
        mode: Its permissions, whatever the umask.
        durable: Whether the bytes are on the disk, and not only in memory, before the file has its name.

    Raises:
        OSError: It cannot be written.
    """
    temporary = prepare(path, content, mode=mode, durable=durable)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def prepare(path: Path, content: bytes, *, mode: int, durable: bool) -> Path:
    """Write a file beside the place that it is to have, and return where; the caller renames it.

    Its arguments and errors are those of `write`.
    """
    import tempfile  # noqa: PLC0415 - only what writes pays for it

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
