"""Lists that name archives."""

from __future__ import annotations

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs import conda_explicit
from cortexlock.model.conda_list import ExplicitUrl

NAME = "conda-packages.txt"
URL = "https://conda.example.org/main/linux-64/numpy-base-1.18.1-py36_0.tar.bz2"
MD5, SHA256 = "0123456789abcdef" * 2, "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (URL, ExplicitUrl(7, URL)),
        (f"{URL}#{MD5}", ExplicitUrl(7, URL, md5=MD5)),
        (f"{URL}#{MD5.upper()}", ExplicitUrl(7, URL, md5=MD5)),
        (f"{URL}#{SHA256}", ExplicitUrl(7, URL, sha256=SHA256)),
        (f"{URL}#sha256:{SHA256}", ExplicitUrl(7, URL, sha256=SHA256)),
        (
            "file:///opt/channel/noarch/a-1-0.conda",
            ExplicitUrl(7, "file:///opt/channel/noarch/a-1-0.conda"),
        ),
    ],
)
def test_a_line_is_an_archive_and_its_hash(line: str, expected: ExplicitUrl) -> None:
    assert conda_explicit.read([(1, conda_explicit.MARK), (7, line)], name=NAME) == (expected,)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("numpy=1.18", "is no URL of a conda package"),
        ("https://conda.example.org/numpy-1.18.zip", "is no URL of a conda package"),
        (URL.replace("linux-64", "osx-64"), "is a package for osx-64, the image is linux-64"),
        (f"{URL}#abc", "is neither an MD5 nor a SHA-256"),
        (f"{URL} # a comment", "is neither an MD5 nor a SHA-256"),
    ],
)
def test_what_cannot_be_taken_is_refused(line: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{NAME}:7: ") as caught:
        conda_explicit.read([(7, line)], name=NAME)
    assert message in caught.value.what
    assert caught.value.hint


def test_a_package_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InputError, match=f"{NAME}:9: numpy-base is there twice, first in line 7"):
        conda_explicit.read([(7, URL), (9, URL.replace("1.18.1", "1.19.0"))], name=NAME)


def test_the_name_of_an_archive_says_what_it_is() -> None:
    assert conda_explicit.parts(URL) == ("numpy-base", "1.18.1", "py36_0")
    assert conda_explicit.parts("https://example.org/a.zip") == ("", "", "")


def test_a_survey_reads_each_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    parts = conda_explicit.parts

    def counted(url: str) -> tuple[str, str, str]:
        seen.append(url)
        return parts(url)

    monkeypatch.setattr(conda_explicit, "parts", counted)
    lines = [(number, f"https://example.org/c/noarch/a{number}-1-0.conda") for number in range(50)]
    found, errors = conda_explicit.survey([*lines, *((number, "?") for number in range(500))], name="list")
    assert (len(found), len(errors)) == (50, 100)
    assert len(seen) == len(lines) + len(errors)
