"""What is going on, while it is going on: a line per platform on a terminal, plain lines with `--verbose`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cortexlock.cli.output import Output, escaped


@contextmanager
def progress(output: Output) -> Iterator[Callable[[str, str], None]]:
    """Give a function that shows what is going on: it takes who does something (a platform), and what it does.

    On a terminal each has one line that its next event overwrites. Elsewhere, events are printed with `--verbose` only.
    It goes to standard error, so that standard output stays what was asked for.
    """
    if output.verbose:
        yield lambda who, what: output.note(f"{who}: {what}" if who else what)
    elif output.quiet or output.as_json or not sys.stderr.isatty():
        yield lambda _who, _what: None
    else:
        with _live(output) as show:
            yield show


@contextmanager
def _live(output: Output) -> Iterator[Callable[[str, str], None]]:
    from rich.console import Console, Group  # noqa: PLC0415 - only where there is a terminal
    from rich.live import Live  # noqa: PLC0415 - as above
    from rich.spinner import Spinner  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    spinners: dict[str, Spinner] = {}
    console = Console(stderr=True, no_color=not output.color)
    with Live(console=console, transient=True, refresh_per_second=10) as live:

        def show(who: str, what: str) -> None:
            text = Text(escaped(f"{who}: {what}" if who else what), overflow="ellipsis", no_wrap=True)
            if who in spinners:
                spinners[who].update(text=text)
            else:
                spinners[who] = Spinner("dots", text=text)
                live.update(Group(*spinners.values()))

        yield show
