"""The catalog: every image is there and well-formed, look-ups, errors, and that its data are what the source makes."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock import process
from cortexlock.errors import UsageError
from cortexlock.model.predictor import CondaRecord, DependencyFiles, Predictor
from cortexlock.model.target import Target
from cortexlock.predictors import catalog

SOURCE = Path(__file__).parents[2] / "catalog"
DATA = Path(catalog.__file__).parent / "data"
IMAGES: list[dict[str, Any]] = json.loads((SOURCE / "predictors.json").read_text(encoding="utf-8"))
VARIANTS = [(image, slim) for image in IMAGES for slim in (False, True) if not slim or image["pip_slim"] is not None]


RELEASES = sorted({image["cortex_version"] for image in IMAGES}, key=Version)


def _predictor(image: dict[str, Any], *, slim: bool = False) -> Predictor:
    return catalog.find(image["predictor_type"], image["cortex_version"], image["accelerator"], slim=slim)


def _variants(release: str) -> list[tuple[dict[str, Any], bool, Predictor]]:
    """Return the facts of a release's images and variants, with the catalog's predictor for each."""
    of_release = [variant for variant in VARIANTS if variant[0]["cortex_version"] == release]
    return [(image, slim, _predictor(image, slim=slim)) for image, slim in of_release]


@pytest.fixture
def make_catalog(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SOURCE))
    return importlib.import_module("make_catalog")


def test_all_images_are_there() -> None:
    assert len(IMAGES) == 156
    assert len(VARIANTS) == 260
    assert catalog.types() == ("onnx", "python", "tensorflow")


@pytest.mark.parametrize("release", RELEASES)
def test_images_are_well_formed(release: str) -> None:
    for image, slim, predictor in _variants(release):
        assert predictor.image == image["image"] + ("-slim" if slim else "")
        assert predictor.released.endswith("Z")
        assert Target.of(predictor).python == (3, 6, 9)
        names = [one.name for one in predictor.distributions]
        assert names == sorted(set(names))
        by_conda = [record.name for record in predictor.conda_records]
        assert by_conda == sorted(set(by_conda))
        assert bool(by_conda) == predictor.has_conda


def test_distributions_are_well_formed() -> None:
    found = {one for image, slim in VARIANTS for one in _predictor(image, slim=slim).distributions}
    assert len({(one.name, one.version) for one in found}) == len(found)
    for one in found:
        assert one.name == canonicalize_name(one.name)
        assert one.version == str(Version(one.version))
        for text in one.requires:
            Requirement(text)
        assert "3.6.9" in SpecifierSet(one.requires_python or ""), one


@pytest.mark.parametrize("release", RELEASES)
def test_pins_of_the_dockerfile_hold(release: str) -> None:
    for image, slim, predictor in _variants(release):
        installed = {one.name: one.version for one in predictor.distributions}
        for text in image["pip_slim" if slim else "pip"]:
            if "://" not in text:
                requirement = Requirement(text)
                version = installed[canonicalize_name(requirement.name)]
                assert version in requirement.specifier, (predictor.image, text)
        for local in image["pip_local"]:
            assert installed[canonicalize_name(local["name"])] == local["version"], predictor.image


def test_only_images_of_an_unreadable_index_are_partial() -> None:
    partial = {(image["image"], slim) for image, slim in VARIANTS if _predictor(image, slim=slim).closure != "resolved"}
    assert partial == {("python-predictor-inf", False)}


@pytest.mark.parametrize("release", RELEASES)
def test_closures_are_closed(release: str) -> None:
    for _, _, predictor in _variants(release):
        if predictor.closure == "partial":
            continue  # the test above says which
        environment = {**Target.of(predictor).marker_environment, "extra": ""}
        installed = {one.name for one in predictor.distributions}
        for one in predictor.distributions:
            for requirement in map(Requirement, one.requires):
                if requirement.marker is None or requirement.marker.evaluate(environment):
                    name = canonicalize_name(requirement.name)
                    assert name in installed, f"{predictor.image}: {one.name} requires {requirement}"


def test_find_returns_the_whole_predictor() -> None:
    predictor = catalog.find("python", "0.16.0", "cpu")
    assert (predictor.type, predictor.cortex_version, predictor.platform) == ("python", "0.16.0", "cpu")
    assert (predictor.image, predictor.slim, predictor.cuda) == ("python-predictor-cpu", False, None)
    assert predictor.released == "2020-05-04T16:46:03Z"
    assert predictor.glibc == "2.27"
    assert predictor.has_conda
    assert predictor.channels == ("defaults",)
    assert predictor.order == ("script", "conda", "pip")
    assert predictor.files == DependencyFiles()
    assert predictor.closure == "resolved"
    assert predictor.core == ()
    assert (predictor.conda_version, predictor.conda_history) == ("4.7.12", ("pip", "python=3.6.9"))
    assert CondaRecord("python", "3.6.9", channel="conda-forge") in predictor.conda_records
    assert [each.name for each in predictor.conda_records if each.noarch == "python" and each.subdir == "noarch"] == [
        "pip",
        "wheel",
    ]
    assert len(predictor.distributions) == 85
    versions = {one.name: one for one in predictor.distributions}
    assert versions["numpy"].version == "1.18.2"
    assert versions["urllib3"].version == "1.25.9"  # what requests 2.23.0 brought on that day
    assert "six" in versions["absl-py"].requires  # an sdist, built for its metadata


def test_the_oldest_release_has_requirements_only() -> None:
    predictor = catalog.find("tensorflow", "0.15.0", "cpu")
    assert predictor.order == ("pip",)
    assert predictor.files == DependencyFiles(script=(), conda=None)
    assert not predictor.has_conda
    assert not predictor.channels
    assert not predictor.conda_records


def test_later_releases_install_their_core_again() -> None:
    predictor = catalog.find("python", "0.35.0", "cuda")
    assert predictor.order == ("script", "conda", "pip", "core")
    assert predictor.channels == ("defaults", "conda-forge")
    assert predictor.cuda == "10.2"
    assert {"grpcio==1.36.0", "cortex-internal==0.35.0"} <= set(predictor.core)
    assert {one.name for one in predictor.distributions if not one.on_index} == {"cortex", "cortex-internal"}


def test_an_image_may_contradict_itself() -> None:
    installed = {one.name: one for one in catalog.find("python", "0.24.0", "cpu").distributions}
    assert installed["numpy"].version == "1.19.1"
    asked = next(Requirement(text) for text in installed["tensorflow-cpu"].requires if text.startswith("numpy"))
    assert installed["numpy"].version not in asked.specifier


def test_local_versions_are_on_no_index() -> None:
    installed = {one.name: one for one in catalog.find("python", "0.18.0", "cpu").distributions}
    assert (installed["torch"].version, installed["torch"].on_index) == ("1.5.1+cpu", False)
    assert "numpy" in installed["torch"].requires
    assert installed["numpy"].on_index


def test_slim_images_lack_the_machine_learning_packages() -> None:
    full, slim = (catalog.find("python", "0.28.0", "cpu", slim=slim) for slim in (False, True))
    assert slim.image == "python-predictor-cpu-slim"
    names = {one.name for one in slim.distributions}
    assert "torch" not in names
    assert "boto3" in names
    assert names < {one.name for one in full.distributions}


def test_newest_release_by_default() -> None:
    assert catalog.find("onnx", None, "cpu").cortex_version == "0.32.0"
    assert catalog.find("python", None, "cpu").cortex_version == "0.35.0"


def test_releases_are_in_order() -> None:
    found = catalog.releases("python")
    assert found == tuple(sorted(found, key=Version))
    assert (found[0], found[-1], len(found)) == ("0.15.0", "0.35.0", 28)


def test_platforms_are_in_order() -> None:
    assert catalog.platforms("python", "0.17.1") == ("cpu", "cuda")
    assert catalog.platforms("python", "0.18.0") == ("cpu", "cuda", "inf")
    assert catalog.platforms("tensorflow", "0.35.0") == ("cpu",)


def test_unknown_type_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="no predictor type `pyhton`") as caught:
        catalog.find("pyhton", None, "cpu")
    assert caught.value.hint == "did you mean python? available: onnx, python, tensorflow"


def test_unknown_release_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"`0\.16`") as caught:
        catalog.platforms("python", "0.16")
    assert "did you mean 0.16.1?" in str(caught.value)
    assert "0.15.0, 0.15.1, 0.16.0" in str(caught.value)
    with pytest.raises(UsageError, match=r"did you mean 0\.20\.0\?"):
        catalog.platforms("python", "0.20")


def test_unknown_platform_names_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"platform `cuda` for the tensorflow predictor of Cortex 0\.20\.0") as caught:
        catalog.find("tensorflow", "0.20.0", "cuda")
    assert caught.value.hint == "available: cpu"


def test_missing_variant_says_where_it_is() -> None:
    with pytest.raises(UsageError, match=r"python-handler-gpu of Cortex 0\.35\.0 has no slim variant") as caught:
        catalog.find("python", None, "cuda", slim=True)
    assert caught.value.hint == "slim variants: Cortex 0.16.0 to 0.28.0"


@pytest.mark.parametrize("release", RELEASES)
def test_every_tag_leads_to_its_image(release: str) -> None:
    for image in (image for image in IMAGES if image["cortex_version"] == release):
        for tag in image["tags"]:
            for name in (tag["tag"], f"registry.example.org:5000/{tag['tag']}@sha256:{'0' * 64}"):
                found = catalog.by_image(name)
                assert found is not None, name
                assert (found.predictor_type, found.cortex_version) == (image["predictor_type"], release)
                assert (found.platform, found.slim) == (image["accelerator"], tag["slim"])
                assert found.cuda == tag.get("cuda", image["cuda"])


@pytest.mark.parametrize(
    "name",
    [
        "",
        "python:3.6",
        "cortexlabs/python-predictor-cpu",
        "cortexlabs/python-predictor-cpu:master",
        "cortexlabs/operator:0.24.0",
        "me/python-predictor-cpu:0.24.0",
        "quay.io/cortexlabs/python-predictor-gpu-slim:0.24.0-cuda9.0-cudnn7",
    ],
)
def test_other_images_are_none_of_ours(name: str) -> None:
    assert catalog.by_image(name) is None


def test_loading_is_light() -> None:
    code = (
        "import sys; from cortexlock.predictors import catalog; catalog.find('python', '0.16.0', 'cpu');"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = process.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {[str(SOURCE.parent)]}; {code}"], env={}
    )
    assert done.returncode == 0, done.output
    heavy = {"difflib", "packaging", "pip", "rattler", "requests", "subprocess", "tempfile", "typer", "urllib", "yaml"}
    assert not heavy & set(done.stdout.split())


def test_package_data_are_small() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 1_000_000


def test_package_data_are_what_the_source_makes(make_catalog: ModuleType, tmp_path: Path) -> None:
    assert make_catalog.main(["--output", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"images.json", "distributions.json"}
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (DATA / file.name).read_bytes(), "run `python catalog/make_catalog.py`"


def test_pins_alone_where_nothing_was_resolved(make_catalog: ModuleType) -> None:
    image = next(i for i in IMAGES if (i["image"], i["cortex_version"]) == ("python-predictor-cpu", "0.31.0"))
    how, installed, conda = make_catalog.documented(image, make_catalog.Closures({}), slim=False)
    assert how == "documented"
    assert conda == [["python", "3.6.9"]]
    found = {one.name: one for one in installed}
    assert found["grpcio"].version == "1.32.0"
    assert not found["cortex-internal"].on_index
    assert "dill" not in found  # `dill>=0.3.1.1` pins nothing


def test_urls_of_wheels_are_pins(make_catalog: ModuleType) -> None:
    image = next(i for i in IMAGES if (i["image"], i["cortex_version"]) == ("python-predictor-gpu", "0.17.0"))
    _, installed, _ = make_catalog.documented(image, make_catalog.Closures({}), slim=False)
    found = {one.name: (one.version, one.on_index) for one in installed}
    assert found["torchvision"] == ("0.6.0+cu101", False)


def test_requirements_of_old_tools_are_made_readable(make_catalog: ModuleType) -> None:
    known = {"distributions": {"a==1": {"requires": ["grpcio (>=1.0<2)", "six (>=1.0)"]}}}
    assert make_catalog.Closures(known).distribution("a", "1").requires == ("grpcio (>=1.0,<2)", "six (>=1.0)")


def test_two_sets_of_metadata_are_refused(make_catalog: ModuleType) -> None:
    one, two = (make_catalog.Installed("cortex-internal", "0.25.0", (text,), on_index=False) for text in ("a", "b"))
    sets = iter([one, two])

    class Closures:
        def of(self, _image: str) -> tuple[str, list[Any], list[list[str]]]:
            return "resolved", [next(sets)], []

    with pytest.raises(SystemExit, match="two sets of metadata"):
        make_catalog.catalog(IMAGES[:2], Closures())
