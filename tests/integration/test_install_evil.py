"""`cortexlock install` refuses evil archives, each with exit code 6, before anything is written."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.lockfile.text import dumps
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.predictor import CondaRecord
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from tests.support import conda_packages, evil_packages
from tests.support.conda_packages import Content, Member, Package
from tests.support.file_server import ChannelServer
from tests.support.image import write_conda_records
from tests.support.replay import Case, make_case, tree_of

VERSION = ".".join(map(str, sys.version_info[:3]))
GOOD = Package("good", files={"lib/good.txt": "good"})


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A project whose lockfile gets an evil package beside a good one; what must not be touched lies outside."""
    (tmp_path / "place" / "of").mkdir(parents=True)
    case = make_case(tmp_path / "place" / "of")
    (case.directory / "requirements.txt").unlink()
    (case.directory / "conda-packages.txt").write_text("evil\ngood\n", encoding="utf-8")
    write_conda_records(case.prefix, [CondaRecord("python", VERSION)])
    case.pre_installed.append(PreInstalled("conda", "python", VERSION))
    for directory in (tmp_path / "outside", tmp_path / "place" / "outside"):
        directory.mkdir()
        (directory / "secret").write_text("secret", encoding="utf-8")
    return case


def _install(case: Case, *options: str | Path) -> int:
    (case.directory / "cortexlock.cpu.yaml").write_text(dumps(case.lockfile), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["install", *map(str, (case.directory, "--prefix", case.prefix, "--cache-dir", case.cache, *options))])
    return int(ended.value.code or 0)


def _placed(package: Package, outside: Path) -> Package:
    """Put the directory to write to where `{outside}` stands."""

    def put(content: Content) -> Content:
        if isinstance(content, Member):
            return replace(content, target=content.target.replace("{outside}", str(outside)))
        return content

    pairs = list(package.files.items() if hasattr(package.files, "items") else package.files)
    files = [(path.replace("{outside}", str(outside)), put(content)) for path, content in pairs]
    paths = package.paths and json.loads(json.dumps(package.paths).replace("{outside}", str(outside)))
    return replace(package, files=files, paths=package.paths if paths is None else paths)


def _everything_but(root: Path, *left_out: Path) -> dict[str, bytes]:
    found = tree_of(root)
    names = [path.relative_to(root).as_posix() for path in left_out]
    return {path: content for path, content in found.items() if not path.startswith(tuple(names))}


@pytest.mark.parametrize("suffix", [".tar.bz2", ".conda"])
@pytest.mark.parametrize("evil", evil_packages.PACKAGES)
def test_an_evil_archive_is_refused_and_nothing_is_written(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], evil: str, suffix: str
) -> None:
    package = _placed(evil_packages.PACKAGES[evil](suffix), tmp_path / "outside")
    conda_packages.write_channel(case.directory / "channel", [GOOD, package])
    for each in (GOOD, package):
        content = (case.directory / "channel" / each.subdir / each.file).read_bytes()
        case.conda.append(conda_packages.locked(each, content))
    (case.directory / "cortexlock.cpu.yaml").write_text("", encoding="utf-8")
    lockfile = case.directory / "cortexlock.cpu.yaml"
    before = _everything_but(tmp_path, case.cache, case.prefix / LOCK_NAME, lockfile)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _install(case) == 6
    error = capsys.readouterr().err
    assert package.file in error
    assert "Traceback" not in error
    assert _everything_but(tmp_path, case.cache, case.prefix / LOCK_NAME, lockfile) == before
    assert not list(tmp_path.rglob("evil"))
    if evil == "bomb":
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < (evil_packages.BOMB >> 10) // 2  # KiB


Change = Callable[[Case, bytes], None]


def _wrong_sha256(case: Case, _content: bytes) -> None:
    case.conda[0] = replace(case.conda[0], sha256=hashlib.sha256(b"other").hexdigest())


def _wrong_md5(case: Case, _content: bytes) -> None:
    case.conda[0] = replace(case.conda[0], md5="0" * 32)


def _wrong_size(case: Case, _content: bytes) -> None:
    case.conda[0] = replace(case.conda[0], size=case.conda[0].size + 1)


def _truncated(case: Case, content: bytes) -> None:
    (case.directory / "channel" / "linux-64" / GOOD.file).write_bytes(content[: len(content) // 2])


def _other_bytes(case: Case, content: bytes) -> None:
    (case.directory / "channel" / "linux-64" / GOOD.file).write_bytes(content[:-1] + b"!")


@pytest.mark.parametrize("change", [_wrong_sha256, _wrong_md5, _wrong_size, _truncated, _other_bytes])
@pytest.mark.parametrize("served", [False, True])
def test_other_bytes_than_the_locked_ones_are_refused(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Change, *, served: bool
) -> None:
    conda_packages.write_channel(case.directory / "channel", [GOOD])
    content = (case.directory / "channel" / "linux-64" / GOOD.file).read_bytes()
    with ChannelServer(case.directory / "channel") as server:
        case.conda.append(conda_packages.locked(GOOD, content, channel=server.url if served else "./channel"))
        change(case, content)
        lockfile = case.directory / "cortexlock.cpu.yaml"
        before = _everything_but(tmp_path, case.cache, case.prefix / LOCK_NAME, lockfile)
        assert _install(case) == 6
    assert GOOD.file in capsys.readouterr().err
    assert _everything_but(tmp_path, case.cache, case.prefix / LOCK_NAME, lockfile) == before
    assert not list(case.cache.rglob(GOOD.file))


def test_an_entry_of_the_cache_that_was_replaced_is_not_used(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    conda_packages.write_channel(case.directory / "channel", [GOOD])
    content = (case.directory / "channel" / "linux-64" / GOOD.file).read_bytes()
    case.conda.append(conda_packages.locked(GOOD, content))
    (entry,) = _cached(case)
    entry.write_bytes(conda_packages.archive(Package("good", files={"lib/good.txt": "evil"})))
    assert _install(case) == 0
    assert (case.prefix / "lib" / "good.txt").read_text(encoding="utf-8") == "good"
    assert entry.read_bytes() == content
    capsys.readouterr()


def _cached(case: Case) -> list[Path]:
    """Fill the cache without touching the prefix: by a project with another package that cannot be had."""
    absent = replace(case.conda[0], name="zzz", file="zzz-1.0-0.tar.bz2", sha256="0" * 64)
    case.conda.append(absent)
    assert _install(case) == 5
    case.conda.remove(absent)
    return list(case.cache.rglob(GOOD.file))
