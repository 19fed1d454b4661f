"""`requirements.txt` as text, by pip's rules."""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pip._internal.req.req_file import preprocess

from cortexlock.errors import InputError
from cortexlock.inputs.requirements_text import Line, check_build_options, decode, logical_lines, read


def _write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        path = directory / name.replace("__", "/").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _refused(directory: Path, text: str) -> InputError:
    _write(directory, requirements_txt=text)
    with pytest.raises(InputError) as caught:
        read(directory, "requirements.txt")
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n  b==1  # why\n# c\nd#e\n", [(1, "a"), (3, "b==1"), (5, "d#e")]),
        (
            "a==1 \\\n  --hash=sha256:0 \\\n  --hash=sha256:1\nb\n",
            [(1, "a==1   --hash=sha256:0   --hash=sha256:1"), (4, "b")],
        ),
        ("a \\\n# comment\nb\n", [(1, "a"), (3, "b")]),
        ("a \\", [(1, "a")]),
        ("# c \\\nb\n", [(2, "b")]),
        ("a\r\nb\rc\x0cd\u2028e", [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")]),
    ],
)
def test_logical_lines(text: str, expected: list[tuple[int, str]]) -> None:
    assert list(logical_lines(text)) == expected


@settings(deadline=None)
@given(st.text(st.sampled_from("ab=#\\ \t\n\r-")))
def test_logical_lines_are_pips(text: str) -> None:
    assert [line for _, line in logical_lines(text)] == [line for _, line in preprocess(text)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\xc3\xa9", "aé"),
        (codecs.BOM_UTF8 + b"a\xc3\xa9", "aé"),
        (codecs.BOM_UTF16_LE + "aé".encode("utf-16-le"), "aé"),
        (codecs.BOM_UTF16_BE + "aé".encode("utf-16-be"), "aé"),
        (b"# -*- coding: latin-1 -*-\na\xe9", "# -*- coding: latin-1 -*-\naé"),
        (b"#\n# coding=latin-1\na\xe9", "#\n# coding=latin-1\naé"),
    ],
)
def test_encodings(content: bytes, expected: str) -> None:
    assert decode(content, file="f") == expected


@pytest.mark.parametrize(
    ("content", "where"),
    [(b"a\nb\xe9\n", "f:2"), (b"# coding: nonsense\na\n", "f:1"), (b"a\nb\n# coding: latin-1\n\xe9", "f:4")],
)
def test_what_pip_would_read_by_the_locale_is_refused(content: bytes, where: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(content, file="f")
    assert caught.value.where == where


def test_includes(tmp_path: Path) -> None:
    _write(
        tmp_path,
        requirements_txt="-r deps/base.txt\n--constraint=deps/pins.txt\na\n",
        deps__base_txt="-r more.txt\nb\n-c pins.txt\n",
        deps__more_txt="-c pins.txt\nc\n",
        deps__pins_txt="d==1\n",
    )
    found = read(tmp_path, "requirements.txt")
    assert found.files == ("requirements.txt", "deps/base.txt", "deps/more.txt", "deps/pins.txt")
    assert [line.text for line in found.lines if not line.text.startswith("-")] == ["d==1", "c", "b", "a"]
    assert Line("deps/base.txt", 2, "b") in found.lines


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("a\n-r requirements.txt\n", ""), "requirements.txt:2: `requirements.txt` includes itself"),
        (("-r deps/more.txt\n", "\n-c ../requirements.txt\n"), "deps/more.txt:2: `requirements.txt` includes itself"),
    ],
)
def test_a_file_that_includes_itself(tmp_path: Path, texts: tuple[str, str], message: str) -> None:
    _write(tmp_path, requirements_txt=texts[0], deps__more_txt=texts[1])
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, "requirements.txt")
    assert caught.value.hint == "remove the line"


def test_files_that_include_one_another_without_end(tmp_path: Path) -> None:
    _write(tmp_path, **{f"{number}_txt": f"-r {number + 1}.txt\n" for number in range(1500)})
    error = _refused(tmp_path, "-r 0.txt\n")
    assert (error.exit_code, error.where, error.what) == (3, "98.txt:1", "100 files include one another")


@pytest.mark.parametrize(
    "line",
    ["demo; " + "(" * 50_000, "demo; " + "(" * 3000 + "python_version > '3'" + ")" * 3000, "demo==" + "9" * 50_000],
    ids=["brackets", "closed", "digits"],
)
def test_what_no_parser_of_requirements_can_read(tmp_path: Path, line: str) -> None:
    error = _refused(tmp_path, f"six\n{line}\n")
    assert (error.exit_code, error.where) == (3, "requirements.txt:2")
    assert len(error.what) < 100


def test_a_line_without_end(tmp_path: Path) -> None:
    error = _refused(tmp_path, "six\n" + "a" * 4_000_000)
    assert (error.where, error.what) == ("requirements.txt:2", "it has 4000000 characters")


