"""Each step on its own: the script's surroundings and failures, what conda's step removes, what pip's installs."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import install as conda_install
from cortexlock.errors import DifferenceError, StepError
from cortexlock.model.lockfile import PipStep, ScriptStep
from cortexlock.model.package import CondaPackage, Pin, Replaced
from cortexlock.model.replay import ReplayEvent
from cortexlock.replay.plan import PlannedStep
from cortexlock.replay.steps.conda import link_conda
from cortexlock.replay.steps.pip import install_pip
from cortexlock.replay.steps.script import run_script
from cortexlock.replay.steps.site import ReplayContext, ReplaySite
from cortexlock.storage.digests import file_digest
from tests.support.environments import make_venv
from tests.support.image import installed
from tests.support.replay import Case, locked
from tests.support.wheels import make_sdist, make_wheel

SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


@pytest.fixture
def events() -> list[ReplayEvent]:
    return []


@pytest.fixture
def site(tmp_path: Path, events: list[ReplayEvent]) -> ReplaySite:
    project = tmp_path / "project"
    project.mkdir()
    environment = {"PATH": os.environ["PATH"], "OWN": "kept"}
    return ReplaySite(
        project=project,
        prefix=make_venv(tmp_path / "prefix"),
        cache=tmp_path / "cache",
        environment=environment,
        on_event=events.append,
    )


def _with(site: ReplaySite, files: dict[str, Path]) -> ReplayContext:
    return ReplayContext(site, site.look(), files, {})


def _script(site: ReplaySite, text: str) -> ScriptStep:
    file = site.project / "script.sh"
    file.write_text(text)
    return ScriptStep("script.sh", file_digest(file))


def test_a_script_runs_in_the_active_environment(site: ReplaySite, events: list[ReplayEvent]) -> None:
    run_script(_script(site, 'echo "$PWD|$OWN|$VIRTUAL_ENV|$(command -v python)"\necho problem >&2\n'), site)
    python = site.prefix / "bin" / "python"
    assert [event.fact for event in events] == [f"{site.project}|kept|{site.prefix}|{python}", "problem"]


def test_a_conda_environment_is_active_too(site: ReplaySite, events: list[ReplayEvent]) -> None:
    (site.prefix / "conda-meta").mkdir()
    run_script(_script(site, 'echo "$CONDA_PREFIX|$VIRTUAL_ENV"\n'), site)
    assert events[0].fact == f"{site.prefix}|"


def test_the_project_s_variables(site: ReplaySite, events: list[ReplayEvent]) -> None:
    step = _script(site, 'echo "$GREETING|$0"\n')
    run_script(step, site, dotenv=True)
    (site.project / ".env").write_text('GREETING="hello $OWN"\n')
    run_script(step, site, dotenv=True)
    run_script(step, site)
    assert [event.fact for event in events] == ["|script.sh", "hello kept|script.sh", "|script.sh"]


def test_a_script_ends_at_its_first_failure_with_the_end_of_its_output(site: ReplaySite) -> None:
    with pytest.raises(StepError, match="code 3") as caught:
        run_script(_script(site, "seq 100\n(exit 3)\necho not reached\n"), site)
    assert "\n100" in caught.value.what
    assert "\n42\n" not in caught.value.what
    assert "not reached" not in caught.value.what


def test_a_script_that_is_not_the_locked_one_does_not_run(site: ReplaySite) -> None:
    step = _script(site, "touch ran\n")
    (site.project / "script.sh").write_text("touch ran # other\n")
    with pytest.raises(DifferenceError):
        run_script(step, site)
    (site.project / "script.sh").unlink()
    with pytest.raises(DifferenceError):
        run_script(step, site)
    assert not (site.project / "ran").exists()


def test_without_bash_there_is_an_error(site: ReplaySite) -> None:
    bare = replace(site, environment={"PATH": "/nonexistent"})
    with pytest.raises(StepError, match="does not start"):
        run_script(_script(site, "true\n"), bare)


def _prepared(site: ReplaySite, tmp_path: Path, *, conda_has: str = "") -> None:
    """Let pip have two distributions, and conda one of them if asked to."""
    case = Case(site.project, site.prefix, site.cache)
    case.pre_install(make_wheel(tmp_path, "demo", "1.0"), make_wheel(tmp_path, "other", "1.0"))
    (site.prefix / "conda-meta").mkdir()
    record = {"name": conda_has, "version": "1.0", "files": [f"{SITE}/{conda_has}-1.0.dist-info/METADATA"]}
    if conda_has:
        (site.prefix / "conda-meta" / f"{conda_has}-1.0-0.json").write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("package", "left"),
    [
        (CondaPackage("py-demo", "2.0", sha256="a", distributions=(Pin("Demo", "2.0"),)), {"other"}),
        (CondaPackage("demo", "2.0", sha256="a", replaces=(Replaced("pip", "1.0"),)), {"other"}),
        (CondaPackage("demo", "2.0", sha256="a"), {"demo", "other"}),
    ],
)
def test_what_pip_had_of_the_same_distribution_is_removed_before_conda_links(
    site: ReplaySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: CondaPackage, left: set[str]
) -> None:
    _prepared(site, tmp_path)
    seen: list[set[str]] = []
    monkeypatch.setattr(conda_install, "link", lambda *_, **__: seen.append(set(installed(site.prefix))))
    link_conda([package], _with(site, {"a": tmp_path}))
    assert seen == [left]
    assert not list(site.prefix.glob(".cortexlock-*"))


def test_what_conda_has_itself_is_left_to_conda(
    site: ReplaySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _prepared(site, tmp_path, conda_has="demo")
    monkeypatch.setattr(conda_install, "link", lambda *_, **__: ())
    link_conda(
        [CondaPackage("demo", "2.0", sha256="a", distributions=(Pin("demo", "2.0"),))],
        _with(site, {"a": tmp_path}),
    )
    assert set(installed(site.prefix)) == {"demo", "other"}


def test_a_pip_step_builds_and_installs(site: ReplaySite, tmp_path: Path, events: list[ReplayEvent]) -> None:
    wheel, sdist = make_wheel(tmp_path, "ready", "1.0"), make_sdist(tmp_path, "built", "2.0")
    packages = (locked(sdist), locked(wheel))
    planned = PlannedStep(PipStep("core", packages, step="core"), pip=packages)
    found = install_pip(
        planned,
        _with(site, {each.sha256: path for each, path in zip(packages, (sdist, wheel), strict=True)}),
        [each.name for each in packages],
    )
    assert installed(site.prefix) == {"ready": "1.0", "built": "2.0"}
    assert found["ready"] == wheel
    assert found["built"].name == "built-2.0-py3-none-any.whl"
    assert {event.step for event in events} == {"core"}
    assert (events[-1].done, events[-1].total) == (2, 2)


def test_the_lock_lasts_as_long_as_the_script_and_no_longer(site: ReplaySite) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none

    held = os.open(site.prefix / "lock", os.O_RDWR | os.O_CREAT)
    number = f"/proc/self/fd/{held}"
    text = f"sleep 600 &\necho $! > pid\ntest ! -e {number}\ntest -e /proc/$PPID/fd/{held}\n"
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        run_script(_script(site, text), replace(site, keep=(held,)))
    finally:
        os.close(held)
    with (site.prefix / "lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # what sleeps on does not hold it
    os.kill(int((site.project / "pid").read_text()), signal.SIGKILL)
