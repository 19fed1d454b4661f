"""Compare what is made of lines of conda lists with what conda 4.7.12 makes of them.

    python -m tests.integration.conda_oracle TABLE.tsv… [DIRECTORY…]

The last three columns of a table are the line, `spec_from_line()` and `MatchSpec()` of it; the last begins with
`REJECTED` where conda refuses the line. What is refused here only is counted by kinds. A DIRECTORY has whole lists:
each ends in a result or in one error, and is shown. The exit code is 1 where any line is read otherwise, or read though
conda refuses it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from cortexlock.errors import InputError
from cortexlock.inputs import conda_list, conda_spec

SAME, BOTH_REFUSE, OTHERWISE, ONLY_HERE, ONLY_THERE = (
    "are read alike",
    "are refused by both",
    "are read otherwise",
    "are refused by conda only",
    "are refused here only",
)


def rows(table: Path) -> list[tuple[str, str]]:
    """Return the lines of a table, each with what conda makes of it."""
    cells = [row.split("\t") for row in table.read_text(encoding="utf-8").split("\n") if not row.startswith("#")]
    return [(row[-3], row[-1]) for row in cells[1:] if len(row) > 2]


def compare(line: str, theirs: str) -> tuple[str, str]:
    """Return how a line's two readings relate, and ours."""
    refused = theirs.startswith("REJECTED")
    try:
        ours = conda_spec.conda_text(conda_spec.read_line(line.strip(), 1))
    except conda_spec.UnreadableLineError as error:
        return (BOTH_REFUSE if refused else ONLY_THERE), str(error)
    if refused:
        return ONLY_HERE, ours
    return (SAME if ours == theirs else OTHERWISE), ours


def report(table: Path) -> bool:
    """Print how the lines of a table are read; return whether none is read otherwise than conda reads it."""
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for line, theirs in rows(table):
        relation, ours = compare(line, theirs)
        counts[relation] += 1
        if relation in {OTHERWISE, ONLY_HERE}:
            print(f"{line!r}: {ours}, conda has {theirs}")
        if relation == ONLY_THERE:
            kinds[re.sub(r"`[^`]*`", "…", ours)] += 1
    print(f"{table.name}: {counts.total()} lines")
    for relation, count in counts.most_common():
        print(f"  {count} {relation}")
    for kind, count in kinds.most_common():
        print(f"    {count}: {kind}")
    return not counts[OTHERWISE] and not counts[ONLY_HERE]


def show(lists: Path) -> None:
    """Print what becomes of each list."""
    for path in sorted(lists.glob("*.txt")):
        try:
            found = conda_list.read(path, name="LIST")
        except InputError as error:
            print(f"{path.name}\n  {str(error).replace(chr(10), chr(10) + '  ')}")
            continue
        print(f"{path.name}\n  {len(found.specs)} packages, {len(found.pypi)} of pip, {len(found.explicit)} archives")
        for note in found.notes:
            print(f"  note: {note}")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    good = [report(path) for path in given if path.is_file()]
    for directory in given:
        if directory.is_dir():
            show(directory)
    sys.exit(0 if all(good) else 1)
