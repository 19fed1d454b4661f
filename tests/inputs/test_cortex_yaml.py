"""`cortex.yaml` in the forms of all releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.formats.yaml_text import loads
from cortexlock.inputs.cortex_yaml import find, parse, read
from cortexlock.model.project import CortexApi


def _parse(text: str) -> tuple[CortexApi, ...]:
    return parse(loads(text, file="cortex.yaml"))


def test_the_oldest_form() -> None:
    text = """\
# for cortex release 0.12
- kind: deployment
  name: iris
- kind: api
  name: classifier
  tracker:
    model_type: classification
  predictor:
    path: predictor.py
    model: s3://example/iris
- kind: api
  name: tf
  tensorflow:
    model: s3://example
"""
    assert _parse(text) == (CortexApi("classifier", None, gpu=False, inf=False, image=None),)


def test_the_usual_form() -> None:
    text = """\
- name: text-generator
  kind: RealtimeAPI
  predictor:
    type: python
    path: predictor.py
    image: cortexlabs/python-predictor-gpu-slim:0.23.0-cuda10.1
  compute:
    gpu: 1  # optional
    mem: 8G
- name: all
  kind: TrafficSplitter
  apis: [{name: text-generator, weight: 100}]
- name: batch
  kind: BatchAPI
  predictor: {type: tensorflow, path: batch.py}
  compute: {inf: 1}
"""
    assert _parse(text) == (
        CortexApi(
            "text-generator",
            "python",
            gpu=True,
            inf=False,
            image="cortexlabs/python-predictor-gpu-slim:0.23.0-cuda10.1",
        ),
        CortexApi("batch", "tensorflow", gpu=False, inf=True, image=None),
    )


def test_the_newest_form() -> None:
    text = """\
- name: a
  handler:
    type: python
    dependencies: {shell: setup.sh, pip: deps/requirements.txt}
  compute: {gpu: 0}
"""
    files = (("pip", "deps/requirements.txt"), ("shell", "setup.sh"))
    assert _parse(text) == (CortexApi("a", "python", gpu=False, inf=False, image=None, files=files),)


@pytest.mark.parametrize(
    ("gpu", "expected"), [("1", True), ("'2'", True), ("0", False), ("", False), ("null", False), ("'0'", False)]
)
def test_how_many_chips(gpu: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert _parse(f"- predictor: {{type: python}}\n  compute: {{gpu: {gpu}}}\n")[0].gpu is expected
    assert _parse(f"- predictor: {{type: python, compute: {{gpu: {gpu}}}}}\n")[0].gpu is expected


@pytest.mark.parametrize("text", ["", "[]\n", "- {kind: deployment, name: a}\n", "- {name: a, predictor: null}\n"])
def test_nothing(text: str) -> None:
    assert _parse(text) == ()


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("name: a\n", "cortex.yaml", "not a list of APIs"),
        ("- name: a\n- b\n", "cortex.yaml:2", "must be a mapping"),
        ("- predictor:\n    type: [python]\n", "cortex.yaml:2", "`type` must be text"),
        ("- predictor:\n    type: python\n    image: 1\n", "cortex.yaml:3", "`image` must be text"),
        ("- name: a\n  predictor: 3\n", "cortex.yaml:2", "`predictor` must be a mapping"),
        ("- handler:\n  name: a\n  predictor: [a]\n", "cortex.yaml:3", "`predictor` must be a mapping"),
        ("- name: a\n  predictor: {}\n  compute: 5\n", "cortex.yaml:3", "`compute` must be a mapping"),
        ("- predictor:\n    compute:\n      gpu: x\n", "cortex.yaml:3", "`gpu` must be a whole number"),
        ("- predictor: {}\n  compute:\n    gpu: -1\n", "cortex.yaml:3", "`gpu` must be a whole number"),
        ("- predictor: {}\n  compute:\n    inf: []\n", "cortex.yaml:3", "`inf` must be a whole number"),
        ("- predictor: {}\n  compute:\n    gpu: true\n", "cortex.yaml:3", "`gpu` must be a whole number"),
        ("- predictor: {}\n  compute:\n    gpu: 1.5\n", "cortex.yaml:3", "`gpu` must be a whole number"),
        ("- predictor:\n    dependencies: a\n", "cortex.yaml:2", "`dependencies` must be a mapping"),
        ("- predictor:\n    dependencies:\n      pip: 1\n", "cortex.yaml:3", "`pip` must be text"),
    ],
)
def test_what_is_refused(text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        _parse(text)
    assert what in caught.value.what
    assert caught.value.where == where
    assert caught.value.hint


def test_the_place_of_an_api_is_that_of_its_image_or_type() -> None:
    image = "- predictor:\n    type: onnx\n    image: x\n"
    text = f"- name: a\n  predictor:\n    type: python\n{image}- predictor: {{path: a}}\n"
    assert [str(api.where) for api in _parse(text)] == ["cortex.yaml:3", "cortex.yaml:6", "cortex.yaml:7"]


def test_siblings(tmp_path: Path) -> None:
    for name in (
        "cortex_gpu.yaml",
        "cortex.yaml",
        "cortex_b.yaml",
        "cortexlock.yaml",
        "cortexlock.cpu.yaml",
        "other.yaml",
    ):
        (tmp_path / name).write_text("- {name: x, predictor: {type: onnx}}\n")
    assert [path.name for path in find(tmp_path)] == ["cortex.yaml", "cortex_b.yaml", "cortex_gpu.yaml"]
    assert read(tmp_path / "cortex_b.yaml")[0].predictor_type == "onnx"
