"""Predictor files: what is written is read back, and what cannot be one is refused where it is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import fastjsonschema
import pytest
import yaml
from hypothesis import given, settings

from cortexlock.errors import InputError
from cortexlock.formats.compile_schema import generated_code
from cortexlock.formats.schema import schema_text
from cortexlock.model.predictor import CondaRecord, Distribution, Predictor
from cortexlock.predictors import catalog, validator
from cortexlock.predictors.predictor_file import dumps, loads, read, to_document
from cortexlock.predictors.schema import SCHEMA_NAME
from tests.support.predictors import example, predictors

_TEXT = """\
# A predictor image, for `cortexlock lock --predictor FILE`: what it holds before a project's first step.
predictor-version: 1
type: python
cortex-version: "0.30.0"
platform: cuda
image: own-predictor
released: "2020-05-04T16:46:03Z"
closure: captured
python: "3.6.9"
glibc: "2.27"
cuda: "10.1"
has-conda: true
channels:
  - defaults
  - conda-forge
order:
  - script
  - conda
  - pip
  - core
files: {script: [dependencies.sh], conda: conda-packages.txt, pip: requirements.txt}
core:
  - "requests==2.24.0"
distributions:
  - {name: cortex-internal, version: "1.10", on-index: false}
  - {name: torch, version: "1.4.0", requires: [numpy, "six>1; extra == \\"x\\""], extras: [x], requires-python: ">=3.5"}
conda-records:
  - {name: pip, version: "20.1"}
  - {name: python, version: "3.6.9", build: "h0371630_0", depends: ["openssl >=1.1"]}
