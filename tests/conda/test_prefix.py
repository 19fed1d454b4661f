"""What conda has installed in an environment, and whether it is what the lockfile says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.conda import prefix as environment
from cortexlock.conda import prefix_records
from cortexlock.conda.prefix import InstalledPackage
from cortexlock.errors import DifferenceError
from cortexlock.model.package import CondaPackage

TOOL = CondaPackage("tool", "1.0", "0", file="tool-1.0-0.conda", sha256="ab" * 32, md5="cd" * 16, size=5)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with one package of three files."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "plain").write_text("plain")
    (tmp_path / "lib" / "replaced").write_text(str(tmp_path))
    (tmp_path / "lib" / "link").symlink_to("plain")
    paths = [
        {"_path": "lib/plain", "path_type": "hardlink", "sha256": _sha256("plain")},
        {
            "_path": "lib/replaced",
            "path_type": "hardlink",
            "sha256": _sha256("placeholder"),
            "sha256_in_prefix": _sha256(str(tmp_path)),
        },
        {"_path": "lib/link", "path_type": "softlink", "sha256": _sha256("plain")},
    ]
    record = {"name": "tool", "version": "1.0", "build": "0", "fn": TOOL.file, "sha256": TOOL.sha256}
    (tmp_path / "conda-meta").mkdir()
    text = json.dumps({**record, "channel": None, "paths_data": {"paths": paths}})
    (tmp_path / "conda-meta" / "tool-1.0-0.json").write_text(text)
    (tmp_path / "conda-meta" / "history").write_text("")
    return tmp_path


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_is_installed_is_read_from_its_records(prefix: Path) -> None:
    assert environment.installed(prefix) == {
        "tool": InstalledPackage(name="tool", version="1.0", build="0", sha256=TOOL.sha256)
    }


def test_an_environment_without_conda_has_nothing(tmp_path: Path) -> None:
    assert environment.installed(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[]", '{"name": "tool"}'])
def test_a_record_that_cannot_be_read_is_named(prefix: Path, text: str) -> None:
    (prefix / "conda-meta" / "broken-1-0.json").write_text(text)
    with pytest.raises(DifferenceError, match=r"broken-1-0\.json: the record cannot be read"):
        environment.installed(prefix)


def test_an_environment_that_is_as_locked_has_no_differences(prefix: Path) -> None:
    assert environment.verify(prefix, [TOOL]) == ()
    assert environment.verify(prefix, [CondaPackage("tool", "1.0", action="keep")]) == ()


@pytest.mark.parametrize(
    ("locked", "message"),
    [
        (replace(TOOL, name="other"), "other 1.0 is not installed"),
        (replace(TOOL, version="2.0"), "tool is 1.0 0, locked is 2.0 0"),
        (replace(TOOL, build="1"), "tool is 1.0 0, locked is 1.0 1"),
        (replace(TOOL, sha256="00" * 32), "tool is 1.0 0, locked is 1.0 0"),
    ],
)
def test_other_packages_are_differences(prefix: Path, locked: CondaPackage, message: str) -> None:
    assert environment.verify(prefix, [locked]) == (message,)


def test_changed_and_missing_files_are_differences(prefix: Path) -> None:
    (prefix / "lib" / "plain").write_text("other")
    (prefix / "lib" / "replaced").write_text("placeholder")
    (prefix / "lib" / "link").unlink()
    assert environment.verify(prefix, [TOOL]) == (
        "tool: lib/plain was changed",
        "tool: lib/replaced was changed",
        "tool: lib/link is missing",
    )


def _repoint(prefix: Path, target: str) -> tuple[str, ...]:
    (prefix / "lib" / "link").unlink()
    (prefix / "lib" / "link").symlink_to(target)
    return environment.verify(prefix, [TOOL])


@pytest.mark.parametrize("target", ["nowhere", "link", "evil", "/etc/hostname", "."])
def test_a_link_that_leads_elsewhere_is_changed(prefix: Path, target: str) -> None:
    (prefix / "lib" / "evil").write_text("evil")
    assert _repoint(prefix, target) == ("tool: lib/link was changed",)


def test_a_file_in_place_of_a_link_is_changed(prefix: Path) -> None:
    (prefix / "lib" / "link").unlink()
    (prefix / "lib" / "link").write_text("plain")
    assert environment.verify(prefix, [TOOL]) == ("tool: lib/link was changed",)


def test_a_link_to_the_same_content_or_to_another_packages_file_is_right(prefix: Path) -> None:
    (prefix / "lib" / "same").write_text("plain")
    assert _repoint(prefix, "same") == ()
    (prefix / "lib" / "others").write_text("of another version")
    record = {"name": "other", "version": "1.0", "paths_data": {"paths": [{"_path": "lib/others", "sha256": "00"}]}}
    (prefix / "conda-meta" / "other-1.0-0.json").write_text(json.dumps(record))
    assert _repoint(prefix, "others") == ()


@pytest.mark.parametrize("sha256", [None, hashlib.sha256().hexdigest()])
def test_a_link_without_a_hash_need_be_one(prefix: Path, sha256: str | None) -> None:
    path = prefix / "conda-meta" / "tool-1.0-0.json"
    record = json.loads(path.read_text())
    record["paths_data"]["paths"][2]["sha256"] = sha256
    path.write_text(json.dumps(record))
    assert _repoint(prefix, "nowhere") == ()
    (prefix / "lib" / "link").unlink()
    (prefix / "lib" / "link").write_text("")
    assert environment.verify(prefix, [TOOL]) == ("tool: lib/link was changed",)


def test_a_link_to_a_file_with_the_environments_path_is_right(prefix: Path) -> None:
    path = prefix / "conda-meta" / "tool-1.0-0.json"
    record = json.loads(path.read_text())
    record["paths_data"]["paths"][2]["sha256"] = _sha256("placeholder")
    path.write_text(json.dumps(record))
    assert _repoint(prefix, "replaced") == ()


def test_files_of_what_is_kept_are_the_images_business(prefix: Path) -> None:
    (prefix / "lib" / "plain").write_text("other")
    assert environment.verify(prefix, [CondaPackage("tool", "1.0", action="keep")]) == ()


def test_a_file_in_place_of_a_directory_is_changed(prefix: Path) -> None:
    (prefix / "lib" / "plain").unlink()
    (prefix / "lib" / "plain").mkdir()
    assert "tool: lib/plain was changed" in environment.verify(prefix, [TOOL])


@pytest.mark.parametrize(
    ("locked", "there", "expected"),
    [("3.6.9", "3.6.15", True), ("3.6.9", "3.7.0", False), ("3.6.9", "3.60.0", False)],
)
def test_of_the_images_python_the_minor_version_counts(locked: str, there: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    kept = CondaPackage("python", locked, action="keep")
    assert environment.same(kept, InstalledPackage(name="python", version=there, build="0_x")) is expected
    assert not environment.same(CondaPackage("python", locked), InstalledPackage(name="python", version=there))


def test_metadata_of_distributions_is_found_by_its_directories(tmp_path: Path) -> None:
    paths = [
        "lib/python3.6/site-packages/numpy-1.18.1.dist-info/METADATA",
        "lib/python3.6/site-packages/numpy/__init__.py",
        "lib/python3.6/site-packages/my_tool-1.0-py3.6.egg-info",
        "site-packages/no.dist-info-at-all",
        "share/site-packages/pure.dist-info/RECORD",
    ]
    (tmp_path / "conda-meta").mkdir()
    for name, listed in (("numpy-base", paths), ("mkl", [])):
        record = {"name": name, "version": "1", "paths_data": {"paths": [{"_path": path} for path in listed]}}
        (tmp_path / "conda-meta" / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    found = environment.metadata_of(prefix_records.read(tmp_path).values())
    assert found == {"mkl": set(), "numpy-base": {"numpy", "my_tool", "pure"}}


def test_a_link_may_be_recorded_by_its_text(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.7").write_text("program")
    link = tmp_path / "bin" / "python"
    text = hashlib.sha256(b"python3.7").hexdigest()
    entry = {"_path": "bin/python", "path_type": "softlink", "sha256_in_prefix": text}
    record = {"name": "python", "version": "3.7.16", "build": "0", "paths_data": {"paths": [entry]}}
    (tmp_path / "conda-meta" / "python-3.7.16-0.json").write_text(json.dumps(record))
    package = CondaPackage("python", "3.7.16", "0", file="python-3.7.16-0.conda")
    link.symlink_to("python3.7")
    assert environment.verify(tmp_path, [package]) == ()
    link.unlink()
    link.symlink_to("python3.6")
    assert environment.verify(tmp_path, [package]) == ("python: bin/python was changed",)
