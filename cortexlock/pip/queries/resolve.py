"""requirements.txt on top of an image: what `pip install -r` would do there, and the one artifact of each package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from cortexlock.errors import InputError, NetworkError, NoSolutionError
from cortexlock.inputs import credential_origins, requirements_text
from cortexlock.inputs.requirement_names import name_of
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.lockfile import ResolverVersion
from cortexlock.model.predictor import Distribution
from cortexlock.pip.indexes import authorization
from cortexlock.pip.indexes.declarations import declared_by
from cortexlock.pip.indexes.locations import Location, check_directories, locations
from cortexlock.pip.internals import default_index, hash_mode, held, image_extras, own_pip
from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.internals.resolver import PipResolver
from cortexlock.pip.prefix.conflicts import Present, broken, with_changes
from cortexlock.pip.queries import prefix_builds
from cortexlock.pip.queries.build_wheels import BuildWheels
from cortexlock.pip.resolution import error_lines, explanation, findings
from cortexlock.pip.resolution.findings import Findings
from cortexlock.pip.resolution.locked_package import Context, locked_package, place_of
from cortexlock.pip.resolution.request import PipRequest, PipSolution
from cortexlock.pip.resolution.values import ImpossibleError, OwnPip, Resolved, Root, Unhashed
from cortexlock.pip.sources import build_failures, build_requirements, interpreters
from cortexlock.pip.sources.build_needs import BuildNeeds
from cortexlock.pip.sources.builds_ahead import BuildsAhead
from cortexlock.pip.sources.errands import Errands
from cortexlock.pip.sources.hook_servers import HookServers
from cortexlock.pip.sources.kept_metadata import KeptMetadata
from cortexlock.pip.sources.prefix_builds import PrefixBuildTools
from cortexlock.pip.sources.source_trees import SourceTrees
from cortexlock.pip.sources.tree_builds import BuildTools


def solve(request: PipRequest, *, on_progress: OnProgress) -> PipSolution:
    """Resolve a requirements file on top of an image. Changes process-wide state: run it in a process of its own.

    Raises:
        InputError: A line of the file cannot be read or locked.
        UsageError: An environment variable that the file names is not set.
        NoSolutionError: There is no solution, or a package without a usable artifact.
        NetworkError: An index does not answer.
        IntegrityError: A file is not what its hash says.
    """
    places = places_of(request)
    errands = Errands()
    with TemporaryDirectory(prefix="cortexlock-", ignore_cleanup_errors=True) as scratch:
        ahead, hooks = BuildsAhead(errands), HookServers(request.common)
        tools = BuildTools(
            interpreter=lambda: _interpreter(request, request.make_interpreter),
            interpreter_there=lambda: _interpreter(request, None),
            wheels=lambda texts: needs.wheels(texts),  # noqa: PLW0108 - they come with the resolver
            hashes=lambda texts: needs.hashes(texts),  # noqa: PLW0108 - as above
            scratch=Path(scratch),
            environment=request.environment,
            installed={dist.name: dist.version for dist in request.installed},
            further=dict(request.configuration.build_requirements),
            commits=request.commits,
            kept=KeptMetadata(request.cache / "sdists", request.target, since=request.since),
            ahead=ahead,
            hooks=hooks,
            in_prefix=_in_prefix(request, Path(scratch)),
            asked=frozenset(name_of(line.text) for line in request.requirements.lines),
        )
        sources = SourceTrees(tools, on_progress=on_progress)
        resolver = PipResolver(
            request.target,
            project=request.project,
            arguments=arguments_of(request),
            cache=request.cache / "http",
            trees=sources,
            refresh=request.refresh,
            since=request.since,
        )
        wheels = BuildWheels(resolver, request.build_preferences, request.cache / "build-wheels", errands)
        needs = BuildNeeds(wheels.find, wheels.fetch, wheels.trees, sources, errands)
        with resolver, ahead, hooks:
            try:
                return _solve(request, places, resolver, sources, needs, on_progress)
            except InputError as error:
                error_lines.locate(error, request.requirements.lines, request.project)
                raise
            except build_failures.BuildRequirementError as error:
                error_lines.say_option(error, request.requirements.lines)
                raise
            except NetworkError as error:
                error_lines.locate(error, request.requirements.lines, request.project)
                known = tuple(credential_origins.origins(request.requirements.lines, request.environment))
                error.advice = authorization.hint(error, places, known)
                raise


def _in_prefix(request: PipRequest, scratch: Path) -> PrefixBuildTools:
    minor, chosen = request.target.python_minor, request.python
    return PrefixBuildTools(
        names=frozenset(request.configuration.no_build_isolation),
        python=lambda: interpreters.find(minor, chosen=chosen, environment=request.environment) if chosen else None,
        further=dict(request.configuration.build_requirements),
        markers=request.target.marker_environment,
        environment=request.environment,
        scratch=scratch,
    )


def _interpreter(request: PipRequest, make: Callable[[], Path | None] | None) -> Path:
    return interpreters.find_or_make(
        request.target.python_minor, chosen=request.python, environment=request.environment, make=make
    )


def places_of(request: PipRequest) -> tuple[Location, ...]:
    """Return where packages are looked for: read before pip reads it, whose messages know no lines.

    Raises:
        InputError: A line of the file cannot be read.
        UsageError: An environment variable that the file names is not set, or a directory is not there.
    """
    requirements_text.check_paths(request.project, request.requirements)
    requirements_text.check_build_options(request.requirements)
    credential_origins.check(request.requirements.lines, request.environment)
    declaration = declared_by(request.requirements, request.environment, request.project)
    places = locations(
        request.configuration, declaration, environment=request.environment, default_url=default_index.URL
    )
    check_directories(places)
    return places


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What pip's resolver chose, on top of what, for whom, and what of it has no hash where others have."""

    distributions: tuple[Resolved, ...]
    installed: tuple[Distribution, ...]
    roots: tuple[Root, ...]
    unhashed: tuple[Unhashed, ...]
    own_pip: tuple[OwnPip, ...]


