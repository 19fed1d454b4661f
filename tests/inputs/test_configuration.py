"""`cortexlock.yaml`: what is read, what is refused with which place, and that its schema says the same."""

from __future__ import annotations

import json
from pathlib import Path

import fastjsonschema
import pytest

from cortexlock.errors import InputError, UsageError
from cortexlock.formats.schema import schema_text
from cortexlock.formats.yaml_text import loads
from cortexlock.inputs.configuration import parse, read
from cortexlock.inputs.configuration_reader import KEYS
from cortexlock.inputs.configured_images import parse_platform
from cortexlock.model.project import Configuration, Index, covers

_FULL = """\
predictor: python
cortex-version: 0.16.0
slim: true
platforms: [cuda, cpu]
channels:
  - ./channel
  - conda-forge
index-url: https://mirror.example.org/simple
indexes:
  - {name: internal, url: "https://${TOKEN}@pip.example.org/simple"}
  - {name: torch, url: "file:///srv/torch"}
exclude-newer: 2021-06-01
"""


def _schema_accepts(text: str) -> bool:
    try:
        fastjsonschema.validate(json.loads(schema_text("cortexlock.schema.json")), loads(text, file="f").value)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def test_everything() -> None:
    assert parse(loads(_FULL, file="cortexlock.yaml")) == Configuration(
        predictor="python",
        cortex_version="0.16.0",
        slim=True,
        platforms=("cpu", "cuda"),
        channels=("./channel", "conda-forge"),
        index_url="https://mirror.example.org/simple",
        indexes=(Index("internal", "https://${TOKEN}@pip.example.org/simple"), Index("torch", "file:///srv/torch")),
        exclude_newer="2021-06-01T00:00:00Z",
    )
    assert _schema_accepts(_FULL)


@pytest.mark.parametrize(
    ("written", "names"), [("all", ("*",)), ("torch", ("torch",)), ("[Torch_X, 'nvidia-*']", ("nvidia-*", "torch-x"))]
)
def test_freeze(written: str, names: tuple[str, ...]) -> None:
    assert parse(loads(f"freeze: {written}\n", file="cortexlock.yaml")) == Configuration(freeze=names)
    assert _schema_accepts(f"freeze: {written}\n")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "predictor:\nchannels:\n"])
def test_nothing(text: str) -> None:
    assert parse(loads(text, file="cortexlock.yaml")) == Configuration()


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ("./image.yaml", ("image.yaml",)),
        ("image.yml", ("image.yml",)),
        ("images/cpu", ("images/cpu",)),
        ("images/../image.YAML", ("image.YAML",)),
        ("[./cpu.yaml, images\\cuda.yaml]", ("cpu.yaml", "images/cuda.yaml")),
    ],
)
def test_predictor_files(written: str, files: tuple[str, ...]) -> None:
    for key in ("predictor", "image"):
        text = f"{key}: {written}\n"
        assert parse(loads(text, file="cortexlock.yaml")) == Configuration(predictor_files=files)
        assert _schema_accepts(text)


