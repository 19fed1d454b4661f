"""Layers on top of each other: whiteouts, links, and what a stranger's archive may not do."""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import IntegrityError
from cortexlock.predictors.images import limits
from cortexlock.predictors.images.image_path import ImagePath, root_of
from cortexlock.predictors.images.layers import LayeredRoot
from cortexlock.predictors.images.streams import Blob
from cortexlock.predictors.images.wanted import _ALL_NAMES, is_wanted, may_be_wanted
from tests.support.image_archives import Entries, Link, digest, layer, packed

META = "x.dist-info/METADATA"
_OPENED: list[LayeredRoot] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


def _blob(content: bytes, name: str = "layer") -> Blob:
    return Blob(io.BytesIO(content), 0, len(content), name)


def _root(*layers: Entries | bytes, whiteouts: bool = True) -> ImagePath:
    blobs = [_blob(each if isinstance(each, bytes) else layer(each)) for each in layers]
    _OPENED.append(LayeredRoot(blobs, whiteouts=whiteouts))
    return root_of(_OPENED[-1])


def _names(path: ImagePath) -> list[str]:
    return [each.name for each in path.iterdir()]


def test_a_whiteout_hides_what_is_below_and_not_what_is_beside() -> None:
    lower: Entries = {"a/b/one": "1", "a/b/two": "2", "a/file": "x"}
    assert _names(_root(lower, {"a/.wh.b": ""}) / "a") == ["file"]
    assert _names(_root(lower, {"a/b/three": "3", "a/.wh.b": ""}) / "a/b") == ["three"]
    assert _names(_root(lower, {"a/.wh.b": "", "a/b/three": "3"}) / "a/b") == ["three"]
    assert _names(_root(lower, {"a/b/.wh.one": "", "a/b/one": "new"}) / "a/b") == ["one", "two"]
    assert _names(_root(lower, {"a/b/.wh.one": ""}, {"a/b/one": ""}) / "a/b") == ["one", "two"]
    assert _names(_root(lower, {".wh.a": ""})) == []
    assert _names(_root({"a": None}, {"b": "", ".wh.missing": "", "c/.wh..wh..opq": "", ".wh..wh.plnk": None})) == [
        "a",
        "b",
    ]


def test_an_opaque_directory_has_what_its_own_layer_gives_it() -> None:
    lower: Entries = {"a/b/one": "1", "a/c": "x"}
    assert _names(_root(lower, {"a/new": "", "a/.wh..wh..opq": ""}) / "a") == ["new"]
    assert _names(_root(lower, {"a": None, "a/.wh..wh..opq": "", "a/b/two": ""}) / "a/b") == ["two"]
    assert _names(_root(lower, {".wh..wh..opq": "", "z": ""})) == ["z"]


def test_in_a_flat_tar_there_are_no_whiteouts() -> None:
    assert _names(_root({"a/one": "", "a/.wh.one": ""}, whiteouts=False) / "a") == [".wh.one", "one"]


def test_files_directories_and_links_replace_each_other() -> None:
    assert _names(_root({"a/b": ""}, {"a": "file"}, {"a/c": ""}) / "a") == ["c"]
    assert not (_root({"a/b": ""}, {"a": "file"}) / "a").is_dir()
    assert _names(_root({"a/b": ""}, {"a": None}) / "a") == ["b"]
    assert _names(_root({"real/b": "", "a": Link("real")}, {"a": None, "a/c": ""}) / "a") == ["c"]
    assert _names(_root({"real/b": "", "a": Link("/real")}, {"a/c": ""}) / "real") == ["b", "c"]
    assert not (_root({META: "old"}, {META.replace("METADATA", "x.py"): "", "x.dist-info": ""}) / META).is_file()
    assert not (_root({"d.py/METADATA": "x"}, {"d.py": "a file"}) / "d.py").is_dir()


def test_links_stay_within_the_image() -> None:
    root = _root({"etc/up": Link("../../../../etc/os"), "etc/os": "x", "loop": Link("loop"), "far": Link("/etc/up")})
    assert str((root / "etc/up").resolve()) == "/etc/os"
    assert (root / "far").is_file()
    assert not (root / "loop").is_file()
    assert str((root / "loop").resolve()) == "/loop"
    assert _names(root / "loop") == []
    assert _names(_root({"d": Link("missing"), "d/x": ""}) / "missing") == ["x"]
    assert _names(_root({"d": Link("d"), "d/x": ""})) == ["d"]


