"""Members of tars: what `tarfile` reads, `TarMembers` reads, whoever wrote it and however it comes in pieces."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.predictors.images import tar_headers
from cortexlock.predictors.images.tar_headers import BLOCK, DamagedTarError
from cortexlock.predictors.images.tar_members import Kind, TarMembers

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"5": "directory",
    b"2": "symlink",
    b"1": "hard-link",
}
FIELDS = {"mode": 100, "uid": 108, "gid": 116, "size": 124, "time": 136, "kind": 156, "major": 329, "prefix": 345}

Read = list[tuple[str, str, int, str, bytes]]


class _Pieces:
    """A tar in pieces of one size, of which some can be passed over unread."""

    def __init__(self, content: bytes, size: int, *, seeks: bool) -> None:
        self._file = io.BytesIO(content)
        self._size = size
        self._seeks = seeks
        self._end = len(content)

    def piece(self) -> bytes:
        return self._file.read(self._size)

    def skip(self, size: int, /) -> int:
        at = self._file.tell()
        return self._file.seek(min(at + size, self._end)) - at if self._seeks else 0


def _ours(stream: _Pieces, *, contents: bool = True) -> Read:
    tar = TarMembers(stream)
    found: Read = []
    for name, kind, size, target in tar:
        found.append((name, kind, size, target, b"".join(tar.content()) if contents and kind == "file" else b""))
    return found


def _theirs(content: bytes) -> Read:
    with tarfile.open(fileobj=io.BytesIO(content), errorlevel=2) as tar:
        return [
            (each.name, KINDS.get(each.type, "other"), each.size, each.linkname, _content(tar, each)) for each in tar
        ]


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isreg() else None
    return b"" if file is None else file.read()


@st.composite
def _members(draw: st.DrawFn) -> tarfile.TarInfo:
    words = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=70)
    path = st.lists(words, min_size=1, max_size=4).map("/".join)
    info = tarfile.TarInfo(draw(path))
    info.type = draw(st.sampled_from([b"0", b"0", b"0", b"5", b"2", b"1", b"6", b"3", b"7"]))
    info.linkname = draw(path) if info.type in {b"1", b"2"} else ""
    info.size = draw(st.sampled_from([0, 1, 511, 512, 513, 2000])) if info.type in {b"0", b"7"} else 0
    info.uid = draw(st.sampled_from([0, 1000, 0o7777777, 0o10000000, 1 << 31]))
    info.mtime = draw(st.sampled_from([0, 1, 1_700_000_000, 1_700_000_000.5, -1]))
    info.uname = draw(st.sampled_from(["", "root", "ü" * 8]))
    return info


def _tar(members: list[tarfile.TarInfo], how: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=how) as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(member.name.encode()[:1] * member.size))
    return buffer.getvalue()


@given(st.lists(_members(), max_size=5), st.sampled_from(FORMATS[1:]), st.sampled_from([100, 512, 700, 1 << 20]))
def test_members_are_those_that_tarfile_reads(members: list[tarfile.TarInfo], how: int, piece: int) -> None:
    content = _tar(members, how)
    expected = _theirs(content)
    assert _ours(_Pieces(content, piece, seeks=False)) == expected
    unread = [(*each[:4], b"") for each in expected]
    assert _ours(_Pieces(content, piece, seeks=True), contents=False) == unread


def _checked(block: bytearray) -> bytes:
    """Return a header with a checksum that is right."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@st.composite
def _headers(draw: st.DrawFn) -> bytes:
    """Return a header as some program writes it, with some bytes changed, and a checksum that is right or is not."""
    info = tarfile.TarInfo(draw(st.sampled_from(["a", "a/b/", "d" * 99, "d" * 100, "d/" * 60 + "name", "é"])))
    info.type = draw(st.sampled_from([b"0", b"\0", b"5", b"2", b"L", b"K", b"x", b"g", b"S", b"V", b"7"]))
    info.linkname, info.size = draw(st.sampled_from(["", "t" * 100])), draw(st.integers(0, (1 << 33) - 1))
    block = bytearray(info.tobuf(draw(st.sampled_from(FORMATS)), "utf-8", "surrogateescape")[-BLOCK:])
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.one_of(st.integers(0, BLOCK - 1), st.sampled_from(sorted(FIELDS.values())), st.integers(100, 160)))
        block[at] = draw(st.sampled_from(b"\0 07189-+_/\x80\xffxL5"))
    if draw(st.booleans()):
        return _checked(block)
    return bytes(block)


def _is_refused_or_odd_where_nobody_looks(block: bytes) -> None:
    """`tarfile` refuses the header, and so do we, but for an owner, a time or a device that is no number."""
    try:
        found = tar_headers.parse(block)
    except DamagedTarError:
        return
    usual = bytearray(block)
    for start, end in ((100, 124), (136, 148), (329, 345)):
        usual[start:end] = bytes(end - start)
    assert sum(block[:148] + b" " * 8 + block[156:]) == int(block[148:154], 8)
    assert tar_headers.parse(_checked(usual)) == found
    tarfile.TarInfo.frombuf(_checked(usual), "utf-8", "surrogateescape")


@given(_headers())
def test_headers_are_what_tarfile_makes_of_them(block: bytes) -> None:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError:
        _is_refused_or_odd_where_nobody_looks(block)
        return
    if info.size < 0:
        with pytest.raises(DamagedTarError, match="negative"):
            tar_headers.parse(block)
        return
    letter, size, name, target = tar_headers.parse(block)
    texts = (name.decode("utf-8", "surrogateescape"), target.decode("utf-8", "surrogateescape"))
    assert (letter, size, *texts) == (info.type, info.size, info.name, info.linkname)


def _usual_headers() -> Iterator[tuple[str, bytes]]:
    info = tarfile.TarInfo("usr/lib/python3/dist-packages/x.py")
    info.uid, info.mtime, info.size = 1000, 1_700_000_000, 1234
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    yield "tarfile", bytes(block)
    yield "GNU tar", bytes(bytearray(info.tobuf(tarfile.GNU_FORMAT)))
    for at in (329, 337):
        block[at : at + 8] = b"0000000\0"
    yield "Go", _checked(block)
    for at in (100, 108, 116, 329, 337):
        block[at : at + 8] = b"%06o \0" % int(block[at : at + 7], 8)
    block[135:136] = block[147:148] = b" "
    yield "libarchive", _checked(block)


@pytest.mark.parametrize(("writer", "block"), list(_usual_headers()))
def test_headers_of_usual_programs_are_parsed_without_tarfile(
    writer: str, block: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tar_headers, "_unusual", lambda _: pytest.fail(f"slow for {writer}"))
    assert tar_headers.parse(block) == (b"0", 1234, b"usr/lib/python3/dist-packages/x.py", b"")
