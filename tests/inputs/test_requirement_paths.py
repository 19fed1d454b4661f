"""Paths in requirements files that lead nowhere in the image, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError
from cortexlock.inputs.requirements_text import check_paths, read


def _refused(directory: Path, line: str) -> InputError:
    (directory / "requirements.txt").write_text(f"idna\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(directory, "requirements.txt")
    assert caught.value.where == "requirements.txt:2"
    return caught.value


@pytest.mark.parametrize(
    ("line", "right"),
    [
        (r"-r reqs\base.txt", "-r reqs/base.txt"),
        (r"-c .\constraints.txt", "-c ./constraints.txt"),
        (r"-e .\libs\foo", "-e ./libs/foo"),
        (r".\libs\foo", "./libs/foo"),
        (r"vendor\foo-1.0-py3-none-any.whl", "vendor/foo-1.0-py3-none-any.whl"),
        (r"--find-links .\wheels", "--find-links ./wheels"),
        (r"foo @ file:.\libs\foo", "foo @ file:./libs/foo"),
    ],
)
def test_backslashes(tmp_path: Path, line: str, right: str) -> None:
    error = _refused(tmp_path, line)
    assert "is written with backslashes" in error.what
    assert error.hint == f"write `{right}`"


def test_an_escaped_space_is_none(tmp_path: Path) -> None:
    (tmp_path / "my reqs.txt").write_text("idna\n")
    (tmp_path / "requirements.txt").write_text("-r my\\ reqs.txt\n")
    assert read(tmp_path, "requirements.txt").files == ("requirements.txt", "my reqs.txt")


@pytest.mark.parametrize(
    ("line", "version", "by_conda"),
    [
        ("certifi @ file:///home/conda/feedstock_root/build_artifacts/certifi_1/work", "VERSION", True),
        ("mkl-fft @ file:///croot/mkl_fft_1695058164594/work", "VERSION", True),
        ("numpy @ file:///D:/bld/numpy_1649281661822/work", "VERSION", True),
        ("numpy @ file:///croot/numpy_1/work/dist/numpy-1.26.4-cp311-cp311-linux_x86_64.whl#sha256=0", "1.26.4", True),
        ("foo @ file:///home/me/foo", "VERSION", False),
        ("foo @ file:///C:/Users/me/foo-1.2-py3-none-any.whl", "1.2", False),
    ],
)
def test_paths_of_another_machine(tmp_path: Path, line: str, version: str, *, by_conda: bool) -> None:
    error = _refused(tmp_path, line)
    name = line.partition(" ")[0]
    assert f"{name} is named by a path of another machine" in error.what
    assert f"write `{name}=={version}`" in (error.hint or "")
    assert ("of conda" in (error.hint or "")) == by_conda


def test_a_path_of_this_machine_is_no_other_s(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "foo-1.2-py3-none-any.whl").touch()
    error = _refused(tmp_path / "project", f"foo @ {(tmp_path / 'foo-1.2-py3-none-any.whl').as_uri()}")
    assert error.what.endswith("foo-1.2-py3-none-any.whl` is outside the project: the image would not have it")


def test_an_include_that_depends_on_a_variable(tmp_path: Path) -> None:
    error = _refused(tmp_path, "-r ${STAGE}.txt")
    assert error.what == "`${STAGE}.txt` is another file wherever the variable has another value"
    assert _refused(tmp_path, "-r ${stage}.txt").what.startswith("`${stage}.txt` cannot be read")


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| 1234567"])
def test_markers_of_a_merge(tmp_path: Path, line: str) -> None:
    assert "merge conflict" in _refused(tmp_path, line).what


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("-e git+git@example.org:org/r.git#egg=r", "git+ssh://git@example.org/org/r.git#egg=r"),
        ("git+git@example.org:org/r.git#egg=r", "git+ssh://git@example.org/org/r.git#egg=r"),
        ("r @ git+git@example.org:org/r.git", "git+ssh://git@example.org/org/r.git"),
        ('r[x] @ git+me@example.org:r@v1 ; python_version > "3"', "git+ssh://me@example.org/r@v1"),
        ("--editable=git+example.org:org/r.git#egg=r", "git+ssh://example.org/org/r.git#egg=r"),
        ("git+example.org:/srv/r.git#egg=r", "git+ssh://example.org/srv/r.git#egg=r"),
        ("git+ssh://git@example.org:org/r.git@main#egg=r", "git+ssh://git@example.org/org/r.git@main#egg=r"),
        ("r @ git+ssh://example.org:org/r.git", "git+ssh://example.org/org/r.git"),
        ("git@example.org:org/r.git", "git+ssh://git@example.org/org/r.git"),
        ("-e git@example.org:org/r.git", "git+ssh://git@example.org/org/r.git"),
    ],
)
def test_an_address_of_scp_is_named(tmp_path: Path, line: str, address: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"attrs\n{line}\n")
    with pytest.raises(InputError) as caught:
        read(tmp_path, "requirements.txt")
    assert caught.value.where == "requirements.txt:2"
    assert caught.value.hint == f"write {address}"


@pytest.mark.parametrize("line", ["r @ foo:bar/r.whl", "r @ host:org/r.git"])
def test_a_scheme_that_nothing_comes_from(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    with pytest.raises(InputError, match="a scheme that pip fetches nothing from"):
        read(tmp_path, "requirements.txt")


@pytest.mark.parametrize(
    "line",
    [
        "git+ssh://git@example.org:2222/org/r.git#egg=r",
        "r @ git+ssh://git@example.org:2222/org/r.git",
        "r @ https://example.org:8443/r-1.0.zip",
        "r @ svn+https://example.org/r",
        "r @ ${ADDRESS}",
        "r[a]>=1 ; python_version > '3'",
        "--extra-index-url https://example.org:8443/simple",
    ],
)
def test_a_port_and_what_is_a_url_are_not(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    assert read(tmp_path, "requirements.txt").lines[0].text == line


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("r @ ./r", "is no URL"),
        ("r @ git+", "is no URL"),
        ("r @ https:r", "names no host"),
        ("r @ http://", "names no host"),
        ("r @ https://me@/r", "names no host"),
        ("https:///r.whl", "names no host"),
        ("-e git+https:/org/r#egg=r", "names no host"),
        ("r @ file://host/r", "and no host"),
        ("file://host/r", "and no host"),
        ("-e file://host/r", "and no host"),
        ("r @ file://./r", "and no host"),
        ("r @ git+file://host/r", "and no host"),
        ("c:/Users/me/r-1.0-py3-none-any.whl", "outside the project"),
    ],
)
def test_urls_that_lead_nowhere(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"attrs\n{line}\n")
    with pytest.raises(InputError, match=what) as caught:
        read(tmp_path, "requirements.txt")
    assert caught.value.where == "requirements.txt:2"


@pytest.mark.parametrize("line", ["r @ ${URL}/r", "r @ git+file:///r.git", "-e git+ssh://git@example.org/r#egg=r"])
def test_urls_that_lead_somewhere(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    assert [each.text for each in read(tmp_path, "requirements.txt").lines] == [line]


@pytest.mark.parametrize("line", ["r @ file:gone", "file:./gone", "-e file:./gone", "r @ file:gone.whl"])
def test_what_a_file_url_names_must_be_there(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"attrs\n{line}\n")
    with pytest.raises(InputError, match="there is no file") as caught:
        check_paths(tmp_path, read(tmp_path, "requirements.txt"))
    assert caught.value.where == "requirements.txt:2"
