"""The user's own pip configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import UsageError
from cortexlock.model.project import PipSettings
from cortexlock.pip.internals.user_configuration import read

_FILE = """\
[global]
index-url = https://me:s3cr3t@mirror.example.org/simple/
extra-index-url =
    https://a.example.org/simple/
    https://b.example.org/simple/
[install]
find-links = wheels https://example.org/links/
[download]
index-url = https://no.example.org/simple/
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables that name a configuration file."""
    (tmp_path / "pip.conf").write_text(_FILE)
    return {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}


def test_files_are_read(environment: dict[str, str], tmp_path: Path) -> None:
    found = read(environment, directory=tmp_path)
    assert found == PipSettings(
        "https://me:s3cr3t@mirror.example.org/simple/",
        ("https://a.example.org/simple/", "https://b.example.org/simple/"),
        ((tmp_path / "wheels").as_uri(), "https://example.org/links/"),
    )
    assert found.named == ("index-url", "extra-index-url", "find-links")
    assert "s3cr3t" not in repr(found)


def test_variables_go_before_files(environment: dict[str, str], tmp_path: Path) -> None:
    environment |= {"PIP_INDEX_URL": "https://c.example.org/simple/", "PIP_EXTRA_INDEX_URL": "https://d.example.org/"}
    found = read(environment, directory=tmp_path)
    assert found.index_url == "https://c.example.org/simple/"
    assert found.extra_index_urls == ("https://d.example.org/",)


def test_the_process_own_variables_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://no.example.org/simple/")
    found = read({"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}, directory=tmp_path)
    assert found == PipSettings()
    assert found.named == ()


def test_a_file_that_cannot_be_read_is_an_error(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("index-url = https://example.org/\n")
    with pytest.raises(UsageError, match="pip's configuration cannot be read"):
        read(environment, directory=tmp_path)
