"""`lock`: one lockfile per platform, all of them written or none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from cortexlock.cli.error_words import what_of
from cortexlock.errors import InputError, NetworkError, NoSolutionError, UsageError
from cortexlock.inputs import project_directory
from cortexlock.lock import lock as locking
from cortexlock.lock.lock import lock
from cortexlock.lock.locked import Locked, LockEvent, LockOptions
from cortexlock.lock.request import PlatformLock, PlatformRequest
from cortexlock.lockfile import files
from cortexlock.model.lock_progress import Activity, LockProgress
from cortexlock.model.lockfile import PipStep
from cortexlock.model.package import Conflict
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration, PipSettings
from cortexlock.predictors import catalog
from tests.support.index_server import IndexServer
from tests.support.notes import notes_of
from tests.support.resolution import undone
from tests.support.wheels import make_sdist, make_wheel

_SETUP = 'from setuptools import setup\nsetup(name="b", version="1.0", py_modules=["b"])\n'


def _in_process(
    function: Callable[[PlatformRequest, Callable[[str], None]], PlatformLock],
    arguments: Sequence[PlatformRequest],
    *,
    env: Mapping[str, str],
    on_message: Callable[[int, str], None],
) -> list[PlatformLock]:
    """Stand in for processes of their own, which take a second each; tests that are about them have them."""
    found = []
    for number, argument in enumerate(arguments):
        with undone(argument.project.directory), patch.dict(os.environ, env, clear=True):
            found.append(function(argument, partial(on_message, number)))
    return found


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lock in the process of the test, unless it asks for `real_workers`."""
    if "real_workers" not in request.fixturenames:
        monkeypatch.setattr(locking, "side_by_side", _in_process)


@pytest.fixture
def real_workers() -> None:
    """Ask for processes."""


@pytest.fixture
def project(tmp_path: Path, index_server: IndexServer) -> Path:
    """A project for one platform, with an index of its own."""
    directory = tmp_path / "project"
    directory.mkdir()
    _configure(directory, index_server, platforms=["cpu"])
    return directory


def _configure(project: Path, server: IndexServer, *, platforms: list[str]) -> None:
    text = f"predictor: python\ncortex-version: 0.16.0\nplatforms: {platforms}\nindex-url: {server.simple_url}\n"
    (project / "cortexlock.yaml").write_text(text, encoding="utf-8")


def _lock(  # noqa: PLR0913 - what a command line can say
    project: Path,
    requirements: str | None = None,
    *,
    strict: bool = False,
    upgrade: bool = False,
    upgrade_packages: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    events: list[LockEvent] | None = None,
) -> tuple[Locked, ...]:
    if requirements is not None:
        (project / "requirements.txt").write_text(requirements, encoding="utf-8")
    options = LockOptions(
        conda=None,
        python=None,
        cache=project.parent / "cache",
        environment={**os.environ, "PIP_RETRIES": "0"} if environment is None else environment,
        strict=strict,
        upgrade=upgrade,
        upgrade_packages=upgrade_packages,
    )
    return lock(project_directory.read(project), options, on_event=(events if events is not None else []).append)


def _versions(project: Path, platform: str = "cpu") -> dict[str, str]:
    name = f"cortexlock.{platform}.yaml"
    step = files.read(project / name, name=name).step("pip")
    assert isinstance(step, PipStep)
    return {package.name: package.version for package in step.packages if package.action != "keep"}


def _make(wheelhouse: Path, name: str, *versions: str, requires: tuple[str, ...] = ()) -> None:
    for version in versions:
        make_wheel(wheelhouse, name, version, requires=requires)


