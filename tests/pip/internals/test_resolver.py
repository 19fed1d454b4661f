"""pip's resolver for a target, on top of an image: each internal of pip that is used has a test that it still works.

A release of pip that moves one of them fails here: with an ImportError or AttributeError in `test_internals_are_there`,
or because a resolution says something else.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pip._internal.index import collector
from pip._internal.models.link import Link
from pip._vendor.packaging import markers

from cortexlock.errors import InputError, IntegrityError, NetworkError, NoSolutionError
from cortexlock.model.lock_progress import Activity, LockProgress
from cortexlock.model.package import FromDirectory, FromGit, FromUrl, Replaced
from cortexlock.model.predictor import Distribution
from cortexlock.model.project import Configuration, Index
from cortexlock.model.target import Target
from tests.support.file_server import Answer
from tests.support.index_server import IndexServer
from tests.support.resolution import package, resolve, versions
from tests.support.wheels import make_sdist, make_tree, make_wheel

_INTERNALS = [
    "pip._internal.cli.index_command:_create_truststore_ssl_context",
    "pip._internal.distributions.sdist:SourceDistribution.prepare_distribution_metadata",
    "pip._internal.exceptions:ConnectionFailedError",
    "pip._internal.exceptions:ConnectionTimeoutError",
    "pip._internal.exceptions:DiagnosticPipError",
    "pip._internal.exceptions:HashError",
    "pip._internal.exceptions:IncompleteDownloadError",
    "pip._internal.exceptions:NetworkConnectionError",
    "pip._internal.exceptions:ProxyConnectionError",
    "pip._internal.exceptions:SSLVerificationError",
    "pip._internal.index.collector:_get_index_content",
    "pip._internal.index.collector:_handle_get_simple_fail",
    "pip._internal.index.collector:_make_index_content",
    "pip._internal.index.package_finder:BestCandidateResult",
    "pip._internal.index.package_finder:LinkEvaluator.evaluate_link",
    "pip._internal.index.package_finder:PackageFinder.find_all_candidates",
    "pip._internal.index.package_finder:PackageFinder.find_best_candidate",
    "pip._internal.index.package_finder:PackageFinder.evaluate_links",
    "pip._internal.index.package_finder:PackageFinder.process_project_url",
    "pip._internal.index.package_finder:PackageFinder.uploaded_prior_to",
    "pip._internal.index.package_finder:PackageFinder.requires_python_skipped_reasons",
    "pip._internal.index.package_finder:PackageFinder.search_scope",
    "pip._internal.metadata.importlib._dists:Distribution",
    "pip._internal.models.index:PyPI.simple_url",
    "pip._internal.models.link:_ensure_quoted_url",
    "pip._internal.models.link:Link.__init__",
    "pip._internal.models.link:Link.from_json",
    "pip._internal.models.link:Link.is_existing_dir",
    "pip._internal.models.link:Link.url_without_fragment",
    "pip._internal.models.search_scope:SearchScope.create",
    "pip._internal.models.target_python:TargetPython.get_sorted_tags",
    "pip._internal.network.lazy_wheel:dist_from_wheel_url",
    "pip._internal.network.session:PipSession.update_index_urls",
    "pip._internal.network.session:user_agent",
    "pip._vendor.cachecontrol.adapter:CacheControlAdapter.build_response",
    "pip._vendor.cachecontrol.adapter:CacheControlAdapter.send",
    "pip._vendor.truststore._openssl:_configure_context",
    "pip._internal.operations.prepare:RequirementPreparer._fetch_metadata_only",
    "pip._internal.operations.prepare:unpack_vcs_link",
    "pip._internal.req:InstallRequirement.update_editable",
    "pip._internal.req:parse_requirements",
    "pip._internal.req.req_file:expand_env_variables",
    "pip._internal.req.constructors:install_req_from_line",
    "pip._internal.req.constructors:install_req_from_parsed_requirement",
    "pip._internal.resolution.resolvelib.candidates:AlreadyInstalledCandidate",
    "pip._internal.resolution.resolvelib.candidates:ExtrasCandidate",
    "pip._internal.resolution.resolvelib.candidates:RequiresPythonCandidate",
    "pip._internal.resolution.resolvelib.factory:Factory._make_base_candidate_from_link",
    "pip._internal.resolution.resolvelib.factory:Factory._make_requirements_from_install_req",
    "pip._internal.resolution.resolvelib.provider:PipProvider.is_satisfied_by.cache_clear",
    "pip._internal.utils.misc:redact_auth_from_url",
    "pip._internal.utils.temp_dir:global_tempdir_manager",
    "pip._vendor.packaging.markers:default_environment",
    "pip._vendor.requests.exceptions:RequestException",
    "pip._vendor.resolvelib:ResolutionImpossible",
    "piptools.repositories:PyPIRepository",
    "piptools.resolver:BacktrackingResolver._get_install_requirements",
]


@pytest.mark.parametrize("internal", _INTERNALS)
def test_internals_are_there(internal: str) -> None:
    module, _, path = internal.partition(":")
    value: object = importlib.import_module(module)
    for name in path.split("."):
        assert hasattr(value, name), f"pip has moved {internal}: adapt cortexlock/pip/internals or bound pip's version"
        value = getattr(value, name)


@pytest.fixture
def index(index_server: IndexServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    """An index, and no waiting for one that does not answer."""
    monkeypatch.setenv("PIP_RETRIES", "0")
    yield index_server  # noqa: PT022 - closed by its own fixture


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


def test_who_asks_says_nothing_of_the_machine(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    resolve(project, "a\n", index_url=index.simple_url)
    assert {request.headers["user-agent"] for request in index.requests} == {
        f"pip/{metadata.version('pip')} cortexlock/{metadata.version('cortexlock')}"
    }


# What the target decides


def test_wheel_of_the_target_goes_before_a_pure_one(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "1.0", tag="cp36-cp36m-manylinux2010_x86_64")
    make_wheel(wheelhouse, "a", "1.0", tag="cp36-cp36m-manylinux_2_31_x86_64")
    make_wheel(wheelhouse, "a", "1.0", tag="cp311-cp311-manylinux2010_x86_64")
    found = resolve(project, "a\n", index_url=index.simple_url)
    assert package(found, "a").file == "a-1.0-cp36-cp36m-manylinux2010_x86_64.whl"


@pytest.mark.parametrize(
    ("tag", "usable"),
    [
        ("cp36-cp36m-linux_x86_64", True),
        ("cp36-cp36m-manylinux1_x86_64", True),
        ("cp36-cp36m-manylinux2014_x86_64", True),
        ("cp36-cp36m-manylinux_2_27_x86_64", True),
        ("cp35-abi3-manylinux1_x86_64", True),
        ("py2.py3-none-any", True),
        ("cp36-cp36m-manylinux_2_28_x86_64", False),
        ("cp36-cp36m-win_amd64", False),
        ("cp36-cp36m-macosx_10_9_x86_64", False),
        ("cp36-cp36m-manylinux1_i686", False),
        ("cp37-cp37m-manylinux1_x86_64", False),
        ("cp311-cp311-manylinux_2_17_x86_64", False),
        (f"cp{sys.version_info[0]}{sys.version_info[1]}-none-any", False),
        ("py2-none-any", False),
    ],
)
def test_only_wheels_of_the_target_are_taken(
    wheelhouse: Path, index: IndexServer, project: Path, tag: str, *, usable: bool
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "2.0", tag=tag)
    found = versions(resolve(project, "a\n", index_url=index.simple_url))
    assert found == {"a": "2.0" if usable else "1.0"}


def test_requires_python_is_the_targets(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires_python=">=3.6,<3.7")
    make_wheel(wheelhouse, "a", "2.0", requires_python=">=3.6.10")
    make_wheel(wheelhouse, "a", "3.0", requires_python=">=3.7")
    assert versions(resolve(project, "a\n", index_url=index.simple_url)) == {"a": "1.0"}


def test_requires_python_that_only_the_metadata_has(
    wheelhouse: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "2.0", requires_python=">=3.7")
    with IndexServer(wheelhouse) as server:
        found = resolve(project, f"--no-index\n--find-links {server.find_links_url}\na\n")
    assert versions(found) == {"a": "1.0"}


def test_markers_are_the_targets(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    conditions = {
        "old": "python_version < '3.7'",
        "new": "python_version >= '3.7'",
        "full": "python_full_version == '3.6.9'",
        "linux": "sys_platform == 'linux' and platform_machine == 'x86_64'",
        "windows": "os_name == 'nt'",
        "extra": "extra == 'x'",
    }
    for name in conditions:
        make_wheel(wheelhouse, name, "1.0")
    make_wheel(wheelhouse, "a", "1.0", requires=[f"{name}; {marker}" for name, marker in conditions.items()])
    found = resolve(project, "a\nnew; python_version > '3.6'\n", index_url=index.simple_url)
    assert sorted(versions(found)) == ["a", "full", "linux", "old"]


def test_another_target_another_answer(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", tag="cp36-cp36m-manylinux1_x86_64")
    make_wheel(wheelhouse, "a", "1.0", tag="cp38-cp38-manylinux1_x86_64", requires=["b; python_version >= '3.8'"])
    make_wheel(wheelhouse, "b", "1.0")
    target = Target("cuda", "linux-64", (3, 8, 5), (2, 31), "10.1")
    found = resolve(project, "a\n", index_url=index.simple_url, target=target)
    assert package(found, "a").file == "a-1.0-cp38-cp38-manylinux1_x86_64.whl"
    assert "b" in versions(found)


# What the image has


def test_what_satisfies_is_kept(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["b>=1", "c"])
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "b", version)
    make_wheel(wheelhouse, "c", "1.0")
    found = resolve(project, "a\n", index_url=index.simple_url, installed=[Distribution("b", "1.0")])
    assert versions(found) == {"a": "1.0", "c": "1.0"}
    kept = package(found, "b")
    assert (kept.action, kept.version, kept.by, kept.file, kept.sha256) == ("keep", "1.0", ("a",), "", "")
    assert not index.asked_for("b")  # its versions were not even looked up


def test_what_does_not_satisfy_is_changed(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    for version in ("1.0", "2.0", "3.0"):
        make_wheel(wheelhouse, "b", version)
    found = resolve(project, "b>=2\n", index_url=index.simple_url, installed=[Distribution("b", "1.0")])
    changed = package(found, "b")
    assert (changed.action, changed.version, changed.replaces) == ("change", "3.0", (Replaced("pip", "1.0"),))
    assert changed.by == ("requirements.txt",)


def test_what_nobody_asks_for_is_not_there(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    found = resolve(project, "a\n", index_url=index.simple_url, installed=[Distribution("b", "1.0", ("gone",))])
    assert [each.name for each in found.packages] == ["a"]


def test_version_that_is_on_no_index_is_kept(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "torch", "1.5.1")
    make_wheel(wheelhouse, "torch", "1.6.0")
    image = [Distribution("torch", "1.5.1+cpu")]
    found = resolve(project, "torch==1.5.1\n", index_url=index.simple_url, installed=image)
    assert versions(found) == {}
    assert package(found, "torch").version == "1.5.1+cpu"


def test_upgrade_of_one_takes_its_needs_along(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    # boto3 + botocore>=1.23: pip changes the pre-installed s3transfer that the new ones don't go with.
    make_wheel(wheelhouse, "boto3", "1.20", requires=["botocore>=1.23", "s3transfer>=0.5"])
    make_wheel(wheelhouse, "botocore", "1.23")
    make_wheel(wheelhouse, "s3transfer", "0.5")
    image = [
        Distribution("boto3", "1.14", ("botocore<1.18", "s3transfer<0.4")),
        Distribution("botocore", "1.17"),
        Distribution("s3transfer", "0.3"),
    ]
    found = resolve(project, "boto3\nbotocore>=1.23\n", index_url=index.simple_url, installed=image)
    assert versions(found) == {"boto3": "1.20", "botocore": "1.23", "s3transfer": "0.5"}
    assert found.conflicts == ()


def test_extras_of_an_installed_distribution(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "b", "1.0")
    image = [Distribution("a", "1.0", ('b; extra == "x"', 'c; extra == "y"'), ("x", "y"))]
    found = resolve(project, "a[x]\n", index_url=index.simple_url, installed=image)
    assert versions(found) == {"b": "1.0"}
    assert package(found, "b").by == ("a",)
    assert package(found, "a").action == "keep"


def test_image_that_contradicts_itself_still_locks(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["numpy"])
    image = [Distribution("numpy", "1.19.1"), Distribution("tensorflow", "2.3.0", ("numpy<1.19",))]
    found = resolve(project, "a\n", index_url=index.simple_url, installed=image)
    assert versions(found) == {"a": "1.0"}
    assert found.conflicts == ()


def test_what_the_lock_breaks_is_reported(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "numpy", "2.0")
    image = [Distribution("numpy", "1.0"), Distribution("tensorflow", "2.3", ("numpy<1.19",))]
    found = resolve(project, "numpy>=2\n", index_url=index.simple_url, installed=image)
    assert [(each.package, each.requirement, each.found) for each in found.conflicts] == [
        ("tensorflow", "numpy<1.19", "2.0")
    ]


# Preferences


def _three_versions(wheelhouse: Path) -> None:
    for version in ("1.0", "2.0", "3.0"):
        make_wheel(wheelhouse, "a", version, requires=["b"])
        make_wheel(wheelhouse, "b", version)


def test_preferred_versions_come_first(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    found = resolve(project, "a\n", index_url=index.simple_url, preferences={"a": "2.0", "b": "1.0"})
    assert versions(found) == {"a": "2.0", "b": "1.0"}


def test_preferences_are_no_constraints(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    preferences = {"a": "2.0", "b": "9.9"}
    found = resolve(project, "a>2\nb<3\n", index_url=index.simple_url, preferences=preferences)
    assert versions(found) == {"a": "3.0", "b": "2.0"}


def test_preferred_version_that_leads_nowhere_is_left(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    make_wheel(wheelhouse, "c", "1.0", requires=["b>=3"])
    found = resolve(project, "a\nc\n", index_url=index.simple_url, preferences={"b": "1.0"})
    assert versions(found) == {"a": "3.0", "b": "3.0", "c": "1.0"}


def test_preference_does_not_replace_what_the_image_has(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    image = [Distribution("b", "1.0")]
    found = resolve(project, "a\n", index_url=index.simple_url, installed=image, preferences={"b": "2.0"})
    assert versions(found) == {"a": "3.0"}


# Time and yanked files


def test_exclude_newer(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    index.upload("a-3.0-py3-none-any.whl", at="2020-06-01T00:00:00Z")
    index.upload("a-2.0-py3-none-any.whl", at="2020-05-31T23:59:59Z")
    configuration = Configuration(index_url=index.simple_url, exclude_newer="2020-06-01T00:00:00Z")
    assert versions(resolve(project, "a\n", configuration=configuration)) == {"a": "2.0", "b": "3.0"}


def test_exclude_newer_needs_upload_times(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    index.upload("a-1.0-py3-none-any.whl", at=None)
    configuration = Configuration(index_url=index.simple_url, exclude_newer="2020-06-01T00:00:00Z")
    with pytest.raises(NetworkError, match="upload-time") as caught:
        resolve(project, "a\n", configuration=configuration)
    assert "exclude-newer" in (caught.value.hint or "")


def test_yanked_only_where_it_is_pinned(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "a", version)
    index.yank("a-2.0-py3-none-any.whl", "broken")
    newest = package(resolve(project, "a\n", index_url=index.simple_url), "a")
    pinned = package(resolve(project, "a==2.0\n", index_url=index.simple_url), "a")
    assert (newest.version, newest.yanked) == ("1.0", False)
    assert (pinned.version, pinned.yanked) == ("2.0", True)


# What goes wrong


def test_index_that_is_down_is_no_unknown_package(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(NetworkError) as caught:
        resolve(project, "a\n", index_url="http://127.0.0.1:9/simple/")
    assert caught.value.exit_code == 5
    assert "127.0.0.1:9" in str(caught.value)


@pytest.mark.parametrize("kind", ["error", "truncated", "wrong-bytes"])
def test_index_that_gives_no_usable_page(wheelhouse: Path, index: IndexServer, project: Path, kind: str) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    index.fail("a", kind)  # type: ignore[arg-type] # the parameters are the literals
    with pytest.raises(NetworkError):
        resolve(project, "a\n", index_url=index.simple_url)


def test_extra_index_that_is_down_is_an_error_too(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:9"):
        resolve(project, "--extra-index-url http://127.0.0.1:9/simple\na\n", index_url=index.simple_url)


@pytest.mark.parametrize("kind", ["error", "truncated", "not-found"])
def test_metadata_that_does_not_come(wheelhouse: Path, index: IndexServer, project: Path, kind: str) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["b"])
    index.fail("a-1.0-py3-none-any.whl.metadata", kind)  # type: ignore[arg-type] # as above
    with pytest.raises(NetworkError):
        resolve(project, "a\n", index_url=index.simple_url)


def test_connection_that_is_refused_half_way(
    wheelhouse: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    make_wheel(wheelhouse, "a", "1.0")

    class Elsewhere(IndexServer):
        """An index whose files are on a server that is gone."""

        def _entry(self, path: Path) -> dict[str, object]:
            return {**super()._entry(path), "url": f"http://127.0.0.1:9/{path.name}"}

    with Elsewhere(wheelhouse) as server, pytest.raises(NetworkError) as caught:
        resolve(project, "a\n", index_url=server.simple_url)
    assert "127.0.0.1" in str(caught.value)


def test_package_that_no_index_has(index: IndexServer, project: Path) -> None:
    with pytest.raises(NoSolutionError, match=r"no index has a package named a with a file for Python 3\.6") as caught:
        resolve(project, "# why\na\n", index_url=index.simple_url)
    assert caught.value.where == "requirements.txt:2"


def test_package_for_other_pythons_only(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires_python=">=3.7")
    with pytest.raises(NoSolutionError, match=r"for another Python: 1.0 Requires-Python >=3.7"):
        resolve(project, "a\n", index_url=index.simple_url)


def test_version_that_no_index_has(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    with pytest.raises(NoSolutionError, match=r"no version satisfies a==4.0(?s:.*)1.0, 2.0, 3.0"):
        resolve(project, "a==4.0\n", index_url=index.simple_url)


def test_conflict_is_said_in_lines_of_the_project(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0", requires=["b>=2"])
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "b", version)
    with pytest.raises(NoSolutionError) as caught:
        resolve(project, "a\n\nb<2\n", index_url=index.simple_url)
    assert caught.value.what.splitlines() == [
        "these requirements cannot hold together for Python 3.6 (cpu):",
        "  a 1.0 (requirements.txt:1) requires b>=2",
        "  requirements.txt:3 asks for b<2",
        "  versions of b to choose from: 1.0, 2.0",
    ]


@pytest.mark.parametrize("user_info", ["", "user:wr0ng@"])
def test_credentials_that_are_wrong(wheelhouse: Path, project: Path, user_info: str) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    with IndexServer(wheelhouse, auth=("user", "s3cret")) as server, pytest.raises(NetworkError, match="401") as caught:
        resolve(project, "a\n", index_url=server.simple_url.replace("://", f"://{user_info}"))
    assert "wr0ng" not in str(caught.value)


def test_credentials_of_an_index_are_used_and_not_locked(wheelhouse: Path, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_sdist(wheelhouse, "b", "1.0", pep643=True, setup=_LITERAL_SETUP)
    for name in ("setuptools", "wheel"):
        make_wheel(wheelhouse, name, "58.0")
    with IndexServer(wheelhouse, auth=("user", "s3cret")) as server:
        found = resolve(project, f"--index-url {server.with_auth(server.simple_url)}\na\nb\n")
    assert versions(found) == {"a": "1.0", "b": "1.0"}
    assert "s3cret" not in repr(found)


# Hashes and sizes


def _digest(path: Path, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, path.read_bytes()).hexdigest()


@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize("metadata", [True, False])
def test_size_and_hash_are_those_of_the_file(
    wheelhouse: Path, project: Path, monkeypatch: pytest.MonkeyPatch, *, json: bool, metadata: bool
) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0", requires=["b"])
    make_wheel(wheelhouse, "b", "1.0")
    with IndexServer(wheelhouse, json=json, metadata=metadata) as server:
        found = package(resolve(project, "a\n", index_url=server.simple_url), "a")
        methods = {request.method for request in server.asked_for(wheel.name)}
    assert (found.size, found.sha256) == (wheel.stat().st_size, _digest(wheel))
    if metadata:  # PEP 658; without it, ranges of the wheel are read
        assert methods == (set() if json else {"HEAD"})  # PEP 691 pages have the size (PEP 700)


class _NoHashes(IndexServer):
    """An index whose pages have links without a hash."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, json=False, metadata=False)

    def _link(self, path: Path, *, plain: bool = False) -> str:
        return super()._link(path, plain=plain).replace("#sha256=", "#nothing=")


