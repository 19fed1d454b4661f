"""Compare what is made of lines of conda lists with what conda 4.7.12 makes of them.

    python -m tests.integration.conda_oracle ORACLE.tsv [LISTS]

The oracle has five columns: file, line number, line, `spec_from_line()`, `MatchSpec()`; the last begins with `REJECTED`
where conda refuses the line. LISTS is a directory of whole lists: each ends in a result or in one error, and is shown.
The exit code is 1 where any line differs.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from cortexlock.errors import InputError
from cortexlock.inputs import conda_list, conda_spec


def compare(oracle: Path) -> Counter[str]:
    """Print the lines that differ; return how many agree and differ."""
    counts: Counter[str] = Counter()
    for row in oracle.read_text(encoding="utf-8").split("\n"):
        cells = row.split("\t")
        if row.startswith("#") or len(cells) != 5 or cells[0] == "file":
            continue
        file, number, line, _, theirs = cells
        try:
            ours = conda_spec.conda_text(conda_spec.read_line(line.strip(), int(number)))
        except conda_spec.UnreadableError as error:
            ours = f"REJECTED: {error}"
        same = ours == theirs or (ours.startswith("REJECTED") and theirs.startswith("REJECTED"))
        counts["agree" if same else "differ"] += 1
        if not same:
            print(f"{file}:{number}: {line!r}: {ours}, conda has {theirs}")
    return counts


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
    counted = compare(Path(sys.argv[1]))
    print(f"{counted['agree']} agree, {counted['differ']} differ")
    for directory in sys.argv[2:]:
        show(Path(directory))
    sys.exit(1 if counted["differ"] else 0)
