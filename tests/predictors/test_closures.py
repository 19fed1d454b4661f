"""The scripts that find out what the images hold: the index of a day, stubs, and what an image's pip was told."""

from __future__ import annotations

import importlib
import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "catalog"
IMAGES: list[dict[str, Any]] = json.loads((SOURCE / "predictors.json").read_text(encoding="utf-8"))
MAY = datetime(2020, 5, 4, tzinfo=timezone.utc)
METADATA = "Metadata-Version: 2.1\nName: Some-Thing\nVersion: 1.0\nRequires-Dist: six\n\nText\n"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(SOURCE))
    yield
    importlib.invalidate_caches()


@pytest.fixture
def closure_index(scripts: None) -> ModuleType:
    return importlib.import_module("closure_index")


@pytest.fixture
def closure_images(scripts: None) -> ModuleType:
    return importlib.import_module("closure_images")


def _entry(filename: str, uploaded: str = "2020-05-01T00:00:00.500000Z", python: str | None = None) -> dict[str, Any]:
    return {
        "filename": filename,
        "url": f"https://files.example.org/{filename}",
        "hashes": {"sha256": f"hash-of-{filename}"},
        "requires-python": python,
        "upload-time": uploaded,
        "yanked": True,
    }


def _index(module: ModuleType, cache: Path, *entries: dict[str, Any]) -> Any:  # noqa: ANN401 - a script's class
    page = cache / "pages" / "some-thing.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"files": list(entries)}), encoding="utf-8")
    return module.Index("https://index.example.org/simple/", cache)


def test_later_uploads_are_hidden_and_later_yanks_not_known(closure_index: ModuleType, tmp_path: Path) -> None:
    old, new = "some_thing-1.0-py3-none-any.whl", "some_thing-1.1-py3-none-any.whl"
    index = _index(closure_index, tmp_path, _entry(old), _entry(new, "2020-05-04T00:00:01Z"))
    assert [file.name for file in index.as_of("some-thing", MAY)] == [old]


@pytest.mark.parametrize(
    ("filename", "seen"),
    [
        ("Some.Thing-1.0.tar.gz", "some_thing-1.0-py3-none-any.whl"),
        ("some_thing-1.0.zip", "some_thing-1.0-py3-none-any.whl"),
        ("some_thing-1.0-py2.py3-none-any.whl", "some_thing-1.0-py2.py3-none-any.whl"),
        ("some_thing-1.0-cp36-cp36m-manylinux2014_x86_64.whl", "some_thing-1.0-cp36-cp36m-manylinux2014_x86_64.whl"),
        ("some_thing-1.0-cp35-abi3-manylinux1_x86_64.whl", "some_thing-1.0-cp35-abi3-manylinux1_x86_64.whl"),
        ("some_thing-1.0-cp36-cp36m-manylinux_2_17_x86_64.whl", None),
        ("some_thing-1.0-cp37-cp37m-manylinux1_x86_64.whl", None),
        ("some_thing-1.0-cp36-cp36m-win_amd64.whl", None),
        ("some_thing-1.0-py3.6.egg", None),
        ("some-thing-else-1.0.tar.gz", None),
        ("some_thing-1.0.win-amd64.exe", None),
    ],
)
def test_what_the_images_pip_sees(closure_index: ModuleType, tmp_path: Path, filename: str, seen: str | None) -> None:
    index = _index(closure_index, tmp_path, _entry(filename))
    assert [file.stub_name for file in index.as_of("some-thing", MAY)] == ([seen] if seen else [])


def test_an_sdist_is_hidden_behind_a_fitting_wheel_only(closure_index: ModuleType, tmp_path: Path) -> None:
    names = ["some_thing-1.0.tar.gz", "some_thing-1.0-py3-none-any.whl", "some_thing-1.1.tar.gz"]
    names.append("some_thing-1.1-cp36-cp36m-macosx_10_9_x86_64.whl")
    index = _index(closure_index, tmp_path, *map(_entry, names))
    assert {file.name for file in index.as_of("some-thing", MAY)} == {names[1], names[2]}


def test_newest_final_release_that_admits_the_python(closure_index: ModuleType, tmp_path: Path) -> None:
    index = _index(
        closure_index,
        tmp_path,
        _entry("some_thing-1.9-py3-none-any.whl"),
        _entry("some_thing-1.10-py3-none-any.whl", python=">=3.5"),
        _entry("some_thing-1.11-py3-none-any.whl", python=">=3.7"),
        _entry("some_thing-1.12b1-py3-none-any.whl"),
    )
    assert str(index.newest("some-thing", MAY).version) == "1.10"
    assert str(index.newest("some-thing", MAY, limit=closure_index.Version("1.9")).version) == "1.9"


