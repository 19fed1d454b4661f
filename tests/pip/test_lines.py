"""All forms of lines of a requirements file: their order decides nothing; what is read of one is read of it again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cortexlock.inputs import hashes
from cortexlock.inputs.dependency_files import FoundFiles
from cortexlock.pip.internals import requirements as pip_requirements
from cortexlock.pip.resolution.findings import Findings
from cortexlock.pip.resolution.request import PipSolution
from cortexlock.storage.digests import file_digest
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve
from tests.support.wheels import make_tree, make_wheel


@dataclass
class Forms:
    """A project with something for each form of a line, and the lines."""

    project: Path
    index: IndexServer
    lines: tuple[str, ...]


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forms]:
    """An index, a repository, trees and archives."""
    root = tmp_path_factory.mktemp("forms")
    project, files = root / "project", root / "files"
    for name in ("plain", "with-extras", "marked", "excluded", "exact", "ranged", "constrained", "hashed", "direct"):
        make_wheel(files, name, "1.0", extras={"more": ["of-extra"]} if name == "with-extras" else {})
    for name, version in (("of-extra", "1.0"), ("local-version", "1.0+cpu"), ("ranged", "2.0"), ("constrained", "2.0")):
        made = make_wheel(files, name, version)
        assert made.is_file()
    archive = make_wheel(project / "vendor", "vendored", "1.0")
    for place, name in ((project / "tree", "a-tree"), (project / "in-place", "in-place"), (root / "git", "from-git")):
        make_tree(place, name, "1.0", setup=f"from setuptools import setup\nsetup(name={name!r}, version='1.0')\n")
    for name, version in (("setuptools", "59.0"), ("wheel", "0.37")):  # what their builds would need
        assert make_wheel(files, name, version).is_file()
    for command in (
        ("init", "-q", "-b", "main"),
        ("add", "-f", "."),
        ("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "one"),
    ):
        subprocess.run(("/usr/bin/env", "git", *command), cwd=root / "git", check=True, capture_output=True)
    (project / "constraints.txt").write_text("constrained<2\n")
    hashed = file_digest(files / "hashed-1.0-py3-none-any.whl")
    with IndexServer(files) as index:
        yield Forms(
            project,
            index,
            (
                "Plain",
                "with_extras [more]",
                "marked ; python_version < '3.7'",
                "excluded ; sys_platform == 'win32'",
                "exact===1.0",
                "local-version==1.0+cpu",
                "ranged >=1.0, <2.0",
                "constrained",
                "-c constraints.txt",
                f"hashed==1.0 --hash=sha256:{hashed}",
                f"direct @ {index.file_url('direct-1.0-py3-none-any.whl')}",
                f"git+{(root / 'git').as_uri()}@main#egg=from-git",
                "-e ./in-place",
                "./tree",
                f"./vendor/{archive.name}",
                "# a comment",
                "",
            ),
        )


def _locked(forms: Forms, lines: Sequence[str]) -> tuple[PipSolution, object]:
    solution = resolve(forms.project, "\n".join(lines) + "\n", index_url=forms.index.simple_url)
    # Notes name lines, which stand elsewhere in another order.
    return replace(solution, findings=Findings()), hashes.inputs(
        forms.project, FoundFiles(None, None, "requirements.txt")
    )


def test_the_order_of_lines_decides_nothing(forms: Forms) -> None:
    expected = _locked(forms, forms.lines)
    packages = expected[0].packages
    names = "a-tree constrained direct exact from-git hashed in-place local-version marked of-extra plain ranged"
    assert [each.name for each in packages] == [*names.split(), "vendored", "with-extras"]
    versions = {each.name: each.version for each in packages}
    assert (versions["ranged"], versions["constrained"], versions["local-version"]) == ("1.0", "1.0", "1.0+cpu")

    @settings(max_examples=4, deadline=None, database=None)
    @given(st.permutations(forms.lines))
    def another_order(lines: list[str]) -> None:
        assert _locked(forms, lines) == expected

    another_order()


_names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,6}[A-Za-z0-9])?", fullmatch=True)
_versions = st.sampled_from(["1.0", "2", "1!3.4", "1.0rc1", "1.0.post1", "1.0.dev3", "2020.1"])
_specifiers = (
    st.lists(st.tuples(st.sampled_from(["==", ">=", "<=", "!=", "<", ">"]), _versions).map("".join), max_size=3)
    .map(",".join)
    .flatmap(lambda text: st.sampled_from([text, "===1.0-odd", "==1.*", "==1.0+cpu.1", "~=1.4"]))
)
_extras = st.lists(_names, max_size=2, unique_by=canonicalize_name).map(
    lambda names: f"[{','.join(names)}]" if names else ""
)
_markers = st.sampled_from(["", " ; python_version < '3.7'", ' ; extra == "x" or os_name == "posix"'])
_urls = st.sampled_from(
    [
        " @ https://example.org/a-1.0-py3-none-any.whl",
        " @ https://example.org/a%20b.zip#sha256=" + "0" * 64,
        " @ git+https://example.org/a.git@v1.0",
        " @ git+ssh://git@example.org/a.git@main#subdirectory=x",
    ]
)


@given(name=_names, extras=_extras, source=_specifiers | _urls, marker=_markers)
def test_what_is_read_of_a_line_is_read_of_it_again(name: str, extras: str, source: str, marker: str) -> None:
    def texts(line: str) -> list[str]:
        return [
            str(each.req) + (f" ; {each.markers}" if each.markers else "")
            for each in pip_requirements.from_texts([line])
        ]

    (written,) = texts(f"{name}{extras}{source}{marker}")
    assert texts(written) == [written]
    assert Requirement(written).name == name


def test_options_are_read_where_they_stand(forms: Forms) -> None:
    with TemporaryDirectory() as directory:
        project = Path(directory) / "project"
        lines = f"--index-url {forms.index.simple_url}\n--no-binary hashed\n--pre\nplain\n"
        found = resolve(project, lines, index_url=forms.index.simple_url)
    assert [each.name for each in found.packages] == ["plain"]
