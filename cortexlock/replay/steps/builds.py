"""The builds of a step, as many at a time as there are processors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from queue import SimpleQueue
from threading import get_ident

from cortexlock.model import replay_facts as facts
from cortexlock.model.package import BuildRequirement, PipPackage
from cortexlock.model.replay import OnEvent, ReplayEvent
from cortexlock.pip.install.with_uv import WheelFile
from cortexlock.process import Programs
from cortexlock.replay.steps.build import Workshop, build
from cortexlock.workers import processors

_REPORT_EVERY = 0.1
"""Seconds between two looks at what the builds have to say."""


def build_all(
    packages: Sequence[PipPackage],
    requirements: Sequence[BuildRequirement],
    shop: Workshop,
    *,
    step: str,
    on_event: OnEvent,
) -> dict[str, WheelFile]:
    """Build wheels, or take those that were built before.

    Trees that are installed editable come last, one after the other: their builds write into them. What builds print
    comes as it is printed where there is one at a time, else of each when it is done.

    Args:
        packages: What is to be built.
        requirements: The build requirements of the step.
        shop: Where, and with what.
        step: Its name, for events.
        on_event: Told of each build, from this thread only.

    Returns:
        The wheels, by normalized name.

    Raises:
        CortexlockError: As `build` does; where several fail, the first one's, and the others are ended.
    """
    apart = [package for package in packages if not package.editable]
    at_once = min(processors(), len(apart))
    found = _side_by_side(apart, requirements, shop, step, on_event, at_once) if at_once > 1 else {}
    for package in packages:
        if package.name not in found:
            on_event(ReplayEvent(step, facts.Building(package.name, package.version)))
            found[package.name] = build(package, requirements, shop)
    return found


def _side_by_side(  # noqa: PLR0913, PLR0917 - what `build_all` gets, and how many
    packages: Sequence[PipPackage],
    requirements: Sequence[BuildRequirement],
    shop: Workshop,
    step: str,
    on_event: OnEvent,
    at_once: int,
) -> dict[str, WheelFile]:
    events: SimpleQueue[ReplayEvent] = SimpleQueue()
    printed: dict[int, list[str]] = {}

    def on_line(line: str) -> None:
        printed[get_ident()].append(line)

    shared = replace(shop, on_line=on_line)
    _ = shared.interpreter  # asked once, before several need it

    def built(package: PipPackage) -> WheelFile:
        lines = printed[get_ident()] = list[str]()
        events.put(ReplayEvent(step, facts.Building(package.name, package.version)))
        try:
            return build(package, requirements, shared)
        finally:
            for line in lines:
                events.put(ReplayEvent(step, line, kind="output"))

    with _threads(at_once) as submit:
        # The largest begin first: one that compiles for long would have a processor to itself at the end.
        begun = {each.name: submit(built, each) for each in sorted(packages, key=lambda each: -each.size)}
        futures = [begun[package.name] for package in packages]
        pending = set(futures)
        while pending:
            _, pending = wait(pending, timeout=_REPORT_EVERY)
            while not events.empty():
                on_event(events.get())
            for future in futures:
                if future not in pending:
                    future.result()
    return {package.name: future.result() for package, future in zip(packages, futures, strict=True)}


_Submit = Callable[[Callable[[PipPackage], WheelFile], PipPackage], "Future[WheelFile]"]


@contextmanager
def _threads(number: int) -> Iterator[_Submit]:
    """Yield what has a build done in a thread; where the block fails, all that the threads have started is ended."""
    programs = Programs()
    pool = ThreadPoolExecutor(number, thread_name_prefix="build")

    def submit(function: Callable[[PipPackage], WheelFile], package: PipPackage) -> Future[WheelFile]:
        def among() -> WheelFile:
            with programs.among():
                return function(package)

        return pool.submit(copy_context().run, among)  # who sees the commands of this thread sees those of the other

    try:
        yield submit
    except BaseException:
        programs.end()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
