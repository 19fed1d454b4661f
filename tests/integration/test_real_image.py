"""A whole image made for real under Python 3.6: its packages install and import, and its closure is the native one.

To install it downloads 1.3 GB: run that by hand, `CORTEXLOCK_TEST_LARGE=1 pytest -m "index and interpreter"` with this
file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from cortexlock.predictors import catalog
from tests.support.image import installed, make_image_prefix

pytestmark = [pytest.mark.index, pytest.mark.interpreter]
large = pytest.mark.skipif(
    "CORTEXLOCK_TEST_LARGE" not in os.environ, reason="downloads 1.3 GB: CORTEXLOCK_TEST_LARGE=1"
)

IMAGE = catalog.find("python", "0.16.0", "cpu")

PINS = """\
boto3==1.12.31 datadog==0.35.0 dill==0.3.1.1 fastapi==0.53.0 msgpack==1.0.0 numpy==1.18.2 pyyaml==5.3.1
requests==2.23.0 uvicorn==0.11.3 cloudpickle==1.3.0 Cython==0.29.16 joblib==0.14.1 Keras==2.3.1 nltk==3.4.5
np-utils==0.5.12.1 opencv-python==4.2.0.32 pandas==1.0.3 Pillow==7.0.0 scikit-image==0.16.2
scikit-learn==0.22.2.post1 scipy==1.4.1 six==1.14.0 statsmodels==0.11.1 sympy==1.5.1 tensorflow-cpu==2.1.0
tensorflow-hub==0.7.0 torch==1.4.0 torchvision==0.5.0 xgboost==1.0.2
"""
"""What the image's Dockerfile installs."""

SEEDS = {"pip", "setuptools", "wheel"}
"""What the image had before: their versions are conda's and pip's, not those of a resolution."""


def _native(python: Path, directory: Path) -> dict[str, str]:
    """Resolve the image's pins under a real Python 3.6 as of the day of its release."""
    requirements = directory / "pins.txt"
    requirements.write_text("\n".join(PINS.split()))
    options = ["--python", str(python), "--exclude-newer", IMAGE.released, "--no-header", "--no-annotate", "--quiet"]
    command = [sys.executable, "-m", "uv", "pip", "compile", *options, str(requirements)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = (line.partition("==") for line in done.stdout.splitlines() if "==" in line)
    return {canonicalize_name(name): version.partition(";")[0].strip() for name, _, version in rows}


def test_the_closure_is_what_a_native_resolution_finds(python36: Path, tmp_path: Path) -> None:
    native = _native(python36, tmp_path)
    ours = {each.name: each.version for each in IMAGE.distributions if each.name not in SEEDS}
    different = {
        name: (ours.get(name), native.get(name))
        for name in sorted({*ours, *native} - SEEDS)
        if ours.get(name) != native.get(name)
    }
    print(different)
    assert different == {}


@large
def test_the_image_installs_and_imports(python36: Path, tmp_path: Path) -> None:
    prefix = make_image_prefix(tmp_path / "prefix", IMAGE, python=python36, real=True)
    assert installed(prefix) == {each.name: each.version for each in IMAGE.distributions}
    code = "import tensorflow, torch, numpy; print(tensorflow.__version__, torch.__version__, numpy.__version__)"
    done = subprocess.run([prefix / "bin" / "python", "-c", code], check=False, capture_output=True, text=True)
    assert done.stdout.split() == ["2.1.0", "1.4.0", "1.18.2"], done.stderr
