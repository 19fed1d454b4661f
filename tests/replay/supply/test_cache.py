"""No entry of the cache is used unverified, and nothing wrong is ever put into it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError, NetworkError, StepError
from cortexlock.replay.supply import cache as cache_module
from cortexlock.replay.supply.cache import Cache, Expected, opened, refuse_altered, verified_copy
from cortexlock.storage.digests import file_digest
from tests.support.mutations import in_time

CONTENT = b"content of an artifact"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
EXPECTED = Expected("demo.whl", SHA256, MD5, len(CONTENT))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_what_was_put_is_got(cache: Cache, tmp_path: Path) -> None:
    assert cache.get(EXPECTED) is None
    path = cache.put(EXPECTED, [CONTENT[:5], CONTENT[5:]])
    assert path == tmp_path / "cache" / "artifacts" / "sha256" / SHA256[:2] / SHA256 / "demo.whl"
    assert path.read_bytes() == CONTENT
    assert cache.get(EXPECTED) == path
    assert file_digest(path) == SHA256


@pytest.mark.parametrize("damage", [b"", CONTENT + b"x", CONTENT[:-1], CONTENT[:-1] + b"X"])
def test_a_bad_entry_is_thrown_away(cache: Cache, damage: bytes) -> None:
    path = cache.put(EXPECTED, [CONTENT])
    path.write_bytes(damage)
    assert cache.get(EXPECTED) is None
    assert not path.exists()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [_pipe, _device, Path.mkdir])
@pytest.mark.parametrize("size", [0, len(CONTENT)])
def test_what_is_no_file_is_no_entry(cache: Cache, make: Callable[[Path], None], size: int) -> None:
    expected = replace(EXPECTED, size=size)
    path = cache.put(expected, [CONTENT])
    path.unlink()
    make(path)
    with in_time():
        assert cache.get(expected) is None
        if make is not Path.mkdir:
            assert cache.put(expected, [CONTENT]).read_bytes() == CONTENT


@pytest.mark.parametrize("make", [_pipe, _device, Path.mkdir])
def test_what_is_no_file_is_altered(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Between the look at a file and its use, the script has run."""
    make(tmp_path / "file")
    (tmp_path / "copies").mkdir()
    with in_time(), pytest.raises(IntegrityError, match="was changed after it was verified"):
        verified_copy(tmp_path / "file", SHA256, tmp_path / "copies")
    with in_time(), pytest.raises(IntegrityError, match="was changed after it was verified"):
        refuse_altered([(tmp_path / "file", SHA256)])


def test_a_part_that_is_no_file_is_left_alone(cache: Cache, tmp_path: Path) -> None:
    """A link would have what it leads to written over."""
    directory = cache.path(EXPECTED).parent
    directory.mkdir(parents=True)
    (tmp_path / "precious").write_bytes(CONTENT[:5])
    (directory / ".link.part").symlink_to(tmp_path / "precious")
    os.mkfifo(directory / ".pipe.part")
    with in_time():
        assert cache.resume(EXPECTED, lambda there: [CONTENT[there:]]).read_bytes() == CONTENT
    assert (tmp_path / "precious").read_bytes() == CONTENT[:5]


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        (Expected("demo.whl", "0" * 64), "its sha256 is"),
        (Expected("demo.whl", SHA256, "0" * 32), "its md5 is"),
        (Expected("demo.whl", SHA256, size=len(CONTENT) + 1), f"it has {len(CONTENT)} bytes"),
        (Expected("demo.whl", SHA256, size=len(CONTENT) - 1), "more than"),
    ],
)
def test_wrong_bytes_are_refused_and_not_kept(cache: Cache, tmp_path: Path, expected: Expected, what: str) -> None:
    with pytest.raises(IntegrityError, match=what):
        cache.put(expected, [CONTENT])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_endless_answer_is_cut_off(cache: Cache) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield CONTENT

    with pytest.raises(IntegrityError, match="more than"):
        cache.put(EXPECTED, endless())


def test_a_download_that_fails_leaves_nothing(cache: Cache, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:5]
        raise NetworkError("broken off")

    with pytest.raises(NetworkError):
        cache.put(EXPECTED, broken())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def _rest(asked: list[int], content: bytes = CONTENT) -> Callable[[int], Iterator[bytes]]:
    def rest(there: int) -> Iterator[bytes]:
        asked.append(there)
        yield content[there:]

    return rest


