"""The builds of a step run side by side, and end together."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock import process
from cortexlock.errors import StepError
from cortexlock.model.package import BuildRequirement, FromDirectory, PipPackage
from cortexlock.model.replay import ReplayEvent
from cortexlock.model.replay_facts import Building
from cortexlock.pip.install.with_uv import WheelFile
from cortexlock.pip.prefix.distributions import Prefix
from cortexlock.replay.steps import builds
from cortexlock.replay.steps.build import Workshop

ONE, TWO, THREE = (PipPackage(name, "1.0") for name in ("one", "two", "three"))
EDITABLE = PipPackage("editable", "1.0", source=FromDirectory("pkg", editable=True))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Where nothing is built but by stand-ins; on two processors."""
    monkeypatch.setattr(builds, "processors", lambda: 2)
    monkeypatch.setattr(Workshop, "interpreter", "3.6.9")
    prefix = Prefix(tmp_path, "3.6.9", tmp_path / "site")
    return Workshop(prefix, tmp_path, tmp_path / "cache", {}, {}, dict(os.environ), lambda _line: None)


def _wheel(package: PipPackage) -> WheelFile:
    return WheelFile(package.name, package.version, Path(f"{package.name}.whl"), "")


def _all(shop: Workshop, packages: Sequence[PipPackage], events: list[ReplayEvent]) -> dict[str, WheelFile]:
    return builds.build_all(packages, [], shop, step="pip", on_event=events.append)


def test_two_at_a_time_and_what_each_prints_together(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(package: PipPackage, _requirements: Sequence[BuildRequirement], shop: Workshop) -> WheelFile:
        shop.on_line(f"{package.name} begins")
        if package in {ONE, TWO}:  # each waits for the other
            (shop.cache.parent / package.name).touch()
            other = TWO if package == ONE else ONE
            until = time.monotonic() + 60
            while not (shop.cache.parent / other.name).exists():
                assert time.monotonic() < until
                time.sleep(0.01)
        shop.on_line(f"{package.name} ends")
        return _wheel(package)

    monkeypatch.setattr(builds, "build", build)
    events = list[ReplayEvent]()
    assert _all(shop, [ONE, EDITABLE, TWO], events) == {
        "one": _wheel(ONE),
        "two": _wheel(TWO),
        "editable": _wheel(EDITABLE),
    }
    said = [event.fact for event in events]
    assert set(said[:2]) == {Building("one", "1.0"), Building("two", "1.0")}
    for name in ("one", "two"):
        assert said.index(f"{name} ends") == said.index(f"{name} begins") + 1
    assert said[-1] == Building("editable", "1.0")


def test_the_largest_begin_first(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = list[str]()

    def build(package: PipPackage, _requirements: Sequence[BuildRequirement], _shop: Workshop) -> WheelFile:
        begun.append(package.name)
        time.sleep(0.05)  # so that the next one is the other thread's
        return _wheel(package)

    monkeypatch.setattr(builds, "build", build)
    packages = [replace(each, size=size) for each, size in ((ONE, 10), (TWO, 30), (THREE, 20))]
    assert list(_all(shop, packages, [])) == ["one", "two", "three"]
    assert set(begun[:2]) == {"two", "three"}


def test_one_that_fails_ends_the_others(shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(package: PipPackage, _requirements: Sequence[BuildRequirement], shop: Workshop) -> WheelFile:
        if package == ONE:
            process.run(["sh", "-c", f"echo $$ > {tmp_path}/started; exec sleep 600"], env=shop.environment)
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        raise StepError("it cannot be built", where=package.name)

    monkeypatch.setattr(builds, "build", build)
    began = time.monotonic()
    with pytest.raises(StepError) as caught:
        _all(shop, [ONE, TWO, THREE], [])
    assert caught.value.where == "two"
    assert time.monotonic() - began < 60


def test_one_at_a_time_prints_as_it_goes(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "processors", lambda: 1)
    order = list[object]()

    def build(package: PipPackage, _requirements: Sequence[BuildRequirement], one: Workshop) -> WheelFile:
        assert one is shop
        order.append(package.name)
        return _wheel(package)

    monkeypatch.setattr(builds, "build", build)
    _all(shop, [TWO, ONE], [])
    assert order == ["two", "one"]
