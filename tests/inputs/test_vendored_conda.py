"""The reader of the conda that conda-lock ships: what is used of it, alone and whatever the machine is set to."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from cortexlock import process
from cortexlock.errors import UsageError
from cortexlock.inputs import vendored_conda
from cortexlock.inputs.vendored_conda import InvalidSpecError


def test_a_line_becomes_a_specification() -> None:
    assert vendored_conda.specification("NumPy=1.18=py36_0") == "numpy 1.18 py36_0"
    assert vendored_conda.specification("numpy >= 1, < 2") == "numpy >=1,<2"
    assert vendored_conda.specification("numpy 1.18") is None
    assert vendored_conda.specification("numpy ~= 1, ~= 2") is None


def test_a_specification_has_fields_and_the_versions_that_it_compares_with() -> None:
    found = vendored_conda.read("conda-forge/linux-64::numpy >=1.16_,<2|1.0=py36*")
    assert found.fields == {
        "channel": "conda-forge",
        "subdir": "linux-64",
        "name": "numpy",
        "version": ">=1.16_,<2|1.0",
        "build": "py36*",
    }
    assert sorted(found.atoms) == ["1.0", "1.16_", "2"]


def test_what_conda_refuses_is_an_error_with_the_version_that_is_wrong() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        vendored_conda.read("numpy >=1,<1..0")
    assert caught.value.version == "1..0"
    with pytest.raises(InvalidSpecError) as caught:
        vendored_conda.read("numpy[version=]")
    assert not caught.value.version


def test_a_specification_is_written_as_conda_writes_it() -> None:
    assert vendored_conda.written("pandas >=1.0") == "pandas[version='>=1.0']"


def test_neither_the_machine_counts_nor_is_conda_lock_imported_nor_the_environment_changed() -> None:
    script = (
        "import json, os, sys\n"
        "before = dict(os.environ)\n"
        "from cortexlock.inputs import vendored_conda\n"
        "early = [name for name in sys.modules if 'conda_lock' in name or name.startswith(vendored_conda._ALIAS)]\n"
        "text = vendored_conda.written('forge::numpy >1.*')\n"
        "print(json.dumps([early, text, before == dict(os.environ), 'conda_lock' in sys.modules]))\n"
    )
    environment = {
        **os.environ,
        "CONDA_CHANNEL_PRIORITY": "nonsense",
        "CONDA_CUSTOM_CHANNELS": "forge: https://conda.example.org/elsewhere",
    }
    done = process.run([sys.executable, "-c", script], env=environment)
    assert json.loads(done.stdout) == [[], "forge::numpy[version='>1.*']", True, False]
    assert not done.stderr


@pytest.mark.parametrize("version", ["3.0.4", "4.1.0", None])
def test_another_conda_lock_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    def found(_: str) -> str:
        if version is None:
            raise PackageNotFoundError
        return version

    monkeypatch.setattr(vendored_conda, "version", found)
    vendored_conda._conda.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"conda-lock 4\.0") as caught:
            vendored_conda.read("numpy")
    finally:
        vendored_conda._conda.cache_clear()
    assert "pip install" in str(caught.value.hint)
