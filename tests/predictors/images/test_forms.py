"""Each form of an archive: all of them say what the root file system says."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from cortexlock.errors import IntegrityError, StepError, UsageError
from cortexlock.lock.capture import CapturedImage, capture_archive, capture_root
from cortexlock.model.capture_facts import OtherMachine
from cortexlock.model.predictor import Distribution
from cortexlock.predictors.capture import Said
from cortexlock.predictors.predictor_file import dumps, loads
from tests.support.image_archives import (
    Entries,
    Link,
    config_of,
    digest,
    distribution,
    docker,
    layer,
    layout,
    packed,
    python_image,
    write,
)

SITE = "opt/venv/lib/python3.11/site-packages"
LAYERS = (
    layer(python_image()),
    layer(
        {
            "opt/venv/pyvenv.cfg": "home = /usr/local/bin\nversion = 3.11.1\n",
            "opt/venv/bin/python": Link("/usr/local/bin/python3"),
            **distribution(SITE, "attrs", "22.1.0"),
            **distribution(SITE, "six", "1.16.0", "Requires-Python: >=2.7"),
            **distribution(SITE, "gone", "1.0"),
        }
    ),
    layer(
        {
            f"{SITE}/.wh.attrs-22.1.0.dist-info": "",
            f"{SITE}/gone-1.0.dist-info/.wh..wh..opq": "",
            **distribution(SITE, "attrs", "23.2.0"),
        }
    ),
)
CONFIG = config_of(LAYERS, PATH="/opt/venv/bin:/usr/local/bin", CUDA_VERSION="12.4.1")
EXPECTED = (Distribution("attrs", "23.2.0"), Distribution("six", "1.16.0", requires_python=">=2.7"))


def _tar(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(layer(files))
    return path


def _capture(source: Path | IO[bytes], **said: str | None) -> CapturedImage:
    return capture_archive(source, None, Said(), **{"prefix": None, "platform": None, **said})


@pytest.mark.parametrize("how", ["", "gzip", "zstd"])
def test_oci_layouts(tmp_path: Path, how: str) -> None:
    files = layout([(LAYERS, CONFIG, "our/image:1")], how)  # type: ignore[arg-type]  # one of the three
    found = _capture(_tar(tmp_path / "image.tar", files))
    predictor = found.captured.predictor
    assert predictor.distributions == EXPECTED
    assert (predictor.python, predictor.glibc, predictor.cuda, predictor.platform) == ("3.11.9", "2.31", "12.4", "cuda")
    manifest = json.loads(files["index.json"])["manifests"][0]
    assert (predictor.image, predictor.digest) == ("our/image:1", manifest["digest"])
    assert found.prefix == "/opt/venv"
    assert [each.path for each in found.environments] == ["/opt/venv", "/usr/local"]
    assert _capture(write(tmp_path / "layout", files)) == found


def test_docker_save(tmp_path: Path) -> None:
    files = docker(LAYERS, CONFIG, "docker.io/library/image:1")
    predictor = _capture(_tar(tmp_path / "image.tar", files)).captured.predictor
    assert (predictor.image, predictor.digest, predictor.distributions) == ("image:1", digest(CONFIG), EXPECTED)
    compressed = tmp_path / "image.tar.gz"
    compressed.write_bytes(packed((tmp_path / "image.tar").read_bytes(), "gzip"))
    assert _capture(compressed).captured.predictor == predictor


def test_a_layer_in_the_place_of_another(tmp_path: Path) -> None:
    files: dict[str, object] = dict(docker(LAYERS, CONFIG, "image:1"))
    first = next(iter(files))
    files[f"other/{Path(first).name}"] = files.pop(first)
    archive = tmp_path / "image.tar"
    archive.write_bytes(layer({first: Link("../other/layer.tar"), **files}))  # type: ignore[dict-item]
    assert _capture(archive).captured.predictor.distributions == EXPECTED


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root file system of the image, as its containers see it."""
    directory = tmp_path / "root"
    directory.mkdir()
    for content in (python_image(), _entries()):
        for name, what in content.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if what is None:
                path.mkdir(exist_ok=True)
            elif isinstance(what, Link):
                path.symlink_to(what.target)
            else:
                path.write_bytes(what.encode() if isinstance(what, str) else what)
    return directory


