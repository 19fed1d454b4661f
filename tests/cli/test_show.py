"""`cortexlock show`: text for people, JSON for programs, an exit code for both."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.export.script import bundle_path
from cortexlock.lockfile.text import dumps
from cortexlock.replay.prefix.receipt import Receipt, write_receipt
from tests.support.replay import make_case

LINES = "nltk=3.1=py27_0\nnumexpr\npandas>=1.0\nidna=2.10=pypi_0\n"


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["show", *map(str, arguments)])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a conda list and requirements."""
    (tmp_path / "conda-packages.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("numpy==1.18\n", encoding="utf-8")
    (tmp_path / "cortexlock.yaml").write_text(
        "predictor: python\ncortex-version: 0.18.0\nplatforms: [cpu]\n", encoding="utf-8"
    )
    return tmp_path


def test_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, project)
    assert (code, err) == (0, "")
    assert (
        out
        == """\
cpu: python predictor of Cortex 0.18.0, python-predictor-cpu
  Python 3.6.9, glibc 2.27, 414 wheel tags from cp36m
  virtual packages: __archspec 1, __glibc 2.27, __linux 0, __unix 0
  pre-installed: 94 of pip, 5 of conda (resolved)
  steps: conda (conda-packages.txt) -> core (if conda replaces Python) -> pip (requirements.txt)
conda-packages.txt: 3 conda packages, 1 pip package
  nltk=3.1=py27_0  ->  nltk==3.1=py27_0
  numexpr  ->  numexpr
  pandas>=1.0  ->  pandas[version='>=1.0']
  idna=2.10=pypi_0  ->  pip: idna==2.10
requirements.txt: 1 line
  numpy==1.18
"""
    )


def test_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, project, "--json")
    document = json.loads(out)
    assert code == 0
    assert [spec["matchspec"] for spec in document["conda"]["specs"]] == [
        "nltk==3.1=py27_0",
        "numexpr",
        "pandas[version='>=1.0']",
    ]
    assert document["conda"]["specs"][0] == {
        "line": 1,
        "text": "nltk=3.1=py27_0",
        "channel": "",
        "name": "nltk",
        "version": "==3.1",
        "build": "py27_0",
        "matchspec": "nltk==3.1=py27_0",
    }
    assert document["conda"]["pypi"] == [{"line": 4, "text": "idna=2.10=pypi_0", "name": "idna", "version": "2.10"}]
    assert document["requirements"]["lines"] == [{"file": "requirements.txt", "line": 1, "text": "numpy==1.18"}]
    (target,) = document["targets"]
    assert (target["platform"], target["python"], target["tags"]) == ("cpu", "3.6.9", 414)
    assert target["markers"]["python_version"] == "3.6"
    assert target["steps"][2] == {"step": "core", "file": None}
    assert document["errors"] == []


def test_errors_have_file_line_and_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "conda-packages.txt").open("a", encoding="utf-8") as file:
        file.write("foo~=1\npython 3.7\n")
    code, out, _ = _run(capsys, project, "--json")
    assert code == 3
    assert [(e["file"], e["line"], e["reason"]) for e in json.loads(out)["errors"]] == [
        ("conda-packages.txt", 5, "conda has no operator `~=` in a list: `foo~=1`"),
        ("conda-packages.txt", 6, "conda cannot read `python 3.7`"),
    ]
    code, out, err = _run(capsys, project)
    assert code == 3
    assert "error: conda-packages.txt:6: conda cannot read `python 3.7`\n  hint: write `python=3.7`\n" in err


def test_many_rows_and_errors_are_counted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f"a{number}\n" for number in range(20)) + "".join(f"b{number}~=1\n" for number in range(20))
    (project / "conda-packages.txt").write_text(text, encoding="utf-8")
    _, out, err = _run(capsys, project)
    assert "… and 8 more; --json has all" in out
    assert "and 8 more errors; --json has all" in err
    assert len(json.loads(_run(capsys, project, "--json")[1])["errors"]) == 20


def test_a_wrong_configuration(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, project, "--predictor", "nonsense", "--json")
    document = json.loads(out)
    assert (code, len(document["errors"]), document["targets"]) == (2, 1, [])
    assert len(document["conda"]["specs"]) == 3


def test_no_token_of_an_index_or_an_archive_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "--index-url https://h/T0k3nT0k3n/simple\na @ https://h/a-1-py3-none-any.whl#token=T0k3nT0k3n\n"
    (project / "requirements.txt").write_text(lines)
    for more in ((), ("--json",)):
        _, out, err = _run(capsys, project, *more)
        assert "https://h/****/simple" in out
        assert "T0k3nT0k3n" not in out + err


