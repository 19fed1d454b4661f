"""What the solver is asked for."""

from __future__ import annotations

import pytest

from cortexlock.conda.specs import merged, on_image
from cortexlock.errors import InputError, NoSolutionError
from cortexlock.inputs.conda_list import parse_line
from cortexlock.inputs.conda_spec import matchspec
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.predictor import CondaRecord, Predictor

IMAGE = Predictor(
    type="python",
    cortex_version="0.16.0",
    platform="cpu",
    image="python-predictor-cpu",
    slim=False,
    released="2020-06-01T00:00:00Z",
    python="3.6.9",
    glibc="2.27",
    cuda=None,
    has_conda=True,
    channels=("defaults",),
    order=("script", "conda", "pip"),
    conda_records=(CondaRecord("pip", "19.3.1"), CondaRecord("python", "3.6.9")),
)


def _specs(*lines: str) -> tuple[CondaSpec, ...]:
    return tuple(parse_line(text, name="list", line=number) for number, text in enumerate(lines, start=1))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["b", "a"], ["b", "a"]),
        (["a>1", "a<2"], ["a >1,<2"]),
        (["a>1", "a", "a>1"], ["a >1"]),
        (["a", "a=1=0"], ["a ==1 0"]),
        (["a=1", "c::a"], ["c::a ==1"]),
    ],
)
def test_lines_of_one_package_become_one_specification(lines: list[str], expected: list[str]) -> None:
    assert [matchspec(spec) for spec in merged(_specs(*lines), "list")] == expected


@pytest.mark.parametrize(("lines", "what"), [(["a=1=x", "a=1=y"], "builds"), (["c::a", "d::a"], "channels")])
def test_lines_that_cannot_be_one_are_refused(lines: list[str], what: str) -> None:
    with pytest.raises(InputError, match=rf"^list:2: .* in line 1 name different {what}"):
        merged(_specs(*lines), "list")


@pytest.mark.parametrize("lines", [["a=1.0", "a=2.0"], ["a==1", "a=1.1=0"]])
def test_lines_for_two_versions_exclude_each_other(lines: list[str]) -> None:
    with pytest.raises(NoSolutionError) as caught:
        merged(_specs("b", *lines), "list")
    assert str(caught.value).startswith(f"list:3: `{lines[1]}` and `{lines[0]}` in line 2 exclude each other\n  hint: ")
    merged(_specs("a=1.0", "a==1.0.0", "a>0", "a=1.*"), "list")


def test_the_image_is_asked_for_too_with_its_python() -> None:
    assert [matchspec(spec) for spec in on_image(_specs("a"), IMAGE)] == ["pip", "python 3.6.*"]


def test_what_the_list_names_is_the_lists_business() -> None:
    assert [matchspec(spec) for spec in on_image(_specs("python=3.7.*"), IMAGE)] == ["pip"]