def _entries() -> dict[str, str | bytes | Link | None]:
    return {
        "opt/venv/pyvenv.cfg": "home = /usr/local/bin\nversion = 3.11.1\n",
        "opt/venv/bin/python": Link("/usr/local/bin/python3"),
        **distribution(SITE, "six", "1.16.0", "Requires-Python: >=2.7"),
        **distribution(SITE, "attrs", "23.2.0"),
    }


def test_root_and_flat_tar_say_the_same(tmp_path: Path, root: Path) -> None:
    said = Said(image="our/image:1", cuda="12.4")
    of_root = capture_root(root, None, said, prefix="/opt/venv")
    archive = tmp_path / "image.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(root, arcname=".")
    assert capture_archive(archive, None, said, prefix="/opt/venv", platform=None) == of_root
    of_layers = _capture(_tar(tmp_path / "layers.tar", layout([(LAYERS, CONFIG, "our/image:1")])))
    predictor = of_layers.captured.predictor
    assert dumps(replace(predictor, digest="")) == dumps(of_root.captured.predictor)
    assert "cortex" not in dumps(predictor).split("\n", 1)[1]
    with archive.open("rb") as file:
        piped = _Pipe(file.read())
    assert capture_archive(piped, None, said, prefix="/opt/venv", platform=None) == of_root


class _Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError("this is a pipe")


def test_links_of_a_root_stay_within_it(tmp_path: Path, root: Path) -> None:
    outside = tmp_path / "outside" / "evil-1.dist-info"
    outside.mkdir(parents=True)
    (outside / "METADATA").write_text("Name: evil\nVersion: 1\n")
    (root / SITE / "evil-1.dist-info").symlink_to(outside)
    (root / SITE / "up-1.dist-info").symlink_to("../../../../../../../outside/evil-1.dist-info")
    (root / SITE / "loop-1.dist-info").symlink_to("loop-1.dist-info")
    found = capture_root(root, None, Said(), prefix="/opt/venv").captured.predictor
    assert [one.name for one in found.distributions] == ["attrs", "six"]


def test_several_platforms(tmp_path: Path) -> None:
    arm = (layer(python_image(architecture="arm64", glibc="2.36")),)
    images = [
        (LAYERS, CONFIG, "image"),
        (arm, config_of(arm, architecture="arm64"), "image"),
    ]
    archive = _tar(tmp_path / "image.tar", layout(images))
    with pytest.raises(UsageError, match="2 platforms") as caught:
        _capture(archive)
    assert caught.value.hint == "say which: --image-platform linux/amd64 or linux/arm64"
    predictor = _capture(archive, platform="linux/arm64").captured.predictor
    assert (predictor.subdir, predictor.glibc, predictor.image) == ("linux-aarch64", "2.36", "image")
    assert _capture(archive, platform="x86_64").captured.predictor.subdir == "linux-64"
    with pytest.raises(UsageError, match="no image in it is for linux/s390x"):
        _capture(archive, platform="linux/s390x")


def test_several_images(tmp_path: Path) -> None:
    other = (layer(python_image(python="3.12.1")),)
    archive = _tar(tmp_path / "i.tar", layout([(LAYERS, CONFIG, "a:1"), (other, config_of(other), "example.org/b:2")]))
    with pytest.raises(UsageError, match="2 images") as caught:
        _capture(archive)
    assert "a:1 or example.org/b:2" in (caught.value.hint or "")
    for name in ("b", "b:2", "example.org/b"):
        found = capture_archive(archive, None, Said(image=name), prefix=None, platform=None)
        assert found.captured.predictor.python == "3.12.1"


def test_only_the_blobs_of_one_platform_are_there(tmp_path: Path) -> None:
    arm = (layer(python_image(architecture="arm64")),)
    files = layout([(LAYERS, CONFIG, "image"), (arm, config_of(arm, architecture="arm64"), "image")])
    manifest = json.loads(files["index.json"])["manifests"][1]
    del files["blobs/" + manifest["digest"].replace(":", "/")]
    assert _capture(write(tmp_path, files)).captured.predictor.distributions == EXPECTED