def test_hashes_are_no_numbers(tmp_path: Path) -> None:
    line = "demo==1.0 " + "--hash=sha256:" + "1" * 64 + " --hash=sha512:" + "2" * 128
    _write(tmp_path, requirements_txt=f"{line}\n")
    assert [each.text for each in read(tmp_path, "requirements.txt").lines] == [line]


def test_a_name_with_a_space(tmp_path: Path) -> None:
    _write(tmp_path, requirements_txt='-r "more deps.txt"\n')
    (tmp_path / "more deps.txt").write_text("a\n")
    assert read(tmp_path, "requirements.txt").files == ("requirements.txt", "more deps.txt")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-r missing.txt", "`missing.txt` cannot be read"),
        ("-r ../outside.txt", "outside the project"),
        ("-r sub/../../outside.txt", "outside the project"),
        ("-r /etc/requirements.txt", "outside the project"),
        ("-c C:\\pins.txt", "outside the project"),
        ("-r file:///srv/requirements.txt", "outside the project"),
        ("-r https://example.org/requirements.txt", "on the network"),
        ("../other", "outside the project"),
        ("-e ../other", "outside the project"),
        ("other @ file:///srv/other", "a path of another machine"),
    ],
)
def test_what_an_image_would_not_have(tmp_path: Path, line: str, what: str) -> None:
    error = _refused(tmp_path, f"a\n{line}\n")
    assert what in error.what
    assert error.where == "requirements.txt:2"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"requirements\.txt: cannot be read"):
        read(tmp_path, "requirements.txt")


@pytest.mark.parametrize(
    ("line", "tree"),
    [
        (".", "."),
        ("./", "."),
        ("./pkg", "pkg"),
        ("pkg/", "pkg"),
        ("sub/pkg", "sub/pkg"),
        ("-e .", "."),
        ("-e./pkg", "pkg"),
        ("--editable=./pkg", "pkg"),
        ("--editable pkg", "pkg"),
        (".[dev,test]", "."),
        ("./pkg[extra] ; python_version < '3.7'", "pkg"),
        ("./pkg --config-settings=a=b", "pkg"),
        ("pkg @ file:./pkg", "pkg"),
        ("-e file:./pkg#egg=pkg", "pkg"),
        ("'./my pkg'", "my pkg"),
    ],
)
def test_trees(tmp_path: Path, line: str, tree: str) -> None:
    _write(tmp_path, requirements_txt=f"{line}  # comment\n")
    found = read(tmp_path, "requirements.txt")
    assert (found.trees, found.archives) == ((tree,), ())


@pytest.mark.parametrize(
    "line", ["./wheels/a-1-py3-none-any.whl", "a-1.tar.gz", "a @ file:wheels/a.zip", "./a-1.zip[x]"]
)
def test_archives(tmp_path: Path, line: str) -> None:
    _write(tmp_path, requirements_txt=f"{line}\n")
    found = read(tmp_path, "requirements.txt")
    assert found.trees == ()
    assert len(found.archives) == 1


@pytest.mark.parametrize(
    "line",
    ["numpy", "numpy==1.0", "a[b]>=1 ; sys_platform == 'linux'", "a @ https://example.org/a.zip", "-e git+https://example.org/a.git",
     "git+ssh://git@example.org/a.git", "https://example.org/a-1.whl", "--find-links ./wheels", "-i https://example.org/simple"],
)  # fmt: skip
def test_what_is_not_local(tmp_path: Path, line: str) -> None:
    _write(tmp_path, requirements_txt=f"{line}\n")
    found = read(tmp_path, "requirements.txt")
    assert (found.trees, found.archives) == ((), ())


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_content_is_read_or_refused(content: bytes) -> None:
    with suppress(InputError):
        list(logical_lines(decode(content, file="f")))


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("thing==1 --config-settings=a=b", "--config-settings"),
        ('./pkg --config-settings "a=b" --hash=sha256:0', "--config-settings"),
        ("-e ./pkg -C a=b", "-C"),
        ("thing --global-option=x", "--global-option"),
        ('thing --install-option="--prefix=/x"', "--install-option"),
    ],
)
def test_options_of_builds_are_refused(tmp_path: Path, line: str, option: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"a\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check_build_options(read(tmp_path, "requirements.txt"))
    assert caught.value.where == "requirements.txt:2"
    assert f"`{option}`" in caught.value.what


def test_other_options_are_no_options_of_builds(tmp_path: Path) -> None:
    text = "--no-binary :all:\n-c C=1.txt\nthing==1 --hash=sha256:0\n./a-C.zip\n"
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    (tmp_path / "C=1.txt").touch()
    check_build_options(read(tmp_path, "requirements.txt"))
