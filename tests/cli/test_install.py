"""`cortexlock install`: from options to the use case, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cortexlock.cli import install_report
from cortexlock.cli.main import main
from cortexlock.cli.output import Output
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep
from cortexlock.model.predictor import LockedPredictor
from cortexlock.model.project import Project
from cortexlock.model.replay import InstallOptions, ReplayEvent
from cortexlock.replay import install as installing
from cortexlock.replay.plan import Plan, PlannedStep
from cortexlock.replay.prefix.problem import Comparison, Note, Problem
from cortexlock.replay.prefix.receipt import Receipt
from cortexlock.replay.steps.replay import Installed
from tests.support.lockfiles import example
from tests.support.projects import fresh_project

_RECEIPT = Receipt(
    state="completed",
    content_hash="sha256:0",
    image="python-predictor-cpu",
    platform="cpu",
    python="3.6.9",
    steps=("script", "pip"),
    installed={"conda": {"a": "1"}, "pip": {}},
)
_IMAGE = LockedPredictor("", "", "our/image:1", slim=False, closure="captured", digest="sha256:ab")
_STRANGE = Problem(part="extra", kind="package", manager="pip", package="mine", found="1")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Lockfile, InstallOptions]]:
    """Record what the use case is called with."""
    found: list[tuple[Lockfile, InstallOptions]] = []

    def install(
        project: Project, lockfile: Lockfile, options: InstallOptions, *, on_event: Callable[[ReplayEvent], None]
    ) -> Installed:
        on_event(ReplayEvent("fetch", "a.whl", 1 << 20, 4 << 20))
        on_event(ReplayEvent("check", "look at this", kind="note"))
        found.append((lockfile, options))
        return Installed(_RECEIPT, Comparison(), ("look at this",))

    def plan(project: Project, lockfile: Lockfile, options: InstallOptions) -> Plan:
        found.append((lockfile, options))
        return Plan(
            steps=(PlannedStep(lockfile.steps[0], run=True),),
            content_hash="sha256:0",
            comparison=Comparison(notes=(Note(kind="no-receipt"),)),
        )

    monkeypatch.setattr(installing, "install", install)
    monkeypatch.setattr(installing, "plan", plan)
    return found


def _install(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["install", *arguments])
    return caught.value.code


def test_options(tmp_path: Path, calls: list[tuple[Lockfile, InstallOptions]]) -> None:
    arguments = ["--allow-drift", "--index-url", "https://example.org/simple", "--cache-dir", str(tmp_path / "c")]
    assert _install(str(fresh_project(tmp_path / "p")), "--platform", "cuda", "--prefix", "/opt/env", *arguments) == 0
    lockfile, options = calls[0]
    assert lockfile.platform == "cuda"
    assert options.prefix == Path("/opt/env")
    assert options.cache == tmp_path / "c"
    assert options.allow_drift
    assert options.index_url == "https://example.org/simple"


@pytest.mark.parametrize("variable", ["CONDA_PREFIX", "VIRTUAL_ENV"])
def test_the_active_environment(
    tmp_path: Path, calls: list[tuple[Lockfile, InstallOptions]], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "/opt/active")
    assert _install(str(fresh_project(tmp_path)), "--platform", "cpu") == 0
    assert calls[0][1].prefix == Path("/opt/active")


def test_the_only_lockfile(tmp_path: Path, calls: list[tuple[Lockfile, InstallOptions]]) -> None:
    (fresh_project(tmp_path) / "cortexlock.cpu.yaml").unlink()
    assert _install(str(tmp_path), "--prefix", "/opt/env") == 0
    assert calls[0][0].platform == "cuda"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--prefix", "/opt/env"], "hint: say --platform cpu or --platform cuda"),
        (["--platform", "cpu"], "error: --prefix: no environment is active"),
        (["--platform", "gpu", "--prefix", "/opt/env"], "there is no platform `gpu`"),
        (["--platform", "cpu", "--prefix", "/opt/env", "--installer", "conda"], "there is no installer `conda`"),
    ],
)
def test_wrong_usage(
    tmp_path: Path,
    calls: list[tuple[Lockfile, InstallOptions]],
    arguments: list[str],
    what: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _install(str(fresh_project(tmp_path)), *arguments) == 2
    assert what in capsys.readouterr().err
    assert calls == []


def test_no_lockfile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    assert _install(str(tmp_path), "--prefix", "/opt/env") == 2
    assert "there is no lockfile" in capsys.readouterr().err
    assert _install(str(tmp_path), "--prefix", "/opt/env", "--platform", "cpu") == 3
    assert "error: cortexlock.cpu.yaml: there is no such lockfile" in capsys.readouterr().err


def test_what_it_prints(
    tmp_path: Path, calls: list[tuple[Lockfile, InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(fresh_project(tmp_path)), "--platform", "cpu", "--prefix", "/opt/env"]
    assert _install(*arguments, "--verbose") == 0
    printed = capsys.readouterr()
    assert printed.err == "fetch: a.whl (1.0 of 4.0 MiB)\ncheck: note: look at this\n"
    assert printed.out == (
        "/opt/env: as locked\n"
        "  python-predictor-cpu on cpu, Python 3.6.9; 1 conda package, 0 pip packages\n"
        "  note: look at this\n"
    )
    assert _install(*arguments, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["state"] == "completed"
    assert document["installed"] == {"conda": {"a": "1"}, "pip": {}}
    assert document["notes"] == ["look at this"]
    assert _install(*arguments, "--quiet") == 0
    assert capsys.readouterr().out == ""


def test_a_dry_run(
    tmp_path: Path, calls: list[tuple[Lockfile, InstallOptions]], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(fresh_project(tmp_path)), "--platform", "cpu", "--prefix", "/opt/env", "--dry-run"]
    assert _install(*arguments) == 0
    assert (
        capsys.readouterr().out
        == "/opt/env: this would be done\n  script: run script.sh\n  note: no replay left a receipt here\n"
    )
    assert _install(*arguments, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["steps"] == [{"step": "script", "run": True, "install": []}]


def test_a_plan_with_packages(capsys: pytest.CaptureFixture[str]) -> None:
    script, conda, pip = example().steps
    assert isinstance(conda, CondaStep)
    assert isinstance(pip, PipStep)
    steps = (
        PlannedStep(script),
        PlannedStep(conda, conda=conda.packages[:1]),
        PlannedStep(pip, pip=pip.packages[1:]),
    )
    install_report.show_plan(Output(), Plan(steps=steps, content_hash="sha256:0"), Path("/opt/env"))
    assert capsys.readouterr().out.splitlines()[1:] == ["  conda: install libblas 3.9", "  pip: install numpy 1.19.5"]
    install_report.show_plan(Output(), Plan(steps=(PlannedStep(script),), content_hash="sha256:0"), Path("/opt/env"))
    assert capsys.readouterr().out == "/opt/env: as locked, nothing to do\n"


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ReplayEvent("pip", "installing"), "pip: installing"),
        (ReplayEvent("pip", "building", 1, 3), "pip: building (1 of 3)"),
        (ReplayEvent("fetch", "a.whl", 0, 1 << 20), "fetch: a.whl (0.0 of 1.0 MiB)"),
        (ReplayEvent("fetch", "a.whl", 0, 0), "fetch: a.whl"),
    ],
)
def test_events(event: ReplayEvent, text: str) -> None:
    assert install_report.describe(event) == text


def test_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    done = Installed(_RECEIPT, Comparison(), changed=False)
    install_report.show(Output(), done, Path("/opt/env"), _IMAGE)
    printed = capsys.readouterr().out
    assert printed.startswith("/opt/env: as locked, nothing to do\n")
    assert "  the image is our/image:1@sha256:ab, by what it holds\n" in printed
    other = Problem(part="image", kind="version", manager="pip", package="six", expected="1", found="2")
    allowed = Installed(_RECEIPT, Comparison(allowed=(other,)), changed=False)
    install_report.show(Output(), allowed, Path("/opt/env"), _IMAGE)
    assert "our/image:1@sha256:ab, no more: what it holds differs\n" in capsys.readouterr().out
    install_report.show(Output(as_json=True), done, Path("/opt/env"), _IMAGE)
    assert json.loads(capsys.readouterr().out)["changed"] is False


def test_what_differs_and_what_was_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    """The words are those of `verify`."""
    install_report.show(Output(), Installed(_RECEIPT, Comparison((_STRANGE,)), changed=False), Path("/opt/env"), _IMAGE)
    printed = capsys.readouterr().out
    assert printed.startswith("/opt/env: differs, nothing to do\n")
    assert "  neither in the image nor locked:\n    pip mine 1\n" in printed
    install_report.show(Output(), Installed(_RECEIPT, Comparison(allowed=(_STRANGE,))), Path("/opt/env"), _IMAGE)
    printed = capsys.readouterr().out
    assert printed.startswith("/opt/env: as locked, but for what was allowed\n")
    assert "  allowed when it was installed:\n    pip mine 1\n" in printed
