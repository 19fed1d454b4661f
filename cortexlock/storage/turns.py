"""What several processes of one command want: one of them fetches or builds it, the others wait and find it kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from math import isinf
from pathlib import Path

from cortexlock.storage.whole_directory import exclusive


class Turns:
    """Turns of the processes of one command; those of other commands wait for none of them."""

    def __init__(self, directory: Path, since: float) -> None:
        """Describe where turns are taken.

        Args:
            directory: A cache that the processes share; it need not be there yet.
            since: When the command began, in seconds since 1970, which tells it from others; infinite: nobody waits.
        """
        self._directory = directory
        self._since = since

    @contextmanager
    def turn(self, what: str) -> Iterator[None]:
        """Wait until no other process is at something; whoever comes then looks first whether it is kept by now.

        The turn ends with the process, too. Where nothing can be written, nobody waits. Who has a turn must not wait
        for something that another process only does in a turn of its own.
        """
        with ExitStack() as stack:
            if not isinf(self._since):
                name = hashlib.sha256(f"{self._since!r}\0{what}".encode()).hexdigest()
                with suppress(OSError):
                    stack.enter_context(exclusive(self._directory / "turns" / name))
            yield
