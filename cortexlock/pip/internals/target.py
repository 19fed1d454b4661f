"""pip-tools and pip's finder and resolver, looking at a target and at what an image has installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pip
from packaging.utils import canonicalize_name
from pip._internal.index.package_finder import BestCandidateResult
from pip._internal.models.target_python import TargetPython
from pip._internal.network import session
from piptools.repositories import PyPIRepository
from piptools.resolver import BacktrackingResolver

from cortexlock import __version__
from cortexlock.model.predictor import Distribution
from cortexlock.model.target import Target
from cortexlock.pip.internals import connections, metadata_in_memory
from cortexlock.pip.internals.candidate_metadata import remembering
from cortexlock.pip.internals.replaced import replaced
from cortexlock.pip.metadata.core_metadata import metadata_file
from cortexlock.pip.metadata.requirements import readable_or_name
from cortexlock.pip.resolution.values import MovedPreference, Preference

if TYPE_CHECKING:
    from pip._internal.req import InstallRequirement


class TargetRepository(PyPIRepository):
    """A repository whose finder and resolver look at the target, and at what the image has installed."""

    def __init__(self, target: Target, arguments: Sequence[str], cache: Path) -> None:
        with replaced(session, "user_agent", _user_agent), connections.no_certificates_yet():
            super().__init__(list(arguments), str(cache))
        self.installed: dict[str, Any] = {}
        self.factory: Any = None  # of the last resolution
        python = TargetPython(list(target.wheel_platforms), target.python, [target.abi], "cp")
        self._finder = self.command._build_package_finder(  # noqa: SLF001 - pip-tools has no way to pass a target
            options=self.options, session=self.session, target_python=python
        )
        make_resolver = self.command.make_resolver

        def make_target_resolver(**arguments: Any) -> Any:  # noqa: ANN401 - pip's own signature, passed through
            resolver: Any = make_resolver(py_version_info=target.python, **arguments)
            resolver.factory._supported_tags_cache = python.get_sorted_tags()  # noqa: SLF001 - the host's otherwise
            resolver.factory._installed_dists = dict(self.installed)  # noqa: SLF001 - pip reads the host's only
            self.factory = resolver.factory
            return resolver

        # pip-tools makes its resolver through the command, and passes it no target.
        vars(self.command)["make_resolver"] = make_target_resolver


def _user_agent() -> str:
    """Return what an index is told of who asks; pip's own starts three programs (0.1 s) to tell of the machine, too."""
    return f"pip/{pip.__version__} cortexlock/{__version__}"


class ImageResolver(BacktrackingResolver):
    """pip-tools' resolver that keeps pip's own result: pip-tools drops what is installed, and needs it for extras."""

    outcome: Any

    def _get_install_requirements(self, resolver_result: Any) -> set[InstallRequirement]:  # noqa: ANN401 - as above
        self.outcome = resolver_result
        return set()


def preferring(
    find: Callable[..., BestCandidateResult],
    preferences: Mapping[str, Preference],
    on_moved: Callable[[MovedPreference], None] = lambda _moved: None,
) -> Callable[..., BestCandidateResult]:
    """Wrap the finder so that a preferred version is tried first; candidates are in ascending order of preference.

    Args:
        find: The finder's own method.
        preferences: By normalized name.
        on_moved: Told about each preferred version that has no file for the target.
    """

    def find_best_candidate(project_name: str, *args: Any, **kwargs: Any) -> BestCandidateResult:  # noqa: ANN401 - pip's
        result = find(project_name, *args, **kwargs)
        name = canonicalize_name(project_name)
        preference = preferences.get(name)
        if preference is None:
            return result
        there = [candidate.link for candidate in result.all_candidates if str(candidate.version) == preference.version]
        wheels = [candidate for candidate in result.all_candidates if candidate.link.is_wheel]
        if not there or (preference.wheel and wheels and not any(link.is_wheel for link in there)):
            on_moved(MovedPreference(name, preference.version, has_sdist=bool(there)))
            return result
        version = preference.version
        candidates = sorted(result.applicable_candidates, key=lambda candidate: str(candidate.version) == version)
        return BestCandidateResult(result.all_candidates, candidates, candidates[-1] if candidates else None)

    return find_best_candidate


def as_pip_distribution(distribution: Distribution) -> Any:  # noqa: ANN401 - pip's BaseDistribution
    """Return a distribution of the image as pip would find it installed."""
    content = metadata_file(
        distribution.name,
        distribution.version,
        [found for each in distribution.requires if (found := readable_or_name(each))],
        distribution.extras,
        distribution.requires_python,
    )
    return remembering(metadata_in_memory.of_ours(content))
