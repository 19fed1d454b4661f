"""The arguments of programs while they run: what anybody on the machine can read of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING

from tests.support.warm.starts import STARTER

if TYPE_CHECKING:
    from typing_extensions import Self

_PROC = Path("/proc")
_PAUSE = 0.004
"""Seconds between two looks: shorter than any program takes to start."""

_LOOKS = 50
"""How often a process is looked at: what it was started by may have replaced itself in the meantime."""


def is_running(pid: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], *, seconds: float = 50) -> bool:
    """Wait for a condition, on a busy machine, too: not as long as the 60 seconds that programs of tests last."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class ArgumentWatch:
    """Looks at the arguments of all processes that start (Linux), from entry to exit.

    Attributes:
        seen: The arguments of every process that was met.
        rounds: How often all processes were looked at.
    """

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.rounds = 0
        self._record = NamedTemporaryFile(prefix="cortexlock-test-started-")  # noqa: SIM115 - until the end
        self._last = _last()  # those that run already are none of the test's
        self._looks: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start to look; what is forked has no arguments to be seen, and is recorded where it is started."""
        STARTER.record = self._record.name
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look no more."""
        STARTER.record = ""
        self._stop.set()
        self._thread.join()
        with self._record as record:
            self.seen |= set(record.read().splitlines())

    def met(self, text: str) -> list[str]:
        """Return the arguments that a text stands in."""
        return [arguments.decode(errors="replace") for arguments in self.seen if text.encode() in arguments]

    def _watch(self) -> None:
        while not self._stop.wait(_PAUSE):
            self.rounds += 1
            self._looks |= dict.fromkeys(self._begun(), _LOOKS)
            for process, looks in tuple(self._looks.items()):
                try:
                    self.seen.add((_PROC / process / "cmdline").read_bytes())
                    self._looks[process] = looks - 1
                except OSError:  # it has ended
                    self._looks[process] = 0
                if not self._looks[process]:
                    del self._looks[process]

    def _begun(self) -> Iterable[str]:
        """Return the processes, and their threads, that have begun since the last look: numbers are given in turn."""
        before, self._last = self._last, _last()
        if self._last >= before:
            return map(str, range(before + 1, self._last + 1))
        return (entry.name for entry in os.scandir(_PROC) if entry.name.isdigit())  # they begin anew


def _last() -> int:
    """Return the number of the process that was begun last."""
    return int((_PROC / "loadavg").read_text(encoding="ascii").split()[-1])
