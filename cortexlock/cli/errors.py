"""The one error boundary: every failure ends here, as a message and an exit code.

Typer's own errors are told by what they can do, not by their class: which classes they are, Typer's or click's,
depends on its release.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from cortexlock.cli.error_words import what_of
from cortexlock.cli.hints import pasteable
from cortexlock.cli.output import Output, wants_color, wants_json, wants_verbose
from cortexlock.cli.streams import UnwritableError, checked
from cortexlock.errors import CortexlockError, StepError, UsageError

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""

TERMINATED = 143
"""The exit code after SIGTERM: 128 and its number."""

HUNG_UP = 129
"""The exit code after SIGHUP, which comes when the terminal is closed: 128 and its number."""

BROKEN_PIPE = 141
"""The exit code when who reads our output has gone: 128 and the number of SIGPIPE."""

UNWRITABLE = StepError.exit_code
"""The exit code when standard output or standard error cannot be written: as for any disk that is full."""

BUG = 70
"""The exit code of a bug in cortexlock: EX_SOFTWARE of sysexits.h, so that nobody takes it for a result."""


_FIRST, _LAST = 6_000, 2_000
"""Characters of the beginning and of the end of a text that an error says of it."""

_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.ENAMETOOLONG})
"""What a system says of a file that is not to be read or written so, by nobody's fault but the place's."""

_FAILED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE})
"""What it says where the disk, or a bound of the shell on files (`ulimit -f`), is at fault: of a write, no file."""

_NO_TEMPORARY = "No usable temporary directory"
"""How the standard library's `tempfile` begins to say that there is none: it has no class of errors for that."""


def guarded(command: Callable[[], object], arguments: Sequence[str]) -> int:
    """Run a command line; print what goes wrong, and return the exit code.

    Args:
        command: The command; what it returns is the exit code if it is a number, else 0.
        arguments: The command line, to know how to print an error even if it could not be read.
    """
    output = Output(as_json=wants_json(arguments), verbose=wants_verbose(arguments), color=wants_color(arguments))
    try:
        with checked():
            code = _reported(command, output)
            sys.stdout.flush()
            return code
    except UnwritableError as error:
        if error.reader_gone:
            return BROKEN_PIPE
        with suppress(OSError, AttributeError):  # perhaps standard error cannot be written either, or is not there
            sys.stderr.write(f"error: {error.name} cannot be written: {error.reason}\n")
        return UNWRITABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _reported(command: Callable[[], object], output: Output) -> int:  # noqa: PLR0911 - one for each way to end
    """Run a command; print what goes wrong, and return the exit code."""
    try:
        with _terminable():
            code = command()
        if code == INTERRUPTED:  # Typer has met Ctrl-C first, and says nothing
            output.note("interrupted")
    except CortexlockError as error:
        what, where, hint = _said(error)
        return _report(output, what, where, hint, error.exit_code, kind=error.id)
    except InterruptedEarlyError:
        output.note("interrupted: nothing was written")
        return INTERRUPTED
    except (KeyboardInterrupt, typer.Abort, _TerminatedError) as error:
        code = error.code if isinstance(error, _TerminatedError) else INTERRUPTED
        with suppress(UnwritableError):  # the terminal may be gone
            output.note("interrupted" if code == INTERRUPTED else "terminated")
        return code
    except BrokenPipeError:
        return BROKEN_PIPE
    except UnwritableError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: a bug keeps its traceback and gets a line of its own
        if callable(getattr(error, "format_message", None)):
            return _report_usage(output, error)
        return _report_refusal(output, error) or _report_bug(output)
    return code if isinstance(code, int) else 0


def _report_bug(output: Output) -> int:
    import traceback  # noqa: PLC0415 - only a bug pays for it

    traceback.print_exc()
    output.note("this is a bug in cortexlock: please report it with the lines above")
    return BUG


def _report_refusal(output: Output, error: Exception) -> int:
    """Report what the system says of a file that is not to be had so; return 0 where it is something else."""
    if not isinstance(error, OSError):
        return 0
    if not isinstance(error.filename, str | bytes):
        return _report_no_place(output, error)
    if error.errno not in _REFUSED | _FAILED:
        return 0
    from cortexlock.inputs import url_secrets  # noqa: PLC0415 - only an error pays for it

    code = UsageError.exit_code if error.errno in _REFUSED else UNWRITABLE
    where, hint = (
        _bounded(url_secrets.masked(os.fsdecode(error.filename))),
        "is it yours to read and to write, and whole?",
    )
    return _report(output, f"the system refuses it: {error.strerror}", where, hint, code)


