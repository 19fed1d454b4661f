"""What a project asks for."""

from __future__ import annotations

import json
import pkgutil

import pytest

from cortexlock.model.predictor import PlatformName
from cortexlock.model.project import CortexApi
from cortexlock.predictors import catalog


def _tags() -> list[str]:
    content = pkgutil.get_data("cortexlock.predictors", "data/images.json")
    assert content is not None
    return [tag for image in json.loads(content)["images"] for tag in image["tags"]]


def _api(image: str | None, *, gpu: bool = False, inf: bool = False) -> CortexApi:
    return CortexApi("api", "python", gpu, inf, image)


@pytest.mark.parametrize(
    ("image", "platform"),
    [
        ("cortexlabs/python-predictor-gpu:0.18.1", "cuda"),
        ("quay.io/cortexlabs/python-predictor-gpu-slim:0.24.0-cuda10.2-cudnn7", "cuda"),
        ("cortexlabs/python-predictor-cpu-slim:0.20.0", "cpu"),
        ("quay.io/cortexlabs/python-handler-inf:0.35.0", "inf"),
        ("cortexlabs/python-serve-gpu:0.15.1", "cuda"),
        ("cortexlabs/python-serve:0.15.1", "cpu"),
        ("cortexlabs/tensorflow-predictor:0.20.0", "inf"),
        ("example/python-predictor-gpu:1", "inf"),
        (None, "inf"),
    ],
)
def test_the_image_that_runs_has_the_platform(image: str | None, platform: PlatformName) -> None:
    api = _api(image, inf=True)
    assert api.platform == platform
    assert api.computes_on == "inf"


def test_names_of_images_are_read_as_the_catalog_has_them() -> None:
    for tag in _tags():
        found = catalog.by_image(f"cortexlabs/{tag}")
        assert found is not None
        expected = "cuda" if found.predictor_type == "tensorflow" else found.platform
        assert _api(f"cortexlabs/{tag}", gpu=True).platform == expected
