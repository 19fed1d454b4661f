"""A snapshot and an image of the catalog into a predictor."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.errors import InputError, UsageError
from cortexlock.model import capture_facts as facts
from cortexlock.model.predictor import CondaRecord, DependencyFiles, Distribution, Predictor
from cortexlock.predictors.capture import Captured, Said, predictor_of
from cortexlock.predictors.predictor_file import dumps, loads
from cortexlock.predictors.snapshot import SNAPSHOT_VERSION
from tests.support.predictors import example


def _entry(metadata: str, *, site: int = 0, requires: str = "", direct: bool = False) -> dict[str, Any]:
    return {"site": site, "file": "x.dist-info", "metadata": metadata, "requires": requires, "direct": direct}


def _snapshot(*distributions: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {
        "snapshot-version": SNAPSHOT_VERSION,
        "python": "3.6.15",
        "glibc": "2.31",
        "cuda": "",
        "has-conda": True,
        "distributions": list(distributions),
        "conda-records": [],
        **{key.replace("_", "-"): value for key, value in changes.items()},
    }


def _captured(
    snapshot: object,
    like: Predictor | None = None,
    *,
    image: str | None = None,
    glibc: str | None = None,
    cuda: str | None = None,
) -> Captured:
    return predictor_of(snapshot, like or example(), Said(image=image, glibc=glibc, cuda=cuda), where="image.json")


def _distributions(*entries: dict[str, Any]) -> tuple[Distribution, ...]:
    return _captured(_snapshot(*entries)).predictor.distributions


def test_what_is_found_and_what_is_taken() -> None:
    records = [
        {"name": "python", "version": "3.6.15", "build": "h1_0", "depends": ["openssl"]},
        {"name": "pip", "version": "20.1", "build": "", "depends": []},
    ]
    captured = _captured(_snapshot(_entry("Name: six\nVersion: 1.15.0\n"), conda_records=records))
    assert captured == Captured(
        replace(
            example(),
            released="",
            python="3.6.15",
            glibc="2.31",
            distributions=(Distribution("six", "1.15.0"),),
            conda_records=(CondaRecord("pip", "20.1"), CondaRecord("python", "3.6.15", "h1_0", ("openssl",))),
        ),
        (),
    )


def test_an_image_that_is_not_one_of_cortex() -> None:
    captured = predictor_of(_snapshot(cuda="12.4", machine="aarch64"), None, Said(image="ours"), where="image.json")
    assert captured.notes == ()
    assert captured.predictor == Predictor(
        type="",
        cortex_version="",
        platform="cuda",
        image="ours",
        slim=False,
        released="",
        python="3.6.15",
        glibc="2.31",
        cuda="12.4",
        has_conda=True,
        channels=(),
        order=("script", "conda", "pip"),
        files=DependencyFiles(("script.sh",), "conda-packages.txt", "requirements.txt"),
        closure="captured",
        subdir="linux-aarch64",
    )
    written = dumps(captured.predictor)
    assert loads(written, file="") == captured.predictor
    assert not re.search("cortex|slim|core|handler", written.partition("\n")[2])
    on_cpu = predictor_of(_snapshot(has_conda=False), None, Said(), where="image.json").predictor
    assert (on_cpu.platform, on_cpu.order, on_cpu.files.conda) == ("cpu", ("script", "pip"), None)


def test_constraints_and_variables() -> None:
    pip = {"constraints": [{"file": "/c", "text": "A==1"}], "variables": ["PIP_INDEX_URL", "UV_INDEX"]}
    captured = _captured(_snapshot(pip=pip))
    assert captured.predictor.constraints == ("a==1",)
    assert captured.notes == (facts.IndexVariables(("PIP_INDEX_URL", "UV_INDEX")),)


def test_machines_that_are_not_known() -> None:
    with pytest.raises(UsageError, match="the machine riscv64"):
        _captured(_snapshot(machine="riscv64"))


def test_what_the_user_says_goes_first() -> None:
    predictor = _captured(_snapshot(), image="mine", glibc="2.27").predictor
    assert (predictor.image, predictor.glibc) == ("mine", "2.27")


def test_metadata() -> None:
    metadata = """\
