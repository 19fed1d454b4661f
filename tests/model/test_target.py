"""Targets are what packaging, pip and a Python 3.6 say of such an interpreter, whatever the host is."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from packaging import _manylinux, tags
from packaging.markers import Marker, default_environment
from pip._internal.models.target_python import TargetPython

from cortexlock.model.predictor import Predictor
from cortexlock.model.target import Target, VirtualPackage, minor_of, numbers_of

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
)
CPU = Target.of(IMAGE)
ARM = Target.of(replace(IMAGE, subdir="linux-aarch64"))
CUDA = Target.of(replace(IMAGE, platform="cuda", cuda="10.1"))


def pip_tags(target: Target) -> list[str]:
    """The tags that pip looks for, best first."""
    python = TargetPython(
        platforms=list(target.wheel_platforms),
        py_version_info=target.python,
        abis=[target.abi],
        implementation="cp",
    )
    return [str(tag) for tag in python.get_sorted_tags()]


def test_a_target_is_derived_from_the_image() -> None:
    assert Target("cpu", "linux-64", (3, 6, 9), (2, 27), None) == CPU
    assert Target("cuda", "linux-64", (3, 6, 9), (2, 27), "10.1") == CUDA
    assert (CPU.python_version, CPU.python_minor) == ("3.6.9", "3.6")


def test_a_prerelease_is_one_to_markers_only() -> None:
    target = Target.of(replace(IMAGE, python="3.14.0rc1"))
    assert (target.python, target.python_version, target.python_minor) == ((3, 14, 0), "3.14.0rc1", "3.14")
    assert target.abi == "cp314"
    environment: dict[str, str] = target.marker_environment
    assert not Marker('python_full_version >= "3.14"').evaluate(environment)
    assert Marker('python_full_version >= "3.14.0b1"').evaluate(environment)
    assert Marker('python_version >= "3.14" and implementation_version == "3.14.0rc1"').evaluate(environment)


def test_a_version_without_patch_level() -> None:
    assert Target.of(replace(IMAGE, python="3.7", glibc="2.31")).python == (3, 7, 0)


@pytest.mark.parametrize(
    ("python", "abi"),
    [("2.7.18", "cp27m"), ("3.6.9", "cp36m"), ("3.7.16", "cp37m"), ("3.8.0", "cp38"), ("3.10.1", "cp310")],
)
def test_the_abi_is_that_of_the_interpreter(python: str, abi: str) -> None:
    assert Target.of(replace(IMAGE, python=python)).abi == abi


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("glibc", [(2, 27), (2, 17), (2, 12), (2, 35)])
@pytest.mark.skipif(sys.platform != "linux", reason="packaging looks at the host's C library")
def test_platforms_are_those_of_packaging_for_that_c_library(
    glibc: tuple[int, int], machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: glibc)
    expected = [*_manylinux.platform_tags([machine]), f"linux_{machine}"]
    target = replace(CPU, glibc=glibc) if machine == "x86_64" else replace(ARM, glibc=glibc)
    assert list(target.wheel_platforms) == expected


def test_what_an_image_for_aarch64_differs_in() -> None:
    assert ARM.marker_environment == {**CPU.marker_environment, "platform_machine": "aarch64"}
    assert VirtualPackage("__archspec", "1", "aarch64") in ARM.virtual_packages


@pytest.mark.parametrize("python", ["3.6.9", "3.7.16", "3.11.7"])
def test_pip_takes_the_tags_that_packaging_computes(python: str) -> None:
    target = Target.of(replace(IMAGE, python=python))
    minor, platforms = target.python[:2], list(target.wheel_platforms)
    expected = [
        *tags.cpython_tags(minor, [target.abi], platforms),
        *tags.compatible_tags(minor, f"cp{minor[0]}{minor[1]}", platforms),
    ]
    assert sorted(pip_tags(target)) == sorted(map(str, expected))


def test_pip_takes_the_wheels_that_the_image_takes() -> None:
    accepted = pip_tags(CPU)
    wanted = [
        "cp36-cp36m-manylinux_2_27_x86_64",
        "cp36-cp36m-manylinux2014_x86_64",
        "cp36-cp36m-manylinux1_x86_64",
        "cp36-cp36m-linux_x86_64",
        "cp36-abi3-manylinux2010_x86_64",
        "py3-none-any",
    ]
    assert [tag for tag in accepted if tag in wanted] == wanted
    for unwanted in (
        "cp37-cp37m-manylinux1_x86_64",
        "cp36-cp36m-manylinux_2_28_x86_64",
        "cp36-cp36m-macosx_10_9_x86_64",
    ):
        assert unwanted not in accepted


def test_markers_are_evaluated_for_the_image() -> None:
    environment = CPU.marker_environment
    assert environment.keys() == default_environment().keys()
    assert Marker('python_version < "3.7" and python_full_version == "3.6.9"').evaluate(environment)
    assert Marker('sys_platform == "linux" and platform_machine == "x86_64" and os_name == "posix"').evaluate(
        environment
    )
    assert Marker('platform_system == "Linux" and implementation_name == "cpython"').evaluate(environment)
    assert not Marker('python_version >= "3.10"').evaluate(environment)


def test_virtual_packages_have_cuda_only_where_the_image_has_it() -> None:
    names = [package.name for package in CPU.virtual_packages]
    assert names == ["__archspec", "__glibc", "__linux", "__unix"]
    assert VirtualPackage("__glibc", "2.27") in CPU.virtual_packages
    assert set(CUDA.virtual_packages) - set(CPU.virtual_packages) == {VirtualPackage("__cuda", "10.1")}
    assert list(CUDA.virtual_packages) == sorted(CUDA.virtual_packages, key=lambda package: package.name)


@pytest.mark.interpreter
def test_a_real_python_36_agrees(python36: Path) -> None:
    code = (
        "import json, os, platform, sys, sysconfig\n"
        "abi, version = sysconfig.get_config_var('SOABI'), list(sys.version_info[:3])\n"
        "print(json.dumps({'abi': abi, 'version': version, 'markers': {\n"
        "'implementation_name': sys.implementation.name, 'os_name': os.name, 'sys_platform': sys.platform,\n"
        "'implementation_version': '%d.%d.%d' % sys.implementation.version[:3],\n"
        "'platform_machine': platform.machine(), 'platform_system': platform.system(),\n"
        "'platform_python_implementation': platform.python_implementation(),\n"
        "'python_full_version': platform.python_version(),\n"
        "'python_version': '.'.join(platform.python_version_tuple()[:2])}}))\n"
    )
    answer = subprocess.run([python36, "-c", code], check=True, capture_output=True, text=True)
    said = json.loads(answer.stdout)
    target = replace(CPU, python=tuple(said["version"]))
    assert said["abi"].split("-")[:2] == ["cpython", "36m"]
    assert target.abi == "cp36m"
    unknown = {"platform_release": "", "platform_version": ""}  # of the host's kernel: the image has none
    assert {**said["markers"], **unknown} == target.marker_environment


def test_a_minor_version_has_two_numbers() -> None:
    assert (minor_of("3.6.9"), minor_of("3.10")) == ("3.6", "3.10")


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("3.6.9", (3, 6, 9)),
        ("3.6", (3, 6, 0)),
        ("2.27", (2, 27, 0)),
        ("3.14.0rc1", (3, 14, 0)),
        ("3.13.0a7+", (3, 13, 0)),
        ("3.10.13.1", (3, 10, 13)),
    ],
)
def test_the_numbers_of_a_version(version: str, numbers: tuple[int, int, int]) -> None:
    assert numbers_of(version) == numbers
    assert Target.of(replace(IMAGE, python=version)).python == numbers
