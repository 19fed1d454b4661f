"""The pip step of a lock, and the re-installation of the image's core packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Literal

from cortexlock.errors import CortexlockError, InputError
from cortexlock.inputs import channels, credential_origins
from cortexlock.inputs.project_inputs import ProjectInputs
from cortexlock.inputs.requirement_names import name_of
from cortexlock.lock import frozen, resolution_notes
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.conda_list import PypiRow
from cortexlock.model.lock_progress import OnProgress
from cortexlock.model.lockfile import Credentials, PipStep, Step
from cortexlock.model.package import FromGit, PipPackage
from cortexlock.model.predictor import Predictor
from cortexlock.pip.indexes import authorization
from cortexlock.pip.indexes.declarations import declared_by
from cortexlock.pip.indexes.locations import locations
from cortexlock.pip.internals import supported_versions
from cortexlock.pip.internals.put_off import put_off
from cortexlock.pip.resolution.request import PipRequest
from cortexlock.pip.resolution.values import Preference

CORE = "core packages"
"""Who asks for what the image re-installs of its own."""


def lock_pip(
    request: PlatformRequest, context: StepContext, rows: Sequence[PypiRow], on_progress: OnProgress
) -> LockedStep:
    """Resolve the pip requirements on top of what is context.

    Args:
        request: What is locked.
        context: What the step finds.
        rows: Rows of the conda list for what pip had installed: asked for as exact pins.
        on_progress: Told what is being done.

    Raises:
        CortexlockError: As `cortexlock.pip.queries.resolve.solve` does.
    """
    files = request.inputs.files
    pins = [(f"{row.name}=={row.version}", files.conda or "", row.line) for row in rows]
    return _solve(request, context, "pip", pins, on_progress)


@contextmanager
def imported_meanwhile() -> Iterator[None]:
    """Import what resolves in a thread, while the block waits for other programs."""
    thread = Thread(target=import_resolver)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def import_resolver() -> None:
    """Import what resolves; who cannot do without it says why it cannot be."""
    with suppress(CortexlockError, ImportError):  # who needs it says so
        supported_versions.check()
        with put_off():
            import cortexlock.pip.queries.resolve  # noqa: F401, PLC0415 - as in `_solve`


def lock_core(request: PlatformRequest, context: StepContext, on_progress: OnProgress) -> LockedStep:
    """Resolve what the image re-installs of its own after conda replaced Python.

    The options for indexes of the requirements file count here too: a lockfile has one name for each index.

    Args:
        request: What is locked.
        context: What the step finds.
        on_progress: Told what is being done.

    Raises:
        CortexlockError: As `cortexlock.pip.queries.resolve.solve` does.
    """
    missing = unavailable(request.predictor)
    pins = [(text, "", 0) for text in request.predictor.core if name_of(text) not in missing]
    return _solve(request, context, "core", pins, on_progress)


def needed_credentials(request: PlatformRequest, steps: Sequence[Step]) -> tuple[Credentials, ...]:
    """Return what a replay of the steps needs credentials for, and who supplies them.

    Args:
        request: What is locked.
        steps: The locked steps.
    """
    from cortexlock.pip.internals import default_index  # noqa: PLC0415 - pip is there by now, or not needed

    directory, requirements = request.project.directory, request.inputs.requirements
    places = locations(
        request.project.configuration,
        declared_by(requirements, request.environment, directory),
        environment=request.environment,
        default_url=default_index.URL,
    )
    known = tuple(credential_origins.origins(requirements.lines, request.environment))
    return authorization.suppliers(steps, places, known, directory)


def unavailable(predictor: Predictor) -> tuple[str, ...]:
    """Return the names of the core packages that are on no index, sorted: the image has them in a directory."""
    own = {distribution.name for distribution in predictor.distributions if not distribution.on_index}
    return tuple(sorted(own & {name_of(text) for text in predictor.core}))


def rows_to_lock(inputs: ProjectInputs) -> tuple[PypiRow, ...]:
    """Return the rows of the conda list whose names the requirements file does not have: it decides."""
    named = {name_of(line.text) for line in inputs.requirements.lines}
    return tuple(row for row in inputs.conda.pypi if row.name not in named)


def refuse_rows(file: str, rows: Sequence[PypiRow]) -> None:
    """Refuse rows of what pip had installed, as the image's own conda does.

    Raises:
        InputError: There is one; it names the first.
    """
    if rows:
        more = f", as {len(rows) - 1} more lines were" if len(rows) > 1 else ""
        raise InputError.at(
            file,
            rows[0].line,
            f"`{rows[0].text}` was installed by pip{more}: no conda channel has it",
            hint=f"remove the line, and write `{rows[0].name}=={rows[0].version}` into the pip requirements",
        )


def _solve(
    request: PlatformRequest,
    context: StepContext,
    name: Literal["core", "pip"],
    pins: Sequence[tuple[str, str, int]],
    on_progress: OnProgress,
) -> LockedStep:
    supported_versions.check()  # before the import: other versions may not have what is imported
    # Imported where it is used: pip and pip-tools take 0.4 s.
    with put_off():
        from cortexlock.pip.queries.resolve import solve  # noqa: PLC0415

    files = request.inputs.files
    label = CORE if name == "core" else files.pip or files.conda or ""
    previous = request.previous.step(name) if request.previous else None
    kept = previous.packages if isinstance(previous, PipStep) else ()
    kept_builds = previous.build_requirements if isinstance(previous, PipStep) else ()
    solution = solve(
        PipRequest(
            file=files.pip or "",
            requirements=request.inputs.requirements,
            project=request.project.directory,
            target=context.target,
            installed=context.installed,
            configuration=request.project.configuration,
            preferences=_versions(request, [package for package in kept if package.action != "keep"]),
            build_preferences=_versions(request, [build.package for build in kept_builds]),
            commits=_commits(request, kept),
            cache=request.cache,
            python=request.python,
            environment=request.environment,
            pins=tuple(pins),
            only_pins=name == "core" or files.pip is None,
            label=label,
            refresh=request.refresh,
            since=request.since,
            common=request.common,
            make_interpreter=_maker(request, context.target.python_minor, on_progress),
            held=frozen.held(request.project.configuration, request.predictor, context.installed),
        ),
        on_progress=on_progress,
    )
    asker = "" if name == "core" else label
    locked = PipStep(asker, solution.packages, solution.build_requirements, solution.conflicts, step=name)
    return LockedStep(
        step=locked,
        after=StepContext(context.target, solution.installed),
        resolvers=solution.resolvers,
        indexes=solution.indexes,
        notes=resolution_notes.of_findings(
            locked, solution.findings, context.target, request.project.configuration.exclude_newer or ""
        ),
        ambiguous=resolution_notes.of_indexes(solution.findings.ambiguous),
    )


def _maker(request: PlatformRequest, minor: str, on_progress: OnProgress) -> Callable[[], Path | None] | None:
    """Return what makes an interpreter from the channels that project or predictor name; None where they name none."""
    written = request.project.configuration.channels or request.predictor.channels
    if not written:
        return None

    def make() -> Path | None:
        # Imported where it is used: few locks come to this, and on a machine where it cannot be done none.
        from cortexlock.conda import interpreter  # noqa: PLC0415

        if not interpreter.is_possible():
            return None
        return interpreter.make(
            interpreter.InterpreterRequest(
                minor=minor,
                channels=channels.expanded(written, request.environment, where="cortexlock.yaml"),
                project=request.project.directory,
                exclude_newer=request.project.configuration.exclude_newer,
                cache=request.cache,
                environment=request.environment,
                aliases=request.aliases,
            ),
            on_progress=on_progress,
        )

    return make


def _versions(request: PlatformRequest, packages: Sequence[PipPackage]) -> dict[str, Preference]:
    """Return the versions of a previous lock that are preferred, those of files on an index."""
    return {
        package.name: Preference(package.version, wheel=package.file.endswith(".whl"), by=package.by)
        for package in packages
        if not request.is_upgraded(package.name)
    }


def _commits(request: PlatformRequest, packages: Sequence[PipPackage]) -> dict[tuple[str, str, str], str]:
    """Return the commits of a previous lock that stay for as long as URL and reference of their lines do."""
    return {
        (source.url, source.reference, source.subdirectory): source.commit
        for package in packages
        if isinstance(source := package.source, FromGit) and not request.is_upgraded(package.name)
    }
