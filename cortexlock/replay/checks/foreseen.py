"""What can be told of a replay before anything is touched: what is done anew, what will be run and overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cortexlock.conda.install import check_readable
from cortexlock.inputs import requirements_text
from cortexlock.inputs.requirement_names import name_of
from cortexlock.model import replay_facts as facts
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions
from cortexlock.replay.checks import installable, metadata, shared_files, writable
from cortexlock.replay.checks.prefix import check_prefix_path
from cortexlock.replay.checks.prefix_space import check_prefix_space
from cortexlock.replay.plan import Plan
from cortexlock.replay.supply.gather import Gathered


def of_plan(planned: Plan) -> Iterator[facts.Fact]:
    """Yield what is worth a note of a plan: what an earlier replay has done."""
    receipt = planned.receipt
    if receipt is not None and receipt.state == "started" and receipt.content_hash == planned.content_hash:
        yield facts.Doing.GOES_ON
    for note in planned.comparison.notes:
        if note.kind == "other-image":
            yield facts.OtherImage(note.found, note.expected)
    if planned.ran:
        yield facts.HasRun(planned.ran)


def of_archives(
    lockfile: Lockfile, planned: Plan, got: Gathered, options: InstallOptions, known: Path
) -> Iterator[facts.Fact]:
    """Check what the archives of a plan will do, and yield what of it is worth a note.

    Args:
        lockfile: What was locked.
        planned: What is left to do.
        got: What was gathered for it.
        options: Where, and how.
        known: As for `try_uv`.

    Raises:
        UsageError: A file cannot be written or replaced.
        DifferenceError: Something else is in the way of a file.
        IntegrityError: A package would overwrite what stays, or its installer refuses it, or its index has lied of it.
        StepError: The disk has too little space.
    """
    state = planned.state
    if state is None:
        return
    check_prefix_path(got.listings, state.prefix.root)
    check_prefix_space(planned, got.files, got.listings, state.prefix.root)
    if planned.stale_conda or any(step.conda for step in planned.steps):
        files = {package.name: package.file for step in planned.steps for package in step.conda}
        listings = {files[name]: listing for name, listing in got.listings.items()}
        check_readable(state.prefix.root, options.environment, listings)
    metadata.check_metadata(lockfile, planned, got.files, state)
    writable.check_writable(planned, got, state, python=lockfile.python)
    installable.check_installable(planned, got.files, state.prefix, options, known)
    for name, listing in sorted(got.listings.items()):
        if listing.scripts:
            yield facts.LinkScripts(name, tuple(listing.scripts), run=options.allow_link_scripts)
    yield from shared_files.foreseen(planned, got.listings, state, python=lockfile.python)


def written_names(project: Project, lockfile: Lockfile) -> tuple[str, ...]:
    """Return the names that the requirements files have, normalized, in their order; lines of other kinds have none."""
    lines = [
        line.text
        for file in lockfile.requirements_files
        if (project.directory / file).is_file()
        for line in requirements_text.read(project.directory, file).lines
    ]
    return tuple(dict.fromkeys(name for name in map(name_of, lines) if name))
