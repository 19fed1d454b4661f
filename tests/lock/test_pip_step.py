"""Rows of conda lists that are pip's, core packages that no index has, and who makes interpreters for builds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from cortexlock import process
from cortexlock.conda import interpreter
from cortexlock.errors import InputError
from cortexlock.inputs import project_inputs
from cortexlock.inputs.requirements_text import Requirements
from cortexlock.lock import pip_step
from cortexlock.lock.locked_step import StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.conda_list import CondaList, PypiRow
from cortexlock.model.lockfile import PipStep
from cortexlock.model.package import FromGit, PipPackage
from cortexlock.model.project import Configuration, Project
from cortexlock.model.target import Target
from cortexlock.pip.queries import resolve
from cortexlock.pip.resolution.request import PipRequest
from cortexlock.predictors import catalog
from tests.support.lockfiles import example

ROWS = tuple(PypiRow(number, f"{name}=1=pypi_0", name, "1") for number, name in enumerate(("a-b", "tool", "x"), 1))


def _request(
    directory: Path,
    release: str = "0.18.0",
    configuration: Configuration | None = None,
    environment: Mapping[str, str] | None = None,
) -> PlatformRequest:
    project, image = Project(directory, configuration or Configuration(), ()), catalog.find("python", release, "cpu")
    return PlatformRequest(
        project=project,
        predictor=image,
        inputs=project_inputs.read(project, image, environment or {}),
        previous=None,
        upgraded=(),
        conda=None,
        python=None,
        cache=directory,
        environment=environment or {},
    )


def test_requirements_decide_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("-e git+https://git.example.org/t.git#egg=Tool\n", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("-r base.txt\nA_B[x]>=2 ; python_version < '4'\n", encoding="utf-8")
    inputs = replace(_request(tmp_path).inputs, conda=CondaList(pypi=ROWS))
    assert [row.name for row in pip_step.rows_to_lock(inputs)] == ["x"]
    assert pip_step.rows_to_lock(replace(inputs, requirements=Requirements())) == ROWS


def test_rows_are_refused_where_the_first_is() -> None:
    with pytest.raises(InputError, match=r"^list\.txt:1: `a-b=1=pypi_0` was installed by pip, as 2 more lines were"):
        pip_step.refuse_rows("list.txt", ROWS)
    with pytest.raises(InputError, match=r"^list\.txt:3: `x=1=pypi_0` was installed by pip: no conda channel"):
        pip_step.refuse_rows("list.txt", ROWS[2:])
    pip_step.refuse_rows("list.txt", ())


def test_core_packages_that_no_index_has() -> None:
    assert pip_step.unavailable(catalog.find("python", "0.29.0", "cpu")) == ("cortex-internal",)
    assert pip_step.unavailable(catalog.find("python", "0.18.0", "cpu")) == ()


def _asked(monkeypatch: pytest.MonkeyPatch, request: PlatformRequest) -> PipRequest:
    """Return what a pip step asks of the resolver."""
    asked: list[PipRequest] = []

    def _solve(request: PipRequest, *, on_progress: Callable[[str], None]) -> NoReturn:
        del on_progress
        asked.append(request)
        raise LookupError

    monkeypatch.setattr(resolve, "solve", _solve)
    context = StepContext(Target.of(request.predictor), ())
    with pytest.raises(LookupError):
        pip_step.lock_pip(request, context, (), lambda _text: None)
    return asked[0]


@pytest.mark.parametrize(
    ("release", "written", "used"),
    [
        ("0.15.0", (), None),
        ("0.15.0", ("https://example.org/${NAME}",), ("https://example.org/secret",)),
        ("0.18.0", (), catalog.find("python", "0.18.0", "cpu").channels),
        ("0.18.0", ("./channel",), ("./channel",)),
    ],
)
def test_interpreters_are_made_from_channels_that_someone_names(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    release: str,
    written: tuple[str, ...],
    used: tuple[str, ...] | None,
) -> None:
    made = []
    configuration = Configuration(channels=written, exclude_newer="2020-06-01T00:00:00Z")
    request = _request(tmp_path, release, configuration, {"NAME": "secret"})

    def _make(wanted: interpreter.InterpreterRequest, *, on_progress: Callable[[str], None]) -> Path:
        del on_progress
        made.append(wanted)
        return tmp_path / "python"

    monkeypatch.setattr(interpreter, "is_possible", lambda: True)
    monkeypatch.setattr(interpreter, "make", _make)
    make = _asked(monkeypatch, request).make_interpreter
    assert made == []
    if used is None:
        assert make is None
        return
    assert make is not None
    assert make() == tmp_path / "python"
    date = configuration.exclude_newer
    assert made == [interpreter.InterpreterRequest("3.6", used, tmp_path, date, tmp_path, {"NAME": "secret"})]


def test_no_interpreter_is_made_where_it_would_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "is_possible", lambda: False)
    make = _asked(monkeypatch, _request(tmp_path)).make_interpreter
    assert make is not None
    assert make() is None


def test_commits_stay_but_for_those_that_are_upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = PipPackage("one", "1", source=FromGit("https://example.org/a.git", "1" * 40, reference="main"))
    two = PipPackage("two", "1", source=FromGit("https://example.org/a.git", "2" * 40, subdirectory="two"))
    sources = {each.name: each.source for each in (one, two) if isinstance(each.source, FromGit)}
    keys = {name: (each.url, each.reference, each.subdirectory) for name, each in sources.items()}
    previous = replace(example(), steps=(PipStep("requirements.txt", (one, two)),))
    request = replace(_request(tmp_path), previous=previous)
    assert _asked(monkeypatch, request).commits == {keys["one"]: "1" * 40, keys["two"]: "2" * 40}
    request = replace(request, upgraded=("One",))
    assert _asked(monkeypatch, request).commits == {keys["two"]: "2" * 40}


def test_what_resolves_is_imported_while_something_else_runs() -> None:
    script = (
        "import sys\n"
        "from cortexlock.lock import pip_step\n"
        "print('cortexlock.pip.queries.resolve' in sys.modules)\n"
        "with pip_step.imported_meanwhile():\n"
        "    pass\n"
        "print('cortexlock.pip.queries.resolve' in sys.modules)\n"
    )
    done = process.run([sys.executable, "-c", script], env=dict(os.environ))
    assert done.stdout == "False\nTrue\n", done.stderr
