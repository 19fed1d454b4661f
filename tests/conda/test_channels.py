"""Channels: from what is written to URLs, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.conda import channels
from cortexlock.conda.channels import Channel, Place, resolve
from cortexlock.errors import IntegrityError, UsageError
from cortexlock.model.package import CondaPackage


def test_names_go_through_condas_alias_and_defaults_are_two(tmp_path: Path) -> None:
    assert resolve("conda-forge", project=tmp_path).urls == ("https://conda.anaconda.org/conda-forge",)
    assert resolve("a/label/dev", project=tmp_path).urls == ("https://conda.anaconda.org/a/label/dev",)
    main, r = resolve("defaults", project=tmp_path).urls
    assert (main.rpartition("/")[2], r.rpartition("/")[2]) == ("main", "r")
    assert resolve("pkgs/main", project=tmp_path).urls == (main,)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://example.org/channel/", "https://example.org/channel"),
        ("https://example.org/channel/linux-64", "https://example.org/channel"),
        ("https://user:secret@example.org/channel", "https://example.org/channel"),
        ("https://example.org/t/secret-token/channel", "https://example.org/channel"),
        ("https://example.org:8443/channel?token=secret", "https://example.org:8443/channel"),
        ("./channel", "./channel"),
        ("./a/../channel/", "./channel"),
        ("../shared", "../shared"),
        (".", "."),
        ("conda-forge/linux-64", "conda-forge"),
        ("pkgs/main/noarch/", "pkgs/main"),
        ("./channel/linux-64", "./channel"),
        ("file:///srv/channel/linux-64/", "file:///srv/channel"),
    ],
)
def test_lockfiles_name_a_channel_without_credentials_and_absolute_paths(
    tmp_path: Path, written: str, expected: str
) -> None:
    assert resolve(written, project=tmp_path).written == expected


def test_local_channels_are_named_relative_to_the_project_that_has_them(tmp_path: Path) -> None:
    project = tmp_path / "my project"
    inside, outside = project / "channel", tmp_path / "other"
    for written in (str(inside), inside.as_uri(), "./channel"):
        assert resolve(written, project=project) == Channel("./channel", (inside.as_uri(),))
    for written, name in (
        (str(outside), str(outside)),
        (f"{outside.as_uri()}/", outside.as_uri()),
        ("../project/../other", "../other"),
    ):
        assert resolve(written, project=project) == Channel(name, (outside.as_uri(),))
    package = CondaPackage("a", "1", channel=outside.as_uri(), subdir="noarch", file="a-1-0.conda")
    assert channels.archive_urls(package, []) == (f"{outside.as_uri()}/noarch/a-1-0.conda",)


@pytest.mark.parametrize("written", ["", "  ", "ftp://example.org/channel", "s3://bucket/channel"])
def test_other_channels_are_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(UsageError):
        resolve(written, project=tmp_path)


def test_a_channel_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    found = channels.resolve_all(["b", "./a", "b", "a/../a"], project=tmp_path)
    assert [channel.written for channel in found] == ["b", "./a", "a/../a"]


def test_a_packages_url_leads_back_to_its_channel(tmp_path: Path) -> None:
    project = tmp_path / "my project"
    known = channels.resolve_all(
        ["defaults", "https://user:secret@example.org/c", "./channel", "conda-forge"], project=project
    )
    r = known[0].urls[1]
    local = (project / "channel").as_uri()
    for url, place in {
        f"{r}/noarch/tool-1.0-0.conda": Place("defaults", "noarch", "tool-1.0-0.conda"),
        "https://example.org/c/linux-64/a-1%211-0.conda": Place("https://example.org/c", "linux-64", "a-1!1-0.conda"),
        "https://user:secret@example.org/c/noarch/a-1-0.conda": Place("https://example.org/c", "noarch", "a-1-0.conda"),
        f"{local}/noarch/a-1-0.conda": Place("./channel", "noarch", "a-1-0.conda"),
        f"file://{project}/channel/noarch/a-1-0.conda": Place("./channel", "noarch", "a-1-0.conda"),
    }.items():
        assert channels.locate(url, known) == place


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/other/noarch/a-1-0.conda",
        "https://example.org/channel/deep/noarch/a-1-0.conda",
        "https://example.org/channels/noarch/a-1-0.conda",
        "https://example.org/channel/noarch/",
    ],
)
def test_a_url_of_no_channel_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(IntegrityError, match=r"in none of the project's channels"):
        channels.locate(url, [resolve("https://example.org/channel", project=tmp_path)])


def test_archives_are_fetched_with_the_credentials_of_today(tmp_path: Path) -> None:
    channel = resolve("https://user:secret@example.org/c", project=tmp_path)
    package = CondaPackage("a", "1", channel=channel.written, subdir="noarch", file="a-1-0.conda")
    assert channels.archive_urls(package, [channel]) == ("https://user:secret@example.org/c/noarch/a-1-0.conda",)
    url = "https://example.org/c/noarch/a-1-0.conda"
    assert channels.with_credentials(url, [channel]) == "https://user:secret@example.org/c/noarch/a-1-0.conda"
    assert channels.with_credentials("https://example.org/d/x", [channel]) == "https://example.org/d/x"


def test_archives_of_named_channels_need_no_configuration() -> None:
    package = CondaPackage("a", "1", channel="defaults", subdir="noarch", file="a-1!1-0.conda")
    main, r = channels.archive_urls(package, [])
    assert main.endswith("/pkgs/main/noarch/a-1!1-0.conda")
    assert r.endswith("/pkgs/r/noarch/a-1!1-0.conda")
    local = CondaPackage("a", "1", channel="./channel", subdir="noarch", file="a-1-0.conda")
    with pytest.raises(UsageError, match=r"channel \./channel of a is not configured"):
        channels.archive_urls(local, [])


def test_a_name_is_public_as_it_is() -> None:
    assert channels.public("conda-forge") == "conda-forge"
    assert channels.public("file:///t/some/where") == "file:///t/some/where"


def test_a_name_can_stand_for_a_mirror_and_stays_the_name(tmp_path: Path) -> None:
    aliases = {"conda-forge": "https://user:secret@mirror.example.org/cf/", "defaults": "./mirror"}
    forge, defaults, other = channels.resolve_all(
        ["conda-forge/linux-64", "defaults", "other"], project=tmp_path, aliases=aliases
    )
    assert forge == Channel("conda-forge", ("https://user:secret@mirror.example.org/cf",))
    assert forge.argument == forge.urls[0]
    assert defaults == Channel("defaults", ((tmp_path / "mirror").as_uri(),))
    assert other.argument == "other"
    url = "https://mirror.example.org/cf/noarch/a-1-0.conda"
    assert channels.locate(url, [forge, defaults]) == Place("conda-forge", "noarch", "a-1-0.conda")
    package = CondaPackage("a", "1", channel="conda-forge", subdir="noarch", file="a-1-0.conda")
    assert channels.archive_urls(package, [defaults, forge]) == (f"{forge.urls[0]}/noarch/a-1-0.conda",)
