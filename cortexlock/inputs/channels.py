"""Channels as a project writes them: with variables, and with credentials that nobody else should see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from cortexlock.errors import UsageError
from cortexlock.inputs import secrets

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)\}")


def expanded(channels: Iterable[str], environment: Mapping[str, str], *, where: str) -> tuple[str, ...]:
    """Return channels with the values of their variables (`https://host/t/${TOKEN}/channel`).

    Args:
        channels: As written.
        environment: The values.
        where: Who wrote them, for messages.

    Raises:
        UsageError: A variable has no value.
    """
    found = []
    for channel in channels:
        missing = [name for name in _VARIABLE.findall(channel) if not environment.get(name)]
        if missing:
            raise UsageError(
                f"the channel {secrets.without(channel)} needs the variable {missing[0]}, which is not set",
                where=where,
                hint=f"set {' and '.join(missing)} in the environment",
            )
        found.append(secrets.expand(channel, environment))
    return tuple(found)


def public(channels: Iterable[str]) -> tuple[str, ...]:
    """Return channels as lockfiles have them: without credentials, and without variables that stand for them."""
    return tuple(secrets.without(channel) for channel in channels)


def addresses(directory: Path, file: str | None) -> tuple[str, ...]:
    """Return the lines of a conda list that have a URL, as written and in lower case, as conda reads names of channels.

    Args:
        directory: The project.
        file: The list, relative to it, or None.

    Raises:
        InputError: The file is no text.
    """
    # Imported where it is used: `check` reads channels, too, and does not pay for the reader of lists.
    from cortexlock.inputs.conda_list import text_of  # noqa: PLC0415

    if file is None or not (directory / file).is_file():
        return ()
    lines = [line.strip() for line in text_of(directory / file, file).splitlines() if "://" in line]
    return tuple(dict.fromkeys((*lines, *(line.lower() for line in lines))))
