"""`conda-packages.txt` is read as conda 4.7.12 reads a list, and what people put in its place is recognized."""

from __future__ import annotations

import codecs
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.errors import InputError
from cortexlock.inputs import conda_list
from cortexlock.model.conda_list import CondaList, CondaSpec, ExplicitUrl, PypiRow
from cortexlock.model.lock_facts import InUtf16

NAME = "conda-packages.txt"


def _write(directory: Path, content: str | bytes) -> Path:
    path = directory / "list"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_is_read_whatever_its_line_ends_comments_and_mark(tmp_path: Path) -> None:
    lines = ["# packages", "", "  numpy=1.18.1 ", "\t", "pandas # for tables", "# the end"]
    expected = (CondaSpec(3, "numpy=1.18.1", "", "numpy", "==1.18.1", ""), CondaSpec(5, "pandas", "", "pandas", "", ""))
    for end in ("\n", "\r\n"):
        for mark in (b"", codecs.BOM_UTF8):
            path = _write(tmp_path, mark + end.join(lines).encode())
            assert conda_list.read(path, name=NAME).specs == expected


def test_lines_end_as_in_a_text_file(tmp_path: Path) -> None:
    listed = conda_list.read(_write(tmp_path, "numpy\r\n# a\x0cb\u2028c\x85d\rpandas\n"), name=NAME)
    assert [(spec.line, spec.name) for spec in listed.specs] == [(1, "numpy"), (3, "pandas")]


def test_an_empty_file_asks_for_nothing(tmp_path: Path) -> None:
    assert conda_list.read(_write(tmp_path, ""), name=NAME) == CondaList()


def test_a_package_that_stands_there_twice_is_there_twice(tmp_path: Path) -> None:
    specs = conda_list.read(_write(tmp_path, "numpy>1\nnumpy<2\n"), name=NAME).specs
    assert [(spec.line, spec.version) for spec in specs] == [(1, ">1"), (2, "<2")]


def test_utf_32_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}:1: the file is UTF-32"):
        conda_list.read(_write(tmp_path, "numpy\n".encode("utf-32")), name=NAME)


def test_what_nobody_sees_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no package name \(with U\+200B ZERO WIDTH SPACE\)"):
        conda_list.read(_write(tmp_path, "numpy\u200b\n"), name=NAME)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf_16_with_a_mark_is_read_and_noted(tmp_path: Path, mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    text = "# packages\r\nnumpy=1.18.1=py36h4f9e942_0\r\n"
    listed = conda_list.read(_write(tmp_path, mark + text.encode(encoding)), name=NAME)
    assert [(spec.line, spec.name, spec.build) for spec in listed.specs] == [(2, "numpy", "py36h4f9e942_0")]
    assert listed.notes == (InUtf16(NAME),)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(InputError, match=f"{NAME}:1: the file is no text") as caught:
        conda_list.read(_write(tmp_path, "numpy\n".encode(encoding)), name=NAME)
    assert "UTF-8" in str(caught.value.hint)


def test_utf_16_that_ends_within_a_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}:2: the line is not UTF-16"):
        conda_list.read(_write(tmp_path, codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"x"), name=NAME)


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}:2: the line is not UTF-8"):
        conda_list.read(_write(tmp_path, b"numpy\n# caf\xe9\n"), name=NAME)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}: cannot be read"):
        conda_list.read(tmp_path / "absent", name=NAME)


@pytest.mark.parametrize("subdir", ["osx-64", "win-64", "osx-arm64", "linux-aarch64"])
def test_an_export_of_another_platform_is_refused(tmp_path: Path, subdir: str) -> None:
    text = f"# This file may be used to create an environment using:\n# platform: {subdir}\n\nnumpy=1=0\nsix=1=py_0\n"
    with pytest.raises(InputError, match=f"{NAME}:2: the list was exported on {subdir}, the image is ") as caught:
        conda_list.read(_write(tmp_path, text), name=NAME)
    assert "line 4, `numpy=1=0`, is the first of 2 such packages" in caught.value.what
    assert "remove this comment" in str(caught.value.hint)


def test_an_export_of_the_images_platform_is_read(tmp_path: Path) -> None:
    text = "# platform: linux-64\nnumpy=1=0\nidna=2.10=pypi_0\nMy_Tool=0.1.dev2+g1a2b3c=dev_0\n"
    listed = conda_list.read(_write(tmp_path, text), name=NAME)
    assert listed.specs == (CondaSpec(2, "numpy=1=0", "", "numpy", "==1", "0"),)
    assert listed.pypi == (
        PypiRow(3, "idna=2.10=pypi_0", "idna", "2.10"),
        PypiRow(4, "My_Tool=0.1.dev2+g1a2b3c=dev_0", "my-tool", "0.1.dev2+g1a2b3c"),
    )


