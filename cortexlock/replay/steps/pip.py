"""The steps that install Python distributions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cortexlock.model import replay_facts as facts
from cortexlock.model.nested_builds import built_in_prefix
from cortexlock.model.package import PipPackage
from cortexlock.model.replay import ReplayEvent
from cortexlock.pip.install import with_pip, with_uv
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.pip.prefix.recorded_files import is_removable
from cortexlock.replay.plan import PlannedStep
from cortexlock.replay.prefix.receipt import WORKSPACE
from cortexlock.replay.steps.removal import remove_distributions
from cortexlock.replay.steps.site import ReplayContext, ReplaySite
from cortexlock.replay.steps.unaltered import unaltered

if TYPE_CHECKING:
    from cortexlock.replay.steps.build import Workshop


def install_pip(planned: PlannedStep, context: ReplayContext, order: Sequence[str]) -> dict[str, Path]:
    """Build what must be built, then install all distributions of a step.

    What is built in the prefix itself comes after all others, one after the other: each finds there what was installed
    before it.

    Args:
        planned: The step.
        context: Where, and with what.
        order: The names of distributions in the order in which they are installed, where they bring the same file.

    Returns:
        The wheels that were installed, by normalized name.

    Raises:
        BuildFailedError: A build fails.
        StepError: The installation fails.
        IntegrityError: A file was changed since it was verified.
    """
    name = planned.step.step
    site, state = context.site, context.state
    builder = _Builder(planned, context)
    wheels: list[with_uv.WheelFile] = []
    last = built_in_prefix(planned.pip)
    first = [each for each in planned.pip if each not in last]
    built = builder.wheels([each for each in first if each.needs_build])
    for package in first:
        if package.needs_build:
            wheels.append(built[package.name])
        else:
            path = context.files[package.sha256]
            wheels.append(with_uv.WheelFile(package.name, package.version, path, package.sha256))
    unreadable = [package.name for package in planned.pip if not all(map(is_removable, state.of_pip(package.name)))]
    remove_distributions(unreadable, site, state, why=facts.Why.UNREADABLE)
    places = {name: number for number, name in enumerate(order)}
    wheels.sort(key=lambda wheel: (places.get(wheel.name, -1), wheel.name))
    total = len(planned.pip)
    site.on_event(ReplayEvent(name, facts.Installing(len(wheels)), 0, total))
    _install(wheels, state.prefix, site)
    for package in last:
        building = facts.Building(package.name, package.version, in_prefix=True)
        site.on_event(ReplayEvent(name, building, len(wheels), total))
        wheels.append(builder.wheel_in_prefix(package))
        _install(wheels[-1:], state.prefix, site)
    site.on_event(ReplayEvent(name, facts.Installing(total, ended=True), total, total, "milestone"))
    return {wheel.name: wheel.path for wheel in wheels}


class _Builder:
    """What builds the wheels of a step, all of them in one workshop."""

    def __init__(self, planned: PlannedStep, context: ReplayContext) -> None:
        self._planned = planned
        self._context = context

    def wheels(self, packages: Sequence[PipPackage]) -> dict[str, with_uv.WheelFile]:
        """Build wheels with the build requirements of the step; return them by name."""
        if not packages:
            return {}
        # Imported where it is used: most steps build nothing.
        from cortexlock.replay.steps.builds import build_all  # noqa: PLC0415

        requirements, step = self._planned.build_requirements, self._planned.step.step
        return build_all(packages, requirements, self._shop, step=step, on_event=self._context.site.on_event)

    def wheel_in_prefix(self, package: PipPackage) -> with_uv.WheelFile:
        """Build a wheel with what the prefix has."""
        from cortexlock.replay.steps.build import build  # noqa: PLC0415 - as above

        return build(package, (), self._shop)

    @cached_property
    def _shop(self) -> Workshop:
        from cortexlock.replay.steps.build import Workshop  # noqa: PLC0415 - as above

        site, step = self._context.site, self._planned.step.step
        return Workshop(
            self._context.state.prefix,
            site.project,
            site.cache,
            self._context.files,
            self._context.checkouts,
            site.environment,
            lambda line: site.on_event(ReplayEvent(step, line, kind="output")),
            site.built,
        )


def _install(wheels: Sequence[with_uv.WheelFile], prefix: Prefix, site: ReplaySite) -> None:
    with unaltered((wheel.path, wheel.sha256) for wheel in wheels):
        _hand_over(wheels, prefix, site)


def _hand_over(wheels: Sequence[with_uv.WheelFile], prefix: Prefix, site: ReplaySite) -> None:
    if site.installer == "pip":
        with_pip.install(wheels, prefix=prefix, environment=site.environment, keep=site.keep)
        return
    with TemporaryDirectory(prefix=WORKSPACE, dir=site.prefix) as workspace:
        with_uv.install(
            wheels,
            prefix=prefix,
            environment=site.environment,
            keep=site.keep,
            workspace=Path(workspace),
            known=site.known_to_uv,
        )