def test_index_without_hashes(wheelhouse: Path, project: Path) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0")
    with _NoHashes(wheelhouse) as server:
        found = package(resolve(project, "a\n", index_url=server.simple_url), "a")
    assert (found.size, found.sha256, found.alias) == (wheel.stat().st_size, _digest(wheel), "default")


@pytest.mark.parametrize("kind", ["not-found", "error", "truncated"])
def test_error_page_is_never_hashed(
    wheelhouse: Path, project: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    wheel = make_wheel(wheelhouse, "a", "1.0")
    with _NoHashes(wheelhouse) as server:
        assert versions(resolve(project, "a\n", index_url=server.simple_url)) == {"a": "1.0"}
        server.fail(wheel.name, kind)  # type: ignore[arg-type] # as above
        with pytest.raises(NetworkError):
            resolve(project, "a\n", index_url=server.simple_url)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_hash_that_is_demanded(wheelhouse: Path, index: IndexServer, project: Path, algorithm: str) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0")
    right, wrong = _digest(wheel, algorithm), "0" * len(_digest(wheel, algorithm))
    lines = f"a==1.0 --hash={algorithm}:{wrong} --hash={algorithm}:"
    assert versions(resolve(project, f"{lines}{right}\n", index_url=index.simple_url)) == {"a": "1.0"}
    with pytest.raises(IntegrityError, match="none of the hashes") as caught:
        resolve(project, f"\n{lines}{wrong}\n", index_url=index.simple_url)
    assert caught.value.where == "requirements.txt:2"


def test_hash_chooses_among_files(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "1.0", tag="cp36-cp36m-manylinux1_x86_64")
    found = resolve(project, f"a --hash=sha256:{_digest(wheel)}\n", index_url=index.simple_url)
    assert package(found, "a").file == wheel.name


def test_hash_of_what_the_image_keeps_is_not_asked_for(index: IndexServer, project: Path) -> None:
    image = [Distribution("a", "1.0")]
    found = resolve(project, f"a --hash=sha256:{'0' * 64}\n", index_url=index.simple_url, installed=image)
    assert versions(found) == {}


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_hash_in_a_direct_url(wheelhouse: Path, index: IndexServer, project: Path, algorithm: str) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0")
    url, right = index.file_url(wheel.name), _digest(wheel, algorithm)
    found = package(resolve(project, f"{url}#{algorithm}={right}\n", index_url=index.simple_url), "a")
    assert (found.source, found.sha256) == (FromUrl(url), _digest(wheel))
    with pytest.raises(IntegrityError):
        resolve(project, f"a @ {url}#{algorithm}={'0' * len(right)}\n", index_url=index.simple_url)


# Where files come from


def test_find_links_and_extra_indexes_have_aliases(
    wheelhouse: Path, index: IndexServer, project: Path, tmp_path: Path
) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(tmp_path / "extra", "b", "1.0")
    make_wheel(tmp_path / "named", "c", "1.0")
    make_wheel(project / "wheels", "d", "1.0")
    make_wheel(tmp_path / "page", "e", "1.0")
    with (
        IndexServer(tmp_path / "extra") as extra,
        IndexServer(tmp_path / "named") as named,
        IndexServer(tmp_path / "page") as page,
    ):
        configuration = Configuration(index_url=index.simple_url, indexes=(Index("ours", named.simple_url),))
        lines = [
            f"--extra-index-url {extra.simple_url}",
            f"--extra-index-url {named.simple_url}",
            "--find-links wheels",
            f"-f {page.find_links_url}",
            *"abcde",
        ]
        found = resolve(project, "\n".join(lines), configuration=configuration)
    assert {each.name: each.alias for each in found.packages} == {
        "a": "default",
        "b": "extra-1",
        "c": "ours",
        "d": "links-1",
        "e": "links-2",
    }
    assert found.indexes == ("default", "extra-1", "ours", "links-1", "links-2")


class _Moved(IndexServer):
    """An index that has moved on this server: the address that people know redirects."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        first, _, rest = path.strip("/").partition("/")
        if first == "known":
            return Answer(b"", "text/plain", 301, {"Location": f"/simple/{rest}/"})
        return super().answer(path, headers)


def test_index_that_redirects_keeps_its_alias(wheelhouse: Path, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    for name in ("setuptools", "wheel"):
        make_wheel(wheelhouse, name, "58.0")
    with _Moved(wheelhouse) as server:
        found = resolve(project, "a\nb\n", index_url=f"{server.url}/known/")
    assert {each.alias for each in found.packages} == {"default"}
    assert {each.package.alias for each in found.build_requirements} == {"default"}


def test_configured_indexes_are_looked_at(wheelhouse: Path, index: IndexServer, project: Path, tmp_path: Path) -> None:
    make_wheel(tmp_path / "named", "c", "1.0")
    with IndexServer(tmp_path / "named") as named:
        configuration = Configuration(index_url=index.simple_url, indexes=(Index("ours", named.simple_url),))
        found = resolve(project, "c\n", configuration=configuration)
    assert package(found, "c").alias == "ours"


def test_configuration_goes_before_the_index_of_the_file(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    found = resolve(project, "--index-url http://127.0.0.1:9/simple\na\n", index_url=index.simple_url)
    assert versions(found) == {"a": "1.0"}


def test_constraints(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    project.mkdir()
    (project / "constraints.txt").write_text("b<2\nunused==1.0\n", encoding="utf-8")
    found = resolve(project, "-c constraints.txt\na\n", index_url=index.simple_url)
    assert versions(found) == {"a": "3.0", "b": "1.0"}
    assert package(found, "b").by == ("a",)


def test_included_files(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    _three_versions(wheelhouse)
    (project / "more").mkdir(parents=True)
    (project / "more" / "b.txt").write_text("b<3\n", encoding="utf-8")
    found = resolve(project, "a\n-r more/b.txt\n", index_url=index.simple_url)
    assert package(found, "a").by == ("requirements.txt",)
    assert package(found, "b").by == ("a", "more/b.txt")


def test_pre_releases(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    make_wheel(wheelhouse, "a", "2.0b1")
    assert versions(resolve(project, "a\n", index_url=index.simple_url)) == {"a": "1.0"}
    assert versions(resolve(project, "--pre\na\n", index_url=index.simple_url)) == {"a": "2.0b1"}
    assert versions(resolve(project, "a>=2.0b1\n", index_url=index.simple_url)) == {"a": "2.0b1"}


# Sources

_LITERAL_SETUP = 'from setuptools import setup\nsetup(name="b", version="1.0", py_modules=["b"])\n'


@pytest.mark.parametrize("editable", [False, True])
def test_git_repository(index: IndexServer, project: Path, tmp_path: Path, *, editable: bool) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "setup.py").write_text(_LITERAL_SETUP, encoding="utf-8")
    for name in ("setuptools", "wheel"):
        make_wheel(index.directory, name, "58.0")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), (*identity, "commit", "-qm", "one")):
        subprocess.run(["/usr/bin/env", "git", *arguments], cwd=repository, check=True)
    url = f"git+{repository.as_uri()}@main"
    line = f"-e {url}#egg=b" if editable else f"b @ {url}"
    found = resolve(project, f"{line}\n", index_url=index.simple_url)
    locked = package(found, "b")
    source = locked.source
    assert isinstance(source, FromGit)
    assert (source.url, len(source.commit), len(locked.sha256)) == (repository.as_uri(), 40, 64)
    assert (locked.version, locked.editable, locked.file) == ("1.0", editable, "")
    assert {each.package.name for each in found.build_requirements} == {"setuptools", "wheel"}
    assert not list(project.glob("src*"))


def test_sdist_by_its_url(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    sdist = make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    for name in ("setuptools", "wheel"):
        make_wheel(wheelhouse, name, "58.0")
    found = package(resolve(project, f"b @ {index.file_url(sdist.name)}\n", index_url=index.simple_url), "b")
    assert (found.source, found.sha256) == (FromUrl(index.file_url(sdist.name)), _digest(sdist))
    assert found.needs_build


def test_local_page_of_links(wheelhouse: Path, project: Path, tmp_path: Path) -> None:
    wheel = make_wheel(wheelhouse, "a", "1.0")
    page = tmp_path / "links.html"
    page.write_text(f'<a href="{wheel.as_uri()}#sha256={_digest(wheel)}">a</a>', encoding="utf-8")
    found = package(resolve(project, f"--no-index\n--find-links {page.as_uri()}\na\n"), "a")
    assert (found.alias, found.size, found.sha256) == ("links-1", wheel.stat().st_size, _digest(wheel))


def test_sdist_is_not_built_on_the_host(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    refusing = "raise SystemExit('built on the host')\n"
    for version in ("1.0", "2.0"):
        make_sdist(wheelhouse, "b", version, requires=["c<1"], pep643=True, setup=refusing)
    make_wheel(wheelhouse, "b", "0.9")
    make_wheel(wheelhouse, "c", "1.0")
    messages: list[LockProgress] = []
    found = resolve(project, "b\nc==1.0\n", index_url=index.simple_url, messages=messages)
    assert versions(found) == {"b": "0.9", "c": "1.0"}
    assert index.asked_for("b-2.0.tar.gz")
    assert index.asked_for("b-1.0.tar.gz")
    assert messages == [
        LockProgress(Activity.RESOLVES, "requirements.txt"),
        LockProgress(Activity.RESOLVES_BUILDS),
    ]


def test_only_binary_and_no_binary(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "b", "0.9")
    make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    for name in ("setuptools", "wheel"):
        make_wheel(wheelhouse, name, "58.0")
    assert versions(resolve(project, "b\n", index_url=index.simple_url)) == {"b": "1.0"}
    assert versions(resolve(project, "--only-binary :all:\nb\n", index_url=index.simple_url)) == {"b": "0.9"}
    make_wheel(wheelhouse, "b", "1.0")
    assert package(resolve(project, "b\n", index_url=index.simple_url), "b").file.endswith(".whl")
    found = package(resolve(project, "--no-binary b\nb\n", index_url=index.simple_url), "b")
    assert found.file == "b-1.0.tar.gz"
    assert found.needs_build


def test_build_requirements_are_locked(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    make_wheel(wheelhouse, "setuptools", "59.6.0")
    make_wheel(wheelhouse, "setuptools", "75.0", requires_python=">=3.8")
    wheel = make_wheel(wheelhouse, "wheel", "0.37.1")
    found = resolve(project, "b\n", index_url=index.simple_url, installed=[Distribution("setuptools", "40.0")])
    assert [(each.package.name, each.package.version, each.needed_by) for each in found.build_requirements] == [
        ("setuptools", "59.6.0", ("b",)),
        ("wheel", "0.37.1", ("b",)),
    ]
    assert found.build_requirements[1].package.sha256 == _digest(wheel)
    assert versions(found) == {"b": "1.0"}


def test_build_requirement_without_a_wheel(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    make_sdist(wheelhouse, "setuptools", "59.6.0", pep643=True, setup=_LITERAL_SETUP)
    make_wheel(wheelhouse, "wheel", "0.37.1")
    with pytest.raises(NoSolutionError, match=r"setuptools==59\.6\.0 needs setuptools==59\.6\.0"):
        resolve(project, "b\n", index_url=index.simple_url)


def test_build_requirement_that_no_index_has(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_sdist(wheelhouse, "b", "1.0", setup=_LITERAL_SETUP)
    with pytest.raises(NoSolutionError, match=r"build of b: what it needs has no solution") as caught:
        resolve(project, "b\n", index_url=index.simple_url)
    assert caught.value.where == "requirements.txt:1"


@pytest.mark.interpreter
def test_dynamic_metadata_is_that_of_the_targets_python(
    wheelhouse: Path, index: IndexServer, project: Path, python36: Path
) -> None:
    condition = '["dataclasses"] if sys.version_info < (3, 7) else ["wrong"]'
    make_sdist(wheelhouse, "b", "1.0", dynamic=condition)
    make_tree(project, "local-tree", "0.1", dynamic=condition)
    make_wheel(wheelhouse, "dataclasses", "0.8")
    messages: list[LockProgress] = []
    found = resolve(project, "b\n.\n", index_url=index.simple_url, python=python36, messages=messages)
    assert versions(found) == {"b": "1.0", "dataclasses": "0.8", "local-tree": "0.1"}
    assert package(found, "dataclasses").by == ("b", "local-tree")
    tree = package(found, "local-tree")
    assert (tree.source, tree.file, len(tree.sha256), tree.by) == (FromDirectory("."), "", 64, ("requirements.txt",))
    assert sum(message.activity is Activity.BUILDS_METADATA for message in messages) == 2
    assert not (project / "build").exists()


@pytest.mark.interpreter
def test_wrong_hash_of_a_build_wheel(wheelhouse: Path, index: IndexServer, project: Path, python36: Path) -> None:
    backend = '[build-system]\nrequires = ["helper"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    make_sdist(wheelhouse, "b", "1.0", pyproject=backend)
    wheel = make_wheel(wheelhouse, "helper", "1.0")
    index.fail(wheel.name, "wrong-bytes")
    with pytest.raises(IntegrityError, match="the index says"):
        resolve(project, "b\n", index_url=index.simple_url, python=python36)
    index.fail(wheel.name, "not-found")
    with pytest.raises(NetworkError, match="404"):
        resolve(project, "b\n", index_url=index.simple_url, python=python36)
    index.fail(wheel.name, "error", times=0)
    found = resolve(project, "b\n", index_url=index.simple_url, python=python36)
    assert [each.package.name for each in found.build_requirements] == ["helper"]


@pytest.mark.interpreter
def test_preferences_are_not_for_builds(wheelhouse: Path, index: IndexServer, project: Path, python36: Path) -> None:
    backend = '[build-system]\nrequires = ["helper"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    make_sdist(wheelhouse, "b", "1.0", pyproject=backend)
    for version in ("1.0", "2.0"):
        make_wheel(wheelhouse, "helper", version)
    found = resolve(project, "b\nhelper\n", index_url=index.simple_url, python=python36, preferences={"helper": "1.0"})
    assert versions(found)["helper"] == "1.0"
    assert [each.package.version for each in found.build_requirements] == ["2.0"]
    assert not index.asked_for("helper-1.0-py3-none-any.whl")


# Independence


def test_process_is_left_as_it_was(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    make_wheel(wheelhouse, "a", "1.0")
    before = (markers.default_environment, collector._handle_get_simple_fail, vars(Link)["from_json"])
    variables = dict(os.environ)
    resolve(project, "a\n", index_url=index.simple_url)
    with pytest.raises(InputError):
        resolve(project, "--nonsense\n", index_url=index.simple_url)
    after = (markers.default_environment, collector._handle_get_simple_fail, vars(Link)["from_json"])
    assert before == after
    assert dict(os.environ) == variables
    assert logging.getLogger("pip").level == logging.NOTSET


def test_one_process_can_resolve_on_top_of_an_image_twice(wheelhouse: Path, index: IndexServer, project: Path) -> None:
    # pip caches what satisfies what for the whole process, by candidates that look at files of theirs.
    make_wheel(wheelhouse, "a", "1.0", requires=["b"])
    for _ in range(2):
        found = resolve(project, "a\n", index_url=index.simple_url, installed=[Distribution("b", "1.0")])
        assert versions(found) == {"a": "1.0"}


_LINES = ("a", "b<3", "c[x]", "d>=1 ; python_version < '4'", "-c constraints.txt", "--pre", "e==1.0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
@given(lines=st.permutations(_LINES))
def test_order_of_lines_does_not_matter(wheelhouse: Path, index: IndexServer, project: Path, lines: list[str]) -> None:
    _three_versions(wheelhouse)
    make_wheel(wheelhouse, "c", "1.0", extras={"x": ["e", "d<2"]})
    make_wheel(wheelhouse, "d", "1.0", requires=["a<3"])
    make_wheel(wheelhouse, "d", "2.0")
    make_wheel(wheelhouse, "e", "1.0")
    project.mkdir(exist_ok=True)
    (project / "constraints.txt").write_text("e<3\n", encoding="utf-8")
    found = resolve(project, "\n".join(lines), index_url=index.simple_url)
    assert versions(found) == {"a": "2.0", "b": "2.0", "c": "1.0", "d": "1.0", "e": "1.0"}
