"""What cortexlock sees of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.cli.lock_words import words
from cortexlock.errors import InputError, UsageError
from cortexlock.inputs import project_directory
from cortexlock.lock.show import Seen, show
from cortexlock.model.conda_list import ExplicitUrl
from cortexlock.model.lock_facts import NoTargets, OneOfSeveral
from cortexlock.model.predictor import PlatformName
from tests.support.projects import fresh_project


def _show(directory: Path, *platforms: PlatformName, configuration: str = "", **files: str) -> Seen:
    (directory / "cortexlock.yaml").write_text(configuration, encoding="utf-8")
    for name, text in files.items():
        path = {"conda": "conda-packages.txt", "pip": "requirements.txt", "script": "script.sh", "api": "cortex.yaml"}[
            name
        ]
        (directory / path).write_text(text, encoding="utf-8")
    return show(project_directory.read(directory), platforms)


def test_targets_with_their_steps(tmp_path: Path) -> None:
    said = "predictor: python\ncortex-version: 0.18.0\nplatforms: [cpu, cuda]\n"
    seen = _show(tmp_path, configuration=said, conda="numpy\n", script="true\n")
    assert [each.predictor.platform for each in seen.targets] == ["cpu", "cuda"]
    cpu, cuda = seen.targets
    assert cpu.steps == (("script", "script.sh"), ("conda", "conda-packages.txt"), ("core", ""), ("pip", ""))
    assert (cpu.target.python_version, cpu.target.cuda, cuda.target.cuda) == ("3.6.9", None, "10.1")
    assert cpu.tags > 300
    assert (seen.errors, seen.notes) == ([], [])
    assert [each.predictor.platform for each in _show(tmp_path, "cuda", configuration=said).targets] == ["cuda"]


def test_the_tags_are_those_that_pip_has(tmp_path: Path) -> None:
    from pip._internal.models.target_python import TargetPython  # noqa: PLC0415 - private, and only compared with

    seen = _show(tmp_path, configuration="predictor: python\ncortex-version: 0.18.0\nplatforms: [cpu]\n", pip="six\n")
    target = seen.targets[0].target
    pips = TargetPython(list(target.wheel_platforms), target.python, [target.abi], "cp").get_sorted_tags()
    assert seen.targets[0].tags == len(pips)


def test_all_that_is_wrong_with_a_list(tmp_path: Path) -> None:
    text = "# a list\nnumpy=1=0\nfoo~=1\nidna=2=pypi_0\na b\n==\nmine=x.y=dev_0\nsix\n"
    seen = _show(tmp_path, conda=text)
    assert [spec.name for spec in seen.conda.specs] == ["numpy", "six"]
    assert [row.name for row in seen.conda.pypi] == ["idna"]
    assert [error.where for error in seen.errors] == [f"conda-packages.txt:{line}" for line in (3, 5, 6, 7)]


def test_a_list_of_another_platform_has_one_error(tmp_path: Path) -> None:
    seen = _show(tmp_path, conda="# platform: osx-64\nnumpy=1=0\n==\na  1.0  py_0\n")
    assert [error.where for error in seen.errors] == ["conda-packages.txt:1"]


def test_an_explicit_list(tmp_path: Path) -> None:
    url = "https://conda.example.org/main/linux-64/a-1-0.conda"
    seen = _show(tmp_path, conda=f"@EXPLICIT\n{url}\nnumpy\n")
    assert seen.conda.explicit == (ExplicitUrl(2, url),)
    assert [error.where for error in seen.errors] == ["conda-packages.txt:3"]


def test_what_the_lockfiles_say_goes_on(tmp_path: Path) -> None:
    """An option of `lock` said the image."""
    fresh_project(tmp_path)
    (tmp_path / "cortexlock.yaml").write_text("platforms: [cpu, cuda]\n")
    seen = show(project_directory.read(tmp_path))
    assert [each.predictor.platform for each in seen.targets] == ["cpu", "cuda"]
    assert words(seen.notes[0]).startswith("predictor python: as in the lockfile")


def test_requirements_with_what_they_include(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("six\n", encoding="utf-8")
    seen = _show(tmp_path, pip="-r base.txt\nnumpy\n")
    assert seen.requirements is not None
    assert seen.requirements.files == ("requirements.txt", "base.txt")
    assert seen.notes == [NoTargets()]


@pytest.mark.parametrize(
    ("configuration", "pip", "error"),
    [("predictor: nonsense\n", "six\n", UsageError), ("predictor: python\n", "-r nowhere.txt\n", InputError)],
)
def test_errors_are_kept_and_the_rest_is_shown(
    tmp_path: Path, configuration: str, pip: str, error: type[Exception]
) -> None:
    seen = _show(tmp_path, configuration=configuration, conda="six\n", pip=pip)
    assert [isinstance(each, error) for each in seen.errors] == [True]
    assert [spec.name for spec in seen.conda.specs] == ["six"]


def test_both_names_of_the_script_are_one_error(tmp_path: Path) -> None:
    (tmp_path / "dependencies.sh").write_text("true\n", encoding="utf-8")
    said = "predictor: python\ncortex-version: 0.18.0\n"
    seen = _show(tmp_path, configuration=said, script="true\n")
    assert len(seen.errors) == 1
    assert seen.targets == ()


def test_platforms_with_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "gpu.txt").write_text("six\n", encoding="utf-8")
    apis = (
        "- name: a\n  predictor:\n    type: python\n    path: a.py\n"
        "- name: b\n  predictor:\n    type: python\n    path: b.py\n    dependencies: {conda: gpu.txt}\n"
        "  compute: {gpu: 1}\n"
    )
    seen = _show(tmp_path, configuration="cortex-version: 0.31.0\n", api=apis, conda="numpy\n")
    assert seen.conda_file == "conda-packages.txt"
    assert seen.notes == [OneOfSeveral("cpu")]
    assert dict(seen.targets[1].steps)["conda"] == "gpu.txt"


def test_an_image_for_other_chips_than_compute_says(tmp_path: Path) -> None:
    image = "cortexlabs/python-predictor-gpu:0.18.1"
    seen = _show(tmp_path, api=f"- name: a\n  predictor:\n    type: python\n    image: {image}\n")
    assert [each.predictor.platform for each in seen.targets] == ["cuda"]
    assert words(seen.notes[0]).startswith(
        f"cortex.yaml:4: the API `a` computes on CPUs, and its image {image} is for GPUs"
    )
