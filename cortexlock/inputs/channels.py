"""Channels as a project writes them: with variables, and with credentials that nobody else should see."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cortexlock.errors import UsageError
from cortexlock.inputs import url_secrets
from cortexlock.model.project import Configuration
from cortexlock.patterns import pattern

_SUBDIR = pattern(r"/(?:linux-64|linux-aarch64|noarch)$")
_VARIABLE = pattern(r"\$\{(?P<name>[A-Z0-9_]+)\}")


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
                f"the channel {url_secrets.without(channel)} needs the variable {missing[0]}, which is not set",
                where=where,
                hint=f"set {' and '.join(missing)} in the environment",
            )
        found.append(url_secrets.expand(channel, environment))
    return tuple(found)


def aliases(configuration: Configuration, environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the configured addresses of named channels, with the values of their variables.

    Args:
        configuration: The project's.
        environment: The values.

    Raises:
        UsageError: A variable has no value.
    """
    names = [name for name, _ in configuration.channel_aliases]
    addresses = (address for _, address in configuration.channel_aliases)
    return tuple(zip(names, expanded(addresses, environment, where="cortexlock.yaml"), strict=True))


def public(channels: Iterable[str], *, project: Path) -> tuple[str, ...]:
    """Return channels as lockfiles have them: without credentials, and without variables that stand for them.

    Args:
        channels: As written.
        project: The project's absolute path; what lies in it is named relative to it.
    """
    return tuple(
        local_name(channel, project=project) if is_local(channel) else url_secrets.without(channel)
        for channel in channels
    )


def _plain(channel: str) -> str:
    """Return a channel without its last slash, and without a subdir, which conda's own records name after it."""
    text = channel.strip()
    return _SUBDIR.sub("", text.rstrip("/")) or text


def is_local(channel: str) -> bool:
    """Whether a channel is a directory: a path or a `file://` URL, not a name and not a remote address."""
    text = _plain(channel)
    return text.startswith((".", "/", "~", "\\", "file://")) or ("://" not in text and Path(text).is_absolute())


def local_directory(channel: str, *, project: Path) -> Path:
    """Return the absolute path of a local channel."""
    text = _plain(channel)
    if text.startswith("file://"):
        from urllib.request import url2pathname  # noqa: PLC0415 - slow, and `check` does not pay for it

        text = url2pathname(urlsplit(text).path)
    return Path(os.path.abspath(project / text))  # noqa: PTH100 - resolve() would follow links out of the project


def local_name(channel: str, *, project: Path) -> str:
    """Return how lockfiles name a local channel.

    In the project it is a path relative to it, `./channel`, so that it holds where the project is moved. Outside it is
    what was written: a relative path moves with the project, an absolute one stays where it is.
    """
    text = _plain(channel)
    absolute = text.startswith("file://") or Path(text).is_absolute()
    try:
        relative = Path(os.path.relpath(local_directory(text, project=project), project)).as_posix()
    except ValueError:  # on another drive
        return text
    if absolute and relative.split("/")[0] == "..":
        return text
    return relative if relative.startswith(".") else f"./{relative}"


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