def test_images_with_names() -> None:
    text = "images: {gpu: ./gpu.yaml, cpu: images/cpu.yaml, arm-2: arm.yml}\nplatforms: [cpu, gpu]\n"
    found = parse(loads(text, file="cortexlock.yaml"))
    assert found.predictor_files == ("gpu.yaml", "images/cpu.yaml", "arm.yml")
    assert (found.image_names, found.platforms) == (("gpu", "cpu", "arm-2"), ("gpu", "cpu"))
    assert _schema_accepts(text)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("images: [./a.yaml]\n", 1, "`images` must be a mapping"),
        ("images: {}\n", 1, "`images` must be a mapping"),
        ("images:\n  Gpu: ./a.yaml\n", 2, "`Gpu` is no name of an image"),
        ("images:\n  a.b: ./a.yaml\n", 2, "`a.b` is no name of an image"),
        ("images:\n  1: ./a.yaml\n", 2, "`1` is no name of an image"),
        ("images:\n  a: python\n", 2, "the image `a` has no file"),
        ("images:\n  a: [./a.yaml]\n", 2, "the image `a` has no file"),
        ("images:\n  a: ../a.yaml\n", 2, "is outside the project"),
        ("images: {a: ./a.yaml}\nimage: ./b.yaml\n", 1, "`images` and `image` are both there"),
        ("predictor: python\nimages: {a: ./a.yaml}\n", 2, "`images` and `predictor` are both there"),
        ("images: {gpu: ./a.yaml}\nplatforms:\n  - cuda\n", 3, "there is no image `cuda`"),
    ],
)
def test_images_that_make_no_sense(text: str, place: int, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(loads(text, file="cortexlock.yaml"))
    assert (caught.value.where, what in caught.value.what) == (f"cortexlock.yaml:{place}", True)
    assert not _schema_accepts(text) or "platforms" in text or "  1:" in text  # JSON has texts as keys only


@pytest.mark.parametrize("release", ["0.16", "0.30", "'0.30'", "0.16.0"])
def test_a_release_is_read_as_written(release: str) -> None:
    assert parse(loads(f"cortex-version: {release}\n", file="f")).cortex_version == release.strip("'")


@pytest.mark.parametrize(
    "moment", ["2021-06-01T00:00:00Z", "2021-06-01 00:00:00", "'2021-06-01'", "2021-06-01T02:00:00+02:00"]
)
def test_moments(moment: str) -> None:
    assert parse(loads(f"exclude-newer: {moment}\n", file="f")).exclude_newer == "2021-06-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ("predictr: python\n", 1, "no key `predictr`", "did you mean `predictor`?"),
        ("slim: true\ncortex_version: 0.16.0\n", 2, "no key `cortex_version`", "did you mean `cortex-version`?"),
        ("colour: red\n", 1, "no key `colour`", "keys are predictor"),
        ("1: red\n", 1, "no key `1`", "keys are predictor"),
        ("- predictor\n", None, "must be a mapping", "keys are predictor"),
        ("predictor\n", None, "must be a mapping", "keys are predictor"),
        ("slim: 1\n", 1, "`slim` must be true or false", ""),
        ("slim: 'true'\n", 1, "`slim` must be true or false", ""),
        ("image: python\n", 1, "`python` is no predictor file", "`image: ./image.yaml`"),
        ("image: true\n", 1, "`image` must be text", "image: ./image.yaml"),
        ("image: []\n", 1, "`image` must be a list of text", ""),
        ("predictor: python\nimage: ./a.yaml\n", 2, "`image` and `predictor` are both there", "one of them"),
        ("freeze: true\n", 1, "`freeze` must be a list of text", ""),
        ("freeze: [a, 'b c']\n", 1, "`b c` is no name of a project", "write `all`"),
        ("freeze: []\n", 1, "`freeze` must be a list of text", ""),
        ("predictor: true\n", 1, "`predictor` must be text", ""),
        ("predictor: ''\n", 1, "`predictor` must be text", ""),
        ("predictor: [python]\n", 1, "`python` is no predictor file", "write a single type without brackets"),
        ("predictor: []\n", 1, "`predictor` must be a list of text", ""),
        ("predictor: [a.yaml, 1]\n", 1, "`predictor` must be a list of text", ""),
        ("predictor: [a.yaml, a.yaml]\n", 1, "`a.yaml` is there twice", ""),
        ("\npredictor: ../image.yaml\n", 2, "`../image.yaml` is outside the project", "symbolic link"),
        ("predictor:\n  - a.yml\n  - /b.yml\n", 3, "`/b.yml` is outside the project", ""),
        ("predictor: 'C:/image.yaml'\n", 1, "is outside the project", ""),
        ("platforms: cpu\n", 1, "`platforms` must be a list", "write `platforms: [a, b]`"),
        ("platforms: []\n", 1, "`platforms` must be a list", ""),
        ("platforms:\n  - cpu\n  - gpu\n", 3, "no platform `gpu`", "cpu, cuda, inf"),
        ("platforms: [cpu, cpu]\n", 1, "`cpu` is there twice", ""),
        ("channels: [1]\n", 1, "`channels` must be a list", ""),
        ("index-url: mirror.example.org\n", 1, "starts with https://", ""),
        ("build-requirements: [a]\n", 1, "must be a mapping", "fasttext"),
        ("build-requirements:\n  a: b\n", 2, "must be a list of requirements", "fasttext"),
        ("build-requirements:\n  a: [b, 'c @ https://example.org/c.whl']\n", 2, "list of requirements", "fasttext"),
        ("build-requirements:\n  a: ['-e .']\n", 2, "list of requirements", ""),
        ("no-build-isolation: flash-attn\n", 1, "must be a list of text", ""),
        ("no-build-isolation: [a, 'b*']\n", 1, "`b*` is no name of a project", "[flash-attn]"),
        ("indexes: {a: b}\n", 1, "must be a list", ""),
        ("indexes:\n  - name: a\n", 2, "an index has a `name` and a `url`", ""),
        ("indexes:\n  - {name: a b, url: 'https://example.org'}\n", 2, "the name of an index", ""),
        ("indexes:\n  - {name: default, url: 'https://example.org'}\n", 2, "`default` is taken", ""),
        ("indexes:\n  - {name: a, url: example.org}\n", 2, "starts with https://", ""),
        ("indexes:\n  - {name: a, url: 'https://example.org', packages: b}\n", 2, "list of project names", "[mycomp"),
        ("indexes:\n  - {name: a, url: 'https://example.org', packages: [-b]}\n", 2, "list of project names", ""),
        ("indexes:\n  - {name: a, url: 'https://example.org', upload-times: 1}\n", 2, "true or false", ""),
        ("\nchannel-priority: loose\n", 2, "there is no channel priority `loose`", "flexible, strict, disabled"),
        ("channel-aliases:\n  a: b\n", 2, "the address of `a` must be a URL", "write `channel-aliases"),
        ("channel-aliases:\n  ./a: /b\n", 2, "`./a` is no name of a channel", "write `channel-aliases"),
        ("channel-aliases: [a]\n", 1, "must be a mapping", "write `channel-aliases"),
        ("\nexclude-newer: tomorrow\n", 2, "`tomorrow` is no date", "write a date"),
    ],
)
def test_what_makes_no_sense(text: str, line: int | None, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(loads(text, file="cortexlock.yaml"))
    assert what in caught.value.what
    assert caught.value.where == ("cortexlock.yaml" if line is None else f"cortexlock.yaml:{line}")
    assert caught.value.hint
    assert hint in caught.value.hint
    assert not _schema_accepts(text)


def test_build_requirements() -> None:
    text = "build-requirements:\n  Fast.Text: [pybind11>=2, cython]\n  b: [a]\n"
    found = parse(loads(text, file="cortexlock.yaml")).build_requirements
    assert found == (("b", ("a",)), ("fast-text", ("cython", "pybind11>=2")))


def test_what_is_built_without_isolation() -> None:
    text = "no-build-isolation: [flash-attn, Mamba.SSM]\n"
    assert parse(loads(text, file="cortexlock.yaml")).no_build_isolation == ("flash-attn", "mamba-ssm")
    assert _schema_accepts(text)


def test_upload_times_of_an_index() -> None:
    text = "indexes:\n  - {name: a, url: 'https://a.example.org', upload-times: false}\n"
    (index,) = parse(loads(text, file="f")).indexes
    assert not index.upload_times


def test_packages_of_an_index() -> None:
    text = "indexes:\n  - {name: a, url: 'https://a.example.org', packages: [mycompany-*, Secret_Sauce]}\n"
    (index,) = parse(loads(text, file="cortexlock.yaml")).indexes
    assert index.packages == ("mycompany-*", "Secret_Sauce")
    assert covers(index.packages, "secret-sauce")
    assert covers(index.packages, "MyCompany.Core")
    assert not covers(index.packages, "mycompany")


def test_two_indexes_with_one_name() -> None:
    text = "indexes:\n  - {name: a, url: 'https://a.example.org'}\n  - {name: a, url: 'https://b.example.org'}\n"
    with pytest.raises(UsageError, match="`a` is taken") as caught:
        parse(loads(text, file="cortexlock.yaml"))
    assert caught.value.where == "cortexlock.yaml:3"


def test_the_url_of_an_index_is_in_no_message() -> None:
    with pytest.raises(UsageError) as caught:
        parse(loads("index-url: ftp://user:secret@example.org\n", file="f"))
    assert "secret" not in str(caught.value)


def test_the_schema_knows_the_same_keys_and_describes_them() -> None:
    properties = json.loads(schema_text("cortexlock.schema.json"))["properties"]
    assert tuple(properties) == KEYS
    assert all(value["description"] for value in properties.values())


def test_platforms() -> None:
    assert parse_platform("cuda") == "cuda"
    with pytest.raises(UsageError, match="--platform: there is no platform `gpu`"):
        parse_platform("gpu", where="--platform")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "cortexlock.yaml"
    assert read(path) == Configuration()
    path.write_text("predictor: onnx\n")
    assert read(path) == Configuration(predictor="onnx")
    path.write_text("predictor: [\n")
    with pytest.raises(InputError, match=r"cortexlock\.yaml:2"):
        read(path)


def test_channels_have_addresses_and_a_priority() -> None:
    text = "channel-aliases: {b: 'https://${TOKEN}@example.org/b', a: ./a}\nchannel-priority: strict\n"
    said = parse(loads(text, file="f"))
    assert said.channel_aliases == (("a", "./a"), ("b", "https://${TOKEN}@example.org/b"))
    assert said.channel_priority == "strict"
