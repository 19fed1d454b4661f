"""What is going on, while it is going on: a line per platform on a terminal, plain lines with `--verbose`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from cortexlock.cli.output import Output, escaped


class Progress:
    """Shows what is going on, told from any thread; this one says nothing."""

    def __call__(self, who: str, what: str) -> None:
        """Show that somebody (a platform) does something."""

    def done(self, who: str) -> None:
        """Take away what was shown of somebody, and of all whose names begin so."""

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Let something else be printed."""
        yield


@contextmanager
def progress(output: Output) -> Iterator[Progress]:
    """Give what shows what is going on.

    On a terminal each has one line that its next event overwrites. Elsewhere, events are printed with `--verbose` only.
    It goes to standard error, so that standard output stays what was asked for.
    """
    if output.verbose:
        yield _Lines(output)
    elif output.quiet or output.as_json or not sys.stderr.isatty():
        yield Progress()
    else:
        live = _Live(output)
        with live.shown():
            yield live


class _Lines(Progress):
    """A line for each event."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._lock = Lock()

    def __call__(self, who: str, what: str) -> None:
        with self._lock:
            self._output.note(f"{who}: {what}" if who else what)


class _Live(Progress):
    """A line for each who does something, below what is printed, from the first event on.

    Where nothing is to be done there is none; and workers begin as copies of this process, which has one thread until
    then: what shows the lines is another.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._spinners: dict[str, Any] = {}
        self._lock = Lock()
        self._live: Any = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Take away at the end what is shown."""
        try:
            yield
        finally:
            if self._live is not None:
                self._live.stop()

    def __call__(self, who: str, what: str) -> None:
        from rich.spinner import Spinner  # noqa: PLC0415 - only where there is a terminal, and something to show
        from rich.text import Text  # noqa: PLC0415 - as above

        text = Text(escaped(f"{who}: {what}" if who else what), overflow="ellipsis", no_wrap=True)
        with self._lock:
            if who in self._spinners:
                self._spinners[who].update(text=text)
            else:
                self._spinners[who] = Spinner("dots", text=text)
                self._update()

    def done(self, who: str) -> None:
        with self._lock:
            for each in [name for name in self._spinners if name.startswith(who)]:
                del self._spinners[each]
            self._update()

    def _update(self) -> None:
        from rich.console import Console, Group  # noqa: PLC0415 - as above
        from rich.live import Live  # noqa: PLC0415 - as above

        if self._live is None:
            console = Console(stderr=True, no_color=not self._output.color)
            self._live = Live(console=console, transient=True, refresh_per_second=10)
            self._live.start()
        self._live.update(Group(*self._spinners.values()))

    @contextmanager
    def hidden(self) -> Iterator[None]:
        live = self._live
        if live is not None:
            live.stop()
        try:
            yield
        finally:
            if live is not None:
                live.start()
