"""Hints as they can be pasted: a command that they name gets the project that was named."""

from __future__ import annotations

from cortexlock.errors import Advice, Hint

_ADVICE = {Advice.FRESH_COPY: "the environment is damaged: start from a fresh copy of the image"}


def pasteable(hint: Hint | Advice | str | None, project: str = "") -> str | None:
    """Return what a hint says, its command about a project.

    Args:
        hint: The hint; one without a command is said as it is.
        project: The project as the command line has it, or nothing.
    """
    if isinstance(hint, Advice):
        return _ADVICE[hint]
    if not isinstance(hint, Hint):
        return hint
    if project in {"", "."}:
        return hint.said()
    import shlex  # noqa: PLC0415 - `check` does not pay for it where all is fresh

    return hint.said(shlex.quote(project))
