"""What the builds of a resolution need, as a lockfile has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cortexlock.model.package import BuildRequirement, FromIndex, PipPackage
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.resolution.locked_package import alias
from cortexlock.pip.resolution.values import Resolved
from cortexlock.pip.sources import build_failures
from cortexlock.pip.sources.source_trees import SourceTrees


def locked(
    chosen: Sequence[Resolved],
    wheels: Callable[[Sequence[str]], Sequence[Resolved]],
    sources: SourceTrees,
    places: Sequence[Location],
) -> tuple[BuildRequirement, ...]:
    """Resolve what the builds of chosen sdists and trees need; one version of each serves all builds that agree."""
    needed: dict[Resolved, set[str]] = {}
    for found in chosen:
        if found.source is not None:
            with build_failures.of_build(found.name):
                for wheel in wheels(sources.build_requirements(found.source)):
                    needed.setdefault(wheel, set()).add(found.name)
    return tuple(
        BuildRequirement(
            PipPackage(
                wheel.name,
                wheel.version,
                source=FromIndex(alias(wheel, places)),
                file=wheel.file,
                sha256=wheel.sha256,
                size=wheel.size,
                yanked=wheel.yanked,
            ),
            tuple(sorted(names)),
        )
        for wheel, names in sorted(needed.items(), key=lambda item: (item[0].name, item[0].version))
    )


def without_context(wheel: Resolved) -> Resolved:
    """Drop who asked, so that one wheel that two builds need is one wheel."""
    return Resolved(
        wheel.name,
        wheel.version,
        installed=False,
        requires=(),
        parents=(),
        requested=False,
        url=wheel.url,
        page=wheel.page,
        file=wheel.file,
        sha256=wheel.sha256,
        size=wheel.size,
        yanked=wheel.yanked,
    )