def _report_no_place(output: Output, error: OSError) -> int:
    """Report what the system says without a file: that there is no room, or no place; return 0 where it is a bug."""
    hint = "is there room, and where TMPDIR says?"
    if error.errno in _FAILED:
        return _report(output, f"a file cannot be written: {error.strerror}", None, hint, UNWRITABLE)
    if str(error.strerror).startswith(_NO_TEMPORARY):
        return _report(output, "there is no directory that temporary files can be written to", None, hint, UNWRITABLE)
    try:
        Path.cwd()
    except OSError:
        what, hint = "the working directory is not there any more", "go to one that is: `cd`"
        return _report(output, what, None, hint, UsageError.exit_code)
    return 0


class InterruptedEarlyError(BaseException):
    """Ctrl-C came before anything was written: no KeyboardInterrupt, because Typer takes those."""


@contextmanager
def nothing_written() -> Iterator[None]:
    """Say so if Ctrl-C comes: what runs writes nothing, or all at its very end.

    Raises:
        InterruptedEarlyError: Ctrl-C came.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedEarlyError from None


class _TerminatedError(BaseException):
    """SIGTERM or SIGHUP came: not an `Exception`, so that nothing but clean-up takes notice, as with KeyboardInterrupt.

    Attributes:
        code: The exit code.
    """

    def __init__(self, number: int) -> None:
        """Take over which one it is."""
        super().__init__()
        self.code = 128 + number


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs as Ctrl-C does: what was started is ended, temporary files are removed.

    What ignores SIGHUP, as `nohup` lets it, goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: object) -> None:
        raise _TerminatedError(number)

    numbers = [signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is not None and signal.getsignal(hang_up) != signal.SIG_IGN:
        numbers.append(hang_up)
    earlier = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def as_document(error: CortexlockError) -> dict[str, object]:
    """Return an error as the value that `--json` prints under `error`."""
    what, where, hint = _said(error)
    return {"exit-code": error.exit_code, "id": error.id, "what": what, "where": where, "hint": hint}


def text_of(output: Output, error: CortexlockError) -> str:
    """Return an error as a readable message, `error: ` in front, the hint on a line of its own."""
    return _text(output, *_said(error))


def _said(error: CortexlockError) -> tuple[str, str | None, str | None]:
    """Return what is wrong, where, and what to do, without what may be secret in a URL."""
    from cortexlock.inputs import url_secrets  # noqa: PLC0415 - only an error pays for it

    where, hint = (text and _bounded(url_secrets.masked(text)) for text in (error.where, pasteable(error.advice)))
    return _bounded(url_secrets.masked(what_of(error))), where, hint


def _bounded(text: str) -> str:
    """Return a text with a mark in place of its middle, where nobody could read it all.

    What was read is an attacker's, and so is what another program says of it. Secrets have been taken out before: half
    of one would not be known.
    """
    left_out = len(text) - _FIRST - _LAST
    if left_out <= 0:
        return text
    return f"{text[:_FIRST]} [… {left_out:,} characters are left out …] {text[-_LAST:]}"


def _report(  # noqa: PLR0913, PLR0917 - what an error has
    output: Output, what: str, where: str | None, hint: str | None, code: int, kind: str = "usage"
) -> int:
    if output.as_json:
        error = {"exit-code": code, "id": kind, "what": what, "where": where, "hint": hint}
        output.document({"error": error})
    else:
        output.note(_text(output, what, where, hint))
        if output.verbose:
            output.note(f"  id: {kind} (docs/errors.md#{kind})")
    return code


def _text(output: Output, what: str, where: str | None, hint: str | None) -> str:
    import textwrap  # noqa: PLC0415 - only an error pays for it

    message = textwrap.indent(f"{where}: {what}" if where else what, "  ").strip()
    lines = [f"{output.styled('error:', 'red', stream=sys.stderr)} {message}"]
    if hint:
        lines.append(f"  {output.styled('hint:', 'bold', stream=sys.stderr)} {hint}")
    return "\n".join(lines)


def _report_usage(output: Output, error: Exception) -> int:
    """Report what Typer has to say of the options."""
    said: str = error.format_message()  # type: ignore[attr-defined]  # the caller has looked
    message = f"{said[:1].lower()}{said[1:]}"  # as all others begin
    context = getattr(error, "ctx", None)
    command = "cortexlock" if context is None else context.command_path
    code = getattr(error, "exit_code", 2)
    return _report(
        output, message.rstrip("."), None, f"`{command} --help` tells more", code if isinstance(code, int) else 2
    )
