"""What an error says, with the words of the values that it carries."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.errors import CortexlockError


def what_of(error: CortexlockError) -> str:
    """Return what is wrong: one sentence, and below it the details, and each value in a line of its own."""
    if not error.facts:
        return error.what
    return "\n".join((f"{error.summary}:", *error.details, *(f"  {line}" for line in _lines(error.facts))))


def _lines(values: tuple[object, ...]) -> Iterator[str]:
    from cortexlock.cli import comparison_report, resolution_words, stale_words  # noqa: PLC0415 - only such an error pays for it
    from cortexlock.model.resolution_facts import Ambiguous  # noqa: PLC0415 - as above
    from cortexlock.model.stale_facts import StaleReason  # noqa: PLC0415 - as above
    from cortexlock.replay.prefix.problem import Problem  # noqa: PLC0415 - as above

    yield from (f"{each.file}: {stale_words.words(each.fact)}" for each in values if isinstance(each, StaleReason))
    yield from (resolution_words.words(each) for each in values if isinstance(each, Ambiguous))
    yield from comparison_report.lines_of([each for each in values if isinstance(each, Problem)])