def test_a_changed_file_is_refused(closure_index: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = _index(closure_index, tmp_path, _entry("some_thing-1.0-py3-none-any.whl"))
    monkeypatch.setattr(closure_index, "_get", lambda _url: b"other bytes")
    with pytest.raises(SystemExit, match="the hash differs"):
        index.download(index.files("some-thing", MAY)[0])


def test_stub_is_a_wheel_of_metadata(closure_index: ModuleType) -> None:
    content = closure_index.stub("some_thing", "1.0", METADATA)
    assert content == closure_index.stub("some_thing", "1.0", METADATA)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        record = archive.read("some_thing-1.0.dist-info/RECORD").decode()
        assert sorted(line.partition(",")[0] for line in record.splitlines()) == sorted(archive.namelist())
        assert archive.read("some_thing-1.0.dist-info/METADATA").decode() == METADATA


def test_server_serves_the_index_of_a_day(closure_index: ModuleType, tmp_path: Path) -> None:
    module = importlib.import_module("closure_server")
    entries = _entry("some_thing-1.0.tar.gz", python=">=3.5"), _entry("some_thing-2.0.tar.gz", "2021-01-01T00:00:00Z")
    index = _index(closure_index, tmp_path, *entries)
    kept = tmp_path / "files" / "hash-of-some_thing-1.0.tar.gz" / "some_thing-1.0.tar.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"an sdist")
    with module.Server(index).running() as server:
        server.builder = lambda project, path, _cutoff: METADATA if path.read_bytes() == b"an sdist" else project

        def get(path: str) -> bytes:
            with urllib.request.urlopen(f"{server.address}/{path}") as answer:  # noqa: S310 - loopback
                content: bytes = answer.read()
            return content

        page = get("stub/2020-05-04T00:00:00Z/some-thing/").decode()
        assert 'href="some_thing-1.0-py3-none-any.whl" data-requires-python="&gt;=3.5"' in page
        assert "2.0" not in page
        assert b"tar.gz" in get("real/2020-05-04T00:00:00Z/some-thing/")
        assert get("real/2020-05-04T00:00:00Z/some-thing/some_thing-1.0.tar.gz") == b"an sdist"
        wheel = zipfile.ZipFile(io.BytesIO(get("stub/2020-05-04T00:00:00Z/some-thing/some_thing-1.0-py3-none-any.whl")))
        assert wheel.read("some_thing-1.0.dist-info/METADATA").decode() == METADATA


def _recipe(module: ModuleType, image: str, release: str, *, slim: bool = False) -> Any:  # noqa: ANN401 - as above
    fact = next(one for one in IMAGES if (one["image"], one["cortex_version"]) == (image, release))
    return module.Recipe.of(fact, slim=slim)


def test_recipe_keeps_the_order_of_pip(closure_images: ModuleType) -> None:
    recipe = _recipe(closure_images, "tensorflow-predictor", "0.29.0")
    arguments, given = recipe.steps[0]
    assert arguments == ("-r", "-", "tensorflow-cpu==2.3.0", "tensorflow-serving-api==2.3.0")
    assert given[0] == "grpcio==1.32.0"
    assert "tensorflow-cpu==2.3.0" not in given
    assert recipe.steps[1] == (("--no-deps", "/src/cortex/serve/"), ())
    assert (recipe.cutoff, recipe.pip, recipe.conda) == ("2021-02-16T21:44:47Z", "19.*", True)


def test_recipe_of_a_slim_image_leaves_steps_out(closure_images: ModuleType) -> None:
    full, slim = (_recipe(closure_images, "python-predictor-cpu", "0.18.0", slim=slim) for slim in (False, True))
    assert slim.steps == full.steps[:1]
    assert "torch==1.5.1+cpu" in full.steps[1][0]
    assert "--more" in full.steps[1][0]
    assert slim.key != full.key


def test_images_with_the_same_recipe_share_a_run(closure_images: ModuleType) -> None:
    cpu, gpu = (_recipe(closure_images, f"python-handler-{kind}", "0.35.0") for kind in ("cpu", "gpu"))
    assert cpu.key == gpu.key


@pytest.mark.index
@pytest.mark.interpreter
def test_a_closure_is_found_again(scripts: None, python36: Path, shared_cache: Path, tmp_path: Path) -> None:
    make_closures = importlib.import_module("make_closures")
    image, output = "python-handler-cpu:0.35.0", tmp_path / "closures.json"
    arguments = ["--python", str(python36), "--cache", str(shared_cache / "closures"), "--output", str(output)]
    assert make_closures.main([*arguments, "--only", image]) == 0
    found = json.loads(output.read_text(encoding="utf-8"))
    committed = json.loads((SOURCE / "closures.json").read_text(encoding="utf-8"))
    key = committed["images"][image]
    assert found["runs"] == {key: committed["runs"][key]}
    assert found["distributions"] == {pin: committed["distributions"][pin] for pin in found["runs"][key]["installed"]}