Metadata-Version: 2.1
Name: Some_Thing.Else
Version: 1.0
Requires-Dist: six (>=1.0<2)
Requires-Dist: numpy ; extra == 'a'
  and os_name == 'posix'
Provides-Extra: a
Provides-Extra: b
Requires-Python: >=3.5,
  <4
Description: Requires-Dist: nothing
"""
    assert _distributions(_entry(metadata, requires="ignored\n")) == (
        Distribution(
            "some-thing-else",
            "1.0",
            ("six (>=1.0<2)",),
            ("b",),
            ">=3.5, <4",
        ),
    )


def test_egg_info() -> None:
    entry = _entry("Name: a\nVersion: 1\nProvides-Extra: x\n", requires="six\n[x]\nnumpy\n[y]\n")
    assert _distributions(entry) == (Distribution("a", "1", ("six",), ("y",)),)


def test_what_is_on_no_index() -> None:
    found = _distributions(
        _entry("Name: a\nVersion: 1\n", direct=True),
        _entry("Name: b\nVersion: 1+cpu\n"),
        _entry("Name: cortex-internal\nVersion: 7\n"),
        _entry("Name: d\nVersion: 1\n"),
    )
    assert [(one.name, one.on_index) for one in found] == [
        ("a", False),
        ("b", False),
        ("cortex-internal", False),
        ("d", True),
    ]


def test_a_distribution_that_is_there_more_than_once() -> None:
    captured = _captured(
        _snapshot(
            _entry("Name: a\nVersion: 9.0\n"),
            _entry("Name: A\nVersion: 10.0\n"),
            _entry("Name: a\nVersion: old\n"),
            _entry("Name: a\nVersion: 11.0\n", site=1),
        )
    )
    assert [one.version for one in captured.predictor.distributions] == ["10.0"]
    assert captured.notes == (
        facts.StrangeVersion("a", "old"),
        facts.SeveralVersions("a", ("10.0", "9.0", "11.0"), "10.0"),
    )


def test_metadata_without_a_name() -> None:
    captured = _captured(_snapshot(_entry("Version: 1\n"), _entry("Name: a b\nVersion: 1\n"), _entry("Name: a\n")))
    assert captured.predictor.distributions == ()
    assert captured.notes == (facts.NamelessMetadata("x.dist-info"),) * 3


def test_a_credential_is_left_out() -> None:
    metadata = "Name: a\nVersion: 1\nRequires-Dist: b @ https://user:secret@example.org/b.zip\n"
    captured = _captured(_snapshot(_entry(metadata)))
    assert captured.predictor.distributions[0].requires == ("b @ https://example.org/b.zip",)
    assert captured.notes == (facts.UnsaidCredential("a"),)


def test_cuda() -> None:
    assert _captured(_snapshot(cuda="10.1"), example("cuda")).predictor.cuda == "10.1"
    assert _captured(_snapshot(cuda="10.1"), example("cuda"), cuda="11.0").predictor.cuda == "11.0"
    with_note = _captured(_snapshot(cuda="10.1"))
    assert (with_note.predictor.cuda, with_note.notes) == (None, (facts.UnusedCuda("10.1", "cpu"),))
    with pytest.raises(UsageError, match="the version of cuda is not known") as caught:
        _captured(_snapshot(), example("cuda"))
    assert "--cuda" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="for GPUs"):
        _captured(_snapshot(), cuda="10.1")


def test_an_unknown_c_library() -> None:
    with pytest.raises(UsageError, match="glibc"):
        _captured(_snapshot(glibc=""))
    for version in ("x", "", "2.31.1"):
        with pytest.raises(UsageError, match=f"^--glibc: `{version}` is no version of glibc") as caught:
            _captured(_snapshot(), glibc=version)
        assert caught.value.hint


def test_an_environment_without_conda_is_pointed_out() -> None:
    captured = _captured(_snapshot(has_conda=False))
    assert not captured.predictor.has_conda
    assert isinstance(captured.notes[0], facts.NoConda)


@pytest.mark.parametrize(
    ("snapshot", "message"),
    [
        (None, "not a snapshot"),
        ([], "not a snapshot"),
        ({}, "not a snapshot"),
        (_snapshot(snapshot_version=2), "its snapshot-version is 2"),
        (_snapshot(python=None), "missing or wrong"),
        (_snapshot(has_conda="yes"), "missing or wrong"),
        (_snapshot(machine=1), "missing or wrong"),
        (_snapshot(pip={"constraints": 1}), "missing or wrong in `pip`"),
        (_snapshot({"site": 0}), "missing or wrong in `distributions`"),
        (_snapshot(conda_records=[{"name": "a"}]), "missing or wrong in `conda-records`"),
        (_snapshot(python="three"), "no predictor can hold what was found: python"),
        (_snapshot(conda_records=[{"name": "a", "version": "", "build": "", "depends": []}]), "conda-records"),
    ],
)
def test_what_is_no_snapshot(snapshot: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _captured(snapshot)
    assert message in caught.value.what
    assert caught.value.where == "image.json"


_fragments = st.sampled_from(
    [
        "Name: a",
        "Version: 1",
        "Requires-Dist: ",
        "Provides-Extra: ",
        "b @ https://u:p@s@example.org/b ; x",
        "[x:y]",
        " ",
    ]
)
_texts = st.lists(_fragments | st.text(max_size=8), max_size=8).map("\n".join)


@given(st.lists(st.tuples(_texts, _texts), max_size=3))
def test_whatever_metadata_say_can_be_written(texts: list[tuple[str, str]]) -> None:
    entries = [
        _entry(f"Name: a{number}\nVersion: 1\n{text}", requires=more) for number, (text, more) in enumerate(texts)
    ]
    captured = _captured(_snapshot(*entries))
    predictor = captured.predictor
    assert loads(dumps(predictor), file="") == predictor
    left_out = [note for note in captured.notes if isinstance(note, facts.StrangeVersion)]  # a line that goes on: `1 0`
    assert len(predictor.distributions) + len(left_out) == len(texts)


@pytest.mark.parametrize(
    ("address", "channel"),
    [
        ("https://example.org/conda-forge/linux-64", "conda-forge"),
        ("https://example.org/conda-forge", "conda-forge"),
        ("https://me:s3cret@example.org:8080/t/tk-1234/pkgs/main/noarch/", "pkgs/main"),
        ("https://me:s3cret@example.org:8080/t/tk-1234/deep/channel/noarch", "https://example.org:8080/deep/channel"),
        ("file:///somewhere/channel/noarch", ""),
        ("<unknown>", ""),
        ("", ""),
    ],
)
def test_a_record_has_its_channel_without_secrets(address: str, channel: str) -> None:
    record = {"name": "a", "version": "1", "build": "0", "depends": [], "channel": address, "subdir": "noarch"}
    captured = _captured(_snapshot(conda_records=[record | {"noarch": "python"}]))
    assert captured.predictor.conda_records == (CondaRecord("a", "1", "0", (), "noarch", "python", channel),)


def test_what_decides_how_conda_solves_is_captured() -> None:
    said = {"conda_version": "4.7.12", "conda_history": ["python=3.6.9"], "conda_pinned": ["numpy <1.19"]}
    predictor = _captured(_snapshot(**said)).predictor
    assert predictor.conda_version == "4.7.12"
    assert (predictor.conda_history, predictor.conda_pinned) == (("python=3.6.9",), ("numpy <1.19",))
    assert _captured(_snapshot(conda_version="no version")).predictor.conda_version == ""
