"""The arguments of programs while they run: what anybody on the machine can read of them."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_PROC = Path("/proc")


class ArgumentWatch:
    """Looks at the arguments of all processes (Linux), from entry to exit.

    Attributes:
        seen: The arguments of every process that was met.
        rounds: How often all processes were looked at.
    """

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.rounds = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def met(self, text: str) -> list[str]:
        """Return the arguments that a text stands in."""
        return [arguments.decode(errors="replace") for arguments in self.seen if text.encode() in arguments]

    def _watch(self) -> None:
        while not self._stop.wait(0.001):
            self.rounds += 1
            for entry in _PROC.iterdir():
                if not entry.name.isdigit():
                    continue
                try:
                    arguments = (entry / "cmdline").read_bytes()
                except OSError:  # it has ended
                    continue
                self.seen.add(arguments)
