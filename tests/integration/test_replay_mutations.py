"""Whatever a file of lockfile, bundle, cache, prefix or archive holds: `install` and `verify` end, with an exit code.

`CORTEXLOCK_MUTATIONS=10000 pytest tests/integration/test_replay_mutations.py` is the long run; with another
`CORTEXLOCK_MUTATIONS_SEED` each time, it can be run in parts.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import typer
import yaml

from cortexlock.cli import main as command_line
from cortexlock.lockfile.document import document_hash
from cortexlock.model.lockfile import PreInstalled
from cortexlock.model.package import FromArchive
from cortexlock.model.predictor import CondaRecord
from cortexlock.replay.prefix.process_lock import LOCK_NAME
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.full_project import LOCKFILE, write_lockfile
from tests.support.image import write_conda_records
from tests.support.mutated_archives import mutated_archive
from tests.support.mutation_lab import MutationLab
from tests.support.mutations import damaged, with_another_field
from tests.support.quick_programs import QuickPrograms
from tests.support.replay import locked, make_case, tree_of
from tests.support.wheels import make_sdist, make_wheel

_SEED = int(os.environ.get("CORTEXLOCK_MUTATIONS_SEED", "20261128"))
_COUNT = int(os.environ.get("CORTEXLOCK_MUTATIONS", "1"))
_PACKAGES = (
    Package("libdemo", files={"lib/libdemo.so": "binary", "share/demo.txt": "text"}, suffix=".conda"),
    Package("pydemo", files={"share/pydemo.txt": "x = 1\n"}),
)


@pytest.fixture(autouse=True)
def one_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the parsers of the command line made once: half of what a refusal costs is to make them."""
    parsers: dict[int, object] = {}
    made, get_command = command_line._made, typer.main.get_command

    def kept(app: typer.Typer) -> object:
        return parsers.setdefault(id(app), get_command(app)) if id(app) not in parsers else parsers[id(app)]

    monkeypatch.setattr(command_line, "_made", cache(made))
    monkeypatch.setattr(typer.main, "get_command", kept)


@pytest.fixture
def lab(
    tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> MutationLab:
    (tmp_path / "place").mkdir()
    case = make_case(tmp_path / "place")
    case.packages.append(replace(locked(_wheel(case.directory)), source=FromArchive("demo-1.0-py3-none-any.whl")))
    (case.directory / "conda-packages.txt").write_text("libdemo\npydemo\n")
    case.pre_installed.append(PreInstalled("conda", "python", case.python))
    conda_packages.write_channel(case.directory / "channel", _PACKAGES)
    write_conda_records(case.prefix, [CondaRecord("python", case.python)])
    case.conda += [conda_packages.locked(package, conda_packages.archive(package)) for package in _PACKAGES]
    write_lockfile(case)
    (tmp_path / "kept-uv").mkdir()
    return MutationLab(tmp_path, case, isolated, capsys, QuickPrograms(monkeypatch, tmp_path / "kept-uv"), _SEED)


def _wheel(directory: Path) -> Path:
    modules = {"demo/__init__.py": "", "demo/a.py": "a = 1\n"}
    return make_wheel(
        directory, "demo", "1.0", modules=modules, entry_points={"demo": "demo.a:x"}, data={"data/share/x": "x"}
    )


@contextmanager
def _watched(lab: MutationLab, capsys: pytest.CaptureFixture[str], what: str) -> Iterator[None]:
    """Check that only prefix, cache and lockfile (by the test) are touched, and no bug is told; tell what was seen."""
    own = ("place/prefix/", "place/cache/", f"place/project/{LOCKFILE}", "kept-")

    def rest() -> dict[str, bytes]:
        return {path: content for path, content in tree_of(lab.root).items() if not path.startswith(own)}

    before = rest()
    yield
    assert rest() == before
    with capsys.disabled():
        print(f"\n{what}: seed {_SEED}, {_COUNT} mutations: {dict(sorted(lab.counted.items()))}")


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())


def _kinds(directory: Path) -> list[list[Path]]:
    """Return the files of a bundle or a cache by what they are: git's own are many, and most count for nothing."""
    kinds: dict[str, list[Path]] = {}
    for path in _files(directory):
        parts = path.relative_to(directory).parts
        git = parts.index(".git") if ".git" in parts else None
        kind = path.suffix if git is None else parts[git + 1] if parts[git + 1] == "objects" else ".git"
        kinds.setdefault(kind, []).append(path)
    return [kinds[kind] for kind in sorted(kinds)]