def _damaged() -> Iterator[tuple[str, dict[str, bytes], str]]:
    files = layout([(LAYERS, CONFIG, "image")])
    manifest = "blobs/" + json.loads(files["index.json"])["manifests"][0]["digest"].replace(":", "/")
    lowest = "blobs/" + digest(LAYERS[0]).replace(":", "/")
    changed = bytearray(LAYERS[0])
    changed[-1] = 1
    yield "a layer of other bytes", {**files, lowest: bytes(changed)}, "its sha256 is"
    yield "a layer of another size", {**files, lowest: LAYERS[0] + b"\0"}, "bytes, the image says"
    yield "no layer", {name: content for name, content in files.items() if name != lowest}, "a layer is not there"
    yield "another manifest", {**files, manifest: files[manifest][:-1] + b" "}, "its sha256 is"
    yield "an index that is none", {**files, "index.json": b"[" * 100_000}, "no JSON"
    yield "a digest that is a path", {**files, "index.json": b'{"manifests": [{"digest": "../x"}]}'}, "no digest"
    saved = docker(LAYERS, CONFIG, "image")
    yield "another configuration", {**saved, next(n for n in saved if n.endswith(".json")): CONFIG + b" "}, "its sha256"
    yield "another layer", {**saved, next(iter(saved)): layer({})}, "its sha256 is"
    yield "no list", {**saved, "manifest.json": b"{}"}, "no list of images"


