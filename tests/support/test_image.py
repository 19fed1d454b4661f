"""Copies of images hold what the image holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cortexlock.model.predictor import CondaRecord, Distribution, Predictor
from tests.support.image import installed, make_image_prefix, write_conda_records
from tests.support.index_server import IndexServer
from tests.support.interpreters import find_python, python_version
from tests.support.wheels import make_wheel

IMAGE = Predictor(
    type="python",
    cortex_version="0.16.0",
    platform="cpu",
    image="python-predictor-cpu",
    slim=False,
    released="2020-05-05T00:00:00Z",
    python="3.6.9",
    glibc="2.27",
    cuda=None,
    has_conda=True,
    channels=("defaults",),
    order=("conda", "pip"),
    distributions=(
        Distribution("cortex-serve", "0.16.0", on_index=False),
        Distribution("numpy", "1.18.2"),
        Distribution("torch", "1.5.1+cpu", ("numpy", 'future; extra == "all"'), ("all",), ">=3.5"),
    ),
)


def test_stubs_are_installed_offline(tmp_path: Path) -> None:
    prefix = make_image_prefix(tmp_path / "image", IMAGE, python=Path(sys.executable))
    assert installed(prefix) == {"cortex-serve": "0.16.0", "numpy": "1.18.2", "torch": "1.5.1+cpu"}
    (metadata,) = prefix.glob("lib/python*/site-packages/torch-*.dist-info/METADATA")
    assert 'Requires-Dist: future; extra == "all"\n' in metadata.read_text()


def test_what_is_on_an_index_comes_from_there_when_asked_for(
    index_server: IndexServer, wheelhouse: Path, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "numpy", "1.18.2")
    prefix = make_image_prefix(
        tmp_path / "image",
        IMAGE,
        python=Path(sys.executable),
        only={"numpy", "cortex-serve"},
        real=True,
        index_url=index_server.simple_url,
    )
    assert installed(prefix) == {"cortex-serve": "0.16.0", "numpy": "1.18.2"}
    assert list(prefix.glob("lib/python*/site-packages/numpy.py"))
    assert not index_server.asked_for("cortex-serve")


@pytest.mark.interpreter
@pytest.mark.parametrize("pip", [False, True])
def test_a_copy_under_python_36(tmp_path: Path, python36: Path, pip: bool) -> None:  # noqa: FBT001 - parametrized
    prefix = make_image_prefix(tmp_path / "image", IMAGE, python=python36, pip=pip)
    found = installed(prefix)
    assert ("pip" in found) is pip
    assert found["torch"] == "1.5.1+cpu"
    code = "import sys, numpy; print(sys.version_info[:2])"
    answer = subprocess.run([prefix / "bin" / "python", "-c", code], check=False, capture_output=True, text=True)
    assert "No module named 'numpy'" in answer.stderr


def test_conda_records_look_installed(tmp_path: Path) -> None:
    write_conda_records(tmp_path, [CondaRecord("python", "3.6.9", "h265db76_0", ("openssl >=1.1.1",))])
    record = json.loads((tmp_path / "conda-meta" / "python-3.6.9-h265db76_0.json").read_text())
    assert (record["name"], record["version"], record["depends"]) == ("python", "3.6.9", ["openssl >=1.1.1"])


def test_an_interpreter_is_found_by_variable_then_pyenv_then_path(tmp_path: Path) -> None:
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    variable = f"CORTEXLOCK_TEST_PYTHON{running.replace('.', '')}"
    assert find_python(running, env={variable: "/named"}) == Path("/named")
    assert find_python("3.99", env={"HOME": str(tmp_path), "PATH": "/nowhere"}) is None
    python = tmp_path / ".pyenv" / "versions" / f"{running}.1" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert find_python(running, env={"HOME": str(tmp_path), "PATH": ""}) == python
    on_path = tmp_path / "bin" / f"python{running}"
    on_path.parent.mkdir()
    on_path.symlink_to(sys.executable)
    assert find_python(running, env={"HOME": "/nowhere", "PATH": str(on_path.parent)}) == on_path
    assert python_version(Path("/nowhere/python"), env={}) is None
