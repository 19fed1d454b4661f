"""Lists of files: read as installers write them, used to remove without ever leaving the prefix, and to find damage."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.errors import DifferenceError, IntegrityError
from cortexlock.pip.prefix.distributions import InstalledDistribution, Prefix
from cortexlock.pip.prefix.recorded_files import brought, discard, is_removable, read_record, recorded, remove
from tests.support.deep_directories import deep
from tests.support.wheels import make_wheel


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    root = tmp_path / "prefix"
    site = root / "lib" / "python3.6" / "site-packages"
    site.mkdir(parents=True)
    (root / "bin").mkdir()
    return Prefix(root, "3.6.9", site)


def _hash(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _install(prefix: Prefix, files: dict[str, str], *, listed: str = "RECORD") -> InstalledDistribution:
    metadata = prefix.site / "demo-1.0.dist-info"
    metadata.mkdir(exist_ok=True)
    for name, text in files.items():
        path = prefix.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (metadata / "METADATA").write_text("Name: demo\nVersion: 1.0\n")
    rows = [f"{name},{_hash(text.encode())},{len(text)}" for name, text in files.items()]
    (metadata / listed).write_text("\n".join(rows if listed == "RECORD" else [f"../{name}" for name in files]) + "\n")
    return InstalledDistribution("demo", "1.0", prefix.site, metadata)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1), unique=True))
def test_a_record_is_read_as_it_was_written(paths: list[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([path, "sha256=x", "1"] for path in paths)
    assert list(read_record(text.getvalue())) == [(path, "sha256=x") for path in paths]


def test_rows_without_a_hash_and_empty_rows() -> None:
    assert list(read_record("a.py,,\n\nb.py\n")) == [("a.py", ""), ("b.py", "")]


@pytest.mark.parametrize(
    ("record", "removable"),
    [
        (b"a.py,,\na.py,sha256=x,5\n", True),
        (b"a.py\n", False),
        (b"a.py,,many\n", False),
        (b"a.py,,-1\n", False),
        (b"\xff.py,,\n", False),
        (None, True),
    ],
)
def test_what_installers_cannot_read_is_known(prefix: Prefix, record: bytes | None, *, removable: bool) -> None:
    distribution = _install(prefix, {}, listed="other")
    if record is not None:
        (distribution.metadata / "RECORD").write_bytes(record)
    assert is_removable(distribution) is removable


def test_a_distribution_is_removed_whole(prefix: Prefix) -> None:
    other = prefix.site / "shared" / "other.py"
    distribution = _install(
        prefix, {"demo.py": "1", "shared/demo.py": "2", "deep/er/mod.py": "3", "../../../bin/demo": "4"}
    )
    other.write_text("")
    for name in (
        "__pycache__/demo.cpython-36.pyc",
        "__pycache__/demo.cpython-36.opt-1.pyc",
        "__pycache__/demo2.cpython-36.pyc",
    ):
        (prefix.site / name).parent.mkdir(exist_ok=True)
        (prefix.site / name).write_text("")
    removed = remove(distribution, prefix)
    left = sorted(path.relative_to(prefix.site).as_posix() for path in prefix.site.rglob("*"))
    assert left == ["__pycache__", "__pycache__/demo2.cpython-36.pyc", "shared", "shared/other.py"]
    assert not list((prefix.root / "bin").iterdir())
    assert (prefix.root / "bin").is_dir()
    assert "bin/demo" in removed
    assert "lib/python3.6/site-packages/demo-1.0.dist-info/METADATA" in removed


def test_a_removal_looks_at_each_directory_once(prefix: Prefix, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution = _install(prefix, {f"demo/part{number}.v1.py": "" for number in range(50)})
    compiled = prefix.site / "demo" / "__pycache__"
    compiled.mkdir()
    (compiled / "part7.v1.cpython-36.pyc").write_text("")
    resolved: list[Path] = []
    resolve = Path.resolve

    def told(path: Path, *, strict: bool = False) -> Path:
        resolved.append(path)
        return resolve(path, strict=strict)

    monkeypatch.setattr(Path, "resolve", told)
    remove(distribution, prefix)
    assert not list(prefix.site.iterdir())
    assert len(resolved) == len(set(resolved))


def test_an_old_pip_s_list_serves_too(prefix: Prefix) -> None:
    distribution = _install(prefix, {"demo.py": "1"}, listed="installed-files.txt")
    assert [Path(file.path).resolve() for file in recorded(distribution) or ()] == [prefix.site / "demo.py"]
    remove(distribution, prefix)
    assert not list(prefix.site.iterdir())


def test_a_removal_that_is_killed_can_be_gone_on_with(prefix: Prefix, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells its files goes last, and what tells its name before that."""
    distribution = _install(prefix, {"demo.py": "1", "demo-1.0.dist-info/METADATA": "", "zoo/x.py": ""})
    (distribution.metadata / "INSTALLER").write_text("uv")
    order: list[str] = []
    unlink = Path.unlink

    def told(path: Path, *, missing_ok: bool = False) -> None:
        order.append(path.name)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", told)
    remove(distribution, prefix)
    assert order[-2:] == ["METADATA", "RECORD"]
    assert sorted(order[:-2]) == ["INSTALLER", "demo.py", "x.py"]


