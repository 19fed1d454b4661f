"""What is left out of an index page: never what pip would take, or speak of."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from pip._internal.index.package_finder import LinkEvaluator, LinkType
from pip._internal.models.link import Link
from pip._internal.models.target_python import TargetPython

from cortexlock.pip.indexes import file_rows
from cortexlock.pip.indexes.page_filter import File, PageFilter, last_second

_CUT_OFF = "2020-06-01T00:00:00Z"
_PYTHON = TargetPython(["manylinux1_x86_64", "linux_x86_64"], (3, 6, 9), ["cp36m"], "cp")
_FILTER = PageFilter(map(str, _PYTHON.get_sorted_tags()))
_NAMES = (
    "a-1.0.tar.gz",
    "a-1.0.zip",
    "a-1.0-py3-none-any.whl",
    "a-1.0-py2.py3-none-any.whl",
    "a-1.0-py2-none-any.whl",
    "a-1.0-1-cp36-cp36m-manylinux1_x86_64.whl",
    "a-1.0-CP36-cp36m-Linux_x86_64.whl",
    "a-1.0-cp36-cp36m-manylinux2010_x86_64.manylinux1_x86_64.whl",
    "a-1.0-cp37-cp37m-manylinux1_x86_64.whl",
    "a-1.0-cp36-abi3-win_amd64.whl",
    "a-1.0.exe",
    "a-1.0-py3.6.egg",
    "a-odd.whl",
    "a-x.y-py3-none-any.whl",
    "a-1.0-py3-none-any-more-of-it.whl",
    "b-1.0-py3-none-any.whl",
    "a-2004d.tar.gz",
    "a",
)
_TIMES = (
    None,
    "2019-01-01T00:00:00.000001Z",
    "2020-05-31T23:59:59Z",
    "2020-06-01T00:00:00Z",
    "2020-06-01T00:00:00.500Z",
    "2020-06-01T00:00:01Z",
    "2020-06-01T01:00:00+02:00",
    "2021-01-01T00:00:00.123456Z",
)


def _file(name: str, time: str | None = None, **more: object) -> dict[str, Any]:
    times = {} if time is None else {"upload-time": time}
    return {"filename": name, "url": f"https://example.org/files/{name}", "hashes": {"sha256": "0"}, **times, **more}


def _candidates(files: list[dict[str, Any]], cut_off: str | None) -> list[File]:
    return list(file_rows.up_to(file_rows.written(_FILTER.wanted({"files": files})), last_second(cut_off)))


@pytest.mark.parametrize("time", _TIMES)
def test_what_is_left_out_pip_would_pass_over_in_silence(time: str | None) -> None:
    cut_off = datetime.fromisoformat(_CUT_OFF.replace("Z", "+00:00")).astimezone(timezone.utc)
    evaluator = LinkEvaluator("a", "a", frozenset({"binary", "source"}), _PYTHON, True, uploaded_prior_to=cut_off)  # type: ignore[arg-type] # noqa: FBT003
    left_out = set()
    for name in _NAMES:
        file = _file(name, time)
        link = Link.from_json(file, "https://example.org/a/")
        assert link is not None
        result, _detail = evaluator.evaluate_link(link)
        kept = bool(_candidates([file], _CUT_OFF))
        if not kept:
            left_out.add(name)
        if result in {LinkType.candidate, LinkType.upload_time_missing, LinkType.requires_python_mismatch}:
            assert kept, (name, time)
    assert {"a-1.0-cp37-cp37m-manylinux1_x86_64.whl", "a-1.0-cp36-abi3-win_amd64.whl"} <= left_out
    assert "a-odd.whl" not in left_out
    assert ("a-1.0.tar.gz" in left_out) is (time in {"2020-06-01T00:00:01Z", "2021-01-01T00:00:00.123456Z"})


def test_without_a_cut_off_date_only_wheels_for_others_are_left_out() -> None:
    found = _candidates([_file(name, "2030-01-01T00:00:00Z") for name in _NAMES], None)
    assert {file["filename"] for file in found} == {
        name for name in _NAMES if "cp37" not in name and "win" not in name and "py2-" not in name
    }
    assert PageFilter(["py3-none-any"]).key != _FILTER.key


def test_a_file_is_kept_with_what_a_resolution_asks_for() -> None:
    more = {"dist-info-metadata": {"sha256": "1"}}
    file = {**_file("a-1.0.tar.gz", size=3, yanked=False, provenance="x"), **more}
    (found,) = _FILTER.wanted({"files": [{**file, "upload-time": "2020-01-01T00:00:00Z"}], "versions": ["1.0"]})
    assert found == {
        "filename": "a-1.0.tar.gz",
        "url": "https://example.org/files/a-1.0.tar.gz",
        "hashes": {"sha256": "0"},
        "size": 3,
        "yanked": False,
        "upload-time": "2020-01-01T00:00:00Z",
        "core-metadata": {"sha256": "1"},
    }


@pytest.mark.parametrize(
    "page",
    [
        None,
        [],
        {"files": None},
        {"files": [1]},
        {"files": [{"url": 1}]},
        {"files": [{"url": "https://example.org/a-1.tar.gz", "hashes": []}]},
        {"files": [{"url": "https://example.org/a-1.tar.gz", "hashes": {"sha256": 1}}]},
        {"files": [{"url": "https://example.org/a-1.tar.gz", "requires-python": 3}]},
        {"files": [{"url": "https://example.org/a-1.tar.gz", "upload-time": 3}]},
    ],
)
def test_what_is_no_page(page: object) -> None:
    with pytest.raises(ValueError, match="no list of files"):
        _FILTER.wanted(page)


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.100000Z"),
        ("2020-01-01T00:00:00.12345678Z", "2020-01-01T00:00:00.123456Z"),
        ("2020-01-01 00:00:00", "2020-01-01T00:00:00Z"),
        ("2020-01-01t00:00:00z", "2020-01-01T00:00:00Z"),
        ("2020-01-01T02:00:00,5+0200", "2020-01-01T02:00:00.500000+02:00"),
        ("2019-02-30T00:00:00Z", None),
        ("last year", None),
    ],
)
def test_upload_times_are_what_each_python_reads(time: str, read: str | None) -> None:
    (found,) = _FILTER.wanted({"files": [_file("a-1.0.tar.gz", time)]})
    assert found.get("upload-time") == read
    if read:
        assert datetime.fromisoformat(read.replace("Z", "+00:00")).tzinfo
        assert Link.from_json(dict(found), "https://example.org/a/") is not None
