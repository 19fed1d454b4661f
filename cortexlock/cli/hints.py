"""Hints as they can be pasted: a command that they name gets the project that was named."""

from __future__ import annotations

_COMMANDS = ("lock", "check", "install", "fetch")


def pasteable(hint: str | None, project: str) -> str | None:
    """Return a hint whose commands are about a project.

    Args:
        hint: A hint that names commands as they are in the project's directory, `cortexlock lock`.
        project: The project as the command line has it.
    """
    if hint is None or project in {"", "."}:
        return hint
    import shlex  # noqa: PLC0415 - `check` does not pay for it where all is fresh

    for command in _COMMANDS:
        hint = hint.replace(f"`cortexlock {command}`", f"`cortexlock {command} {shlex.quote(project)}`")
    return hint