def test_hard_links() -> None:
    root = _root({META: "text", "y.dist-info/METADATA": Link(META, hard=True)})
    assert (root / "y.dist-info/METADATA").read_bytes() == b"text"
    names: Entries = {"cache/1": "one", "cache/2": "two", "a.dist-info/METADATA": Link("cache/1", hard=True)}
    root = _root(names, {"b.dist-info/METADATA": Link("cache/2", hard=True), ".wh.cache": ""})
    assert (root / "a.dist-info/METADATA").read_bytes() == b"one"
    assert (root / "b.dist-info/METADATA").read_bytes() == b"two"
    assert _names(root) == ["a.dist-info", "b.dist-info"]
    assert (_root({"f": "content"}) / "f").read_bytes() == b"content"
    with pytest.raises(IntegrityError, match="cannot be read"):
        (_root({META: Link("missing", hard=True)}) / META).read_bytes()


def test_a_hard_link_to_a_source_file_of_a_lower_layer() -> None:
    root = _root({"a.py": "text"}, {META: Link("a.py", hard=True)}, {".wh.a.py": ""})
    assert (root / META).read_bytes() == b"text"
    with pytest.raises(IntegrityError, match="cannot be read"):
        (_root({META: Link("missing.py", hard=True)}) / META).read_bytes()


def test_reading_again_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REREADS", 2)
    root = _root({f"f{number}": "x" for number in range(4)})
    assert [(root / f"f{number}").read_bytes() for number in range(2)] == [b"x", b"x"]
    with pytest.raises(IntegrityError, match="hard links"):
        (root / "f3").read_bytes()


def test_a_source_file_that_is_asked_for() -> None:
    root = _root({"a.py": "low", "b.py": "gone"}, {"d/a.py": "other", "a.py": "high", ".wh.b.py": ""})
    assert _names(root) == ["d"]
    assert (root / "a.py").read_bytes() == b"high"
    assert not (root / "b.py").is_file()
    assert not (root / "c.py").is_file()
    assert not (_root() / "c.py").is_file()
    with pytest.raises(IntegrityError, match="constraints in source files"):
        [(root / f"{number}.py").is_file() for number in range(limits.REREADS)]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a" * 5000, "/".join("a" * 300)])
def test_paths_that_no_image_has(name: str) -> None:
    with pytest.raises(IntegrityError, match="leads out of the image, or is too long"):
        _root({name: ""})


def test_links_that_no_image_has() -> None:
    assert _names(_root({"a": Link("t" * 4096)})) == ["a"]
    with pytest.raises(IntegrityError, match="a path that is too long"):
        _root({"a": Link("t" * 4097)})


def test_a_long_name_in_a_directory_that_is_known() -> None:
    with pytest.raises(IntegrityError, match="too long"):
        _root({"d/a": "", "d/" + "b" * 4096: ""})


def test_directories_that_no_member_makes() -> None:
    assert _names(_root({"lib/python3.11/os.py": ""}) / "lib") == ["python3.11"]
    assert _names(_root({"lib/python3.11/os.py": ""}, {"lib/.wh.python3.11": ""}) / "lib") == []


def test_what_is_wanted_may_be_wanted() -> None:
    for directory in (
        "x.dist-info",
        "x.egg-info",
        "EGG-INFO",
        "conda-meta",
        "cuda-12.1",
        ".pyenv",
        "pip",
        "etc",
        "bin",
    ):
        for name in (*_ALL_NAMES, "x.json", "constraint.txt", "constraints.txt", "python3.11", "libpython3.8m.so.1.0"):
            assert may_be_wanted(name) >= is_wanted((directory, name))


def test_names_of_all_kinds() -> None:
    name = "caf\udce9\\x2d"
    assert _names(_root({f"/./{name}": ""})) == [name]
    assert _names(_root({"l" * 200 + "/" + "m" * 200: ""}) / ("l" * 200)) == ["m" * 200]


