"""The examples, from the committed lockfiles to an answer of their predictors, under a real Python 3.6."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.predictors import catalog
from tests.support.conda_python import make_conda_image
from tests.support.image import make_image_prefix

pytestmark = [pytest.mark.index, pytest.mark.interpreter]

EXAMPLES = Path(__file__).parents[2] / "examples"


def replay(example: str, platform: str, prefix: Path, cache: Path, tmp_path: Path) -> str:
    """Run `cortexlock install` on a copy of an example; return what it printed."""
    project = tmp_path / example
    if not project.exists():
        shutil.copytree(EXAMPLES / example, project)
    options = ["--platform", platform, "--prefix", str(prefix), "--cache-dir", str(cache)]
    options += ["--no-gpu-check"] if platform == "cuda" else []
    command = [sys.executable, "-m", "cortexlock", "install", str(project), *options]
    completed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


def ask(prefix: Path, project: Path, program: str) -> str:
    """Run a program in the project's directory with the prefix's interpreter; return what it printed."""
    command = [str(prefix / "bin" / "python"), "-c", program]
    completed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project, env={})
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.strip()


def test_iris_classifier_answers(tmp_path: Path, python36: Path, shared_cache: Path) -> None:
    prefix = make_image_prefix(tmp_path / "image", catalog.find("python", "0.35.0", "cpu"), python=python36)
    replay("iris-classifier", "cpu", prefix, shared_cache, tmp_path)
    payload = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    program = f"import sklearn, handler; print(sklearn.__version__, handler.Handler(None).handle_post({payload}))"
    assert ask(prefix, tmp_path / "iris-classifier", program) == "0.24.2 {'species': 'setosa'}"
    again = replay("iris-classifier", "cpu", prefix, shared_cache, tmp_path)
    assert "nothing" in again or "as locked" in again


def test_sentiment_analyzer_has_what_it_imports(tmp_path: Path, python36: Path, shared_cache: Path) -> None:
    prefix = make_image_prefix(tmp_path / "image", catalog.find("python", "0.16.0", "cpu"), python=python36)
    replay("sentiment-analyzer", "cpu", prefix, shared_cache, tmp_path)
    # torch and numpy are stubs in this copy of the image; what was added is real.
    program = "import tokenizers, sentencepiece, regex, tqdm; print(tokenizers.__version__)"
    assert ask(prefix, tmp_path, program) == "0.7.0"


def test_local_package_is_built_and_answers(tmp_path: Path, python36: Path, shared_cache: Path) -> None:
    prefix = make_image_prefix(tmp_path / "image", catalog.find("python", "0.16.0", "cpu"), python=python36)
    replay("local-package", "cpu", prefix, shared_cache, tmp_path)
    program = "import text_tools; print(text_tools.keywords('time and time again', count=2))"
    assert "site-packages" in ask(prefix, Path("/"), "import text_tools; print(text_tools.__file__)")
    assert ask(prefix, Path("/"), program)


@pytest.mark.parametrize(("platform", "device"), [("cpu", "cpu"), ("cuda", "cuda")])
def test_conda_channel_answers(platform: str, device: str, tmp_path: Path, python36: Path, shared_cache: Path) -> None:
    predictor = catalog.find("python", "0.16.0", "cuda" if platform == "cuda" else "cpu")
    prefix = make_conda_image(tmp_path, python36, predictor)
    replay("conda-channel", platform, prefix, shared_cache, tmp_path)
    program = (
        "import predictor; p = predictor.PythonPredictor(None); "
        "print(p.predict({'name': 'ada_lovelace', 'numbers': [1, 2, 3]}))"
    )
    answer = ask(prefix, tmp_path / "conda-channel", program)
    assert "Ada Lovelace" in answer
    assert f"'device': '{device}'" in answer
