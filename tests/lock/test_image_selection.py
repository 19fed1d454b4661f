"""Which images a project is locked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cortexlock.cli.lock_words import words
from cortexlock.errors import FileLine, InputError, UsageError
from cortexlock.inputs.project_directory import read
from cortexlock.lock.image_selection import disagreeing, says_release, select
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Configuration, CortexApi, Project
from cortexlock.predictors import catalog, predictor_file
from tests.support.predictors import example


def _api(
    predictor_type: str | None = "python", *, gpu: bool = False, inf: bool = False, image: str | None = None
) -> CortexApi:
    return CortexApi("api", predictor_type, gpu, inf, image)


def _project(*apis: CortexApi, configuration: Configuration | None = None) -> Project:
    return Project(Path(__file__).parent, configuration or Configuration(), apis)


def _selected(*apis: CortexApi, configuration: Configuration | None = None) -> list[tuple[str, str, str, bool]]:
    found = select(_project(*apis, configuration=configuration))
    return [(each.type, each.cortex_version, each.platform, each.slim) for each in found]


_016 = Configuration(cortex_version="0.16.0")
_020 = Configuration(cortex_version="0.20.0")


def test_api_says_type_and_platform() -> None:
    assert _selected(_api(), configuration=_016) == [("python", "0.16.0", "cpu", False)]
    assert _selected(_api(gpu=True), configuration=_016) == [("python", "0.16.0", "cuda", False)]
    assert _selected(_api("onnx"), configuration=_016) == [("onnx", "0.16.0", "cpu", False)]


def test_apis_on_several_platforms_are_in_a_fixed_order() -> None:
    apis = [_api(inf=True), _api(gpu=True), _api()]
    assert [found[2] for found in _selected(*apis, configuration=_020)] == ["cpu", "cuda", "inf"]
    assert _selected(*reversed(apis), configuration=_020) == _selected(*apis, configuration=_020)


def test_all_platforms_where_no_api_says_one() -> None:
    said = Configuration(predictor="python", cortex_version="0.20.0")
    assert [found[2] for found in _selected(configuration=said)] == ["cpu", "cuda", "inf"]


def test_configuration_goes_before_the_apis() -> None:
    said = Configuration(predictor="onnx", cortex_version="0.16.0", platforms=("cuda",))
    assert _selected(_api(), configuration=said) == [("onnx", "0.16.0", "cuda", False)]


def test_newest_release_of_the_type_where_nobody_says_one() -> None:
    assert _selected(_api("onnx"))[0][1] == catalog.releases("onnx")[-1]
    assert not says_release(_project(_api("onnx")))
    assert says_release(_project(_api("onnx"), configuration=_016))


def test_gpu_of_a_type_that_serves_on_cpus() -> None:
    # TensorFlow models are served by another container; the predictor's own image is the same.
    assert _selected(_api("tensorflow", gpu=True), configuration=_016) == [("tensorflow", "0.16.0", "cpu", False)]


def test_image_of_an_api_says_release_slim_and_cuda() -> None:
    api = _api(gpu=True, image="cortexlabs/python-predictor-gpu-slim:0.20.0-cuda10.2")
    found = select(_project(api))
    assert [(each.cortex_version, each.slim, each.cuda, each.platform) for each in found] == [
        ("0.20.0", True, "10.2", "cuda")
    ]
    assert says_release(_project(api))


def test_the_image_that_runs_is_locked_for_whatever_compute_says() -> None:
    gpu, cpu = "cortexlabs/python-predictor-gpu:0.18.1", "cortexlabs/python-predictor-cpu:0.18.1"
    assert _selected(_api(image=gpu)) == [("python", "0.18.1", "cuda", False)]
    assert _selected(_api(gpu=True, image=cpu)) == [("python", "0.18.1", "cpu", False)]
    (note,) = disagreeing(_project(_api(image=gpu), _api(image=cpu), _api(gpu=True, image=gpu)))
    assert words(note).startswith(f"cortex.yaml: the API `api` computes on CPUs, and its image {gpu} is for GPUs")
    assert disagreeing(_project(_api(image=gpu), configuration=Configuration(platforms=("cpu",)))) == ()


def test_slim_image_of_a_type_that_serves_on_cpus() -> None:
    api = _api("tensorflow", gpu=True, image="cortexlabs/tensorflow-predictor-slim:0.20.0")
    assert _selected(api) == [("tensorflow", "0.20.0", "cpu", True)]
    assert disagreeing(_project(api)) == ()


def test_what_the_catalog_has_not_has_its_place() -> None:
    for api in (_api("ruby"), _api(image="example/image:1")):
        with pytest.raises(UsageError) as caught:
            select(_project(_api(), replace(api, where=FileLine("cortex.yaml", 7)), configuration=None))
        assert caught.value.where == ("cortex.yaml" if api.predictor_type == "ruby" else "cortex.yaml:7")
    with pytest.raises(UsageError) as caught:
        select(_project(replace(_api("ruby"), where=FileLine("cortex.yaml", 7))))
    assert caught.value.where == "cortex.yaml:7"


def test_image_says_the_type_where_the_api_does_not() -> None:
    assert _selected(_api(None, image="cortexlabs/onnx-predictor-cpu:0.20.0"))[0][:2] == ("onnx", "0.20.0")


def test_slim_of_the_configuration_goes_before_the_image() -> None:
    api = _api(image="cortexlabs/python-predictor-cpu-slim:0.20.0")
    assert _selected(api) == [("python", "0.20.0", "cpu", True)]
    assert _selected(api, configuration=Configuration(slim=False)) == [("python", "0.20.0", "cpu", False)]


def test_apis_of_another_type_do_not_count() -> None:
    said = Configuration(predictor="python", cortex_version="0.20.0")
    assert [found[2] for found in _selected(_api(), _api("onnx", gpu=True), configuration=said)] == ["cpu"]


@pytest.mark.parametrize(
    ("apis", "configuration", "message"),
    [
        ([], _016, "nothing says which image the project runs on"),
        ([_api(None)], _016, "no predictor type is said"),
        ([_api(), _api("onnx")], _016, "several predictor types: onnx, python"),
        ([_api("ruby")], _016, "ruby"),
        ([_api()], Configuration(cortex_version="9.9.9"), "9.9.9"),
        ([_api()], Configuration(cortex_version="0.16.0", platforms=("inf",)), "inf"),
        (
            [
                _api(image="cortexlabs/python-predictor-cpu:0.20.0"),
                _api(gpu=True, image="cortexlabs/python-predictor-gpu-slim:0.21.0-cuda10.1"),
            ],
            Configuration(),
            "several Cortex releases: 0.20.0, 0.21.0",
        ),
    ],
)
def test_what_makes_no_sense(apis: list[CortexApi], configuration: Configuration, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(_project(*apis, configuration=configuration))
    assert message in str(caught.value)
    assert caught.value.hint


def _described(directory: Path, *predictors: Predictor) -> Configuration:
    """Write predictor files; return the configuration that names them."""
    names = [f"{number}.yaml" for number, _ in enumerate(predictors)]
    for name, predictor in zip(names, predictors, strict=True):
        (directory / name).write_text(predictor_file.dumps(predictor), encoding="utf-8")
    return Configuration(predictor_files=tuple(names))


def test_predictor_files_in_place_of_the_catalog(tmp_path: Path) -> None:
    said = _described(tmp_path, example("cuda"), example("cpu"))
    project = Project(tmp_path, said, (_api(),))
    assert select(project) == (example("cpu", file="1.yaml"), example("cuda", file="0.yaml"))
    assert says_release(project)
    only = replace(project, configuration=replace(said, platforms=("cuda",), cortex_version="0.30.0", slim=False))
    assert select(only) == (example("cuda", file="0.yaml"),)


def test_one_predictor_file_says_the_platform(tmp_path: Path) -> None:
    said = _described(tmp_path, example("cuda"))
    assert select(Project(tmp_path, said, ())) == (example("cuda", file="0.yaml"),)
    assert select(Project(tmp_path, said, (_api("onnx"),))) == (example("cuda", file="0.yaml"),)


def test_a_tensorflow_predictor_serves_on_cpus_whatever_its_apis_compute_on(tmp_path: Path) -> None:
    predictor = catalog.find("tensorflow", "0.20.0", "cpu")
    said = _described(tmp_path, predictor)
    found = select(Project(tmp_path, said, (_api("tensorflow", gpu=True),)))
    assert found == (replace(predictor, file="0.yaml"),)


@pytest.mark.parametrize(
    ("predictors", "apis", "changes", "message"),
    [
        ([example()], [], {"platforms": ("cpu", "cuda")}, "no predictor file is for the platform cuda"),
        ([example()], [_api(gpu=True), _api(inf=True)], {}, "no predictor file is for the platform cuda or inf"),
        ([example(), example()], [], {}, "0.yaml and 1.yaml are both for the platform cpu"),
        ([example(), replace(example("cuda"), type="onnx")], [], {}, "several predictor types: onnx, python"),
        ([example()], [], {"cortex_version": "0.31.0"}, "has cortex-version 0.30.0, the configuration asks for 0.31.0"),
        (
            [replace(example(), type="", cortex_version="")],
            [],
            {"cortex_version": "0.31.0"},
            "has no cortex-version",
        ),
        ([example()], [], {"slim": True}, "has slim false, the configuration asks for true"),
    ],
)
def test_predictor_files_that_make_no_sense(
    tmp_path: Path, predictors: list[Predictor], apis: list[CortexApi], changes: dict[str, Any], message: str
) -> None:
    said = replace(_described(tmp_path, *predictors), **changes)
    with pytest.raises(UsageError) as caught:
        select(Project(tmp_path, said, tuple(apis)))
    assert message in str(caught.value)
    assert caught.value.hint


def test_images_with_names(tmp_path: Path) -> None:
    said = _described(tmp_path, example("cuda"), example(), replace(example(), type=""))
    named = replace(said, image_names=("gpu", "cpu", "old"))
    found = select(Project(tmp_path, named, (_api(gpu=True),)))
    assert [(each.label, each.name, each.platform, each.file) for each in found] == [
        ("gpu", "gpu", "cuda", "0.yaml"),
        ("cpu", "", "cpu", "1.yaml"),
        ("old", "old", "cpu", "2.yaml"),
    ]
    only = replace(named, platforms=("old",))
    assert [each.label for each in select(Project(tmp_path, only, (_api(inf=True),)))] == ["old"]
    for changes, message in (
        ({"platforms": ("cuda",)}, "--platform: there is no image `cuda`"),
        ({"image_names": ("cpu", "gpu", "old")}, "the image `cpu` is for the platform cuda, by 0.yaml"),
    ):
        with pytest.raises(UsageError, match=message):
            select(Project(tmp_path, replace(named, **changes), ()))


def test_a_predictor_file_that_is_not_there(tmp_path: Path) -> None:
    project = Project(tmp_path, Configuration(predictor_files=("image.yaml",)), ())
    with pytest.raises(InputError, match=r"^--predictor: the predictor file `image\.yaml` is not there") as caught:
        select(project)
    assert caught.value.hint
    (tmp_path / "cortexlock.yaml").write_text("slim: false\npredictor: ./image.yaml\n")
    with pytest.raises(InputError, match=r"^cortexlock\.yaml:2: the predictor file `image\.yaml` is not there"):
        select(project)


@pytest.mark.parametrize("image", ["my/own:1", "quay.io/cortexlabs/python-predictor-cpu:9.9.9"])
def test_an_image_that_is_not_in_the_catalog_is_not_guessed_at(image: str) -> None:
    with pytest.raises(UsageError, match=f"the image {image} is none of the catalog"):
        _selected(_api(image=image))
    said = Configuration(cortex_version="0.16.0")
    assert _selected(_api(image=image), configuration=said)[0][:2] == ("python", "0.16.0")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("slim: false\npredictor: pyton\n", "cortexlock.yaml:2", "there is no predictor type `pyton`"),
        (
            "predictor: python\ncortex-version: 9.9\n",
            "cortexlock.yaml:2",
            "there is no Cortex release `9.9` for the python predictor",
        ),
        (
            "predictor: python\ncortex-version: 0.16.0\nplatforms:\n  - cpu\n  - inf\n",
            "cortexlock.yaml:5",
            "there is no platform `inf` for the python predictor of Cortex 0.16.0",
        ),
    ],
)
def test_what_the_catalog_has_not_is_said_with_its_line(tmp_path: Path, text: str, place: str, what: str) -> None:
    (tmp_path / "cortexlock.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        select(read(tmp_path))
    assert (caught.value.where, caught.value.what) == (place, what)
    overrides = Configuration(predictor="python", cortex_version="8.8", platforms=("cpu",))
    with pytest.raises(UsageError) as caught:
        select(read(tmp_path, overrides))
    assert caught.value.where is None


@pytest.mark.parametrize(
    ("configuration", "line"),
    [
        ("image: ./cortexlock.cpu.yaml\n", 1),
        ("images:\n  own: ./cortexlock.own.yaml\n", 2),
        ("images:\n  one: ./cortexlock.gpu.yaml\n  gpu: ./b.yaml\n", 2),
        ("images:\n  one: sub/../cortexlock.gpu.yaml\n  gpu: ./b.yaml\n", 2),
    ],
)
def test_no_lockfile_takes_the_place_of_an_image(tmp_path: Path, configuration: str, line: int) -> None:
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "cortexlock.yaml").write_text(configuration)
    for name in ("cortexlock.cpu.yaml", "cortexlock.own.yaml", "cortexlock.gpu.yaml", "b.yaml"):
        (tmp_path / name).write_text(predictor_file.dumps(example()))
    with pytest.raises(UsageError, match="is where a lockfile goes") as caught:
        select(read(tmp_path))
    assert (caught.value.where or "").startswith("cortexlock.yaml:")
