"""Hashes of inputs: what makes a lockfile stale, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.errors import InputError
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.inputs.hashes import inputs, lines_hash

_ALL = FoundFiles("script.sh", "conda-packages.txt", "requirements.txt")
_REQUIREMENTS = (
    "--extra-index-url https://a.example.org\n--find-links ./b\nnumpy==1.0\n-r more.txt\nboto3\n./a-1.zip\n-e .\n"
)


def _project(directory: Path, **texts: str) -> dict[str, str]:
    files = {
        "script.sh": "set -x\n",
        "conda-packages.txt": "numpy=1.0\nscipy\n",
        "requirements.txt": _REQUIREMENTS,
        "more.txt": "six\n",
        "a-1.zip": "zip",
        **{name.replace("_", ".").replace("conda.packages", "conda-packages"): text for name, text in texts.items()},
    }
    for name, text in files.items():
        (directory / name).write_bytes(text.encode("utf-8"))
    return {given.file: given.sha256 for given in inputs(directory, _ALL)}


def test_which_files(tmp_path: Path) -> None:
    assert list(_project(tmp_path)) == ["a-1.zip", "conda-packages.txt", "more.txt", "requirements.txt", "script.sh"]
    assert inputs(tmp_path, FoundFiles()) == ()


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url https://{}example.org/simple/",
        "git+https://{}example.org/x.git@main#egg=x",
        "x @ https://{}example.org/x-1.0-py3-none-any.whl",
    ],
)
def test_no_credential_takes_part(tmp_path: Path, line: str) -> None:
    infos = ("", "me:s3cr3t@", "s3cr3t@", "${TOKEN}@", "me:${TOKEN}@")
    assert len({_project(tmp_path, requirements_txt=line.format(info))["requirements.txt"] for info in infos}) == 1


@pytest.mark.parametrize(
    "texts",
    [
        {"conda_packages_txt": "# why\nscipy   # because\n\n  numpy=1.0\r\n"},
        {"conda_packages_txt": "\ufeffnumpy=1.0\nscipy"},
        {"requirements_txt": _REQUIREMENTS.replace("\n", "  # why\r\n")},
        {"requirements_txt": "# x\n\n" + _REQUIREMENTS},
        {"requirements_txt": "\n".join(sorted(_REQUIREMENTS.splitlines()))},
        {"more_txt": "six"},
    ],
)
def test_what_makes_nothing_stale(tmp_path: Path, texts: dict[str, str]) -> None:
    assert _project(tmp_path, **texts) == _project(tmp_path)


@pytest.mark.parametrize(
    ("texts", "changed"),
    [
        ({"script_sh": "set -x\r\n"}, "script.sh"),
        ({"script_sh": "set -x\n# why\n"}, "script.sh"),
        ({"conda_packages_txt": "numpy=1.1\nscipy\n"}, "conda-packages.txt"),
        ({"conda_packages_txt": "numpy=1.0\n"}, "conda-packages.txt"),
        ({"requirements_txt": _REQUIREMENTS.replace("==1.0", "==1.1")}, "requirements.txt"),
        ({"requirements_txt": _REQUIREMENTS.replace("-e .", ".")}, "requirements.txt"),
        (
            {
                "requirements_txt": "--find-links ./b\n--extra-index-url https://a.example.org\n"
                + _REQUIREMENTS.split("./b\n")[1]
            },
            "requirements.txt",
        ),
        ({"more_txt": "six>1\n"}, "more.txt"),
        ({"a-1_zip": "other"}, "a-1.zip"),
    ],
)
def test_what_makes_a_lockfile_stale(tmp_path: Path, texts: dict[str, str], changed: str) -> None:
    before, after = _project(tmp_path), _project(tmp_path, **texts)
    assert [file for file in before if before[file] != after[file]] == [changed]


def test_utf_16_is_hashed_and_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "conda-packages.txt").write_text("# c\r\nnumpy=1.0\r\nscipy\r\n", encoding="utf-16")
    found = inputs(tmp_path, FoundFiles(conda="conda-packages.txt"))
    assert found[0].sha256 == lines_hash(["numpy=1.0", "scipy"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for found in (FoundFiles(script="a"), FoundFiles(conda="a"), FoundFiles(pip="a")):
        with pytest.raises(InputError, match="cannot be read"):
            inputs(tmp_path, found)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b==1", "-e .", "c", "-r d.txt", "--constraint=e.txt", "-c f"])), st.randoms())
def test_the_order_of_requirements_does_not_matter(lines: list[str], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert lines_hash(shuffled) == lines_hash(lines)


@given(st.lists(st.sampled_from(["-i a", "-f b", "--no-binary c", "-r d.txt"]), unique=True), st.randoms())
def test_the_order_of_options_does(lines: list[str], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # as above
    without = [[line for line in each if line != "-r d.txt"] for each in (lines, shuffled)]
    assert (lines_hash(shuffled) == lines_hash(lines)) is (without[0] == without[1])
    same = lines_hash(shuffled, order_of_includes=True) == lines_hash(lines, order_of_includes=True)
    assert same is (shuffled == lines)


def test_the_order_of_includes_counts_where_they_have_options(tmp_path: Path) -> None:
    texts = ("-r more.txt\n-r most.txt\nnumpy\n", "numpy\n-r most.txt\n-r more.txt\n")
    for option, same in (("", True), ("--extra-index-url https://example.org/\n", False)):
        (tmp_path / "most.txt").write_text(option, encoding="utf-8")
        found = {_project(tmp_path, requirements_txt=text)["requirements.txt"] for text in texts}
        assert (len(found) == 1) is same


def test_the_hash_after_an_archives_url_is_no_comment(tmp_path: Path) -> None:
    url = "https://conda.example.org/main/linux-64/a-1-0.conda"
    seen = set()
    for text in (f"@EXPLICIT\n{url}#{'a' * 32}\n", f"@EXPLICIT\n{url}#{'b' * 32}\n", f"@EXPLICIT # all\n{url}\n"):
        (tmp_path / "conda-packages.txt").write_text(text, encoding="utf-8")
        seen.add(inputs(tmp_path, FoundFiles(conda="conda-packages.txt"))[0].sha256)
    assert len(seen) == 3


def test_of_a_predictor_file_counts_what_it_says(tmp_path: Path) -> None:
    def hashed(text: str) -> str:
        (tmp_path / "image.yaml").write_text(text, encoding="utf-8")
        (given,) = inputs(tmp_path, FoundFiles(), "image.yaml")
        assert given.file == "image.yaml"
        return given.sha256

    first = hashed("type: python\norder: [conda, pip]\n")
    assert hashed("# why\norder:\n  - conda\n  - 'pip'\n\ntype: python\r\n") == first
    assert hashed("type: python\norder: [pip, conda]\n") != first
    assert hashed("type: onnx\norder: [conda, pip]\n") != first
    with pytest.raises(InputError, match=r"image\.yaml"):
        hashed("1: a\nb: !!set {a, b}\n")