def test_no_credential_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "s3cr3t"  # noqa: S105 - a credential is what it is about
    (project / "requirements.txt").write_text(
        f"--extra-index-url https://me:{token}@packages.example.org/simple\n", encoding="utf-8"
    )
    (project / "conda-packages.txt").write_text(
        f"https://me:{token}@conda.example.org/main::a\nhttps://{token}@conda.example.org/linux-64/b.zip\n",
        encoding="utf-8",
    )
    for option in ("--json", "--platform=cpu"):
        _, out, err = _run(capsys, project, option)
        assert "example.org" in out
        assert token not in out + err


def test_licences_are_what_the_files_of_a_bundle_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = make_case(tmp_path)
    stated, missing = (tmp_path / f"{name}-1.0-py3-none-any.whl" for name in ("demo", "more"))
    for wheel in (stated, missing):
        with zipfile.ZipFile(wheel, "w") as members:
            said = f"Metadata-Version: 2.4\nName: {wheel.name[:4]}\nVersion: 1.0\nLicense-Expression: MIT\n"
            members.writestr(f"{wheel.name[:8]}.dist-info/METADATA", said)
        case.add(wheel)
    (case.directory / "cortexlock.cpu.yaml").write_text(dumps(case.lockfile))
    bundle = tmp_path / "bundle"
    code, _, err = _run(capsys, case.directory, "--licences", "--from", bundle)
    assert (code, f"cortexlock fetch --output {bundle}" in err) == (2, True)
    place = bundle / bundle_path(case.packages[0])
    place.parent.mkdir(parents=True)
    place.write_bytes(stated.read_bytes())
    code, out, err = _run(capsys, case.directory, "--licences", "--from", bundle)
    assert (code, out) == (0, "cortexlock.cpu.yaml\n  demo 1.0: MIT\n  more 1.0: its file is not there\n")
    assert f"cortexlock fetch --output {bundle}" in err
    code, out, _ = _run(capsys, case.directory, "--licences", "--from", bundle, "--json")
    assert [each["licences"] for each in json.loads(out)["lockfiles"][0]["packages"]] == [["MIT"], None]
    place.write_bytes(b"other")
    assert _run(capsys, case.directory, "--licences", "--from", bundle)[0] == 6
    code, _, err = _run(capsys, case.directory, "--licences")
    assert (code, "--from" in err) == (2, True)


@pytest.mark.parametrize("name", ["configuration", "lockfile", "predictor"])
def test_schemas_are_printed_for_editors(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, tmp_path, "--schema", name)
    assert (code, json.loads(out)["$id"].startswith("urn:cortexlock:")) == (0, True)
    assert _run(capsys, tmp_path, "--schema", "nosuch")[0] == 2


def test_an_empty_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cortexlock.yaml").write_text("", encoding="utf-8")
    code, out, _ = _run(capsys, tmp_path)
    assert code == 0
    assert out.startswith("no dependency files\n")


RECEIPT = Receipt(
    state="completed",
    content_hash="sha256:00",
    image="python-predictor-cpu",
    platform="cpu",
    python="3.6.9",
    steps=("script", "pip"),
    pip={"demo": "ab"},
    installed={"conda": {}, "pip": {"demo": "1"}},
    tools={"uv": "0.9.1", "cortexlock": "0.1.0"},
)


def test_a_receipt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_receipt(RECEIPT, tmp_path)
    code, out, err = _run(capsys, "--prefix", tmp_path)
    assert (code, err) == (0, "")
    assert (
        out
        == f"""\
{tmp_path}: installed
  image: python-predictor-cpu on cpu, Python 3.6.9
  lockfile: sha256:00
  steps that are done: script, pip
  then there were: 0 conda packages, 1 pip package
  installed by: cortexlock 0.1.0, uv 0.9.1
"""
    )
    code, out, _ = _run(capsys, "--prefix", tmp_path, "--json")
    document = json.loads(out)
    assert (code, document["prefix"], document["receipt"]["content-hash"]) == (0, str(tmp_path), "sha256:00")


def test_a_receipt_of_half_a_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_receipt(
        Receipt(state="started", content_hash="sha256:00", image="image", platform="cpu", python="3.6.9"), tmp_path
    )
    _, out, _ = _run(capsys, "--prefix", tmp_path)
    assert out.splitlines()[0].endswith("an installation was ended half-way")
    assert out.splitlines()[-1] == "  steps that are done: none"


def test_no_receipt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "--prefix", tmp_path)
    assert (code, out) == (1, "")
    assert "no installation left a receipt here" in err
    assert _run(capsys, "--prefix", tmp_path / "absent")[0] == 2
