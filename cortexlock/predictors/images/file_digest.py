"""The digest of a part of a file, made in a thread beside what else reads it.

Neither hashing nor reading needs the interpreter, so that it costs no time where there is a second processor.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
from typing import IO

_PIECE = 1 << 24  # bytes: after each, the thread waits for its turn of the interpreter, up to 5 ms
_ALONE = 1 << 22  # bytes: less is hashed in no time


class FileDigest:
    """A digest that is being made of bytes of a file."""

    def __init__(self, file: IO[bytes], offset: int, size: int, algorithm: str) -> None:
        """Begin, in a thread where the file can be read from several places at one time, else when it is asked for."""
        self._file = file
        self._at, self._end = offset, offset + size
        self._digest = hashlib.new(algorithm)
        self._stopped = False
        self._error: OSError | None = None
        self._thread: threading.Thread | None = None
        self._number = descriptor_of(file) if size > _ALONE and hasattr(os, "preadv") else None
        if self._number is not None:
            self._changed = _change(self._number)
            self._thread = threading.Thread(target=self._read, name="cortexlock-digest", daemon=True)
            self._thread.start()

    def hexdigest(self) -> str:
        """Return the digest when it is made, in hexadecimal digits; of a file that was written meanwhile, none.

        Raises:
            OSError: The file cannot be read.
        """
        if self._thread is None:
            self._file.seek(self._at)
            while self._at < self._end and (piece := self._file.read(min(_ALONE, self._end - self._at))):
                self._digest.update(piece)
                self._at += len(piece)
        else:
            self._thread.join()
        if self._error is not None:
            raise self._error
        changed = self._number is not None and _change(self._number) != self._changed
        return "" if changed else self._digest.hexdigest()

    def stop(self) -> None:
        """Have nothing of the file read any more."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join()

    def _read(self) -> None:
        """Read and hash all of it, into memory that goes back to the system: the heap would keep it for each layer."""
        try:
            with mmap.mmap(-1, min(_PIECE, self._end - self._at)) as memory, memoryview(memory) as buffer:
                while self._at < self._end and not self._stopped:
                    with buffer[: self._end - self._at] as free:
                        size = os.preadv(self._number or 0, [free], self._at)
                    if not size:
                        return
                    with buffer[:size] as piece:
                        self._digest.update(piece)
                    self._at += size
        except OSError as error:
            self._error = error


def descriptor_of(file: IO[bytes]) -> int | None:
    """Return the descriptor of a file; None: it has none, it is in memory."""
    try:
        return file.fileno()
    except OSError:
        return None


def _change(number: int) -> tuple[int, int]:
    """Return what tells whether a file was written."""
    found = os.fstat(number)
    return found.st_mtime_ns, found.st_size
