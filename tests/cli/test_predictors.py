"""`cortexlock predictors`: what it prints, what it writes."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.model.predictor import Distribution
from cortexlock.predictors import catalog, snapshot
from cortexlock.predictors.pip_settings import pip_settings
from cortexlock.predictors.predictor_file import dumps, loads, read, to_document
from cortexlock.predictors.snapshot_script import snapshot_script
from tests.support.image_archives import config_of, distribution, layer, layout, python_image


def _predictors(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["predictors", *arguments])
    return caught.value.code


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment of files only, with one distribution."""
    root = tmp_path / "env"
    metadata = root / "lib" / "python3.6" / "site-packages" / "six-1.15.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Name: six\nVersion: 1.15.0\n")
    (root / "bin").mkdir()
    (root / "bin" / "python").write_text("")
    (root / "pyvenv.cfg").write_text("version = 3.6.9\n")
    return root


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty directory."""
    monkeypatch.chdir(tmp_path)


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("list", "--type", "python") == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["type", "release", "platforms", "slim", "python", "cuda", "packages", "closure"]
    assert [line.split()[1] for line in lines] == list(catalog.releases("python"))
    line = next(line for line in lines if line.split()[1] == "0.20.0")
    counts = sorted(
        len(catalog.find("python", "0.20.0", platform, slim=slim).distributions)
        for platform in catalog.platforms("python", "0.20.0")
        for slim in (False, True)
    )
    assert line.split() == [
        *("python", "0.20.0", "cpu,cuda,inf", "all", "3.6.9", "10.1", f"{counts[0]}-{counts[-1]}"),
        "partial",
    ]
    assert len({line.index("3.6.9") for line in lines}) == 1


def test_show_needs_a_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("show") == 2
    assert capsys.readouterr().err == (
        "error: TYPE is missing\n  hint: `cortexlock predictors show --help` tells more\n"
    )
    assert _predictors("show", "--help") == 0


def test_list_of_all_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("list") == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) == sum(len(catalog.releases(each)) for each in catalog.types())


def test_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("list", "--json") == 0
    found = json.loads(capsys.readouterr().out)["predictors"]
    assert len(found) == 260
    assert found[0].keys() >= {"type", "cortex-version", "platform", "slim", "python", "cuda", "closure"}


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("show", "python", "0.16.0", "--platform", "cuda") == 0
    text = capsys.readouterr().out
    assert "predictor: python, Cortex 0.16.0, cuda\nimage:     python-predictor-gpu\n" in text
    assert (
        "steps:     script (script.sh or dependencies.sh), conda (conda-packages.txt), pip (requirements.txt)" in text
    )
    assert "pre-installed by conda: 5\n  certifi 2020.4.5.1\n" in text
    assert "  boto3 1.12.31\n" in text


def test_show_takes_the_newest_release_and_the_first_platform(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("show", "tensorflow", "--json") == 0
    expected = catalog.find("tensorflow", None, "cpu")
    assert json.loads(capsys.readouterr().out) == to_document(expected)


def test_show_as_a_predictor_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("show", "python", "0.20.0", "--platform", "cuda", "--slim", "--yaml") == 0
    expected = catalog.find("python", "0.20.0", "cuda", slim=True)
    assert capsys.readouterr().out == dumps(expected)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "ruby"], 2, "there is no predictor type `ruby`"),
        (["show", "python", "9.9.9"], 2, "there is no Cortex release"),
        (["show", "python", "0.16.0", "--platform", "gpu"], 2, "--platform: there is no platform `gpu`"),
        (["list", "--type", "ruby"], 2, "there is no predictor type `ruby`"),
        (["capture"], 2, "no environment is active"),
        (["capture", "nowhere"], 2, "nowhere: cannot be read: No such file"),
        (["capture", "."], 2, "no interpreter"),
        (["capture", ".", "--prefix", "/opt/venv"], 2, "--prefix and --image-platform are for images"),
        (["capture", "--root", ".", "--image-platform", "linux/arm64"], 2, "has one platform"),
        (["capture", "--root", "."], 2, "no Python environment is in it"),
        (["capture", "--root", "missing"], 2, "this is no directory"),
        (["capture", "a", "--from", "b"], 2, "exclude each other"),
        (["capture", "--from", "missing.json"], 3, "missing.json: cannot be read"),
        (["capture", "--like", "python:"], 2, "--like: `python:` names no release"),
        (["capture", "--like", "python:9"], 2, "there is no Cortex release"),
    ],
)
@pytest.mark.usefixtures("elsewhere")
def test_what_makes_no_sense(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str) -> None:
    assert _predictors(*arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def test_one_format_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("show", "python", "--json", "--yaml") == 2
    assert json.loads(capsys.readouterr().out)["error"]["what"] == "--yaml and --json exclude each other"


def test_capture_into_a_file(prefix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "image.yaml"
    options = ["--like", "onnx:0.15.0", "--image", "mine", "--glibc", "2.27", "-o", str(file)]
    assert _predictors("capture", str(prefix), *options) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{file}: onnx predictor on cpu, Python 3.6.9, 1 distribution, 0 conda packages\n")
    found = read(file, file="")
    model = catalog.find("onnx", "0.15.0", "cpu")
    assert (found.image, found.glibc, found.python, found.closure) == ("mine", "2.27", "3.6.9", "captured")
    assert (found.order, found.files, found.cortex_version) == (model.order, model.files, "0.15.0")
    assert [(one.name, one.version) for one in found.distributions] == [("six", "1.15.0")]


def test_capture_of_the_active_environment(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(prefix))
    assert _predictors("capture", "--glibc", "2.27") == 0
    printed = capsys.readouterr()
    predictor = loads(printed.out, file="")
    assert (predictor.type, predictor.image, predictor.python) == ("", "env", "3.6.9")
    assert printed.err == ""


def test_capture_for_programs(prefix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--platform", "cuda", "--cuda", "10.1", "--glibc", "2.27", "--json"]
    assert _predictors("capture", str(prefix), *options) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    document = json.loads(printed.out)
    assert (document["file"], document["predictor"]["cuda"], len(document["notes"])) == (None, "10.1", 0)


def test_capture_of_an_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = "usr/local/lib/python3.11/site-packages"
    layers = (layer({**python_image(), "opt/env/pyvenv.cfg": "", **distribution(site, "six", "1.16.0")}),)
    archive = tmp_path / "ours.tar"
    archive.write_bytes(layer(layout([(layers, config_of(layers), "docker.io/library/ours:1")])))
    assert _predictors("capture", str(archive), "-o", str(tmp_path / "image.yaml")) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}/image.yaml: image ours:1 for cpu, Python 3.11.9, 1 distribution, 0 conda packages",
        "environment: /usr/local",
    ]
    predictor = read(tmp_path / "image.yaml", file="")
    assert (predictor.image, predictor.digest[:7]) == ("ours:1", "sha256:")
    assert _predictors("capture", str(archive), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["predictor"] == to_document(predictor)
    assert document["environments"] == [{"prefix": "/usr/local", "kind": "python", "python": "3.11.9"}]


@pytest.mark.usefixtures("elsewhere")
def test_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = replace(catalog.find("python", "0.16.0", "cpu"), constraints=("six<2",))
    (tmp_path / "old.yaml").write_text(dumps(old))
    distributions = [one for one in old.distributions if one.name not in {"six", "numpy"}]
    distributions += [Distribution("numpy", "1.19.0"), Distribution("zzz", "1")]
    new = replace(old, glibc="2.31", constraints=(), distributions=tuple(distributions))
    (tmp_path / "new.yaml").write_text(dumps(new))
    assert _predictors("diff", "old.yaml", "old.yaml", "--exit-code") == 0
    assert capsys.readouterr().out == "the images are described alike\n"
    assert _predictors("diff", "old.yaml", "new.yaml", "--exit-code") == 1
    assert capsys.readouterr().out.splitlines() == [
        "glibc: 2.27 -> 2.31",
        "constraints: 1",
        "  - six<2",
        "pre-installed for Python: 3",
        "    numpy 1.18.2 -> 1.19.0",
        "  - six 1.14.0",
        "  + zzz 1",
    ]
    assert _predictors("diff", "old.yaml", "new.yaml", "--json") == 0
    assert json.loads(capsys.readouterr().out)["changes"][-1] == {
        "kind": "pip",
        "name": "zzz",
        "before": None,
        "after": "1",
    }
    assert _predictors("diff", "old.yaml", "missing.yaml") == 3


def test_capture_from_a_snapshot(prefix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = snapshot.snapshot(
        prefix,
        snapshot.sites_of(prefix, "3.6"),
        "3.6.9",
        snapshot.platform_here({}),
        pip_settings(Path("/"), prefix, os.environ, Path.cwd()),
    )
    file = tmp_path / "image.json"
    file.write_text(json.dumps({**found, "glibc": "2.27"}))
    assert _predictors("capture", "--from", str(file), "--like", "python:0.16.0") == 0
    from_snapshot = capsys.readouterr().out
    assert _predictors("capture", str(prefix), "--like", "python:0.16.0", "--glibc", "2.27") == 0
    assert from_snapshot == capsys.readouterr().out
    assert "name: six" in from_snapshot


def test_the_script_is_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors("capture", "--script") == 0
    assert capsys.readouterr().out == snapshot_script()


@pytest.mark.parametrize("command", ["list", "show", "capture", "diff"])
def test_help_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors(command, "--help") == 0
    text = capsys.readouterr().out
    assert f"Usage: cortexlock predictors {command} [OPTIONS]" in text
    assert f"  cortexlock predictors {command}" in text.partition("Examples:")[2]


def test_nothing_is_a_request_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _predictors() == 2
    assert "Usage: cortexlock predictors" in capsys.readouterr().out


def test_an_interpreter_of_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    if sys.prefix == sys.base_prefix:
        pytest.skip("the tests run in no environment of their own")
    assert _predictors("capture", sys.prefix, "--glibc", "2.27", "--json") == 0
    names = {one["name"] for one in json.loads(capsys.readouterr().out)["predictor"]["distributions"]}
    assert {"pytest", "pyyaml", "typer"} <= names