def test_of_a_lockfile(lab: MutationLab, capsys: pytest.CaptureFixture[str]) -> None:
    """Every second time one field of it is another, and its content hash is right."""
    assert lab.install() == 0
    lab.keep("prefix", lab.case.prefix)
    path = lab.case.directory / LOCKFILE
    whole = path.read_bytes()
    with _watched(lab, capsys, "lockfile"):
        for number in range(_COUNT):
            if number % 2:
                with damaged(path, lab.chosen, outside=lab.outside):
                    lab.agree(lab.install("--offline"))
            else:
                document = json.loads(with_another_field(json.dumps(yaml.safe_load(whole)).encode(), lab.chosen))
                if "content-hash" in document:
                    document["content-hash"] = document_hash(document)
                path.write_text(json.dumps(document), encoding="utf-8")
                lab.agree(lab.install("--offline"))
                lab.reset("prefix")  # where it was installed, another prefix is there
                path.write_bytes(whole)


def test_of_a_bundle(lab: MutationLab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.with_repository()
    assert lab.run("fetch", "--output", lab.bundle, "--cache-dir", lab.root / "kept-other") == 0
    kinds = _kinds(lab.bundle)
    assert lab.install() == 0
    lab.reset("prefix")
    shutil.rmtree(lab.case.cache / "artifacts")
    shutil.rmtree(lab.case.cache / "git")
    lab.keep("built", lab.case.cache)  # what was built before: builds are slow, and one in ten does
    with _watched(lab, capsys, "bundle"):
        for number in range(_COUNT):
            lab.reset("prefix", "built" if number % 10 else "cache")
            path = lab.chosen.choice(lab.chosen.choice(kinds))
            lab.only(path, lab.bundle)
            with lab.without_sources(but=number % 10 == 1), damaged(path, lab.chosen, outside=lab.outside):
                lab.agree(lab.install("--offline", "--from", lab.bundle))


def test_of_a_cache(lab: MutationLab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.with_repository()
    lab.keep("image", lab.case.prefix)
    assert lab.install() == 0
    lab.keep("cache", lab.case.cache)
    kinds = _kinds(lab.case.cache)
    with _watched(lab, capsys, "cache"):
        for number in range(_COUNT):
            lab.reset("image", "cache")
            path = lab.chosen.choice(lab.chosen.choice(kinds))
            lab.only(path, lab.case.cache)
            with lab.without_sources(but=number % 10 == 1), damaged(path, lab.chosen, outside=lab.outside):
                lab.agree(lab.install("--offline"))


def test_of_a_prefix(lab: MutationLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.install() == 0
    lab.keep("prefix", lab.case.prefix)
    program = {path for path in _files(lab.case.prefix) if path.name.startswith(("python", "activate", LOCK_NAME))}
    files = sorted({*_files(lab.case.prefix)} - program)
    with _watched(lab, capsys, "prefix"):
        for _ in range(_COUNT):
            lab.reset("prefix")
            path = lab.chosen.choice(files)
            lab.programs.on = path.name != "pyvenv.cfg"
            with damaged(path, lab.chosen, outside=lab.outside):
                lab.run("verify")
                lab.agree(lab.install("--offline", "--allow-drift"))


@pytest.mark.parametrize("kind", ["wheel", "sdist", ".conda", ".tar.bz2"])
def test_of_an_archive_that_was_locked_so(lab: MutationLab, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """The hash is right: who made the lockfile, or its index, is who damaged it."""
    case = lab.case
    case.packages.clear()
    package = next((each for each in _PACKAGES if each.suffix == kind), None)
    if package is None:
        path = _wheel(case.directory) if kind == "wheel" else make_sdist(case.directory, "demo", "1.0")
        case.conda.clear()
        (case.directory / "conda-packages.txt").unlink()
    else:
        path = case.directory / "channel" / package.subdir / package.file
        (case.directory / "requirements.txt").unlink()
    whole, suffix = path.read_bytes(), {"wheel": ".whl", "sdist": ".tar.gz"}.get(kind, kind)
    with _watched(lab, capsys, kind):
        for _ in range(_COUNT):
            lab.reset("prefix", "cache")
            path.write_bytes(mutated_archive(whole, suffix, lab.chosen))
            if package is None:
                case.packages[:] = [replace(locked(path), source=FromArchive(path.name))]
            else:
                case.conda[:] = [conda_packages.locked(package, path.read_bytes())]
            write_lockfile(case)
            lab.agree(lab.install())
        path.write_bytes(whole)
