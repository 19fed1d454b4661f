"""What a replay and a fetch show while they run: a bar per download, finished steps, the output of the script.

All of it goes to standard error, so that standard output stays what was asked for. With `--verbose` there are plain
lines of everything; on a terminal what passes is overwritten, and what stays is above it; elsewhere only what stays is
printed; with `--quiet` nothing is, and with `--json` the output of the script.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from cortexlock.cli import install_report
from cortexlock.cli.output import Output, escaped
from cortexlock.cli.replay_words import words

if TYPE_CHECKING:
    from rich.progress import TaskID

    from cortexlock.model.replay import ReplayEvent

_WIDTH = 24
"""Characters of a bar."""


@contextmanager
def replay_progress(output: Output) -> Iterator[Callable[[ReplayEvent], None]]:
    """Give a function that shows an event."""
    if output.verbose:
        yield partial(_print, output, _is_worth_a_line)
    elif output.quiet:
        yield lambda _event: None
    elif output.as_json:
        yield partial(_print, output, _is_of_the_script)
    elif not sys.stderr.isatty():
        yield partial(_print, output, _stays)
    else:
        with _live(output) as show:
            yield show


def _print(output: Output, wanted: Callable[[ReplayEvent], bool], event: ReplayEvent) -> None:
    if wanted(event):
        output.note(install_report.describe(event))


def _is_worth_a_line(event: ReplayEvent) -> bool:
    """Whether an event is one that `--verbose` prints: of a download the end alone, as the sum has its progress."""
    return event.kind != "file" or event.done == event.total


def _is_of_the_script(event: ReplayEvent) -> bool:
    return event.kind == "output" and event.step == "script"


def _stays(event: ReplayEvent) -> bool:
    return event.kind == "milestone" or _is_of_the_script(event)


@contextmanager
def _live(output: Output) -> Iterator[Callable[[ReplayEvent], None]]:
    from rich.console import Console, Group  # noqa: PLC0415 - only where there is a terminal
    from rich.live import Live  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn  # noqa: PLC0415 - as above
    from rich.spinner import Spinner  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(stderr=True, no_color=not output.color)
    spinner = Spinner("dots", text=Text(""))
    bars = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(_WIDTH),
        DownloadColumn(binary_units=True),
        console=console,
    )
    tasks: dict[str, TaskID] = {}

    def show_file(event: ReplayEvent) -> None:
        file = words(event.fact)
        if file not in tasks:
            tasks[file] = bars.add_task(escaped(file), total=event.total)
        bars.update(tasks[file], completed=event.done or 0, total=event.total)
        if event.done == event.total:
            bars.remove_task(tasks.pop(file))

    with Live(Group(spinner, bars), console=console, transient=True, refresh_per_second=10):

        def show(event: ReplayEvent) -> None:
            text = Text(escaped(install_report.describe(event)), overflow="ellipsis", no_wrap=True)
            if event.kind == "file":
                show_file(event)
            elif _stays(event):
                console.print(Text(text.plain), soft_wrap=True)
            elif event.kind == "progress":
                spinner.update(text=text)

        yield show