def _solve(  # noqa: PLR0913, PLR0917 - what decides a resolution
    request: PipRequest,
    places: Sequence[Location],
    resolver: PipResolver,
    sources: SourceTrees,
    needs: BuildNeeds,
    on_progress: OnProgress,
) -> PipSolution:
    label = request.label or request.file
    found = _choose(request, places, resolver, on_progress)
    chosen = found.distributions
    on_progress(LockProgress(Activity.RESOLVES_BUILDS))
    with build_failures.placed(found.roots):
        builds = build_requirements.locked(chosen, needs, sources, places)
    roots = tuple(replace(root, file=root.file or label) for root in found.roots)
    before = {dist.name: Present(dist.version, dist.requires) for dist in found.installed}
    versions = {dist.name: dist.version for dist in request.installed}
    context = Context(versions, roots, request.project, label, places)
    packages = prefix_builds.marked([locked_package(each, context) for each in chosen], chosen, sources.in_prefix)
    changes = [(each.name, Present(each.version, each.requires)) for each in chosen if not each.installed]
    after = with_changes(before, changes)
    return PipSolution(
        packages,
        builds,
        broken(before, after, request.target.marker_environment),
        tuple(place.alias for place in places),
        tuple(ResolverVersion(name, version(name)) for name in ("pip", "pip-tools")),
        _installed(found.installed, chosen),
        Findings(
            tuple(sorted(findings.ambiguous(chosen, resolver.pages, places))),
            findings.undated((*packages, *(build.package for build in builds)), places)
            if request.configuration.exclude_newer
            else (),
            findings.of_chosen(chosen, resolver.observed.passed_over),
            resolver.observed.moved,
            findings.unknown_extras(chosen),
            found.unhashed,
            prefix_builds.unsuited(chosen, sources.in_prefix, after, found.roots),
            found.own_pip,
        ),
    )


def _choose(
    request: PipRequest,
    places: Sequence[Location],
    resolver: PipResolver,
    on_progress: OnProgress,
) -> _Chosen:
    label = request.label or request.file
    parsed = pip_requirements.of_request(request, resolver.repository)
    look_at(resolver, places)
    demanded = hash_mode.is_demanded(resolver.repository)
    on_progress(LockProgress(Activity.RESOLVES, label))
    roots = pip_requirements.roots(parsed, request.project)
    try:
        with build_failures.placed(roots):
            chosen, installed = image_extras.resolve(
                lambda installed: held.resolve(resolver, parsed, replace(request, installed=installed), roots),
                resolver,
                request.installed,
            )
    except ImpossibleError as error:
        cut_off = request.configuration.exclude_newer or ""
        raise explanation.explain(
            error,
            request.target,
            file=label,
            exclude_newer=cut_off,
            roots=roots,
            installed={dist.name: dist.version for dist in request.installed},
            constraints=pip_requirements.constraints(parsed, request.project),
        ) from error
    except NoSolutionError as error:
        error_lines.say_package(error, roots)
        raise
    unhashed: tuple[Unhashed, ...] = ()
    if demanded or hash_mode.is_in_force(parsed, resolver.repository):
        unhashed = hash_mode.unhashed(parsed, chosen, request.project)
    if demanded and unhashed:
        raise explanation.unhashed(unhashed, label)
    left = own_pip.would_leave(resolver.repository, resolver.in_order, parsed, chosen, installed, request)
    return _Chosen(tuple(chosen), tuple(installed), roots, unhashed, left)


def look_at(resolver: PipResolver, places: Sequence[Location]) -> None:
    """Have a resolver look for packages at these places only."""
    resolver.look_at(
        [place.url_with_credentials for place in places if place.kind == "index"],
        [place.url_with_credentials for place in places if place.kind == "links"],
        {place.url_with_credentials: place.packages for place in places if place.packages},
        lambda page: (place := place_of(page, places)) is not None and place.is_undated,
    )


def _installed(before: Sequence[Distribution], chosen: Sequence[Resolved]) -> tuple[Distribution, ...]:
    """Return what is there after the step, sorted by name."""
    after = {distribution.name: distribution for distribution in before}
    for found in chosen:
        if not found.installed:
            after[found.name] = Distribution(found.name, found.version, found.requires)
    return tuple(after[name] for name in sorted(after))


def arguments_of(request: PipRequest) -> list[str]:
    """Return the options for pip: the cut-off date, and how the network is reached; nothing else of the user's."""
    arguments = []
    if request.configuration.exclude_newer:
        arguments += ["--uploaded-prior-to", request.configuration.exclude_newer]
    for variable, option in (
        ("PIP_CERT", "--cert"),
        ("PIP_CLIENT_CERT", "--client-cert"),
        ("PIP_PROXY", "--proxy"),
        ("PIP_RETRIES", "--retries"),
        ("PIP_DEFAULT_TIMEOUT", "--timeout"),
    ):
        if request.environment.get(variable):
            arguments += [option, request.environment[variable]]
    return arguments
