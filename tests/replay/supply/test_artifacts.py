"""From locked packages to where their files are now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import UsageError
from cortexlock.model.lockfile import CondaStep, PipStep
from cortexlock.model.package import BuildRequirement, CondaPackage, FromDirectory, FromIndex, FromUrl, PipPackage
from cortexlock.model.project import Configuration, Index
from cortexlock.model.replay import InstallOptions
from cortexlock.replay.plan import Plan, PlannedStep
from cortexlock.replay.supply.artifacts import ArtifactPlaces, artifacts_of, conda_artifact, pip_artifact, sources
from cortexlock.replay.supply.cache import Expected
from tests.support.replay import Case

SHA = "a" * 64


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "requirements.txt").write_text(
        "--extra-index-url https://user:${TOKEN}@extra.example.org/simple\n"
        "-f ./wheels\n"
        "demo @ https://${TOKEN}@direct.example.org/demo-1.0-py3-none-any.whl\n"
    )
    case = Case(tmp_path, tmp_path / "prefix", tmp_path / "cache", index_url="https://mirror.example.org/simple")
    case.packages.append(
        PipPackage("demo", "1.0", file="demo-1.0-py3-none-any.whl", sha256=SHA, size=5, source=FromIndex("default"))
    )
    return case


def _sources(case: Case, configuration: Configuration | None = None) -> ArtifactPlaces:
    options = InstallOptions(
        prefix=case.prefix, cache=case.cache, environment={"TOKEN": "s3cr3t"}, index_url=case.index_url
    )
    project = replace(case.project, configuration=configuration or Configuration())
    return sources(project, case.lockfile, options)


def test_indexes_are_those_of_option_configuration_and_file(case: Case) -> None:
    found = _sources(case, Configuration(indexes=(Index("corp", "https://corp.example.org/simple"),)))
    assert {each.alias: each.url for each in found.locations} == {
        "default": "https://mirror.example.org/simple/",
        "extra-1": "https://extra.example.org/simple/",
        "links-1": (case.directory / "wheels").as_uri(),
        "corp": "https://corp.example.org/simple/",
    }


def test_credentials_are_known_and_in_no_representation(case: Case) -> None:
    found = _sources(case)
    assert "https://user:s3cr3t@extra.example.org/simple/" in found.urls
    assert "https://s3cr3t@direct.example.org/demo-1.0-py3-none-any.whl" in found.urls
    assert "s3cr3t" not in repr(found)


def test_channels_are_the_lockfile_s_unless_configured(case: Case) -> None:
    assert [each.written for each in _sources(case).channels] == ["defaults"]
    configured = Configuration(channels=("https://mirror.example.org/main",))
    assert [each.written for each in _sources(case, configured).channels] == ["https://mirror.example.org/main"]


def test_a_distribution_comes_from_its_index(case: Case) -> None:
    known = _sources(case)
    artifact = pip_artifact(case.packages[0], known)
    assert artifact is not None
    assert artifact.location == known.locations[0]
    assert artifact.expected == Expected("demo-1.0-py3-none-any.whl", SHA, size=5)
    assert artifact.where == "demo 1.0 (demo-1.0-py3-none-any.whl)"


def test_a_direct_reference_comes_from_its_url(case: Case) -> None:
    url = "https://direct.example.org/demo-1.0.tar.gz"
    package = PipPackage("demo", "1.0", file="demo-1.0.tar.gz", sha256=SHA, source=FromUrl(url))
    artifact = pip_artifact(package, _sources(case))
    assert artifact is not None
    assert (artifact.urls, artifact.location) == ((url,), None)


def test_an_alias_that_nobody_names_is_refused(case: Case) -> None:
    with pytest.raises(UsageError, match="`gone`") as caught:
        pip_artifact(replace(case.packages[0], source=FromIndex("gone")), _sources(case))
    assert "cortexlock.yaml" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "package",
    [PipPackage("kept", "1.0", action="keep"), PipPackage("tree", "1.0", sha256=SHA, source=FromDirectory("."))],
)
def test_what_is_kept_and_trees_have_no_artifact(case: Case, package: PipPackage) -> None:
    assert pip_artifact(package, _sources(case)) is None


def test_a_conda_package_comes_from_its_channel(case: Case) -> None:
    package = CondaPackage(
        "demo",
        "1.0",
        "0",
        channel="conda-forge",
        subdir="noarch",
        file="demo-1.0-0.conda",
        sha256=SHA,
        md5="b" * 32,
        size=7,
    )
    artifact = conda_artifact(package, _sources(case))
    assert artifact is not None
    assert artifact.expected == Expected("demo-1.0-0.conda", SHA, "b" * 32, 7)
    assert [url.rpartition("/conda-forge/")[2] for url in artifact.urls] == ["noarch/demo-1.0-0.conda"]
    assert "`conda-forge`" in artifact.source
    assert conda_artifact(CondaPackage("python", "3.6.9", action="keep"), _sources(case)) is None


def test_all_that_a_plan_needs_is_named_once(case: Case) -> None:
    sdist = PipPackage("built", "1.0", file="built-1.0.tar.gz", sha256="b" * 64, source=FromIndex("default"))
    tool = PipPackage("tool", "1.0", file="tool-1.0-py3-none-any.whl", sha256="c" * 64, source=FromIndex("default"))
    other = PipPackage(
        "unused", "1.0", file="unused-1.0-py3-none-any.whl", sha256="d" * 64, source=FromIndex("default")
    )
    builds = (BuildRequirement(tool, ("built",)), BuildRequirement(other, ("not-to-do",)))
    conda = CondaPackage(
        "demo", "1.0", "0", channel="defaults", subdir="noarch", file="demo-1.0-0.conda", sha256="e" * 64
    )
    planned = Plan(
        steps=(
            PlannedStep(CondaStep("conda-packages.txt", (conda,)), conda=(conda,)),
            PlannedStep(PipStep("requirements.txt", (sdist,), builds), pip=(sdist, case.packages[0])),
            PlannedStep(PipStep("requirements.txt", (sdist,), builds), pip=(sdist,)),
        ),
        content_hash="sha256:00",
    )
    assert [each.name for each in artifacts_of(planned, _sources(case))] == ["demo", "built", "demo", "tool"]


def test_a_conda_list_is_not_read_as_requirements(case: Case) -> None:
    (case.directory / "conda-packages.txt").write_text("--extra-index-url https://other.example.org\ndemo=1.0=pypi_0\n")
    steps = (CondaStep("conda-packages.txt", ()), PipStep("conda-packages.txt", tuple(case.packages)))
    options = InstallOptions(prefix=case.prefix, cache=case.cache, environment={}, index_url=case.index_url)
    found = sources(case.project, replace(case.lockfile, steps=steps), options)
    assert [each.alias for each in found.locations] == ["default"]
    assert found.requirements == ""
