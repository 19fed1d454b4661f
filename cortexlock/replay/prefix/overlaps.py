"""Files that more than one package has, of a prefix as it is."""

from __future__ import annotations

from collections.abc import Iterator

from cortexlock.conda import prefix as conda_prefix
from cortexlock.replay.prefix.install_order import shared_files
from cortexlock.replay.prefix.problem import Note
from cortexlock.replay.prefix.subject import Subject


def overlaps(subject: Subject) -> Iterator[Note]:
    """Yield what conda and pip both have, what conda did not link for another package, what two of pip's both have."""
    state = subject.state
    for key, listing in state.listings.items():
        if key.manager == "pip":
            common = tuple(sorted(set(listing) & state.conda_files))
            if common:
                yield Note(kind="overlap", manager="pip", package=key.name, paths=common)
    for name, path in conda_prefix.clobbered(state.records.values()):
        yield Note(kind="clobbered", manager="conda", package=name, paths=(path,))
    for (first, last), paths in shared_files(subject).items():
        yield Note(kind="shared", manager="pip", package=last.name, expected=first.name, paths=paths)
