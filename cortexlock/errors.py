"""The exception tree: each class is one way to fail, with the exit code that the command ends with.

A message says what is wrong, where (a file and a line, a package, a step), and what to do. The command line prints
it as it is; anything that is not a `CortexlockError` is a bug and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar

from cortexlock.quick_dataclass import dataclass

_REFUSALS = (401, 403)  # `http` has names for them, and takes too long to import


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of a file, 1-based, or the file as a whole; its text is `requirements.txt:3`."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        """Return file and line as messages name them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Hint:
    """What to do, with a command of ours in the midst of it: which project that is about, the command line knows.

    Attributes:
        before: What stands before it.
        command: Its name, `lock`.
        after: What stands after it.
    """

    before: str
    command: str
    after: str = ""

    def said(self, argument: str = "") -> str:
        """Return the sentence, with an argument of the command, as a shell has it, where there is one."""
        command = f"cortexlock {self.command} {argument}".rstrip()
        return f"{self.before}`{command}`{self.after}"


class Advice(Enum):
    """What to do about errors of one kind; the command line has the words."""

    FRESH_COPY = "fresh-copy"
    """The environment is damaged."""


class CortexlockError(Exception):
    """Base of all errors that a user can be told about.

    Instances can be pickled: resolutions run in processes of their own and raise through them.

    Attributes:
        summary: What is wrong, one sentence.
        details: What stands below it.
        facts: What stands below that, as values that the command line has words for.
        place: Where: a line of a file, or the name of something.
        advice: What to do about it.
        url: What it is about, without credentials; empty where that has no URL, or it is not known.
    """

    exit_code: ClassVar[int] = 1
    id: ClassVar[str] = "error"
    """What the error is known by in `docs/errors.md`, whatever its message; stable."""

    def __init__(
        self,
        what: str,
        *,
        where: FileLine | str | None = None,
        hint: Hint | Advice | str | None = None,
        details: Iterable[str] = (),
    ) -> None:
        """Describe a failure.

        Args:
            what: What is wrong, one sentence without a final full stop.
            where: The place: a line of a file, a package, a step.
            hint: What to do about it, one sentence.
            details: What stands below: lines, what a program has said.
        """
        super().__init__(what)
        self.summary = what
        said = tuple(details)
        self.details = said if any(said) else ()
        self.facts: tuple[object, ...] = ()
        self.place = where
        self.advice = hint
        self.url = ""

    @property
    def what(self) -> str:
        """What is wrong, with all details."""
        return "\n".join((self.summary, *self.details))

    @property
    def hint(self) -> str | None:
        """What to do about it, one sentence; None where the command line alone has the words."""
        if isinstance(self.advice, Hint):
            return self.advice.said()
        return self.advice if isinstance(self.advice, str) else None

    @property
    def where(self) -> str | None:
        """The place as messages name it."""
        return None if self.place is None else str(self.place)

    def __str__(self) -> str:
        """Return `where: what`, and the hint on a line of its own."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class DifferenceError(CortexlockError):
    """Something differs from the lockfile: a stale lockfile, a drifted environment, a failed verification."""

    exit_code = 1
    id = "differs"


class UsageError(CortexlockError):
    """Wrong options, or a wrong project configuration (`cortexlock.yaml`, an unknown predictor or release)."""

    exit_code = 2
    id = "usage"


class InputError(CortexlockError):
    """An input file that cannot be read with certainty."""

    exit_code = 3
    id = "input"

    @classmethod
    def at(cls, file: str, line: int | None, what: str, *, hint: Hint | str | None = None) -> InputError:
        """Make an error for `file`, at the 1-based `line` where there is one."""
        return cls(what, where=FileLine(file, line), hint=hint)


class NoSolutionError(CortexlockError):
    """No set of packages satisfies what was asked for."""

    exit_code = 4
    id = "no-solution"


class NetworkError(CortexlockError):
    """An index or channel cannot be reached, or gives no usable answer.

    Attributes:
        status: The status that the server answers with (RFC 9110); 0 where there is none.
        refused: Whether the server refuses who asks: credentials are missing or wrong.
        channel: The channel that cannot be read, as the project writes it; empty where that is not known, or is none.
    """

    exit_code = 5
    id = "network"

    def __init__(  # noqa: PLR0913 - the facts that what to do depends on
        self,
        what: str,
        *,
        where: FileLine | str | None = None,
        hint: Hint | str | None = None,
        details: Iterable[str] = (),
        url: str = "",
        status: int = 0,
        refused: bool = False,
    ) -> None:
        """Describe a failure; arguments are as those of other errors, and the attributes."""
        super().__init__(what, where=where, hint=hint, details=details)
        self.channel = ""
        self.url = url
        self.status = status
        self.refused = refused or status in _REFUSALS


class BrokenOffError(NetworkError):
    """A file began to come and did not come whole: worth another try."""

    id = "broken-off"


class IntegrityError(CortexlockError):
    """Wrong bytes: a hash that differs, a tampered lockfile, an unsafe archive."""

    exit_code = 6
    id = "integrity"


class StepError(CortexlockError):
    """A step of the replay failed; its output is part of the message.

    Attributes:
        output: What the program that failed has said, or the end of it; empty where no program did.
    """

    exit_code = 7
    id = "step"

    def __init__(
        self,
        what: str,
        *,
        where: FileLine | str | None = None,
        hint: Hint | Advice | str | None = None,
        details: Iterable[str] = (),
        output: str = "",
    ) -> None:
        """Describe a failure; arguments are as those of other errors, and the attribute."""
        super().__init__(what, where=where, hint=hint, details=details)
        self.output = output
