"""What shared options stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.cli.options import (
    cache_of,
    environment_of,
    given,
    index_url_of,
    output_of,
    platform_of,
    platforms_of,
    predictors_of,
)
from cortexlock.errors import UsageError
from cortexlock.inputs import project_directory
from tests.support.projects import fresh_project


@pytest.mark.parametrize(
    ("texts", "expected"),
    [(None, ()), ([], ()), (["cuda", "cpu"], ("cpu", "cuda")), (["inf", "inf"], ("inf",))],
)
def test_platforms(texts: list[str] | None, expected: tuple[str, ...]) -> None:
    assert platforms_of(texts) == expected


def test_an_unknown_platform(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--platform: there is no platform `g\.pu`"):
        platforms_of(["cpu", "g.pu"])
    with pytest.raises(UsageError, match="--platform: there is no platform `gpu`"):
        platform_of(project_directory.read(fresh_project(tmp_path)), "gpu")


def test_a_platform_that_the_project_is_not_for(tmp_path: Path) -> None:
    project = project_directory.read(fresh_project(tmp_path))
    assert platform_of(project, "cpu") == "cpu"
    with pytest.raises(UsageError, match="--platform: the project is not for the platform inf") as caught:
        platform_of(project, "inf")
    assert caught.value.hint == "it is for cpu, cuda"
    (tmp_path / "cortexlock.cuda.yaml").unlink()
    assert platform_of(project, "cuda") == "cuda"  # that there is no lockfile is said where it is read
    assert platform_of(project, None) == "cpu"


def test_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, isolated: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_of("here") == tmp_path / "here"
    assert cache_of("/there") == Path("/there")
    assert cache_of(None) == cache_of("") == isolated / ".cache" / "cortexlock"


def test_predictors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "apis" / "iris"
    (project / "images").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "apis")
    assert predictors_of(None, project) == predictors_of([], project) == (None, ())
    assert predictors_of(["onnx"], project) == ("onnx", ())
    files = ["iris/cpu.yaml", str(project / "images" / "cuda.yml")]
    assert (
        predictors_of(files, project) == predictors_of(files, Path("iris")) == (None, ("cpu.yaml", "images/cuda.yml"))
    )


def test_a_predictor_file_that_is_a_link_belongs_to_the_project(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").write_text("")
    project = tmp_path / "project"
    project.mkdir()
    (project / "image.yaml").symlink_to("../shared.yaml")
    assert predictors_of([str(project / "image.yaml")], project) == (None, ("image.yaml",))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["onnx", "python"], "say one predictor type"),
        (["onnx", "./image.yaml"], "say one predictor type"),
        (["../image.yaml"], "outside the project"),
        (["/image.yaml"], "outside the project"),
    ],
)
def test_predictors_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"--predictor: .*{message}"):
        predictors_of(texts, tmp_path)


def test_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    active = {"VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda"}
    assert environment_of("env", active) == tmp_path / "env"
    assert environment_of(None, active) == Path("/venv").absolute()
    assert environment_of(None, {"VIRTUAL_ENV": "", "CONDA_PREFIX": "/conda"}) == Path("/conda").absolute()
    with pytest.raises(UsageError, match="--prefix: no environment is active") as caught:
        environment_of(None, {}, option="--prefix")
    assert "`--prefix /opt/conda/envs/env`" in (caught.value.hint or "")


def test_a_cache_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (file, file / "below"):
        with pytest.raises(UsageError) as caught:
            cache_of(str(path))
        assert (caught.value.where, caught.value.what) == ("--cache-dir", f"{file} is not a directory")
    assert cache_of(str(tmp_path / "new")) == tmp_path / "new"
    assert not (tmp_path / "new").exists()


def test_a_cache_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_of(str(tmp_path / "a" / "b"), written=True).is_dir()
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
    with pytest.raises(UsageError, match="cannot be written") as caught:
        cache_of(str(tmp_path), written=True)
    assert caught.value.where == "--cache-dir"


def test_a_value_that_is_empty_is_none_that_was_left_out() -> None:
    assert given(None, "--channel") is None
    assert given("a", "--channel") == "a"
    with pytest.raises(UsageError, match="--channel: the value is empty"):
        given(" ", "--channel")


def test_the_url_of_an_index() -> None:
    assert index_url_of(None) is None
    for url in ("https://example.org/simple", "file:///mirror", "${INDEX}/simple"):
        assert index_url_of(url) == url
    for url in ("", "notaurl", "ftp://example.org"):
        with pytest.raises(UsageError, match=r"^--index-url: ") as caught:
            index_url_of(url)
        assert caught.value.hint


def test_the_directory_to_fill(tmp_path: Path) -> None:
    assert output_of(str(tmp_path / "a" / "b")) == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "file/below", "link", "/proc/new"):
        with pytest.raises(UsageError, match=r"^--output: ") as caught:
            output_of(str(tmp_path / name))
        assert caught.value.hint
    with pytest.raises(UsageError, match="no directory is named"):
        output_of(None)
