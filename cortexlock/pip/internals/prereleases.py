"""Which pre-releases a requirement admits: as the image's own pip reads it.

Who writes a pre-release as a bound (`pluggy<1.0.0a1`) wishes for pre-releases as pip 25.0 and later have it, not as pip
before that: there `==`, `>=`, `<=`, `~=` and `===` alone say so. All pips take pre-releases where nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from packaging.version import Version
from pip._internal.index.package_finder import BestCandidateResult
from pip._vendor.packaging.utils import canonicalize_name

from cortexlock.model.predictor import Distribution

if TYPE_CHECKING:
    from pip._internal.index.package_finder import PackageFinder

    Find = Callable[..., BestCandidateResult]

_FIRST_WITH_BOUNDS = Version("25.0")
_FIRST_PYTHON_OF_THAT = (3, 8)
_BOUNDS = frozenset(("<", ">"))


def as_in_image(finder: PackageFinder, find: Find, installed: Sequence[Distribution], python: tuple[int, ...]) -> Find:
    """Return the finder's method as the pip of an image has it.

    Args:
        finder: Knows what options say of pre-releases (`--pre`).
        find: Its own method.
        installed: What the image has; if pip is not among it, the newest pip counts that runs there.
        python: The image's Python.
    """
    pip = next((each.version for each in installed if each.name == "pip"), None)
    is_new = python[:2] >= _FIRST_PYTHON_OF_THAT if pip is None else Version(pip) >= _FIRST_WITH_BOUNDS

    def find_best_candidate(project_name: str, specifier: Any = None, hashes: Any = None) -> BestCandidateResult:  # noqa: ANN401 - pip's
        result = find(project_name, specifier=specifier, hashes=hashes)
        options = finder.release_control
        said = options.allows_prereleases(canonicalize_name(project_name)) if options is not None else None
        if said is not None or not _only_bounds(specifier):
            return result
        final = [each for each in result.applicable_candidates if not each.version.is_prerelease]
        return BestCandidateResult(result.all_candidates, final, final[-1]) if final else result

    return find if is_new else find_best_candidate


def _only_bounds(specifier: Any) -> bool:  # noqa: ANN401 - a SpecifierSet of pip's
    wishes = [each.operator for each in specifier or () if each.prereleases]
    return bool(wishes) and _BOUNDS.issuperset(wishes)
