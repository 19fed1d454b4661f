"""How help is laid out: as wide as the terminal, broken between words only."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from collections.abc import Sequence
from typing import Any

from cortexlock.patterns import pattern

_WIDEST = 120
_LEAST = 40
_GAP = pattern(r"(?<=\S) {2,}(?=\S)")
_FAR = 12
"""Blanks before a line that goes on with the meaning of the line before."""
_UNBROKEN = "\u2011"
"""Stands for a hyphen while lines are broken: `--cache-dir` and `cortex-version` are words."""


def width_of_terminal() -> int:
    """Return how wide help is, in columns: as wide as the terminal, 80 where there is none (`COLUMNS` says another)."""
    return max(_LEAST, min(_WIDEST, shutil.get_terminal_size().columns))


def formatter_of(context: Any) -> Any:  # noqa: ANN401 - Typer's own context, or click's, as of its release
    """Return a formatter for a command's help."""
    base = context.formatter_class

    class WholeWords(base):  # type: ignore[misc, valid-type]  # the class is Typer's own, or click's
        """A formatter that breaks lines at blanks only."""

        def write_text(self, text: str) -> None:
            super().write_text(text.replace("-", _UNBROKEN))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:  # noqa: ANN401
            unbroken = [(first.replace("-", _UNBROKEN), second.replace("-", _UNBROKEN)) for first, second in rows]
            super().write_dl(unbroken, *args, **options)

        def getvalue(self) -> str:
            return str(super().getvalue()).replace(_UNBROKEN, "-")

    width = width_of_terminal()
    return WholeWords(width=width)


def write_epilog(text: str, formatter: Any) -> None:  # noqa: ANN401 - as above
    r"""Write what stands below the options: paragraphs, and between them lists of commands or names.

    A list begins with a line of `\b`. Each of its lines has a term, two blanks or more, and what it means; where a line
    is wider than the terminal, the meaning stands below the term, or is wrapped beside it.
    """
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            if paragraph.startswith("\b\n"):
                _write_list(paragraph.splitlines()[1:], formatter)
            else:
                formatter.write_text(paragraph)


def _rows(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return terms and meanings; a line that is far to the right is the meaning of the one before it."""
    rows: list[tuple[str, str]] = []
    for line in lines:
        if rows and line.startswith(" " * _FAR):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}".strip())
        else:
            term, *meaning = _GAP.split(line.strip(), 1)
            rows.append((term, meaning[0] if meaning else ""))
    return rows


def _write_list(lines: Sequence[str], formatter: Any) -> None:  # noqa: ANN401 - as above
    rows = _rows(lines)
    with formatter.indentation():
        available = formatter.width - formatter.current_indent
        # A term that is wider than the others has its meaning below it.
        beside = [
            term
            for term, meaning in rows
            if meaning and (len(term) + 2 + len(meaning) <= available or len(term) + 2 <= available // 3)
        ]
        widest = max(map(len, beside), default=0)
        for term, meaning in rows:
            column = max(widest, len(term)) + 2
            if not meaning or column + len(meaning) <= available:
                _write_term(f"{term.ljust(widest)}  {meaning}".rstrip(), available, formatter)
            elif column <= available // 3:
                text = textwrap.wrap(meaning, available - column, break_on_hyphens=False, break_long_words=False)
                _write_line(f"{term.ljust(column)}{text[0]}", formatter)
                for more in text[1:]:
                    _write_line(" " * column + more, formatter)
            else:
                _write_term(term, available, formatter)
                with formatter.indentation():
                    formatter.write_text(meaning)


def _write_term(text: str, available: int, formatter: Any) -> None:  # noqa: ANN401 - as above
    """Write a line; a command that is wider than the terminal goes on below, as a shell reads it."""
    if len(text) <= available:
        _write_line(text, formatter)
        return
    pieces = textwrap.wrap(
        text, available - 2, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )
    for piece in pieces[:-1]:
        _write_line(f"{piece} \\", formatter)
    _write_line(pieces[-1], formatter)


def _write_line(text: str, formatter: Any) -> None:  # noqa: ANN401 - as above
    formatter.write(f"{' ' * formatter.current_indent}{text}\n")
