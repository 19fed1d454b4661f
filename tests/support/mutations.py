"""Damage to files, at random, and what no damage may lead to."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

_SECONDS = 300
"""How long one look may take, on a machine that others use, too."""

_VALUES: tuple[object, ...] = (
    None,
    5,
    -1,
    1.5,
    True,
    "",
    "../../outside/secret",
    "/etc/passwd",
    "\0",
    "x" * 70_000,
    [],
    {},
    [[]],
    {"a": 1},
)


def _flipped(content: bytes, chosen: random.Random) -> bytes:
    found = bytearray(content or b"x")
    for _ in range(chosen.randrange(1, 5)):
        found[chosen.randrange(len(found))] = chosen.randrange(256)
    return bytes(found)


def _cut(content: bytes, chosen: random.Random) -> bytes:
    return content[: chosen.randrange(len(content) + 1)]


def _repeated(content: bytes, chosen: random.Random) -> bytes:
    start = chosen.randrange(len(content) + 1)
    return content[:start] + content[start : start + 9] * chosen.choice((2, 1000, 30_000)) + content[start:]


def _other(_content: bytes, chosen: random.Random) -> bytes:
    return chosen.choice((b"", b"[]", b"{}", b"null", b"[" * 200_000, b"9" * 5000, b"\xff\xfe", b'"' + b"x" * 200_000))


def with_another_field(content: bytes, chosen: random.Random) -> bytes:
    """Replace one value of a JSON document, by another one of it or by any, or one field of a line."""
    try:
        document = json.loads(content)
    except ValueError:
        fields = content.split(b",")
        fields[chosen.randrange(len(fields))] = str(chosen.choice(_VALUES)).encode()
        return b",".join(fields)
    places: list[tuple[object, object]] = []

    def walk(value: object) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, each in items:
            places.append((value, key))
            walk(each)

    walk(document)
    if places:
        holder, key = chosen.choice(places)
        other, place = chosen.choice(places)
        values = (other[place], chosen.choice(_VALUES))  # type: ignore[index]  # a dict or a list
        holder[key] = deepcopy(chosen.choice(values))  # type: ignore[index]  # as above
    return json.dumps(document).encode()


_MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flipped,
    _cut,
    _repeated,
    _other,
    with_another_field,
    with_another_field,
)


def mutated(content: bytes, chosen: random.Random) -> bytes:
    """Return other bytes."""
    return chosen.choice(_MUTATIONS)(content, chosen)


@contextmanager
def damaged(path: Path, chosen: random.Random, *, outside: Path) -> Iterator[None]:
    """Have a file be another one, or a pipe, a directory or a link in its place; then it is as before.

    Args:
        path: The file.
        chosen: Says how.
        outside: A directory with a file `secret`, which links lead to.
    """
    content, mode = path.read_bytes(), path.stat().st_mode
    kind = chosen.randrange(12)
    path.unlink()
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        path.symlink_to(chosen.choice((outside / "secret", path, Path("/dev/zero"), Path("gone"))))
    else:
        path.write_bytes(mutated(content, chosen))
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode & 0o777)


@contextmanager
def in_time() -> Iterator[None]:
    """End what takes too long, as a test that waits for a pipe would never end."""

    def end(_number: int, _frame: object) -> None:
        raise AssertionError("it does not end")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
