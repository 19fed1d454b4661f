"""A replay runs on a machine like the one that was locked for."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import DifferenceError, UsageError
from cortexlock.model.lockfile import Lockfile
from cortexlock.model.target import VirtualPackage
from cortexlock.replay.checks import machine
from tests.support.replay import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text("demo\n")
    return Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", python="3.6.9")


def test_an_image_for_aarch64(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    lockfile = replace(case.lockfile, subdir="linux-aarch64")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    machine.check_machine(lockfile)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(UsageError, match="for linux-aarch64, this machine is linux on x86_64"):
        machine.check_machine(lockfile)


def test_the_machine_must_be_linux_on_x86_64(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    machine.check_machine(case.lockfile)
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    with pytest.raises(UsageError, match="this machine is linux on arm64"):
        machine.check_machine(case.lockfile)


def test_the_c_library_must_not_be_older_than_the_image_s(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (("glibc", "2.27"), ("glibc", "2.100")):
        monkeypatch.setattr(platform, "libc_ver", lambda found=found: found)
        machine.check_machine(case.lockfile)
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.5"))
    with pytest.raises(DifferenceError, match=r"glibc 2\.5, the lockfile is for glibc 2\.27"):
        machine.check_machine(case.lockfile)


@pytest.mark.parametrize(("found", "said"), [("", "another one, musl perhaps"), ("libc", "libc")])
def test_another_c_library_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch, found: str, said: str) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: (found, ""))
    with pytest.raises(UsageError, match=f"for glibc 2.27, and this machine's C library is {said}"):
        machine.check_machine(case.lockfile)


def _for_cuda(case: Case, version: str) -> Lockfile:
    return replace(case.lockfile, platform="cuda", virtual_packages=(VirtualPackage("__cuda", version),))


def test_without_cuda_no_driver_is_asked_for(case: Case) -> None:
    machine.check_gpu(case.lockfile, {})


@pytest.mark.parametrize(
    ("driver", "wanted"), [("10.1", "10.1"), ("10.2", "10.1"), ("12.4", "11.1"), ("11.0", "11.1"), ("10.10", "10.2")]
)
def test_a_driver_that_serves(case: Case, driver: str, wanted: str) -> None:
    machine.check_gpu(_for_cuda(case, wanted), {**os.environ, "CONDA_OVERRIDE_CUDA": driver})


@pytest.mark.parametrize(("driver", "wanted"), [("10.0", "10.1"), ("9.2", "10.1"), ("10.2", "11.0")])
def test_a_driver_that_is_too_old(case: Case, driver: str, wanted: str) -> None:
    with pytest.raises(DifferenceError, match=f"supports CUDA up to {driver}, the lockfile is for CUDA {wanted}"):
        machine.check_gpu(_for_cuda(case, wanted), {**os.environ, "CONDA_OVERRIDE_CUDA": driver})


def test_no_driver(case: Case) -> None:
    with pytest.raises(DifferenceError, match=r"for CUDA 10\.1, and this machine has no NVIDIA driver") as caught:
        machine.check_gpu(_for_cuda(case, "10.1"), {**os.environ, "CONDA_OVERRIDE_CUDA": ""})
    assert "--no-gpu-check" in str(caught.value.hint)


def test_a_version_that_is_none(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cortexlock.conda.detection.cuda_version", lambda _environment: "unknown?")
    with pytest.raises(DifferenceError, match="up to unknown"):
        machine.check_gpu(_for_cuda(case, "10.1"), {})
