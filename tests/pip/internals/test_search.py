"""Where projects are looked for, and what more than one index offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import NoSolutionError
from cortexlock.model.project import Configuration, Index
from tests.support.index_server import IndexServer
from tests.support.resolution import package, resolve, versions
from tests.support.wheels import make_wheel


@pytest.fixture
def public(tmp_path: Path, wheelhouse: Path) -> Path:
    """Files of a public index, on which somebody took the name of an internal package."""
    make_wheel(wheelhouse, "my-thing", "1.0", requires=["my-base", "six"])
    make_wheel(wheelhouse, "my-base", "1.0")
    make_wheel(wheelhouse, "six", "1.0")
    make_wheel(tmp_path / "public", "my-base", "9.9")
    make_wheel(tmp_path / "public", "six", "1.16")
    return tmp_path / "public"


def test_pip_takes_the_best_of_any_index_and_it_is_said(
    public: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    with IndexServer(public) as other:
        configuration = Configuration(index_url=other.simple_url, indexes=(Index("internal", index_server.simple_url),))
        found = resolve(tmp_path / "project", "my-thing\n", configuration=configuration)
    assert versions(found) == {"my-thing": "1.0", "my-base": "9.9", "six": "1.16"}
    assert found.findings.ambiguous == (("my-base", "default", ("internal",)), ("six", "default", ("internal",)))


@pytest.mark.parametrize("credentials", [None, ("me", "s3cr3t")])
def test_bound_names_are_looked_for_at_their_index_only(
    public: Path, wheelhouse: Path, tmp_path: Path, credentials: tuple[str, str] | None
) -> None:
    with IndexServer(public) as other, IndexServer(wheelhouse, auth=credentials) as internal:
        configuration = Configuration(
            index_url=other.simple_url,
            indexes=(Index("internal", internal.with_auth(internal.simple_url), ("My_*",)),),
        )
        found = resolve(tmp_path / "project", f"--find-links {public}\nmy-thing\n", configuration=configuration)
        assert internal.asked_for("six") == []
    assert versions(found) == {"my-thing": "1.0", "my-base": "1.0", "six": "1.16"}
    assert package(found, "my-base").alias == "internal"
    assert found.findings.ambiguous == ()
    assert other.asked_for("my-base") == other.asked_for("my-thing") == []


def test_a_bound_name_that_its_index_does_not_have_is_no_other_package(
    public: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    with IndexServer(public) as other:
        configuration = Configuration(
            index_url=index_server.simple_url, indexes=(Index("other", other.simple_url, ("my-thing",)),)
        )
        with pytest.raises(NoSolutionError, match="my-thing"):
            resolve(tmp_path / "project", "my-thing\n", configuration=configuration)


def test_files_of_a_page_beside_an_index_are_not_ambiguous(
    wheelhouse: Path, index_server: IndexServer, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "six", "1.0")
    make_wheel(tmp_path / "links", "six", "1.1")
    lines = f"--find-links {tmp_path / 'links'}\nsix\n"
    found = resolve(tmp_path / "project", lines, index_url=index_server.simple_url)
    assert versions(found) == {"six": "1.1"}
    assert found.findings.ambiguous == ()


_CUT_OFF = "2020-06-01T00:00:00Z"


def test_pages_of_files_have_no_upload_times(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "dep", "1.0")
    make_wheel(tmp_path / "files", "thing", "1.0+cpu", requires=["dep"])
    with IndexServer(tmp_path / "files") as page:
        configuration = Configuration(index_url=index_server.simple_url, exclude_newer=_CUT_OFF)
        text = f"--find-links {page.find_links_url}\nthing\n"
        found = resolve(tmp_path / "project", text, configuration=configuration)
        dateless = resolve(tmp_path / "project", text, index_url=index_server.simple_url)
    assert versions(found) == {"dep": "1.0", "thing": "1.0+cpu"}
    assert found.findings.undated == (("links-1", ("thing",)),)
    assert dateless.findings.undated == ()


def test_index_that_needs_no_upload_times(wheelhouse: Path, index_server: IndexServer, tmp_path: Path) -> None:
    make_wheel(wheelhouse, "dep", "1.0")
    make_wheel(wheelhouse, "dep", "2.0")
    index_server.upload("dep-2.0-py3-none-any.whl", at=_CUT_OFF)
    make_wheel(tmp_path / "internal", "thing", "1.0", requires=["dep"])
    with IndexServer(tmp_path / "internal") as internal:
        internal.upload("thing-1.0-py3-none-any.whl", at=None)
        index = Index("internal", internal.simple_url, upload_times=False)
        configuration = Configuration(index_url=index_server.simple_url, indexes=(index,), exclude_newer=_CUT_OFF)
        found = resolve(tmp_path / "project", "thing\n", configuration=configuration)
    assert versions(found) == {"dep": "1.0", "thing": "1.0"}
    assert found.findings.undated == (("internal", ("thing",)),)
