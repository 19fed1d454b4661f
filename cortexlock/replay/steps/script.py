"""The step that runs the project's script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cortexlock import process
from cortexlock.errors import DifferenceError, Hint, StepError
from cortexlock.model.lockfile import ScriptStep
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.steps.site import ReplaySite
from cortexlock.storage.digests import file_digest

_TAIL = 25
"""Lines of a failed script's output that an error shows."""

_WITH_DOTENV = 'set -a; source ./.env; set +a; exec "$0" "$@"'
"""What bash does with a command in place of running it at once."""


_HOLDING = """\
{{ read -r -u {line}; kill -s KILL 0; }} {held} > /dev/null 2>&1 &
watcher=$!
disown
"$@" {held} {line}>&-
code=$?
kill -s KILL "$watcher"
exit "$code"
"""
"""What bash does to hold descriptors until a command has ended, which what that leaves in the background does not have.

`line` is the end of a pipe of which this process has the other one. Once this process is gone, however it ended, the
pipe is at its end, and the script goes, too, with all of its session: nobody is left to tell what becomes of it.
"""


def run_script(step: ScriptStep, site: ReplaySite, *, dotenv: bool = False) -> None:
    """Run the project's script with `bash -e` in the project, with the prefix's programs first.

    What it leaves running in the background is not waited for.

    Args:
        step: The script.
        site: Where it runs.
        dotenv: Whether it sees the variables of the project's `.env`, as bash reads that.

    Raises:
        DifferenceError: The script is not the one that was locked.
        StepError: It fails; the last lines of its output are part of the message.
    """
    file = site.project / step.file
    if not file.is_file() or file_digest(file) != step.sha256:
        raise DifferenceError("the script is not the one that was locked", where=step.file, hint=Hint("run ", "lock"))
    tail: list[str] = []

    def on_line(line: str) -> None:
        tail.append(line)
        del tail[:-_TAIL]
        site.on_event(ReplayEvent("script", line, kind="output"))

    is_conda = (site.prefix / "conda-meta").is_dir()
    active = {"CONDA_PREFIX" if is_conda else "VIRTUAL_ENV": str(site.prefix)}
    path = os.pathsep.join((str(site.prefix / "bin"), site.environment.get("PATH", os.defpath)))
    variables = {**site.environment, **active, "PATH": path}
    try:
        command: tuple[str, ...] = ("bash", "-e", step.file)
        if dotenv and (site.project / ".env").is_file():
            command = ("bash", "-c", _WITH_DOTENV, *command)
        with _line() as line:
            held = " ".join(f"{descriptor}>&-" for descriptor in site.keep)
            command = ("bash", "-c", _HOLDING.format(line=line, held=held), "bash", *command)
            keep = (*site.keep, line)
            returncode = process.stream(command, env=variables, cwd=site.project, on_line=on_line, keep=keep)
    except OSError as error:
        raise StepError(f"the script does not start: {error}", where=step.file) from error
    if returncode:
        raise StepError(f"the script ended with code {returncode}:", details=tail, where=step.file)


@contextmanager
def _line() -> Iterator[int]:
    """Yield the end of a pipe at which there is nothing to be read before this process is gone."""
    theirs, ours = os.pipe()
    try:
        yield theirs
    finally:
        os.close(theirs)
        os.close(ours)
