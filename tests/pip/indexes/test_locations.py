"""Aliases are stable, URLs come from where they stand now, and credentials stay apart from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.errors import UsageError
from cortexlock.inputs import url_secrets
from cortexlock.model.project import Configuration, Index
from cortexlock.network.urls import without_credentials
from cortexlock.pip.indexes.declarations import Declared, declared
from cortexlock.pip.indexes.locations import (
    Location,
    locations,
)

PIP_S = "https://default.example.org/simple/"


def _declared(directory: Path, text: str, environment: Mapping[str, str] = MappingProxyType({})) -> Declared:
    file = directory / "requirements.txt"
    file.write_text(text)
    return declared(file, environment)


def _aliases(*args: object, **kwargs: object) -> dict[str, str]:
    found = locations(*args, environment={}, default_url=PIP_S, **kwargs)  # type: ignore[arg-type]  # a short cut of these tests
    return {location.alias: location.url for location in found}


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://a.example.org/simple",
        "--index-url=https://a.example.org/simple",
        "-i https://a.example.org/simple  # the mirror",
        "-ihttps://a.example.org/simple",
        "--pypi-url https://a.example.org/simple",
        "--index-url \\\n  https://a.example.org/simple",
        "  --index-url 'https://a.example.org/simple'",
    ],
)
def test_the_primary_index_is_read_in_all_spellings(tmp_path: Path, line: str) -> None:
    assert _declared(tmp_path, f"numpy\n{line}\n").index_url == "https://a.example.org/simple"


def test_a_later_primary_index_starts_anew_as_with_pip(tmp_path: Path) -> None:
    text = (
        "--extra-index-url https://b.example.org\n-i https://a.example.org\n--extra-index-url https://c.example.org\n"
    )
    assert _declared(tmp_path, text) == Declared("https://a.example.org", ("https://c.example.org",))


def test_options_of_included_files_count(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("--extra-index-url https://b.example.org\n")
    found = _declared(tmp_path, "-r base.txt\n-f https://c.example.org/wheels.html\n")
    assert found == Declared(None, ("https://b.example.org",), ("https://c.example.org/wheels.html",))


def test_find_links_directories_are_relative_to_their_file(tmp_path: Path) -> None:
    assert _declared(tmp_path, "-f ./wheels\n").find_links == ((tmp_path / "wheels").as_uri(),)


def test_comments_requirements_and_broken_lines_are_no_options(tmp_path: Path) -> None:
    text = "# -i https://a.example.org\nnumpy --hash=sha256:00\n--index-url\n-f 'unclosed\n--no-such-option x\n"
    assert _declared(tmp_path, text) == Declared()


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path / "requirements.txt", {}) == Declared()


def test_variables_are_expanded_as_pip_does(tmp_path: Path) -> None:
    found = _declared(tmp_path, "-i https://${TOKEN}@a.example.org/${MISSING}/$TOKEN/${token}\n", {"TOKEN": "s3cr3t"})
    assert found.index_url == "https://s3cr3t@a.example.org/${MISSING}/$TOKEN/${token}"


def test_an_empty_variable_stays_as_with_pip() -> None:
    assert url_secrets.expand("${A}", {"A": ""}) == "${A}"


def test_without_any_index_there_is_pip_s_own() -> None:
    assert _aliases(Configuration(), Declared()) == {"default": PIP_S}


def test_the_primary_index_is_the_option_s_the_configuration_s_then_the_file_s() -> None:
    in_file = Declared("https://file.example.org/simple")
    configured = Configuration(index_url="https://config.example.org/simple")
    assert _aliases(Configuration(), in_file)["default"] == "https://file.example.org/simple/"
    assert _aliases(configured, in_file)["default"] == "https://config.example.org/simple/"
    found = _aliases(configured, in_file, index_url="https://option.example.org/simple")
    assert found["default"] == "https://option.example.org/simple/"


def test_aliases_are_the_configuration_s_or_counted() -> None:
    declaration = Declared(
        extra_index_urls=("https://a.example.org/s", "https://u:p@b.example.org/s/", "https://c.example.org/s"),
        find_links=("https://d.example.org/w.html", "file:///wheels"),
    )
    configuration = Configuration(
        indexes=(Index("corp", "https://b.example.org/s"), Index("torch", "https://d.example.org/w.html"))
    )
    found = locations(configuration, declaration, environment={}, default_url=PIP_S)
    assert found == (
        Location("default", PIP_S),
        Location("extra-1", "https://a.example.org/s/"),
        Location("corp", "https://b.example.org/s/", credentials=("u", "p")),
        Location("extra-2", "https://c.example.org/s/"),
        Location("torch", "https://d.example.org/w.html", "links"),
        Location("links-1", "file:///wheels", "links"),
    )


def test_an_alias_that_is_counted_is_no_name_of_the_configuration() -> None:
    configuration = Configuration(indexes=(Index("extra-1", "https://a.example.org/s/"),))
    found = locations(configuration, Declared(None, ("https://b.example.org/s/",)), environment={}, default_url=PIP_S)
    assert found[1:] == (
        Location("extra-2", "https://b.example.org/s/"),
        Location("extra-1", "https://a.example.org/s/"),
    )


def test_an_index_that_only_the_configuration_has_counts() -> None:
    configuration = Configuration(indexes=(Index("corp", "https://b.example.org/s"),))
    assert _aliases(configuration, Declared()) == {"default": PIP_S, "corp": "https://b.example.org/s/"}


@pytest.mark.parametrize("names", [("default",), ("corp", "corp")])
def test_a_name_that_is_taken_is_refused(names: tuple[str, ...]) -> None:
    indexes = tuple(Index(name, f"https://{number}.example.org") for number, name in enumerate(names))
    with pytest.raises(UsageError, match="taken"):
        locations(Configuration(indexes=indexes), Declared(), environment={}, default_url=PIP_S)


def test_a_url_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(UsageError) as caught:
        locations(Configuration(index_url="ftp://u:s3cr3t@example.org"), Declared(), environment={}, default_url=PIP_S)
    assert "s3cr3t" not in str(caught.value)


def test_credentials_are_in_no_representation() -> None:
    location = Location("default", "https://example.org/", credentials=("user", "s3cr3t"))
    assert "s3cr3t" not in repr(location)
    assert location.url_with_credentials == "https://user:s3cr3t@example.org/"


_WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@given(user=_WORDS, password=st.one_of(st.just(""), _WORDS))
def test_credentials_survive_the_way_into_a_url_and_back(user: str, password: str) -> None:
    location = Location("default", "https://example.org:8080/simple/?a=b", credentials=(user, password))
    assert without_credentials(location.url_with_credentials) == (location.url, (user, password))


def test_the_configuration_takes_credentials_from_variables() -> None:
    index = Index("internal", "https://${USER_OF_IT}:${TOKEN}@i.example.org/simple/")
    configuration = Configuration(index_url="https://${HOST_OF_IT}/simple/", indexes=(index,))
    environment = {"USER_OF_IT": "me", "TOKEN": "s3cr3t", "HOST_OF_IT": "m.example.org"}
    primary, internal = locations(configuration, Declared(), environment=environment, default_url=PIP_S)
    assert primary.url == "https://m.example.org/simple/"
    assert (internal.url, internal.credentials) == ("https://i.example.org/simple/", ("me", "s3cr3t"))


def test_a_variable_without_value_is_named() -> None:
    configuration = Configuration(indexes=(Index("internal", "https://${TOKEN}@i.example.org/simple/"),))
    with pytest.raises(UsageError, match="TOKEN"):
        locations(configuration, Declared(), environment={}, default_url=PIP_S)


def test_locations_know_where_their_credentials_come_from(tmp_path: Path) -> None:
    lines = "--extra-index-url https://${TOKEN}@a.example.org/simple\n-f https://me:pw@b.example.org/links.html\n"
    (tmp_path / "requirements.txt").write_text(lines)
    configuration = Configuration(
        index_url="https://example.org/simple/", indexes=(Index("c", "https://u:${TOKEN}@c.example.org/simple/"),)
    )
    hints = {}
    places: tuple[Location, ...] = ()
    for environment in ({"TOKEN": "s3cr3t"}, {}):
        declaration = declared(tmp_path / "requirements.txt", environment)
        places = locations(
            configuration if environment else Configuration(),
            declaration,
            environment=environment,
            default_url="https://index.example.org/simple/",
        )
        hints[bool(environment)] = {place.alias: place.hint for place in places}
        found = {place.alias: place.origin.supplied_by for place in places if place.origin}
        expected = {"extra-1": ("${TOKEN}",), "links-1": ("requirements.txt",)}
        assert found == (expected | {"c": ("${TOKEN}",)} if environment else expected)
    assert (
        hints[True]["extra-1"] == "check the credentials: requirements.txt:1 takes them from TOKEN in the environment"
    )
    assert (
        hints[False]["extra-1"] == "set TOKEN in the environment: requirements.txt:1 takes the credentials from there"
    )
    assert hints[True]["links-1"] == "check the credentials in requirements.txt:2"
    assert "give user and password" in hints[True]["default"]
    assert places[1].credentials is None


@pytest.mark.parametrize("url", ["http://[s3cr3t/", "http://me:s3cr3t/x@example.org/"])
def test_an_index_whose_url_is_none(url: str) -> None:
    with pytest.raises(UsageError, match="a URL that is none") as caught:
        locations(Configuration(index_url=url), Declared(), environment={}, default_url="https://example.org/")
    assert "s3cr3t" not in str(caught.value)


def test_an_index_whose_url_is_a_variable_without_value() -> None:
    declaration = Declared(extra_index_urls=("${WHOLE}",))
    with pytest.raises(UsageError, match="variable WHOLE, which is the URL of the index `extra-1`, is not set"):
        locations(Configuration(), declaration, environment={}, default_url="https://example.org/")