@pytest.mark.usefixtures("real_workers")
def test_several_platforms_side_by_side(wheelhouse: Path, index_server: IndexServer, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    _configure(project, index_server, platforms=["cuda", "cpu"])
    events: list[LockEvent] = []
    locked = _lock(project, "a\n", events=events)
    assert [(each.platform, each.path.name, each.changed) for each in locked] == [
        ("cpu", "cortexlock.cpu.yaml", True),
        ("cuda", "cortexlock.cuda.yaml", True),
    ]
    for each in locked:
        assert files.read(each.path, name=each.path.name) == each.lockfile
        assert each.lockfile.platform == each.platform
        assert not each.default_release
        assert notes_of(each) == ()
    assert {each.platform for each in events} == {"cpu", "cuda"}
    assert LockEvent("cuda", LockProgress(Activity.RESOLVES, "requirements.txt")) in events
    assert sorted(path.name for path in project.iterdir()) == [
        "cortexlock.cpu.yaml",
        "cortexlock.cuda.yaml",
        "cortexlock.yaml",
        "requirements.txt",
    ]


@pytest.mark.usefixtures("real_workers")
def test_error_on_one_platform_writes_nothing(wheelhouse: Path, index_server: IndexServer, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    _configure(project, index_server, platforms=["cpu", "cuda"])
    # torch 1.5.0 is in the CUDA image, 1.5.0+cpu in the other: only one of them can keep what is asked for.
    with pytest.raises(NoSolutionError, match="torch"):
        _lock(project, "a\ntorch===1.5.0+cpu\n")
    assert not list(project.glob("cortexlock.*.yaml"))


def test_unchanged_lockfile_is_not_written(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    path = project / "cortexlock.cpu.yaml"
    assert _lock(project, "a\n")[0].changed
    os.utime(path, ns=(1, 1))
    before = path.read_bytes(), path.stat()
    _make(wheelhouse, "a", "2.0")  # newer versions are no reason to change what is locked
    assert not _lock(project)[0].changed
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == (before[0], 1, before[1].st_ino)


def test_comment_changes_an_input_only_if_it_says_something(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    _lock(project, "a\n")
    assert not _lock(project, "a\r\n")[0].changed
    assert _lock(project, "a==1.0\n")[0].changed


def test_unreadable_lockfile_is_made_anew(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0", "2.0")
    (project / "cortexlock.cpu.yaml").write_text("<<<<<<< ours\n", encoding="utf-8")
    locked = _lock(project, "a\n")[0]
    assert locked.changed
    assert len(notes_of(locked)) == 1
    assert notes_of(locked)[0].startswith("cortexlock.cpu.yaml was not readable and is made anew")
    assert _versions(project) == {"a": "2.0"}


def test_a_lockfile_that_is_a_link_is_refused_before_anything_is_resolved(project: Path) -> None:
    (project / "other.yaml").write_text("")
    (project / "cortexlock.cpu.yaml").symlink_to("other.yaml")
    with pytest.raises(InputError, match=r"cortexlock\.cpu\.yaml: is a symbolic link"):
        _lock(project, "there-is-no-index-to-ask\n")


def test_newer_lockfile_is_not_written_over(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    newer = "lockfile-version: 2\n"
    (project / "cortexlock.cpu.yaml").write_text(newer, encoding="utf-8")
    with pytest.raises(InputError, match="made by a newer cortexlock"):
        _lock(project, "a\n")
    assert (project / "cortexlock.cpu.yaml").read_text(encoding="utf-8") == newer


def test_new_line_adds_a_package_and_its_needs(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0", requires=("b",))
    _make(wheelhouse, "b", "1.0")
    _lock(project, "a\n")
    before = (project / "cortexlock.cpu.yaml").read_text(encoding="utf-8").splitlines()
    _make(wheelhouse, "a", "2.0")
    _make(wheelhouse, "b", "2.0")
    _make(wheelhouse, "c", "1.0", requires=("d",))
    _make(wheelhouse, "d", "1.0")
    _lock(project, "a\nc\n")
    after = (project / "cortexlock.cpu.yaml").read_text(encoding="utf-8").splitlines()
    added = [line for line in after if line not in before]
    removed = [line for line in before if line not in after]
    assert [line.split("name: ")[1].split(",")[0] for line in added if "name: " in line] == ["c", "d"]
    assert not any("name: " in line for line in removed)
    assert _versions(project) == {"a": "1.0", "b": "1.0", "c": "1.0", "d": "1.0"}


def test_upgrades(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a-b.c", "1.0")
    _make(wheelhouse, "d", "1.0")
    _lock(project, "a-b.c\nd\n")
    _make(wheelhouse, "a-b.c", "2.0")
    _make(wheelhouse, "d", "2.0")
    _lock(project, upgrade_packages=("A_B-C",))
    assert _versions(project) == {"a-b-c": "2.0", "d": "1.0"}
    _lock(project, upgrade=True)
    assert _versions(project) == {"a-b-c": "2.0", "d": "2.0"}


def test_versions_for_builds_are_kept_too(wheelhouse: Path, project: Path) -> None:
    make_sdist(wheelhouse, "b", "1.0", setup=_SETUP)
    _make(wheelhouse, "setuptools", "58.0")
    _make(wheelhouse, "wheel", "0.37.0")
    _lock(project, "b\n")
    _make(wheelhouse, "setuptools", "59.0")
    _make(wheelhouse, "wheel", "0.38.0")
    assert not _lock(project)[0].changed
    step = _lock(project, upgrade_packages=("setuptools",))[0].lockfile.step("pip")
    assert isinstance(step, PipStep)
    assert [each.package.version for each in step.build_requirements] == ["59.0", "0.37.0"]


def test_strict_refuses_what_breaks_the_image(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "botocore", "9.0")
    with pytest.raises(NoSolutionError, match=r"boto3 [0-9.]+ requires botocore.*, 9.0 would be there") as caught:
        _lock(project, "botocore>=9\n", strict=True)
    assert caught.value.where == "cortexlock.cpu.yaml"
    assert not (project / "cortexlock.cpu.yaml").exists()
    locked = _lock(project)[0]
    step = locked.lockfile.step("pip")
    assert isinstance(step, PipStep)
    assert "boto3" in {conflict.package for conflict in step.conflicts}
    with pytest.raises(NoSolutionError):  # what is written already is refused all the same
        _lock(project, strict=True)


def test_strict_lets_pass_what_the_image_has_broken_already(
    wheelhouse: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(wheelhouse, "broken", "3.0")
    image = catalog.find("python", "0.16.0", "cpu")
    own = (Distribution("asks", "1.0", ("broken<2",)), Distribution("broken", "2.0"))
    monkeypatch.setattr(locking, "select", lambda _project: (replace(image, distributions=own),))
    step = _lock(project, "broken>=3\n", strict=True)[0].lockfile.step("pip")
    assert isinstance(step, PipStep)
    assert step.conflicts == (Conflict("asks", "1.0", "broken<2", "3.0", already=True),)


def test_strict_lets_pass_what_breaks_nothing(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    assert _lock(project, "a\n", strict=True)[0].changed


@pytest.mark.usefixtures("real_workers")
def test_ambient_configuration_has_no_influence(
    wheelhouse: Path, project: Path, tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(wheelhouse, "a", "1.0")
    _make(tmp_path / "ambient", "a", "9.0")
    plain = _lock(project, "a\n")[0].lockfile
    (project / "cortexlock.cpu.yaml").unlink()
    configured = "[global]\nindex-url = http://127.0.0.1:9/simple\nfind-links = " + str(tmp_path / "ambient") + "\n"
    for place in (isolated / ".config/pip/pip.conf", isolated / ".pip/pip.conf", isolated / "etc/pip/pip.conf"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(configured + "pre = true\nno-binary = :all:\nconstraint = nowhere.txt\n", encoding="utf-8")
    monkeypatch.delenv("PIP_CONFIG_FILE")
    for name, value in {
        "PIP_CONFIG_FILE": str(isolated / ".pip/pip.conf"),
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_FIND_LINKS": str(tmp_path / "ambient"),
        "PIP_NO_INDEX": "1",
        "PIP_PRE": "1",
        "PIP_NO_BINARY": ":all:",
        "PIP_CONSTRAINT": "nowhere.txt",
        "PIP_REQUIRE_HASHES": "1",
        "PIP_PYTHON_VERSION": "3.9",
        "PYTHONPATH": str(tmp_path),
        "CONDA_CHANNELS": "nowhere",
        "UV_INDEX_URL": "http://127.0.0.1:9/simple",
    }.items():
        monkeypatch.setenv(name, value)
    assert _lock(project)[0].lockfile == plain


def test_network_options_of_pip_are_honoured(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    environment = {**os.environ, "PIP_PROXY": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    # Without `no_proxy`, the proxy that the variable names is the way to the index.
    environment = {name: value for name, value in environment.items() if name.lower() != "no_proxy"}
    with pytest.raises(NetworkError):
        _lock(project, "a\n", environment=environment)


def test_newest_release_by_default(project: Path, index_server: IndexServer) -> None:
    text = f"predictor: onnx\nplatforms: [cpu]\nindex-url: {index_server.simple_url}\n"
    (project / "cortexlock.yaml").write_text(text, encoding="utf-8")
    assert _lock(project, "")[0].default_release


@pytest.mark.parametrize(
    ("requirements", "error"),
    [("a b\n", InputError), ("-r nowhere.txt\n", InputError), ("--nonsense\n", InputError), ("zzz\n", NoSolutionError)],
)
def test_bad_input_writes_nothing(project: Path, requirements: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _lock(project, requirements)
    assert not list(project.glob("cortexlock.*.yaml"))


def test_project_without_a_type(project: Path) -> None:
    (project / "cortexlock.yaml").write_text("cortex-version: 0.16.0\n", encoding="utf-8")
    with pytest.raises(UsageError):
        _lock(project, "a\n")


_SCRIPT = """
import os, sys
from pathlib import Path
from cortexlock.inputs import project_directory
from cortexlock.lock.lock import lock
from cortexlock.lock.locked import LockOptions
if __name__ == "__main__":
    os.umask(int(sys.argv[3], 8))
    options = LockOptions(conda=None, python=None, cache=Path(sys.argv[2]), environment=dict(os.environ))
    lock(project_directory.read(Path(sys.argv[1])), options, on_event=lambda event: None)
"""


def test_same_inputs_give_the_same_bytes(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    _make(wheelhouse, "a", "1.0", "2.0", requires=("b", "c[x]", "d"))
    _make(wheelhouse, "b", "1.0", requires=("c",))
    make_wheel(wheelhouse, "c", "1.0", extras={"x": ["d", "e"], "y": ["b"]})
    _make(wheelhouse, "d", "1.0")
    _make(wheelhouse, "e", "1.0")
    make_sdist(wheelhouse, "f", "1.0", setup=_SETUP.replace('"b"', '"f"'))
    _make(wheelhouse, "setuptools", "58.0")
    _make(wheelhouse, "wheel", "0.37.0")
    script = tmp_path / "lock.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    content = []
    for number, (seed, zone, locale, umask) in enumerate(
        [
            ("0", "UTC", "C", "022"),
            ("4711", "Asia/Kathmandu", "C.UTF-8", "077"),
        ]
    ):
        project = tmp_path / f"place-{number}" / "project"
        project.mkdir(parents=True)
        _configure(project, index_server, platforms=["cpu", "cuda"])
        (project / "requirements.txt").write_text("a\nf\nrequests\n", encoding="utf-8")
        subprocess.run(
            [
                sys.executable,
                script,
                os.path.relpath(project, tmp_path) if number else project,
                tmp_path / str(number),
                umask,
            ],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale},
            cwd=tmp_path,
            check=True,
        )
        written = {path.name: path for path in project.glob("cortexlock.c*.yaml")}
        assert {path.stat().st_mode & 0o777 for path in written.values()} == {0o644}
        content.append({name: path.read_bytes() for name, path in written.items()})
    assert content[0] == content[1]
    assert sorted(content[0]) == ["cortexlock.cpu.yaml", "cortexlock.cuda.yaml"]
    text = b"".join(content[0].values()).decode()
    assert str(tmp_path) not in text
    assert "127.0.0.1" not in text


def test_project_can_be_given_with_overrides(wheelhouse: Path, project: Path) -> None:
    _make(wheelhouse, "a", "1.0")
    (project / "requirements.txt").write_text("a\n", encoding="utf-8")
    read = project_directory.read(project, Configuration(platforms=("cuda",)))
    options = LockOptions(None, None, project.parent / "cache", dict(os.environ))
    locked = lock(read, replace(options, strict=True), on_event=lambda _event: None)
    assert [each.platform for each in locked] == ["cuda"]


def test_a_name_on_two_indexes_is_said_and_strict_refuses_it(
    wheelhouse: Path, project: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    _make(wheelhouse, "a", "1.0")
    _make(tmp_path / "other", "a", "2.0")
    with IndexServer(tmp_path / "other") as other:
        line = f"  - {{name: other, url: '{other.simple_url}'}}\n"
        settings = (project / "cortexlock.yaml").read_text()
        (project / "cortexlock.yaml").write_text(f"{settings}indexes:\n{line}")
        note = "a is from the index `other`, and `default` has a package of that name, too"
        with pytest.raises(NoSolutionError) as caught:
            _lock(project, "a\n", strict=True)
        assert note in what_of(caught.value)
        assert note in notes_of(_lock(project, "a\n")[0])[0]
        (project / "cortexlock.yaml").write_text(f"{settings}indexes:\n{line.replace('}', ', packages: [a]}')}")
        assert notes_of(_lock(project, "a\n", strict=True)[0]) == ()
    assert len(index_server.asked_for("a")) == 2


def test_pip_configuration_counts_where_it_is_asked_for(
    wheelhouse: Path, project: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    _make(wheelhouse, "a", "1.0", requires=("b", "c"))
    _make(tmp_path / "extra", "b", "1.0")
    _make(tmp_path / "links", "c", "1.0")
    (project / "requirements.txt").write_text("a\n")
    with IndexServer(tmp_path / "extra", auth=("me", "s3cr3t-t0ken")) as extra:
        found = project_directory.read(project)
        extra_url = extra.with_auth(extra.simple_url)
        settings = PipSettings(
            "http://127.0.0.1:9/simple/", (extra_url,), ((tmp_path / "links").as_uri(),)
        )  # the project's own index-url goes before that of pip
        found = replace(found, configuration=replace(found.configuration, pip_settings=settings))
        options = LockOptions(conda=None, python=None, cache=tmp_path / "cache", environment=dict(os.environ))
        (locked,) = lock(found, options, on_event=lambda _event: None)
    step = locked.lockfile.step("pip")
    assert isinstance(step, PipStep)
    by_name = {package.name: package.alias for package in step.packages}
    assert by_name == {"a": "default", "b": "pip-extra-1", "c": "pip-links-1"}
    assert locked.lockfile.indexes == ("default", "pip-extra-1", "pip-links-1")
    assert locked.lockfile.pip_config == ("index-url", "extra-index-url", "find-links")
    assert "of your own pip configuration counted" in notes_of(locked)[0]
    text = (project / "cortexlock.cpu.yaml").read_text()
    assert "pip-config:\n  - index-url\n" in text
    assert "127.0.0.1" not in text
    assert "s3cr3t" not in text
