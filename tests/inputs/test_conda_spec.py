"""A line of a conda list is read as conda 4.7.12 reads it, and written as it writes it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.inputs import conda_spec, vendored_conda
from cortexlock.inputs.conda_spec import UnreadableLineError, read_line
from cortexlock.model.conda_list import CondaSpec
from tests.integration import conda_oracle

_LINES = Path(__file__).with_name("data") / "conda_lines.tsv"

# What conda 4.7.12 makes of lines: `common.spec_from_line` and `MatchSpec`, run unchanged.
CONDA = [
    ("numpy", "", "numpy", "", ""),
    ("Cython", "", "cython", "", ""),
    ("numpy=1.18.1", "", "numpy", "==1.18.1", ""),
    ("numpy==1.18.1", "", "numpy", "==1.18.1", ""),
    ("numpy>=1.22.3", "", "numpy", ">=1.22.3", ""),
    ("pandas >=0.18", "", "pandas", ">=0.18", ""),
    ("pandas >= 0.18, < 2", "", "pandas", ">=0.18,<2", ""),
    ("pyqt =4.11.4", "", "pyqt", "==4.11.4", ""),
    ("pyqt = 4.11.4 = py36_0", "", "pyqt", "==4.11.4", "py36_0"),
    ("dtocean-core =1.1.dev2", "", "dtocean-core", "==1.1.dev2", ""),
    ("notebook=6.5.7=pyha770c72_0", "", "notebook", "==6.5.7", "pyha770c72_0"),
    ("blas=1.0=mkl", "", "blas", "==1.0", "mkl"),
    ("blas==1.0=mkl", "", "blas", "==1.0", "mkl"),
    ("x264=1!157.20191217=h7b6447c_0", "", "x264", "==1!157.20191217", "h7b6447c_0"),
    ("conda-forge::rdkit=2020.03.5", "conda-forge", "rdkit", "==2020.03.5", ""),
    ("Conda-Forge::RDKit", "conda-forge", "rdkit", "", ""),
    ("dask[complete]>=2022.3.0", "", "dask", ">=2022.3.0", ""),
    ("python=3.7.*", "", "python", "3.7.*", ""),
    ("python=3.6|3.7", "", "python", "3.6|3.7", ""),
    ("python>=3.6,<3.8|3.9.*", "", "python", ">=3.6,<3.8|3.9.*", ""),
    ("numpy!=1.18", "", "numpy", "!=1.18", ""),
    ("_libgcc_mutex=0.1=main", "", "_libgcc_mutex", "==0.1", "main"),
    ("numpy  # for arrays", "", "numpy", "", ""),
    ("numpy#1", "", "numpy", "", ""),
]


@pytest.mark.parametrize(("text", "channel", "name", "version", "build"), CONDA)
def test_lines_are_read_as_conda_reads_them(text: str, channel: str, name: str, version: str, build: str) -> None:
    spec = read_line(text, 3)
    assert (spec.line, spec.channel, spec.name, spec.version, spec.build) == (3, channel, name, version, build)
    assert spec.text == text.partition("#")[0].rstrip()


def test_no_line_is_read_otherwise_than_conda_reads_it_or_though_conda_refuses_it() -> None:
    found = {line: conda_oracle.compare(line, theirs) for line, theirs in conda_oracle.rows(_LINES)}
    relations = Counter(relation for relation, _ in found.values())
    assert relations.keys() == {conda_oracle.SAME, conda_oracle.BOTH_REFUSE, conda_oracle.ONLY_THERE}, found
    assert relations[conda_oracle.SAME] > 100
    kinds = {re.sub(r"`[^`]*`", "…", ours) for relation, ours in found.values() if relation == conda_oracle.ONLY_THERE}
    assert kinds == {
        "conda ignores conditions in brackets when it reads them from a file: …",
        "conda ignores what is in parentheses: …",
        "conda has no operator … in a list: …",
        "conda would read … as version …",
        "… is a file, not a package of a channel",
        "… is no package name",
    }


def test_a_channels_address_is_kept_which_conda_forgets() -> None:
    spec = read_line("https://conda.example.org/Team::NumPy>=1", 1)
    assert (spec.channel, spec.name) == ("https://conda.example.org/Team", "numpy")
    assert conda_spec.conda_text(spec) == "Team::numpy[version='>=1']"


@pytest.mark.parametrize(
    ("text", "channel", "version", "build"),
    [
        ("numpy>1[channel=conda-forge]", "conda-forge", ">1", ""),
        ("numpy>1[build=py36_0]", "", ">1", "py36_0"),
        ("conda-forge/linux-64::numpy", "conda-forge/linux-64", "", ""),
        ("conda-forge:any:numpy", "conda-forge", "", ""),
        ("::numpy", "", "", ""),
        ("numpy===1.5", "", "=1.5", ""),
        ("numpy=1!152", "", "==1!152", ""),
        ("numpy=1.0,<2", "", "1.0,<2", ""),
        ("numpy=1.0|1.1=py36_0", "", "1.0|1.1", "py36_0"),
    ],
)
def test_what_conda_understands_is_understood(text: str, channel: str, version: str, build: str) -> None:
    spec = read_line(text, 1)
    assert (spec.name, spec.channel, spec.version, spec.build) == ("numpy", channel, version, build)


@pytest.mark.parametrize("version", ["1..0", ".1", "1.0__2", "1.0!", "1.0_", "1.0-", "1.*,>=2_", "<3|1.0_"])
def test_what_is_no_version_for_conda_4_7_is_refused(version: str) -> None:
    with pytest.raises(UnreadableLineError, match="is no version"):
        read_line(f"numpy={version}", 1)


def test_a_line_longer_than_any_package_is_refused() -> None:
    with pytest.raises(UnreadableLineError, match="1001 characters"):
        read_line("a" * 1001, 1)


@given(st.from_regex(r"[a-z]{1,3}(::[a-z]{1,3})? ?[=<>!]{1,2} ?[0-9.*,|<>=_ ]{1,9}(=[a-z0-9*]{1,3})?", fullmatch=True))
def test_what_was_read_is_the_same_when_it_is_handed_on(text: str) -> None:
    try:
        spec = read_line(text, 1)
    except UnreadableLineError:
        return
    assert conda_spec.conda_text(spec) == vendored_conda.written(str(vendored_conda.specification(text)))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("foo~=1", "no operator `~=`", "foo>=1.4,<2|>="),
        ("python 3.7", "cannot read `python 3.7`", "write `python=3.7`"),
        ("numpy[version='1.2']", "conditions in brackets", "package=version=build"),
        ("numpy[version=1.2,build=py_0]", "conditions in brackets", "package=version=build"),
        ("https://example.org/linux-64/a-1-0.tar.bz2", "is a file", "channel::package"),
        ("./a-1-0.conda", "is a file", "channel::package"),
        ("accelerator python=3.7", "cannot read", "one package a line"),
        ("numpy scipy pandas", "cannot read", "one package a line"),
        ("aiohttp                   3.6.2                    py36_0", "cannot read", "conda list --export"),
        ("numpy=", "", ""),
        ("numpy>=", "", ""),
        ("numpy=1.2=3=4", "", ""),
        ("numpy=1.2 3 4", "", ""),
        ("=1.2", "", ""),
        ("(base) me@host:~> conda list", "", ""),
        ("a/b", "no package name", ""),
        ("numpy=^1", "", ""),
        ("num*", "no package name", ""),
    ],
)
def test_what_conda_refuses_is_refused_in_words_that_help(text: str, message: str, hint: str) -> None:
    with pytest.raises(UnreadableLineError) as caught:
        read_line(text, 7)
    assert message in caught.value.what
    assert caught.value.hint
    assert any(part in caught.value.hint for part in hint.split("|"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy", "numpy"),
        ("numpy=1.2", "numpy ==1.2"),
        ("numpy>=1,<2", "numpy >=1,<2"),
        ("blas=1.0=mkl", "blas ==1.0 mkl"),
        ("conda-forge::rdkit=1.0", "conda-forge::rdkit ==1.0"),
    ],
)
def test_a_spec_becomes_a_match_spec(text: str, expected: str) -> None:
    assert conda_spec.matchspec(read_line(text, 1)) == expected


def test_a_build_alone_becomes_a_match_spec_of_any_version() -> None:
    assert conda_spec.matchspec(CondaSpec(1, "", "", "blas", "", "mkl")) == "blas * mkl"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy", "numpy"),
        ("Cython=0.29.15", "cython==0.29.15"),
        ("nltk=3.1=py27_0", "nltk==3.1=py27_0"),
        ("pandas>=1.0", "pandas[version='>=1.0']"),
        ("dask[complete]>=2022.3.0", "dask[version='>=2022.3.0']"),
        ("conda-forge::rdkit=2020.03.5", "conda-forge::rdkit==2020.03.5"),
        ("x264=1!157.20191217=h7b6447c_0", "x264==1!157.20191217=h7b6447c_0"),
        ("python=3.7.*", "python=3.7"),
        ("python=3.7*", "python=3.7"),
        ("numpy!=1.18", "numpy!=1.18"),
        ("numpy=1.16|1.17", "numpy[version='1.16|1.17']"),
        ("numpy=1.18.*=py36*", "numpy=1.18[build=py36*]"),
    ],
)
def test_a_spec_is_written_as_conda_writes_it(text: str, expected: str) -> None:
    assert conda_spec.conda_text(read_line(text, 1)) == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_line_is_read_or_refused(text: str) -> None:
    line = " ".join(text.split()).lstrip("#")
    try:
        spec = read_line(line, 1)
    except UnreadableLineError:
        return
    assert spec.name == spec.name.lower() != ""


_word = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
_number = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}", fullmatch=True)


@given(_word, _number, _word)
def test_an_exported_row_is_exactly_that_package(name: str, version: str, build: str) -> None:
    spec = read_line(f"{name}={version}={build}", 1)
    assert (spec.name, spec.version, spec.build) == (name, f"=={version}", build)
