"""Receipts are read as they were written, are the same for the same replay, and odd ones are an error."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.errors import DifferenceError, StepError
from cortexlock.model.package import PackageKey
from cortexlock.replay.prefix.problem import Problem
from cortexlock.replay.prefix.receipt import (
    RECEIPT_NAME,
    Receipt,
    clear_remains,
    read_receipt,
    without_gone,
    write_receipt,
)
from cortexlock.replay.prefix.snapshot import Snapshot

RECEIPT = Receipt(
    state="completed",
    content_hash="sha256:00",
    image="python-predictor-cpu",
    platform="cpu",
    python="3.6.9",
    steps=("pip",),
    pip={"demo": "ab"},
    installed={"pip": {"demo": "1"}},
    known=Snapshot(records={PackageKey("pip", "demo"): "00"}, files={PackageKey("pip", "demo"): {"bin/demo": "01"}}),
    allowed=(Problem(part="image", kind="missing", manager="pip", package="gone", expected="1.0"),),
)

_NAMES = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(deadline=None)  # it writes to the disk
@given(
    steps=st.lists(st.sampled_from(["script", "conda", "core", "pip"])).map(tuple),
    pip=st.dictionaries(_NAMES, _NAMES),
    installed=st.dictionaries(st.sampled_from(["conda", "pip"]), st.dictionaries(_NAMES, _NAMES)),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    steps: tuple[str, ...],
    pip: dict[str, str],
    installed: dict[str, dict[str, str]],
) -> None:
    prefix = tmp_path_factory.mktemp("prefix")
    receipt = replace(RECEIPT, state="started", steps=steps, pip=pip, installed=installed)
    write_receipt(receipt, prefix)
    assert read_receipt(prefix) == receipt


def test_the_text_has_no_time_and_no_order_of_its_own(tmp_path: Path) -> None:
    write_receipt(RECEIPT, tmp_path)
    text = (tmp_path / RECEIPT_NAME).read_text()
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert json.loads(text)["receipt-version"] == 1
    assert [path.name for path in tmp_path.iterdir()] == [RECEIPT_NAME]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 200_000,
        '{"a":' * 100_000,
        "\x00",
        "9" * 5000,
        "{}",
        '{"receipt-version": 2}',
        '{"receipt-version": 1, "steps": []}',
        '{"receipt-version": 1}',
    ],
    ids=lambda text: text[:40],
)
def test_what_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / RECEIPT_NAME
    path.write_text(text)
    with pytest.raises(DifferenceError) as caught:
        read_receipt(tmp_path)
    assert caught.value.where == str(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(DifferenceError, match="no regular file"):
        read_receipt(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "weird"},
        {"state": []},
        {"content-hash": 3},
        {"python": None},
        {"steps": None},
        {"steps": [1]},
        {"script": None},
        {"pip": None},
        {"pip": []},
        {"pip": {"demo": None}},
        {"tools": None},
        {"installed": None},
        {"installed": []},
        {"installed": {"pip": None}},
        {"installed": {"pip": {"demo": 1}}},
        {"known": []},
        {"known": {"records": {"demo": "00"}}},
        {"known": {"files": {"pip demo": []}}},
        {"known": {"strange": {}}},
        {"allowed": 1},
        {"allowed": [{"part": "image"}]},
        {"allowed": [{"part": "image", "kind": "missing", "path": 1}]},
        {"strange": 1},
    ],
)
def test_a_value_of_another_type_is_an_error(tmp_path: Path, wrong: dict[str, object]) -> None:
    write_receipt(RECEIPT, tmp_path)
    path = tmp_path / RECEIPT_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **wrong}))
    with pytest.raises(DifferenceError, match="none that this version of cortexlock has written"):
        read_receipt(tmp_path)


def test_what_is_gone_is_forgotten() -> None:
    demo, tool = PackageKey("pip", "demo"), PackageKey("conda", "tool")
    receipt = replace(
        RECEIPT,
        conda={"tool": "cd", "other": "ef"},
        known=Snapshot(records={demo: "00", tool: "01"}, files={tool: {"bin/tool": "02"}}),
    )
    assert without_gone(receipt, {demo, tool, PackageKey("conda", "other")}) == receipt
    left = without_gone(receipt, {demo, PackageKey("conda", "other")})
    assert (left.pip, left.conda) == ({"demo": "ab"}, {"other": "ef"})
    assert left.known == Snapshot(records={demo: "00"})
    assert without_gone(receipt, set()).pip == {}


@pytest.mark.parametrize("is_directory", [True, False])
def test_remains_are_removed_and_nothing_else(tmp_path: Path, *, is_directory: bool) -> None:
    """A directory of such a name is none of ours, and no reason to end."""
    path = tmp_path / f".{RECEIPT_NAME}.x"
    path.mkdir() if is_directory else path.write_text("")
    clear_remains(tmp_path)
    assert path.exists() is is_directory


def test_no_receipt_is_none(tmp_path: Path) -> None:
    assert read_receipt(tmp_path) is None


def test_a_prefix_that_cannot_be_written_is_a_step_error(tmp_path: Path) -> None:
    with pytest.raises(StepError):
        write_receipt(RECEIPT, tmp_path / "nowhere")