@pytest.mark.parametrize(("files", "message"), [pytest.param(*rest, id=name) for name, *rest in _damaged()])
def test_damaged_archives(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    for source in (_tar(tmp_path / "image.tar", files), write(tmp_path / "layout", files)):
        with pytest.raises(IntegrityError, match=message):
            _capture(source)


@pytest.mark.parametrize(
    "content", [b"", b"no tar", b"\x1f\x8b no gzip", b"BZh91AY", pytest.param(os.urandom(4096), id="noise")]
)
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "image.tar"
    file.write_bytes(content)
    with pytest.raises((UsageError, IntegrityError)) as caught:
        _capture(file)
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        _capture(tmp_path / "missing.tar")


def test_an_image_without_python(tmp_path: Path) -> None:
    layers = (layer({"etc/os-release": "ID=debian\n"}),)
    archive = _tar(tmp_path / "image.tar", layout([(layers, config_of(layers), "")]))
    with pytest.raises(UsageError, match="no Python environment is in it"):
        _capture(archive)


def test_an_image_whose_path_leads_nowhere(tmp_path: Path) -> None:
    config = config_of(LAYERS, PATH="/nowhere")
    archive = _tar(tmp_path / "image.tar", layout([(LAYERS, config, "")]))
    with pytest.raises(UsageError, match="PATH leads to no Python") as caught:
        _capture(archive)
    assert caught.value.hint == "name one with --prefix: /opt/venv, /usr/local"
    assert _capture(archive, prefix="usr/local").prefix == "/usr/local"
    with pytest.raises(UsageError, match="/opt is no Python environment"):
        _capture(archive, prefix="/opt")


def test_other_machines_and_c_libraries(tmp_path: Path) -> None:
    layers = (layer({"usr/local/bin/python3": "", "usr/local/lib/python3.11/x": "", "lib/ld-musl-x86_64.so.1": ""}),)
    with pytest.raises(UsageError, match="is musl"):
        _capture(_tar(tmp_path / "a.tar", layout([(layers, config_of(layers), "")])))
    with pytest.raises(UsageError, match="s390x"):
        _capture(_tar(tmp_path / "b.tar", layout([(layers, config_of(layers, architecture="s390x"), "")])))


def _of_pyenv(*versions: str, chosen: str) -> dict[str, str | bytes | Link | None]:
    """Return what an image with pyenv has, `/lib` that of `/usr`."""
    found: dict[str, str | bytes | Link | None] = {
        f"opt/pyenv/shims/{name}": "#!/bin/sh\n" for name in ("python3", "pip")
    }
    for version in versions:
        place, minor = f"opt/pyenv/versions/{version}", version.rpartition(".")[0]
        found |= {f"{place}/bin/python{minor}": f"\0{version}\0", f"{place}/bin/python": Link(f"python{minor}")}
        found |= distribution(f"{place}/lib/python{minor}/site-packages", "of", version)
    if chosen:
        found["opt/pyenv/version"] = chosen
    return {**found, "usr/lib/python3.11/site-packages": None}


@pytest.mark.parametrize(
    ("chosen", "variable", "prefix"),
    [
        ("3.10.13\n", "", "/opt/pyenv/versions/3.10.13"),
        ("3.12.1\n3.10.13\n", "", "/opt/pyenv/versions/3.12.1"),
        ("3.12.1\n", "3.10.13:3.12.1", "/opt/pyenv/versions/3.10.13"),
        ("3.10\n", "", "/opt/pyenv/versions/3.10.13"),
        ("system\n", "", "/usr/local"),
        ("", "", "/usr/local"),
    ],
)
def test_scripts_of_pyenv_start_the_version_that_is_chosen(
    tmp_path: Path, chosen: str, variable: str, prefix: str
) -> None:
    layers = (layer(python_image()), layer(_of_pyenv("3.10.2", "3.10.13", "3.12.1", chosen=chosen)))
    variables = {"PATH": "/opt/pyenv/shims:/usr/local/bin", **({"PYENV_VERSION": variable} if variable else {})}
    found = _capture(_tar(tmp_path / "image.tar", layout([(layers, config_of(layers, **variables), "")])))
    assert found.prefix == prefix
    versions = [each.version for each in found.captured.predictor.distributions]
    assert versions == ([] if prefix == "/usr/local" else [prefix.rpartition("/")[2]])


def test_a_script_in_the_place_of_an_interpreter_tells_no_environment(tmp_path: Path) -> None:
    layers = (layer(python_image()), layer({"opt/bin/python": "#!/bin/sh\n", "usr/lib/python3.11/site-packages": None}))
    archive = _tar(tmp_path / "image.tar", layout([(layers, config_of(layers, PATH="/opt/bin:/usr/local/bin"), "")]))
    with pytest.raises(UsageError, match="PATH leads to no Python environment"):
        _capture(archive)


@pytest.fixture
def full_disk() -> Iterator[None]:
    resource = pytest.importorskip("resource")  # Windows has none
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("form", ["", "gzip", "pipe"])
def test_a_disk_that_is_full_is_no_damage(tmp_path: Path, form: str, request: pytest.FixtureRequest) -> None:
    content = layer(docker(LAYERS, CONFIG, "image:1"))
    archive = tmp_path / "image.tar"
    archive.write_bytes(packed(content, "gzip") if form == "gzip" else content)
    request.getfixturevalue("full_disk")
    with pytest.raises(StepError, match="what is kept of an image cannot be written: File too large") as caught:
        _capture(_Pipe(content) if form == "pipe" else archive)
    assert caught.value.hint == "make room there, or set TMPDIR"


_LIBC = "usr/lib/x86_64-linux-gnu/libc.so.6"
_OTHER_ELF = b"\x7fELF" + b"\0" * 14


@pytest.mark.parametrize("machine", [b"\x03\0", b"\x28\0", b"\x15\0", b"\0\x16", b"\xf3\0"])
def test_the_c_library_of_another_machine(machine: bytes) -> None:
    banner = b"\0GNU C Library (x) stable release version 2.33.\n\0"
    other = {**python_image(), _LIBC: _OTHER_ELF + machine + banner}
    with pytest.raises(UsageError, match="another machine than amd64 and arm64"):
        _capture(io.BytesIO(layer(other)))
    beside = {**python_image(), "usr/lib/libc.so.6": _OTHER_ELF + machine + banner}
    assert _capture(io.BytesIO(layer(beside))).captured.predictor.glibc == "2.31"


def test_a_configuration_that_says_another_machine_than_the_c_library(tmp_path: Path) -> None:
    config = config_of(LAYERS, architecture="arm64", PATH="/opt/venv/bin")
    captured = _capture(_tar(tmp_path / "image.tar", layout([(LAYERS, config, "")]))).captured
    assert captured.predictor.subdir == "linux-64"
    assert OtherMachine("arm64") in captured.notes


@pytest.mark.parametrize(
    ("program", "library"),
    [("python2.7", "python2.7"), ("pypy3.10", "pypy3.10"), ("python3.13t", "python3.13t")],
)
def test_interpreters_that_cannot_be_described(program: str, library: str) -> None:
    other: Entries = {f"opt/x/bin/{program}": "", "opt/x/bin/python": Link(program), f"opt/x/lib/{library}/os.py": ""}
    with pytest.raises(UsageError, match=f"but /opt/x/lib/{library}"):
        _capture(io.BytesIO(layer(other)))
    in_the_way = {**python_image(), f"usr/local/bin/{program}": "", "usr/local/bin/python3": Link(program)}
    with pytest.raises(UsageError, match="its PATH leads to no Python environment"):
        _capture(io.BytesIO(layer(in_the_way)))


def test_python_2_comes_before_python_3_on_the_way() -> None:
    first: Entries = {"usr/local/sbin/python2.7": "", "usr/local/sbin/python": Link("python2.7")}
    assert _capture(io.BytesIO(layer({**python_image(), **first}))).prefix == "/usr/local"


def test_an_image_of_another_system(tmp_path: Path) -> None:
    config = json.dumps({**json.loads(CONFIG), "os": "windows"}).encode()
    with pytest.raises(UsageError, match="it is for windows"):
        _capture(_tar(tmp_path / "image.tar", layout([(LAYERS, config, "")])))


def test_an_empty_stream_and_a_directory_of_other_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is empty"):
        _capture(io.BytesIO(b""))
    with pytest.raises(UsageError, match="no archive of an image"):
        _capture(tmp_path)


def test_an_image_that_is_called_otherwise(tmp_path: Path) -> None:
    other = config_of(LAYERS, PATH="/opt/venv/bin")
    archive = _tar(tmp_path / "image.tar", layout([(LAYERS, CONFIG, "a:1"), (LAYERS, other, "b:1")]))
    with pytest.raises(UsageError, match="2 images are in it, none of which is called c"):
        capture_archive(archive, None, Said(image="c"), prefix=None, platform=None)


@pytest.mark.parametrize(
    ("files", "variables", "constraints"),
    [
        ({"c/pins.py": "a==1\n"}, {"PIP_CONSTRAINT": "/c/pins.py"}, ("a==1",)),
        ({"c/pins": "a==1\n", "c/more.h": "b==1\n"}, {"UV_CONSTRAINT": "/c/pins file:///c/more.h"}, ("a==1", "b==1")),
        ({"etc/pip.conf": "[global]\nconstraint = /x.js\n", "x.js": "a==1\n"}, {}, ("a==1",)),
        (
            {"l.txt": Link("c/x.py"), "c/x.py": Link("y.pyi"), "c/y.pyi": "a==1\n"},
            {"PIP_CONSTRAINT": "/l.txt"},
            ("a==1",),
        ),
        ({"l.txt": "-c x.html\n", "x.html": "a==1\n"}, {"PIP_CONSTRAINT": "/l.txt"}, ("a==1",)),
        ({"app/pins.md": "a==1\n"}, {"PIP_CONSTRAINT": "pins.md"}, ("a==1",)),
        ({"home/me/.config/pip/pip.conf": "[install]\nconstraint = pins\n", "app/pins": "a==1\n"}, {}, ("a==1",)),
        ({}, {"PIP_CONSTRAINT": "/c/none.py"}, ()),
    ],
)
def test_constraints_wherever_they_are(
    tmp_path: Path, files: Entries, variables: dict[str, str], constraints: tuple[str, ...]
) -> None:
    passwd = {"etc/passwd": "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n"}
    layers = (*LAYERS, layer(files), layer(passwd))
    config = config_of(layers, PATH="/opt/venv/bin", directory="/app", user="1000:1000", **variables)
    predictor = _capture(_tar(tmp_path / "image.tar", layout([(layers, config, "image:1")]))).captured.predictor
    assert predictor.constraints == constraints


def test_a_flat_tar_that_is_cut_between_two_members(tmp_path: Path) -> None:
    whole = layer({**python_image(), **_entries()})
    blocks = len(whole.rstrip(b"\0")) // 512 + 1
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole[: blocks * 512])
    for source in (cut, _Pipe(cut.read_bytes())):
        with pytest.raises(IntegrityError, match="it is cut: the end of the tar is missing"):
            _capture(source, prefix="/opt/venv")
    cut.write_bytes(whole[: (blocks + 1) * 512])
    assert _capture(cut, prefix="/opt/venv").captured.predictor.distributions == EXPECTED
    layers = tuple(each.rstrip(b"\0") + bytes(-len(each.rstrip(b"\0")) % 512) for each in LAYERS)
    config = config_of(layers, PATH="/opt/venv/bin")
    for files in (layout([(layers, config, "image:1")], "gzip"), docker(layers, config, "image:1")):
        assert _capture(_tar(tmp_path / "layers.tar", files)).captured.predictor.distributions == EXPECTED


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"usr/local/bin/python3.14": "\x003.14.0rc2\x00"}, "3.14.0rc2"),
        ({"usr/local/bin/python3.14": "\x003.14.0b1+\x00"}, "3.14.0b1"),
        ({"usr/local/bin/python3.14": "\x003.14.0+\x00"}, "3.14.0"),
        ({"usr/local/include/python3.14/patchlevel.h": '#define PY_VERSION "3.14.0a7+"\n'}, "3.14.0a7"),
        ({"usr/local/pyvenv.cfg": "version_info = 3.14.0rc1\n"}, "3.14.0rc1"),
        ({"usr/local/conda-meta/python-3.14.0rc3-0.json": '{"name": "python", "version": "3.14.0rc3"}'}, "3.14.0rc3"),
    ],
)
def test_a_prerelease_of_python(tmp_path: Path, files: Entries, version: str) -> None:
    base: Entries = {**python_image(python="3.14.0"), "usr/local/bin/python3.14": "x", **files}
    layers = (layer(base),)
    config = config_of(layers, PATH="/usr/local/bin")
    predictor = _capture(_tar(tmp_path / "image.tar", docker(layers, config, "image:1"))).captured.predictor
    assert (predictor.python, loads(dumps(predictor), file="").python) == (version, version)


