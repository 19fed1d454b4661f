"""An interpreter from channels: what is made, reused, refused; a script stands for Python."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import interpreter
from cortexlock.conda.interpreter import InterpreterRequest, make
from cortexlock.errors import IntegrityError, UsageError
from cortexlock.model.lock_progress import Activity, LockProgress
from tests.support import conda_packages
from tests.support.conda_packages import PLACEHOLDER, Package

pytestmark = pytest.mark.skipif(not interpreter.is_possible(), reason="conda's packages for Linux do not run here")


def _python(version: str) -> Package:
    script = f"#!/bin/sh\necho {version}\n"
    files = {"bin/python": script, "lib/where": f"{PLACEHOLDER}/lib\n"}
    return Package("python", version, depends=["library"], files=files, prefixed=["lib/where"])


PACKAGES = (
    _python("3.6.10"),
    replace(_python("3.6.15"), timestamp=1_700_000_000_000),
    _python("3.7.7"),
    Package("library", files={"lib/library": "1"}, hashes=["md5"], suffix=".conda"),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a channel."""
    conda_packages.write_channel(tmp_path / "project" / "channel", PACKAGES)
    return tmp_path / "project"


def _make(
    project: Path,
    messages: list[LockProgress],
    *,
    minor: str = "3.6",
    channels: Sequence[str] = ("./channel",),
    exclude_newer: str | None = None,
) -> Path:
    cache, environment = project.parent / "cache", dict(os.environ)
    request = InterpreterRequest(minor, tuple(channels), project, exclude_newer, cache, environment)
    return make(request, on_progress=messages.append)


def _there(project: Path) -> list[str]:
    names = (path.name for path in (project.parent / "cache" / "interpreters").iterdir())
    return sorted(name.partition("-")[0] for name in names)


def test_it_is_made_once_and_needs_no_channel_then(project: Path) -> None:
    messages: list[LockProgress] = []
    python = _make(project, messages)
    assert "3.6.15" in python.read_text(encoding="utf-8")
    assert os.access(python, os.X_OK)
    prefix = python.parents[1]
    assert (prefix / "lib" / "library").read_text(encoding="utf-8") == "1"
    assert (prefix / "lib" / "where").read_text(encoding="utf-8") == f"{prefix}/lib\n"
    assert _there(project) == ["asked", "linux"]

    (project / "channel").rename(project / "gone")
    assert _make(project, messages) == python
    assert messages == [LockProgress(Activity.MAKES_INTERPRETER, "3.6", "./channel")]


def test_the_cut_off_date_and_the_version_count(project: Path) -> None:
    made = {
        _make(project, [], exclude_newer=date, minor=minor).read_text(encoding="utf-8").split()[-1]
        for date, minor in ((None, "3.6"), ("2021-01-01T00:00:00Z", "3.6"), (None, "3.7"))
    }
    assert made == {"3.6.10", "3.6.15", "3.7.7"}


def test_another_request_for_the_same_archives_gets_the_same_environment(project: Path) -> None:
    first = _make(project, [])
    before = first.stat()
    assert _make(project, [], exclude_newer="2024-01-01T00:00:00Z") == first
    assert first.stat() == before


def test_what_a_killed_run_left_is_not_used(project: Path) -> None:
    python = _make(project, [])
    root = project.parent / "cache" / "interpreters"
    (root / "half-made-x" / "made" / "bin").mkdir(parents=True)
    python.unlink()
    messages: list[LockProgress] = []
    assert _make(project, messages) == python
    assert python.exists()
    assert messages == [LockProgress(Activity.MAKES_INTERPRETER, "3.6", "./channel")]
    assert _there(project) == ["asked", "linux"]


@pytest.mark.parametrize(
    ("minor", "channels", "date", "reason"),
    [
        ("3.5", ["./channel"], None, r"none from \./channel either \(no python 3\.5 that can be installed here\)$"),
        ("3.6", ["./channel"], "2015-01-01T00:00:00Z", r"installed here as of 2015-01-01T00:00:00Z\)$"),
        ("3.6", ["./channel", "./none"], None, r"none from \./channel, \./none either \(channel \./none: cannot be"),
        ("3.6", ["ftp://example.org/channel"], None, "cannot be reached by `ftp`"),
    ],
)
def test_channels_that_have_none(project: Path, minor: str, channels: list[str], date: str | None, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        _make(project, [], minor=minor, channels=channels, exclude_newer=date)
    assert "\n" not in caught.value.what


def test_an_archive_that_is_gone_is_a_channel_that_has_none(project: Path) -> None:
    (project / "channel" / "linux-64" / "python-3.6.15-0.tar.bz2").unlink()
    with pytest.raises(UsageError, match="the archive cannot be read"):
        _make(project, [])
    assert _there(project) == []


def test_a_tampered_archive_is_refused(project: Path) -> None:
    archive = project / "channel" / "linux-64" / "python-3.6.15-0.tar.bz2"
    archive.write_bytes(archive.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match="sha256"):
        _make(project, [])
    assert _there(project) == []


def test_a_cache_that_cannot_be_written(project: Path) -> None:
    (project.parent / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\(the cache cannot be written: "):
        _make(project, [])
