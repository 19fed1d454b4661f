"""The interpreter of a prefix, asked with bounds: it may not start, not end, or print without end."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from threading import Timer

from cortexlock import process
from cortexlock.errors import Advice, StepError
from cortexlock.formats import prefix_file

_ANSWER = 60.0
"""Seconds that an interpreter has to answer."""

_LONGEST = 1 << 20
"""Characters of the longest answer."""

_SHOWN = 5
"""Lines of what it says where it does not start."""


def ask(python: Path, code: str, environment: Mapping[str, str], *, options: tuple[str, ...] = ("-I", "-B")) -> str:
    """Run Python code, and return what it prints.

    Args:
        python: The interpreter.
        code: What it runs.
        environment: Its variables; Python's own are left out.
        options: Its options.

    Raises:
        StepError: It does not start, does not end in time, or prints too much.
    """
    where, hint = str(python), Advice.FRESH_COPY
    env = {name: value for name, value in environment.items() if not name.startswith("PYTHON")}
    programs = process.Programs()
    timer = Timer(_ANSWER, programs.end)
    said: list[str] = []
    room = _LONGEST

    def on_line(line: str) -> None:
        nonlocal room
        room -= len(line) + 1
        if room < 0:
            raise StepError("the interpreter prints without end", where=where, hint=hint)
        said.append(line)

    timer.start()
    try:
        with programs.among():
            code_of_end = process.stream((python, *options, "-c", code), env=env, on_line=on_line)
    except OSError as error:
        raise StepError(f"the interpreter does not start: {error}", where=where, hint=hint) from error
    finally:
        in_time = timer.is_alive()
        timer.cancel()
    if not in_time:
        raise StepError(f"the interpreter does not answer within {_ANSWER:.0f} s", where=where, hint=hint)
    if code_of_end:
        raise StepError("the interpreter does not start:", details=_last(said), where=where, hint=hint)
    return "\n".join(said)


def _last(said: list[str]) -> list[str]:
    """Return the last lines of what an interpreter says, without the way through its own files."""
    return [line for line in said if line and not line.startswith((" ", "Traceback"))][-_SHOWN:]


def check_starts(python: Path, site: Path, environment: Mapping[str, str], *, minor: str) -> None:
    """Refuse an interpreter that does not start: an installer would wait for it, or blame what it installs.

    Nor is it another one than the files of the prefix tell: what is installed would be for that.

    Args:
        python: The interpreter.
        site: Its site-packages, where it reads each `.pth`.
        environment: As for `ask`.
        minor: Its version as the files of the prefix have it, `3.6`.

    Raises:
        DifferenceError: It would wait for a file that is none, or is of another version.
        StepError: It does not start, does not end in time, or prints too much.
    """
    configuration = python.parent.parent / "pyvenv.cfg"
    try:
        prefix_file.read_text(configuration, errors="strict")
    except UnicodeDecodeError:
        raise prefix_file.damaged(configuration, "it is not UTF-8, and the interpreter does not start") from None
    for path in sorted(site.glob("*.pth")):
        try:
            mode = path.stat().st_mode
        except OSError:  # a link to nothing, which it passes over
            continue
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise prefix_file.damaged(path, "it is no regular file, and the interpreter would read it as it starts")
    said = ask(python, "import sys; print('%d.%d' % sys.version_info[:2])", environment)
    found = said.strip().rpartition("\n")[2]
    if found != minor:
        raise prefix_file.damaged(python, f"it is Python {found[:20]}, and the files of the prefix tell of {minor}")