def test_a_distribution_without_a_list_cannot_be_removed(prefix: Prefix) -> None:
    distribution = _install(prefix, {"demo.py": "1"})
    (distribution.metadata / "RECORD").unlink()
    assert recorded(distribution) is None
    with pytest.raises(DifferenceError) as caught:
        remove(distribution, prefix)
    assert caught.value.where == "demo 1.0"
    assert (prefix.site / "demo.py").exists()


@pytest.mark.parametrize("way", ["../../../../victim", "absolute", "link/victim"])
def test_nothing_outside_the_prefix_is_removed(prefix: Prefix, tmp_path: Path, way: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (prefix.site / "link").symlink_to(tmp_path)
    distribution = _install(prefix, {"demo.py": "1"})
    record = distribution.metadata / "RECORD"
    record.write_text(record.read_text() + f"{victim if way == 'absolute' else way},,\n")
    with pytest.raises(IntegrityError, match="outside the prefix"):
        remove(distribution, prefix)
    assert victim.read_text() == "precious"
    assert (prefix.site / "demo.py").exists()


def test_a_file_that_is_gone_already_is_no_problem(prefix: Prefix) -> None:
    distribution = _install(prefix, {"demo.py": "1"})
    (prefix.site / "demo.py").unlink()
    assert "lib/python3.6/site-packages/demo.py" not in remove(distribution, prefix)


def test_what_a_wheel_brings_and_where(prefix: Prefix, tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path,
        "demo",
        "1.0",
        data={"scripts/run": "#!python\n", "data/share/x": "x", "purelib/more.py": "", "headers/a.h": ""},
    )
    found = {file.path.removeprefix(f"{prefix.root}/"): bool(file.hash) for file in brought(wheel, prefix)}
    site = "lib/python3.6/site-packages"
    assert found == {
        f"{site}/demo.py": True,
        f"{site}/more.py": True,
        "share/x": True,
        "bin/run": True,
        f"{site}/demo-1.0.dist-info/METADATA": True,
        f"{site}/demo-1.0.dist-info/WHEEL": True,
        f"{site}/demo-1.0.dist-info/RECORD": False,
    }


def test_what_is_no_wheel_is_an_integrity_error(prefix: Prefix, tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(b"no zip")
    with pytest.raises(IntegrityError) as caught:
        brought(path, prefix)
    assert caught.value.where == path.name


def test_what_a_wheel_lists_and_does_not_hold_is_not_asked_for(prefix: Prefix, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "demo", "1.0", data={"data/gone.so": "x"})
    thin = tmp_path / "thin" / wheel.name
    thin.parent.mkdir()
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(thin, "w") as copy:
        for name in full.namelist():
            if not name.endswith("gone.so"):
                copy.writestr(name, full.read(name))
    assert "demo-1.0.data/data/gone.so" in [file.member for file in brought(wheel, prefix)]
    assert "demo-1.0.data/data/gone.so" not in [file.member for file in brought(thin, prefix)]
    metadata = prefix.site / "demo-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "RECORD").write_text("demo.py,,\ndemo-1.0.data/data/gone.so,,\n")
    found = recorded(InstalledDistribution("demo", "1.0", prefix.site, metadata))
    assert [file.recorded for file in found or ()] == ["demo.py"]


def test_metadata_deeper_than_the_stack_are_damage(tmp_path: Path) -> None:
    metadata = tmp_path / "demo-1.0.dist-info"
    metadata.mkdir()
    with deep(metadata, 1200), suppress(DifferenceError):  # but from Python 3.13, which needs no stack for it
        discard(metadata)
        assert not metadata.exists()
