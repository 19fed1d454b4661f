"""Channels as a project writes them, and as others may see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError, UsageError
from cortexlock.inputs import channels
from cortexlock.model.project import Configuration


def test_variables_get_their_values() -> None:
    written = ("defaults", "https://conda.example.org/t/${TOKEN}/main", "https://${USER}:${TOKEN}@conda.example.org/a")
    assert channels.expanded(written, {"TOKEN": "t0k", "USER": "me"}, where="cortexlock.yaml") == (
        "defaults",
        "https://conda.example.org/t/t0k/main",
        "https://me:t0k@conda.example.org/a",
    )
    assert channels.public(written, project=Path("/project")) == (
        "defaults",
        "https://conda.example.org/main",
        "https://conda.example.org/a",
    )


def test_local_channels_are_named_by_where_they_are() -> None:
    written = ("./a", "a/../b", "./a/../b/", "../c", "file:///project/d", "/project/e", "file:///f/", "/g", "~x")
    found = channels.public(written, project=Path("/project"))
    assert found == ("./a", "a/../b", "./b", "../c", "./d", "./e", "file:///f", "/g", "./~x")


@pytest.mark.parametrize("environment", [{"USER": "me"}, {"USER": "me", "TOKEN": ""}])
def test_a_variable_without_a_value_is_named(environment: dict[str, str]) -> None:
    written = "https://${USER}:${TOKEN}@conda.example.org/main"
    with pytest.raises(
        UsageError, match=r"^cortexlock\.yaml: the channel https://conda\.example\.org/main needs the"
    ) as caught:
        channels.expanded([written], environment, where="cortexlock.yaml")
    assert caught.value.hint == "set TOKEN in the environment"


def test_lines_with_addresses(tmp_path: Path) -> None:
    text = "numpy\nhttps://conda.example.org/t/T0K/main::a=1\n  @EXPLICIT\nfile:///b/linux-64/c-1-0.conda\n"
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    assert channels.addresses(tmp_path, "list.txt") == (
        "https://conda.example.org/t/T0K/main::a=1",
        "file:///b/linux-64/c-1-0.conda",
        "https://conda.example.org/t/t0k/main::a=1",
    )
    assert channels.addresses(tmp_path, None) == channels.addresses(tmp_path, "absent.txt") == ()


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"a\0b")
    with pytest.raises(InputError, match=r"list\.txt:1: the file is no text"):
        channels.addresses(tmp_path, "list.txt")


def test_addresses_of_names_get_the_values_of_their_variables() -> None:
    said = Configuration(channel_aliases=(("a", "https://${TOKEN}@conda.example.org/a"), ("b", "./b")))
    assert channels.aliases(said, {"TOKEN": "t0k"}) == (("a", "https://t0k@conda.example.org/a"), ("b", "./b"))
    with pytest.raises(UsageError, match="needs the variable TOKEN"):
        channels.aliases(said, {})