"""


def test_the_text() -> None:
    assert dumps(example("cuda")) == _TEXT
    assert loads(_TEXT, file="images/own.yaml") == example("cuda", file="images/own.yaml")


@settings(deadline=None)
@given(predictors)
def test_what_is_written_is_read_back(predictor: Predictor) -> None:
    text = dumps(predictor)
    assert text.isascii()
    assert loads(text, file="") == predictor
    assert yaml.safe_load(text) == to_document(predictor)
    assert dumps(loads(text, file="image.yaml")) == text


@pytest.mark.parametrize("slim", [False, True])
@pytest.mark.parametrize("platform", ["cpu", "cuda", "inf"])
def test_images_of_the_catalog(platform: str, *, slim: bool) -> None:
    predictor = catalog.find("python", "0.20.0", platform, slim=slim)  # type: ignore[arg-type]  # as parametrized
    assert loads(dumps(predictor), file="") == predictor


def test_an_image_without_conda_has_no_name_for_its_list() -> None:
    predictor = catalog.find("python", "0.15.0", "cpu")
    assert predictor.files.conda is None
    assert loads(dumps(predictor), file="") == predictor


def test_one_sorted_line_per_package() -> None:
    predictor = example()
    shuffled = replace(
        predictor, distributions=predictor.distributions[::-1], conda_records=predictor.conda_records[::-1]
    )
    assert dumps(shuffled) == dumps(predictor)
    lines = dumps(predictor).splitlines()
    assert [line for line in lines if line.startswith("  - {name: torch,")] != []
    assert loads("\n".join([*lines[:-5], lines[-4], lines[-5], *lines[-3:]]), file="") == predictor


def test_numbers_and_dates_need_no_quotation_marks() -> None:
    text = _TEXT
    for word in ('"3.6.9"', '"2.27"', '"10.1"', '"2020-05-04T16:46:03Z"', '"1.10"'):
        assert word in text
        text = text.replace(word, word.strip('"'))
    assert loads(text, file="") == example("cuda")


_LINES = {line.partition(":")[0]: number for number, line in enumerate(_TEXT.splitlines(), 1)}


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("predictor-version: 1", "predictor-version: 2", 2, "made for a newer cortexlock"),
        ("predictor-version: 1\n", "", None, "has no 'predictor-version'"),
        ("platform: cuda", "platform: gpu", _LINES["platform"], "platform must be one of cpu, cuda, inf"),
        ('python: "3.6.9"', "python: three", _LINES["python"], "two or three numbers"),
        ("closure: captured", "closure: guessed", _LINES["closure"], "must be one of"),
        ("  - script\n", "  - scripts\n", _LINES["order"] + 1, "order[0] must be one of"),
        ("  - conda\n", "  - script\n", _LINES["order"], "order"),
        ('version: "1.4.0"', "version: 1", _LINES["distributions"] + 2, "distributions[1].version must be of type"),
        ("name: torch", "name: Torch", _LINES["distributions"] + 2, "lower case"),
        ("name: torch", "name: cortex-internal", _LINES["distributions"] + 2, "there twice in `distributions`"),
        ("name: pip", "name: python", _LINES["conda-records"] + 2, "there twice in `conda-records`"),
        ("name: pip", "nam: pip", _LINES["conda-records"] + 1, "has no 'name'"),
        ("conda: conda-packages.txt", "conda: ../list", _LINES["files"], "relative to the project"),
        ("glibc:", "glib:", None, "has no 'glibc'"),
        ("distributions:", "distribution:", _LINES["distributions"], "a key that it cannot have: 'distribution'"),
        ("requires-python:", "require-python:", _LINES["distributions"] + 2, "cannot have: 'require-python'"),
        (
            'version: "1.10"',
            f'version: "{"1" * 5000}"',
            _LINES["distributions"] + 1,
            "the version of cortex-internal,",
        ),
        (
            'version: "1.10"',
            'version: "1.10x"',
            _LINES["distributions"] + 1,
            "`1.10x`, the version of cortex-internal,",
        ),
        ("type: python\n", "type: python\ntype: onnx\n", 4, "there twice"),
        ("order:\n", "order: [\n", None, "not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_where(old: str, new: str, line: int | None, message: str) -> None:
    assert old in _TEXT
    with pytest.raises(InputError) as caught:
        loads(_TEXT.replace(old, new), file="image.yaml")
    assert message in caught.value.what
    where = str(caught.value.where)
    assert where == f"image.yaml:{line}" if line else where.startswith("image.yaml")


def test_a_constraint_that_is_no_requirement() -> None:
    text = f'{_TEXT}constraints:\n  - "six<2"\n  - "a b c"\n'
    line = text.count("\n")
    with pytest.raises(InputError, match=rf"image\.yaml:{line}: `a b c`, a constraint of the image, is no requirement"):
        loads(text, file="image.yaml")


def test_a_key_that_is_nearly_one() -> None:
    with pytest.raises(InputError) as caught:
        loads(_TEXT.replace("distributions:", "distribution:"), file="image.yaml")
    assert caught.value.hint == "did you mean `distributions`?"


@pytest.mark.parametrize("text", ["", "[]\n", "python\n", "predictor: python\n", "lockfile-version: 1\n"])
def test_what_is_no_predictor_file(text: str) -> None:
    with pytest.raises(InputError, match="not a predictor file") as caught:
        loads(text, file="image.yaml")
    assert "predictors capture" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(example(), core=("a @ https://user:secret@example.org/a.zip",)),
        replace(example(), distributions=(Distribution("a", "1", ("a @ git+https://secret@example.org/a",)),)),
        replace(example(), channels=("https://example.org/t/secret/main",)),
        replace(example(), conda_records=(CondaRecord("a", "1\n2"),)),
        replace(example(), order=()),
    ],
)
def test_what_no_file_may_hold_is_not_written(wrong: Predictor) -> None:
    with pytest.raises(ValueError, match="not a valid predictor") as caught:
        dumps(wrong)
    assert "secret" not in str(caught.value)


def test_reading_a_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes(b"\xef\xbb\xbf" + _TEXT.replace("\n", "\r\n").encode())
    assert read(tmp_path / "own.yaml", file="own.yaml") == example("cuda", file="own.yaml")
    with pytest.raises(InputError, match="cannot be read") as caught:
        read(tmp_path / "missing.yaml", file="missing.yaml")
    assert caught.value.where == "missing.yaml"


@pytest.mark.skipif(validator.VERSION != fastjsonschema.VERSION, reason="another version generates other code")
def test_the_validator_is_generated_from_the_published_schema() -> None:
    assert Path(validator.__file__).read_text(encoding="utf-8") == generated_code(SCHEMA_NAME)


def test_the_schema_accepts_what_is_written() -> None:
    fastjsonschema.validate(json.loads(schema_text(SCHEMA_NAME)), yaml.safe_load(_TEXT))