def test_a_row_of_pips_without_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}:1: .*no version that pip could be asked for"):
        conda_list.read(_write(tmp_path, "mine=a.b=pypi_0\n"), name=NAME)


def test_an_explicit_list_is_one(tmp_path: Path) -> None:
    url = "https://conda.example.org/main/linux-64/numpy-1.18.1-py36_0.conda"
    listed = conda_list.read(_write(tmp_path, f"# platform: linux-64\n@EXPLICIT\n{url}#{'a' * 32}\n"), name=NAME)
    assert listed == CondaList(explicit=(ExplicitUrl(3, url, md5="a" * 32),))


@pytest.mark.parametrize(
    ("text", "line", "row"),
    [
        ("# Name  Version  Build\n_libgcc_mutex             0.1                        main\n", 2, "0.1 main"),
        ("aiohttp                   3.6.2                    pypi_0    pypi\n", 1, "3.6.2 pypi_0 pypi"),
        ("(base) me@host:~> conda list\n\nblas                      1.0                         mkl\n", 3, "1.0 mkl"),
    ],
)
def test_a_conda_list_table_is_recognized(tmp_path: Path, text: str, line: int, row: str) -> None:
    with pytest.raises(InputError, match=f"{NAME}:{line}: .* row of a `conda list` table") as caught:
        conda_list.read(_write(tmp_path, text), name=NAME)
    assert row in caught.value.what
    assert f"conda list --export > {NAME}" in str(caught.value.hint)


@pytest.mark.parametrize(
    "line",
    [
        "-r base.txt",
        "-e git+https://git.example.org/a.git#egg=a",
        "--extra-index-url https://packages.example.org/simple",
        "git+https://git.example.org/a.git",
        "a @ https://packages.example.org/a-1.0-py3-none-any.whl",
        "dataclasses==0.7; python_version < '3.7'",
        "a==1.0 --hash=sha256:00",
    ],
)
def test_a_requirements_file_is_recognized(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match=f"{NAME}:2: .* is a line for pip, not for conda") as caught:
        conda_list.read(_write(tmp_path, f"numpy==1.18\n{line}\n"), name=NAME)
    assert "conda list --export" in str(caught.value.hint)


@given(st.binary(max_size=80) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    _read_or_refuse(content)


def _read_or_refuse(content: bytes) -> None:
    with TemporaryDirectory() as directory:
        try:
            conda_list.read(_write(Path(directory), content), name=NAME)
        except InputError as error:
            assert str(error).startswith(NAME)  # noqa: PT017 - most files are refused, some are not


_piece = st.sampled_from(
    [
        "numpy",
        "=",
        "1.2",
        "==",
        ">=",
        " ",
        "\n",
        "\r\n",
        "#",
        "@EXPLICIT",
        "# platform: ",
        "linux-64",
        "pypi_0",
        "[",
        "]",
        *("https://h/c/linux-64/a-1-0.conda", "::", ",", "|", "*", "!", "-", "dev_0", ";", "\t", "é"),
    ]
)


@given(st.lists(_piece, max_size=20).map("".join))
def test_any_file_of_likely_pieces_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "# platform: osx-64\nnumpy==\nsix==\n",
        "# a table\nnumpy 1.18 py36_0\nsix 1.15 py_0 conda-forge\nx==\n",
        "numpy==\n-r other.txt\ngit+https://example.org/a\n",
        "@EXPLICIT\n# nothing\n",
        "@EXPLICIT\nhttps://example.org/c/noarch/a-1-0.conda\nhttps://example.org/c/noarch/a-1-1.conda\nnumpy\n",
        "numpy==\nsix=\n",
    ],
)
def test_reading_and_surveying_agree_on_the_first_error(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        conda_list.read(path, name=NAME)
    _, errors = conda_list.survey(path, name=NAME)
    assert str(errors[0]) == str(caught.value)


def test_a_file_that_is_refused_as_a_whole_has_one_error(tmp_path: Path) -> None:
    rows = "".join(f"package{number}=1=h{number}\n" for number in range(300))
    for text in (f"# platform: osx-64\n{rows}=\n", "".join(f"package{n}  1.{n}  py36_0\n" for n in range(300))):
        found, errors = conda_list.survey(_write(tmp_path, text), name=NAME)
        assert len(errors) == 1
        assert found == CondaList()


def test_a_survey_has_so_many_errors(tmp_path: Path) -> None:
    found, errors = conda_list.survey(_write(tmp_path, "numpy\n" + "\\\n" * 500 + "six\n"), name=NAME)
    assert [spec.name for spec in found.specs] == ["numpy"]
    assert len(errors) == 100


def test_an_explicit_list_without_archives_is_refused_at_its_mark(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{NAME}:2: the list is @EXPLICIT and names no archive"):
        conda_list.read(_write(tmp_path, "# made by conda\n@EXPLICIT\n"), name=NAME)