def _manifests(files: dict[str, bytes]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(files["index.json"])["manifests"]
    return found


def test_what_is_missing_counts_for_the_image_that_is_meant(tmp_path: Path) -> None:
    arm = (layer(python_image(architecture="arm64")),)
    of_arm = config_of(arm, architecture="arm64", PATH="/usr/local/bin")
    files = layout([(LAYERS, CONFIG, "image:1"), (arm, of_arm, "image:1")])
    of_amd, other = _manifests(files)
    for gone in (arm[0], of_arm):
        there = {name: content for name, content in files.items() if not name.endswith(digest(gone)[7:])}
        described = [{**of_amd}, {**other, "platform": {"os": "linux", "architecture": "arm64"}}]
        there["index.json"] = json.dumps({"manifests": described}).encode()
        archive = _tar(tmp_path / "image.tar", there)
        assert _capture(archive, platform="linux/amd64").captured.predictor.distributions == EXPECTED
        with pytest.raises(UsageError, match="for 2 platforms"):
            _capture(archive)
        with pytest.raises(IntegrityError, match="is not there"):
            _capture(archive, platform="linux/arm64")


def test_what_an_index_says_of_no_platform_is_no_image(tmp_path: Path) -> None:
    files = layout([(LAYERS, CONFIG, "image:1"), ((), b"{}", "image:1")])
    image, attestation = _manifests(files)
    unknown = {"os": "unknown", "architecture": "unknown"}
    files["index.json"] = json.dumps({"manifests": [image, {**attestation, "platform": unknown}]}).encode()
    assert _capture(_tar(tmp_path / "image.tar", files)).captured.predictor.distributions == EXPECTED


def test_a_layer_that_is_elsewhere(tmp_path: Path) -> None:
    files = layout([(LAYERS, CONFIG, "image:1")])
    (descriptor,) = _manifests(files)
    manifest = json.loads(files.pop("blobs/" + str(descriptor["digest"]).replace(":", "/")))
    elsewhere = {"digest": f"sha256:{0:064}", "size": 1, "urls": ["https://example.org/layer"]}
    content = json.dumps({**manifest, "layers": [elsewhere, *manifest["layers"]]}).encode()
    files["blobs/" + digest(content).replace(":", "/")] = content
    described = [{**descriptor, "digest": digest(content), "size": len(content)}]
    files["index.json"] = json.dumps({"manifests": described}).encode()
    with pytest.raises(IntegrityError, match="not there, but at a URL that the image names"):
        _capture(_tar(tmp_path / "image.tar", files))
