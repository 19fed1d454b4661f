"""Projects with conda lists of all kinds, locked whole: conda and pip, on top of the catalog's images."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cortexlock.errors import InputError, IntegrityError, NoSolutionError
from cortexlock.lockfile import files
from cortexlock.model.lockfile import CondaStep, PipStep, Step
from cortexlock.model.package import CondaPackage, Pin, PipPackage, Replaced
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.file_server import ChannelServer
from tests.support.index_server import IndexServer
from tests.support.locking import lock
from tests.support.notes import notes_of
from tests.support.wheels import make_wheel

LIST = "conda-packages.txt"
PYTHON37 = ["python >=3.7,<3.8.0a0"]
PACKAGES = (
    Package("python", "3.6.10"),
    Package("python", "3.7.7"),
    Package(
        "pip", "19.3.1", "py37_0", depends=PYTHON37
    ),  # the images from 0.24 on are made with `pip=19.*`, which holds
    Package("pip", "20.0", "py37_0", depends=PYTHON37),
    Package("certifi", "2020.6.20", "py37_0", depends=PYTHON37),
    Package("setuptools", "49.0", "py37_0", depends=PYTHON37),
    Package("wheel", "0.34", "py37_0", depends=PYTHON37),
    Package("tool", "1.0"),
    Package("numpy", "1.18.5", "py37_0", depends=PYTHON37),
    Package("numpy", "1.18.5", "py36_0", depends=["python >=3.6,<3.7.0a0"]),
)
CORE = {
    "boto3": "1.13.7",
    "datadog": "0.36.0",
    "dill": "0.3.1.1",
    "fastapi": "0.54.1",
    "msgpack": "1.0.0",
    "numpy": "1.18.4",
    "python-multipart": "0.0.5",
    "pyyaml": "5.3.1",
    "requests": "2.23.0",
    "uvicorn": "0.11.5",
}


@pytest.fixture
def project(tmp_path: Path, index_server: IndexServer) -> Path:
    """A project with a channel and an index."""
    directory = tmp_path / "project"
    conda_packages.write_channel(directory / "channel", PACKAGES)
    _configure(directory, index_server, "0.18.0")
    return directory


def _configure(directory: Path, server: IndexServer, release: str) -> None:
    said = f"predictor: python\ncortex-version: {release}\nplatforms: [cpu]\nchannels: [./channel]\n"
    (directory / "cortexlock.yaml").write_text(f"{said}index-url: {server.simple_url}\n", encoding="utf-8")


def _write(project: Path, conda: str | bytes, requirements: str | None = None) -> None:
    (project / LIST).write_bytes(conda.encode() if isinstance(conda, str) else conda)
    if requirements is not None:
        (project / "requirements.txt").write_text(requirements, encoding="utf-8")


def _pip(step: Step | None) -> dict[str, PipPackage]:
    assert isinstance(step, PipStep)
    return {package.name: package for package in step.packages}


def _conda(step: Step | None) -> dict[str, CondaPackage]:
    assert isinstance(step, CondaStep)
    return {package.name: package for package in step.packages}


def test_rows_of_pips_become_exact_pins_of_the_pip_step(wheelhouse: Path, project: Path) -> None:
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "extra", version, requires=("more",))
        make_wheel(wheelhouse, "mine", version)
        make_wheel(wheelhouse, "more", version)
    rows = "# platform: linux-64\ntool=1.0=0\nextra=1.0=pypi_0\nmine=1.0=dev_0\n"
    _write(project, rows)
    locked = lock(project)[0]
    step = locked.lockfile.step("pip")
    assert isinstance(step, PipStep)
    assert step.file == LIST
    assert {name: (p.version, p.by) for name, p in _pip(step).items()} == {
        "extra": ("1.0", (LIST,)),
        "mine": ("1.0", (LIST,)),
        "more": ("2.0", ("extra",)),
    }
    assert len(notes_of(locked)) == 1
    assert notes_of(locked)[0].startswith(f"{LIST}:3: `extra=1.0=pypi_0` was installed by pip")
    assert files.read(locked.path, name=locked.path.name) == locked.lockfile

    _write(project, rows, "Mine>=2\n")
    locked = lock(project)[0]
    assert {name: p.version for name, p in _pip(locked.lockfile.step("pip")).items()} == {
        "extra": "1.0",
        "mine": "2.0",
        "more": "2.0",
    }
    assert _pip(locked.lockfile.step("pip"))["mine"].by == ("requirements.txt",)
    assert f"{LIST}:4: 1 row of what pip had installed left out: requirements.txt names mine" in notes_of(locked)

    with pytest.raises(InputError, match=rf"{LIST}:3: `extra=1\.0=pypi_0` was installed by pip, as 1 more lines were"):
        lock(project, pypi_rows=False)


def test_a_row_of_pips_that_no_index_has_is_named(project: Path) -> None:
    _write(project, "tool\nabsent=1.0=pypi_0\n")
    with pytest.raises(NoSolutionError) as caught:
        lock(project)
    assert caught.value.where == f"{LIST}:2"
    assert not list(project.glob("cortexlock.*.yaml"))


def test_a_utf_16_list_is_locked_with_a_note(project: Path) -> None:
    _write(project, codecs.BOM_UTF16_LE + "tool=1.0=0\r\n".encode("utf-16-le"))
    locked = lock(project)[0]
    assert list(_conda(locked.lockfile.step("conda"))) == ["tool"]
    assert "UTF-16" in notes_of(locked)[0]


@pytest.mark.parametrize("hashed", ["md5", "sha256", ""])
def test_an_explicit_list_is_taken_as_it_is(project: Path, channel_server: ChannelServer, hashed: str) -> None:
    packages = (Package("tool", "0.9", depends=["absent >7"]), Package("numpy", "1.17.0", "py36_0", depends=["python"]))
    conda_packages.write_channel(channel_server.directory / "frozen", packages)
    base = channel_server.channel("frozen")
    contents = {package.name: conda_packages.archive(package) for package in packages}
    lines = [
        f"{base}/linux-64/{p.file}" + (f"#{hashlib.new(hashed, contents[p.name]).hexdigest()}" if hashed else "")
        for p in packages
    ]
    _write(project, "# platform: linux-64\n@EXPLICIT\n" + "\n".join(lines) + "\n")
    locked = lock(project)[0]
    found = _conda(locked.lockfile.step("conda"))
    expected = {p.name: conda_packages.locked(p, contents[p.name], channel=base) for p in packages}
    assert found["tool"] == replace(expected["tool"], by=(LIST,))
    assert found["numpy"] == replace(
        expected["numpy"],
        action="change",
        replaces=(
            next(Replaced("pip", each.version) for each in locked.lockfile.pre_installed if each.name == "numpy"),
        ),
        by=(LIST,),
        distributions=(Pin("numpy", "1.17.0"),),
    )
    assert locked.lockfile.resolvers == ()


def test_archives_that_their_channel_forgot_are_downloaded(project: Path, channel_server: ChannelServer) -> None:
    package = Package("tool", "0.9", "py36_0")
    content = conda_packages.archive(package)
    (channel_server.directory / "old" / "linux-64").mkdir(parents=True)
    (channel_server.directory / "old" / "linux-64" / package.file).write_bytes(content)
    url = f"{channel_server.channel('old')}/linux-64/{package.file}"
    _write(project, f"@EXPLICIT\n{url}#{hashlib.md5(content, usedforsecurity=False).hexdigest()}\n")
    tool = _conda(lock(project)[0].lockfile.step("conda"))["tool"]
    assert (tool.sha256, tool.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert tool.distributions == (Pin("tool", "0.9"),)
    _write(project, f"@EXPLICIT\n{url}#{'0' * 32}\n")
    with pytest.raises(IntegrityError, match="its md5 is"):
        lock(project)


def test_a_hash_that_the_channel_contradicts_is_refused(project: Path) -> None:
    package = next(package for package in PACKAGES if package.name == "tool")
    url = (project / "channel" / "linux-64" / package.file).as_uri()
    _write(project, f"@EXPLICIT\n{url}#{'0' * 64}\n")
    with pytest.raises(IntegrityError, match=f"{LIST}:2: the list has the sha256 0000"):
        lock(project)


def test_an_explicit_list_keeps_to_the_date_limit(project: Path) -> None:
    (project / "channel2").mkdir()
    package = Package("tool", "2.0", timestamp=1_610_000_000_000)
    conda_packages.write_channel(project / "channel2", [package])
    with (project / "cortexlock.yaml").open("a", encoding="utf-8") as file:
        file.write("exclude-newer: 2020-06-01\n")
    _write(project, f"@EXPLICIT\n{(project / 'channel2' / 'linux-64' / package.file).as_uri()}\n")
    with pytest.raises(InputError, match=rf"{LIST}:2: tool 2\.0 was built after 2020"):
        lock(project)


def _make_core(wheelhouse: Path) -> None:
    for name, version in CORE.items():
        requires = ("starlette==0.13.2",) if name == "fastapi" else ()
        make_wheel(wheelhouse, name, version, requires=requires)
    make_wheel(wheelhouse, "starlette", "0.13.2")


def test_another_python_brings_the_core_packages_anew(wheelhouse: Path, project: Path) -> None:
    _make_core(wheelhouse)
    make_wheel(wheelhouse, "only37", "1.0", requires_python=">=3.7", requires=("starlette", "pandas"))
    make_wheel(wheelhouse, "pandas", "1.3.5", requires_python=">=3.7")  # the image's is gone with its Python
    _write(project, "python=3.7.7\nnumpy\n", "only37\n")
    locked = lock(project)[0]
    lockfile = locked.lockfile
    assert [step.step for step in lockfile.steps] == ["conda", "core", "pip"]
    assert lockfile.python == "3.7.7"
    assert locked.replaced_python == "3.6.9"
    conda = _conda(lockfile.step("conda"))
    assert conda["python"].replaces == (Replaced("conda", "3.6.9"),)
    assert conda["numpy"].replaces == ()  # pip's numpy stays behind with the old interpreter
    core = _pip(lockfile.step("core"))
    # conda's numpy 1.18.5 is changed by the core step, as the image's own `pip install -r` does.
    assert (core["numpy"].action, core["numpy"].replaces, core["numpy"].version) == (
        "change",
        (Replaced("pip", "1.18.5"),),
        "1.18.4",
    )
    assert {name: package.version for name, package in core.items()} == {**CORE, "starlette": "0.13.2"}
    assert core["boto3"].by == ("core packages",)
    assert core["starlette"].by == ("fastapi",)
    pip = _pip(lockfile.step("pip"))
    assert pip["starlette"].action == "keep"
    assert (pip["pandas"].action, pip["pandas"].version) == ("add", "1.3.5")
    assert any(note.startswith("conda replaces Python 3.6.9 with 3.7.7: ") for note in notes_of(locked))
    assert files.read(locked.path, name=locked.path.name) == lockfile
    assert not lock(project)[0].changed

    path = project / "cortexlock.cpu.yaml"
    path.unlink()
    with pytest.raises(
        NoSolutionError, match=r"conda would replace Python 3\.6\.9 of the image with 3\.7\.7"
    ) as caught:
        lock(project, strict=True)
    assert caught.value.where == LIST
    assert not path.exists()


def test_conda_over_pip_is_a_change_and_what_it_breaks_is_told(wheelhouse: Path, project: Path) -> None:
    make_wheel(wheelhouse, "six", "1.99")
    conda_packages.write_channel(project / "channel", [Package("numpy", "1.15.0", "py36_0", depends=["python 3.6.*"])])
    _write(project, "numpy\n")
    locked = lock(project)[0]
    numpy = _conda(locked.lockfile.step("conda"))["numpy"]
    assert (numpy.action, numpy.replaces) == ("change", (Replaced("pip", "1.18.4"),))
    told = [note for note in notes_of(locked) if " of the image requires numpy" in note]
    assert any("1.15.0 will be there" in note for note in told)
    with pytest.raises(NoSolutionError, match=r"requires numpy.*, 1\.15\.0 would be there"):
        lock(project, strict=True)

    _write(project, "numpy\n", "six==1.99\n")  # with a pip step, the lockfile itself says so
    locked = lock(project)[0]
    step = locked.lockfile.step("pip")
    assert isinstance(step, PipStep)
    assert ("numpy", "1.15.0") in {
        (canonicalize_name(Requirement(each.requirement).name), each.found) for each in step.conflicts
    }


def test_pip_over_conda_is_a_change_and_is_told(wheelhouse: Path, project: Path) -> None:
    make_wheel(wheelhouse, "numpy", "1.19.5")
    _write(project, "numpy\n", "numpy==1.19.5\n")
    locked = lock(project)[0]
    assert _conda(locked.lockfile.step("conda"))["numpy"].replaces == (Replaced("pip", "1.18.4"),)
    numpy = _pip(locked.lockfile.step("pip"))["numpy"]
    assert (numpy.action, numpy.replaces) == ("change", (Replaced("pip", "1.18.5"),))
    assert "pip changes numpy 1.18.5 of conda's to 1.19.5" in notes_of(locked)


def test_core_packages_that_do_not_exist_for_the_new_python_are_an_error(wheelhouse: Path, project: Path) -> None:
    _make_core(wheelhouse)
    (wheelhouse / "dill-0.3.1.1-py3-none-any.whl").unlink()
    make_wheel(wheelhouse, "dill", "0.3.1.1", requires_python="<3.7")
    _write(project, "python=3.7.7\n")
    with pytest.raises(NoSolutionError, match=r"dill.* for Python 3\.7"):
        lock(project)


def test_later_releases_re_install_core_packages_last(
    wheelhouse: Path, project: Path, index_server: IndexServer
) -> None:
    _configure(project, index_server, "0.29.0")
    core = (
        "grpcio 1.32.0,python-multipart 0.0.5,requests 2.24.0,uvicorn 0.11.8,uvloop 0.14.0,pyyaml 5.3.1,boto3 1.14.53,"
        "google-cloud-storage 1.32.0,datadog 0.39.0,dill 0.3.4,msgpack 1.0.0,numpy 1.19.1,jinja2 2.11.2,fastapi 0.61.1,"
        "python-json-logger 2.0.1,mine 1.0"
    )
    for name, version in (pair.split() for pair in core.split(",")):
        make_wheel(wheelhouse, name, version)
    make_wheel(wheelhouse, "numpy", "1.20.0")
    _write(project, "python=3.7.7\n", "mine\nnumpy>=1.20\n")
    locked = lock(project)[0]
    assert [step.step for step in locked.lockfile.steps] == ["conda", "pip", "core"]
    assert _pip(locked.lockfile.step("pip"))["numpy"].version == "1.20.0"
    assert _pip(locked.lockfile.step("core"))["numpy"].replaces == (Replaced("pip", "1.20.0"),)
    assert "cortex-internal" not in _pip(locked.lockfile.step("core"))
    assert any(
        note.startswith("cortex-internal, a core package of the image, is on no index") for note in notes_of(locked)
    )


def test_the_first_release_with_conda_re_installs_nothing(
    wheelhouse: Path, project: Path, index_server: IndexServer
) -> None:
    _configure(project, index_server, "0.16.0")
    make_wheel(wheelhouse, "six", "1.0")
    _write(project, "python=3.7.7\n", "six\n")
    locked = lock(project)[0]
    assert [step.step for step in locked.lockfile.steps] == ["conda", "pip"]
    assert {name: p.action for name, p in _pip(locked.lockfile.step("pip")).items()} == {"six": "add"}
    assert any("does not re-install its core packages" in note for note in notes_of(locked))


def test_another_patch_level_of_python_is_no_change_of_python(wheelhouse: Path, project: Path) -> None:
    make_wheel(wheelhouse, "six", "9.0")
    _write(project, "python=3.6.10\n", "six>=9\n")
    locked = lock(project, strict=True)[0]
    assert [step.step for step in locked.lockfile.steps] == ["conda", "pip"]
    assert (locked.lockfile.python, locked.replaced_python) == ("3.6.10", "")


ARM = """\
predictor-version: 1
platform: cpu
image: ours
subdir: linux-aarch64
closure: captured
python: "3.11.7"
glibc: "2.31"
has-conda: true
order: [conda, pip]
files: {conda: conda-packages.txt, pip: requirements.txt}
conda-records:
  - {name: python, version: "3.11.7", build: "0"}
