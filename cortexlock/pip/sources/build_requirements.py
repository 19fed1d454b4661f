"""What the builds of a resolution need, as a lockfile has it."""

from __future__ import annotations

from collections.abc import Sequence

from cortexlock.model.package import BuildRequirement, FromIndex, PipPackage
from cortexlock.pip.indexes.locations import Location
from cortexlock.pip.resolution.locked_package import alias
from cortexlock.pip.resolution.values import Resolved
from cortexlock.pip.sources import build_failures
from cortexlock.pip.sources.build_needs import BuildNeeds
from cortexlock.pip.sources.source_trees import SourceTrees


def locked(
    chosen: Sequence[Resolved], needs: BuildNeeds, sources: SourceTrees, places: Sequence[Location]
) -> tuple[BuildRequirement, ...]:
    """Resolve what the builds of chosen sdists and trees need; one version of each serves all builds that agree.

    What is built in the prefix takes what is there.
    """
    needed: dict[Resolved, set[str]] = {}
    for found in chosen:
        if found.source is not None and sources.in_prefix.found(found.source) is None:
            with build_failures.of_build(found.name):
                for file, needing in needs.walk(sources.build_requirements(found.source), found.name):
                    needed.setdefault(file, set()).add(needing)
    return tuple(
        BuildRequirement(
            PipPackage(
                file.name,
                file.version,
                source=FromIndex(alias(file, places)),
                file=file.file,
                sha256=file.sha256,
                size=file.size,
                yanked=file.yanked,
            ),
            tuple(sorted(names)),
        )
        for file, names in sorted(needed.items(), key=lambda item: (item[0].name, item[0].version))
    )