@pytest.mark.parametrize("how", ["gzip", "zstd", "bzip2", "xz"])
def test_what_unpacks_to_much_more(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    content = packed(layer({"zeros": bytes(1 << 22)}), how)  # type: ignore[arg-type]  # one of the four
    assert _names(_root(content)) == ["zeros"]
    monkeypatch.setattr(limits, "UNPACKED_ALWAYS", 1 << 16)
    with pytest.raises(IntegrityError, match="unpacks to much more"):
        _root(content)


def _header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def test_headers_that_ask_for_much(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (b"x", b"g", b"L", b"K", b"X"):
        with pytest.raises(IntegrityError, match="an extended header of"):
            _root(_header(kind, 1 << 30) + bytes(1 << 12))
        with pytest.raises(IntegrityError, match="ends within an extended header"):
            _root(_header(kind, 1 << 12) + bytes(1 << 10))
    for record in (
        b"3 a",
        b"99999999999999999999999 a=b\n",
        b"0 a=b\n",
        b"x a=b\n",
        b"5 a\n",
        b"50 a=b\n",
        b"6 a=b\n\x2e",
    ):
        with pytest.raises(IntegrityError, match="a pax header is wrong"):
            _root(_header(b"x", len(record)) + record.ljust(512, b"\0"))
    with pytest.raises(IntegrityError, match="sparse"):
        _root(_sparse(more=5))
    monkeypatch.setattr(limits, "NAMES", 10)
    with pytest.raises(IntegrityError, match="more than 10 names"):
        _root({f"{number}": "" for number in range(11)})


def _sparse(*, more: int) -> bytes:
    block = bytearray(_header(b"S", 0))
    block[482] = 1
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + (bytes(504) + b"\1" + bytes(7)) * more


def test_sparse_files_are_passed_over() -> None:
    assert _names(_root(_sparse(more=2) + bytes(512) + layer({"after": ""}))) == ["after", "x"]


def test_a_tar_that_ends_early() -> None:
    whole = layer({META: "x" * 2000, "later": ""})
    for size in (700, 1100, 1800, 2600):
        with pytest.raises(IntegrityError, match="damaged"):
            _root(whole[:size])
    unmarked = layer({"a": ""})[:512]  # as some write layers
    with pytest.raises(IntegrityError, match="the end of the tar is missing"):
        _root(unmarked)
    _OPENED.append(LayeredRoot([replace(_blob(unmarked), digest=digest(unmarked))], whiteouts=True))
    assert _names(root_of(_OPENED[-1])) == ["a"]
    for size in (3, 20, 60):
        for how in ("gzip", "zstd", "bzip2", "xz"):
            cut = packed(whole, how)[:-size]
            with pytest.raises(IntegrityError, match=r"damaged|cannot be unpacked"):
                _root(cut)


def test_a_negative_size() -> None:
    block = bytearray(_header(b"0", 0))
    block[124:136] = b"\xff" * 4 + struct.pack(">q", -512)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(IntegrityError, match="damaged"):
        _root(bytes(block))


def test_other_kinds_of_files() -> None:
    fifo = tarfile.TarInfo("pipe")
    fifo.type = tarfile.FIFOTYPE
    root = _root(fifo.tobuf() + bytes(1024))
    assert _names(root) == ["pipe"]
    assert not (root / "pipe").is_file()
    with pytest.raises(IntegrityError, match="is no file"):
        (root / "pipe").read_bytes()
    with pytest.raises(FileNotFoundError):
        (_root({"a": Link("a")}) / "a").read_bytes()


def test_paths_are_like_those_of_pathlib() -> None:
    root = _root({})
    for text in ("a.b.c", ".hidden", "a.", "x", "..x", "a..b", ".a.b"):
        path, ours = Path("/d", text), root / "d" / text
        assert (ours.name, ours.suffix, ours.stem, str(ours.parent)) == (path.name, path.suffix, path.stem, "/d")
    assert (root.name, str(root), str(root / "a" / "/b")) == ("", "/", "/b")
    assert sorted([root / "b", root / "a"]) == [root / "a", root / "b"]