def test_what_broke_off_is_continued(cache: Cache) -> None:
    def broken(_there: int) -> Iterator[bytes]:
        yield CONTENT[:5]
        raise NetworkError("broken off")

    with pytest.raises(NetworkError):
        cache.resume(EXPECTED, broken)
    assert cache.get(EXPECTED) is None
    asked: list[int] = []
    path = cache.resume(EXPECTED, _rest(asked))
    assert (asked, path.read_bytes(), list(path.parent.iterdir())) == ([5], CONTENT, [path])


@pytest.mark.parametrize("part", [b"other bytes", CONTENT + b"more", b"x" * len(CONTENT)])
@pytest.mark.parametrize("size", [0, len(CONTENT)])
def test_a_part_of_something_else_is_begun_anew(cache: Cache, part: bytes, size: int) -> None:
    expected = replace(EXPECTED, size=size)
    directory = cache.path(expected).parent
    directory.mkdir(parents=True)
    (directory / ".left.part").write_bytes(part)
    asked: list[int] = []
    path = cache.resume(expected, _rest(asked))
    assert (asked[-1], path.read_bytes(), list(directory.iterdir())) == (0, CONTENT, [path])


def test_a_part_that_is_whole_is_not_asked_for(cache: Cache) -> None:
    directory = cache.path(EXPECTED).parent
    directory.mkdir(parents=True)
    (directory / ".left.part").write_bytes(CONTENT)
    asked: list[int] = []
    assert cache.resume(EXPECTED, _rest(asked)).read_bytes() == CONTENT
    assert asked == []


def test_wrong_bytes_are_not_continued(cache: Cache, tmp_path: Path) -> None:
    for _ in range(2):
        asked: list[int] = []
        with pytest.raises(IntegrityError, match="its sha256 is"):
            cache.resume(EXPECTED, _rest(asked, b"x" * len(CONTENT)))
        assert asked == [0]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "expected", [Expected("../demo.whl", SHA256), Expected("/demo.whl", SHA256), Expected("demo.whl", "../" + SHA256)]
)
def test_names_that_lead_out_of_the_cache_are_refused(cache: Cache, expected: Expected) -> None:
    with pytest.raises(IntegrityError):
        cache.get(expected)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_entries_can_be_read_by_others(cache: Cache) -> None:
    assert cache.put(EXPECTED, [CONTENT]).stat().st_mode & 0o777 == 0o644


def test_a_cache_that_cannot_be_written_is_a_step_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StepError, match="cache cannot be written"):
        Cache(tmp_path / "cache").put(EXPECTED, [CONTENT])


def test_further_directories_are_read_and_not_written(cache: Cache, tmp_path: Path) -> None:
    path = cache.put(EXPECTED, [CONTENT])
    behind = Cache(tmp_path / "empty", (tmp_path / "cache",))
    assert behind.look_up(EXPECTED) == (path, "")
    path.write_bytes(b"damage")
    assert behind.get(EXPECTED) is None
    assert behind.look_up(EXPECTED)[1].startswith("it has 6 bytes")
    assert path.read_bytes() == b"damage"


def test_a_cache_that_can_be_written_is_used(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "cache") as found:
        assert (found.directory, found.also) == (tmp_path / "new" / "cache", ())


def test_one_that_cannot_be_written_is_read(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cache.put(EXPECTED, [CONTENT])
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may write anywhere
    with opened(tmp_path / "cache") as found:
        assert found.get(EXPECTED) == path
        other = found.put(Expected("other", hashlib.sha256(b"x").hexdigest()), [b"x"])
        assert not other.is_relative_to(tmp_path / "cache")
    assert not other.exists()


def test_old_parts_are_removed(cache: Cache) -> None:
    path = cache.put(EXPECTED, [CONTENT])
    path.unlink()
    old, new = path.parent / ".old.part", path.parent / ".new.part"
    for part in (old, new):
        part.write_text("")
    os.utime(old, (0, 0))
    cache.put(EXPECTED, [CONTENT])
    assert (old.exists(), new.exists()) == (False, True)


def test_what_another_process_puts_right_meanwhile_stays(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cache.put(EXPECTED, [CONTENT])
    path.write_bytes(b"evil")
    judge = cache_module._wrong

    def slow(expected: Expected, pieces: Iterable[bytes]) -> str:
        wrong = judge(expected, pieces)
        monkeypatch.setattr(cache_module, "_wrong", judge)
        Cache(cache.directory).put(expected, [CONTENT])
        return wrong

    monkeypatch.setattr(cache_module, "_wrong", slow)
    assert cache.look_up(EXPECTED)[1]
    assert path.read_bytes() == CONTENT