"""


def test_an_environment_file_on_an_image_for_aarch64(
    wheelhouse: Path, tmp_path: Path, index_server: IndexServer
) -> None:
    make_wheel(wheelhouse, "tool-of-pip", "1.0")
    arm = "linux-aarch64"
    packages = [Package("tool", version, depends=["lib"], subdir=arm) for version in ("1.0", "1.1", "2.0")]
    packages += [Package("lib", subdir=arm), Package("lib", "3.0"), Package("python", "3.11.7", subdir=arm)]
    conda_packages.write_channel(tmp_path / "channel", packages)
    (tmp_path / "arm.yaml").write_text(ARM)
    text = f"images: {{arm: ./arm.yaml}}\nenvironment: environment.yml\nindex-url: {index_server.simple_url}\n"
    (tmp_path / "cortexlock.yaml").write_text(text)
    text = "channels: [./channel, nodefaults]\ndependencies:\n  - tool=1\n  - pip:\n    - tool-of-pip\n"
    (tmp_path / "environment.yml").write_text(text)
    lock(tmp_path)
    lockfile = files.read(tmp_path / "cortexlock.arm.yaml", name="cortexlock.arm.yaml")
    linked = [(each.name, each.version, each.subdir, each.by) for each in _conda(lockfile.step("conda")).values()]
    assert linked == [("lib", "1.0", arm, ("tool",)), ("tool", "1.1", arm, ("environment.yml",))]
    assert _pip(lockfile.step("pip"))["tool-of-pip"].by == ("environment.yml",)
    assert (lockfile.channels, lockfile.requirements_files) == (("./channel",), ("environment.yml",))
