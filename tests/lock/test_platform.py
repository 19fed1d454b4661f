"""The lock of one platform: steps in the order of the release, each on top of the one before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from cortexlock.errors import InputError, NoSolutionError
from cortexlock.inputs import project_inputs
from cortexlock.lock.platform import lock_platform
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.lockfile import CondaStep, Lockfile, PipStep, PreInstalled, ScriptStep
from cortexlock.model.package import Replaced
from cortexlock.model.predictor import CondaRecord, Distribution, Predictor, StepName
from cortexlock.model.project import Configuration, CortexApi, Project
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.index_server import IndexServer
from tests.support.resolution import undone
from tests.support.wheels import make_wheel

_PYTHON36 = ["python >=3.6,<3.7.0a0"]
_IMAGE = Predictor(
    type="python",
    cortex_version="0.16.0",
    platform="cpu",
    image="python-predictor-cpu",
    slim=False,
    released="2020-06-01T00:00:00Z",
    python="3.6.9",
    glibc="2.27",
    cuda=None,
    has_conda=True,
    channels=("defaults",),
    order=("script", "conda", "pip"),
    distributions=(Distribution("array", "0.9"), Distribution("web", "1.0", ("array",))),
    conda_records=(CondaRecord("pip", "19.3.1"), CondaRecord("python", "3.6.9")),
)
_CHANNEL = (
    Package("array", "1.0", "py36_0", depends=_PYTHON36),
    Package("array", "1.1", "py36_0", depends=_PYTHON36),
    Package("python", "3.7.7"),
    Package("new-only", "1.0", "py37_0", depends=["python >=3.7,<3.8.0a0"]),
)


@pytest.fixture
def project(tmp_path: Path, wheelhouse: Path) -> Path:
    """A project with all dependency files and a channel, and an index with what it asks for."""
    directory = tmp_path / "project"
    conda_packages.write_channel(directory / "channel", _CHANNEL)
    for name, text in {"dependencies.sh": "echo", "conda-packages.txt": "array<1.1", "requirements.txt": "a"}.items():
        (directory / name).write_text(f"{text}\n", encoding="utf-8")
    make_wheel(wheelhouse, "a", "1.0", requires=["array>=0.5", "web"])
    for version in ("0.9", "1.0", "2.0"):
        make_wheel(wheelhouse, "array", version)
    return directory


def _lock(  # noqa: PLR0913 - the parts of a request
    project: Path,
    server: IndexServer,
    *,
    predictor: Predictor = _IMAGE,
    previous: Lockfile | None = None,
    upgraded: Sequence[str] = (),
    channels: tuple[str, ...] = ("./channel",),
    apis: tuple[CortexApi, ...] = (),
) -> Lockfile:
    configuration = Configuration(channels=channels, index_url=server.simple_url)
    read = Project(project, configuration, apis)
    request = PlatformRequest(
        project=read,
        predictor=predictor,
        inputs=project_inputs.read(read, predictor, os.environ),
        previous=previous,
        upgraded=tuple(upgraded),
        conda=None,
        python=None,
        cache=project.parent / "cache",
        environment=dict(os.environ),
    )
    with undone(project):
        return lock_platform(request, lambda _text: None).lockfile


def test_steps_build_on_each_other(project: Path, index_server: IndexServer) -> None:
    locked = _lock(project, index_server)
    assert [step.step for step in locked.steps] == ["script", "conda", "pip"]
    script, conda, pip = locked.steps
    assert script == ScriptStep("dependencies.sh", sha256(b"echo\n").hexdigest())
    assert isinstance(conda, CondaStep)
    assert [(each.name, each.version, each.action) for each in conda.packages if each.action != "keep"] == [
        ("array", "1.0", "change")
    ]
    assert isinstance(pip, PipStep)
    # What conda brought is what pip finds: it is kept, though the image itself had another version.
    assert [(each.name, each.version, each.action) for each in pip.packages] == [
        ("a", "1.0", "add"),
        ("array", "1.0", "keep"),
        ("web", "1.0", "keep"),
    ]
    assert not index_server.asked_for("array")


def test_pip_takes_back_what_conda_brought_where_the_image_needs_another_version(
    project: Path, index_server: IndexServer
) -> None:
    picky = replace(_IMAGE, distributions=(Distribution("array", "0.9"), Distribution("web", "1.0", ("array<1",))))
    pip = _lock(project, index_server, predictor=picky).step("pip")
    assert isinstance(pip, PipStep)
    changed = {each.name: each for each in pip.packages}["array"]
    assert (changed.version, changed.action, changed.replaces) == ("0.9", "change", (Replaced("pip", "1.0"),))


def test_header(project: Path, index_server: IndexServer) -> None:
    locked = _lock(project, index_server)
    assert (locked.platform, locked.subdir, locked.python, locked.glibc) == ("cpu", "linux-64", "3.6.9", "2.27")
    assert locked.channels == ("./channel",)
    assert locked.indexes == ("default",)
    assert locked.exclude_newer == ""
    assert locked.predictor.image == "python-predictor-cpu"
    assert [each.name for each in locked.resolvers] == ["conda-lock", "pip", "pip-tools", "py-rattler"]
    assert locked.pre_installed == (
        PreInstalled("conda", "pip", "19.3.1"),
        PreInstalled("conda", "python", "3.6.9"),
        PreInstalled("pip", "array", "0.9"),
        PreInstalled("pip", "web", "1.0"),
    )
    assert {each.file for each in locked.inputs} >= {"conda-packages.txt", "dependencies.sh", "requirements.txt"}


@pytest.mark.parametrize("order", [("script", "conda", "pip"), ("pip", "script")])
def test_order_is_that_of_the_release(project: Path, index_server: IndexServer, order: tuple[StepName, ...]) -> None:
    (project / "conda-packages.txt").unlink()
    locked = _lock(project, index_server, predictor=replace(_IMAGE, order=order))
    assert [step.step for step in locked.steps] == [name for name in order if name != "conda"]
    assert locked.channels == ()


def test_project_without_dependency_files(project: Path, index_server: IndexServer) -> None:
    for name in ("dependencies.sh", "conda-packages.txt", "requirements.txt"):
        (project / name).unlink()
    locked = _lock(project, index_server)
    assert (locked.steps, locked.channels, locked.indexes, locked.resolvers) == ((), (), (), ())


def test_release_without_a_step_does_not_read_its_file(project: Path, index_server: IndexServer) -> None:
    old = replace(_IMAGE, order=("pip",), files=replace(_IMAGE.files, conda=None, script=()))
    assert [step.step for step in _lock(project, index_server, predictor=old).steps] == ["pip"]


def test_files_that_the_apis_name(project: Path, index_server: IndexServer) -> None:
    (project / "conda-packages.txt").unlink()
    (project / "more.txt").write_text("web\n", encoding="utf-8")
    api = CortexApi("api", "python", gpu=False, inf=False, image=None, files=(("pip", "more.txt"),))
    pip = _lock(project, index_server, apis=(api,)).step("pip")
    assert isinstance(pip, PipStep)
    assert pip.file == "more.txt"
    assert [(each.name, each.by) for each in pip.packages] == [("array", ("web",)), ("web", ("more.txt",))]


def test_versions_of_the_previous_lock_are_preferred(
    project: Path, index_server: IndexServer, wheelhouse: Path
) -> None:
    (project / "conda-packages.txt").unlink()
    first = _lock(project, index_server)
    make_wheel(wheelhouse, "a", "2.0")
    assert _lock(project, index_server, previous=first) == first
    upgraded = _lock(project, index_server, previous=first, upgraded=["A"]).step("pip")
    assert isinstance(upgraded, PipStep)
    assert upgraded.packages[0].version == "2.0"


def test_locked_conda_packages_are_preferred(project: Path, index_server: IndexServer) -> None:
    (project / "requirements.txt").unlink()
    first = _lock(project, index_server)
    (project / "conda-packages.txt").write_text("array\n", encoding="utf-8")
    for upgraded, version in (((), "1.0"), (("Array",), "1.1")):
        step = _lock(project, index_server, previous=first, upgraded=upgraded).step("conda")
        assert isinstance(step, CondaStep)
        assert {each.name: each.version for each in step.packages}["array"] == version


def test_relative_paths_are_those_of_the_project(project: Path, index_server: IndexServer, wheelhouse: Path) -> None:
    (project / "conda-packages.txt").unlink()
    (project / "requirements.txt").write_text("--no-index\n--find-links wheels\nlocal\n", encoding="utf-8")
    make_wheel(project / "wheels", "local", "1.0")
    pip = _lock(project, index_server).step("pip")
    assert isinstance(pip, PipStep)
    assert [each.alias for each in pip.packages] == ["links-1"]


@pytest.mark.parametrize(
    ("file", "text", "error"),
    [
        ("requirements.txt", "a b", InputError),
        ("requirements.txt", "nowhere", NoSolutionError),
        ("conda-packages.txt", "array=", InputError),
        ("conda-packages.txt", "nowhere", NoSolutionError),
    ],
)
def test_what_cannot_be_locked(
    project: Path, index_server: IndexServer, file: str, text: str, error: type[Exception]
) -> None:
    (project / file).write_text(f"{text}\n", encoding="utf-8")
    with pytest.raises(error, match=f"^{file}:1"):
        _lock(project, index_server)
