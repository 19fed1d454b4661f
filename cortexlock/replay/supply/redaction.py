"""What a replay says, without the credentials of its project; and what to do where a server refuses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cortexlock.errors import NetworkError
from cortexlock.inputs import channels, redaction, requirements_text
from cortexlock.inputs.url_secrets import redact
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing, Fact
from cortexlock.pip.indexes import authorization
from cortexlock.replay.supply.artifacts import sources


@contextmanager
def discreet(project: Project, lockfile: Lockfile, options: InstallOptions, on_event: OnEvent) -> Iterator[OnEvent]:
    """Yield a receiver of events that passes them on without credentials; errors that leave the block have none, too.

    Args:
        project: The project.
        lockfile: What is carried out.
        options: How.
        on_event: Told what happens.

    Raises:
        InputError: A requirements file cannot be read.
    """
    files = _requirements(project, lockfile)
    lists = [line for step in lockfile.conda_steps for line in channels.addresses(project.directory, step.file)]
    lines = [line for file in files for line in requirements_text.read(project.directory, file).lines]
    secrets = redaction.of_project(project, lines, options.environment, options.index_url, *lists)
    secrets |= redaction.of_indexes(project, lines, options.environment, options.index_url)

    def redacted(event: ReplayEvent) -> None:
        on_event(replace(event, fact=_redacted(event.fact, secrets)))

    with redaction.redacted(secrets):
        try:
            yield redacted
        except NetworkError as error:
            known = [
                each for file in files for each in authorization.origins(project.directory, file, options.environment)
            ]
            error.advice = authorization.hint(error, sources(project, lockfile, options).locations, known)
            raise


def _redacted(fact: Fact | str, secrets: Collection[str]) -> Fact | str:
    if isinstance(fact, str):
        return redact(fact, secrets)
    if isinstance(fact, Doing):
        return fact
    return redaction.of_value(fact, secrets)


def _requirements(project: Project, lockfile: Lockfile) -> list[str]:
    """Return the requirements files; what is gone, the check of the inputs says."""
    files = {given.file for given in lockfile.inputs}
    return [file for file in lockfile.requirements_files if file in files and (project.directory / file).is_file()]
