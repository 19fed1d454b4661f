"""Which line asks for what a message is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import FileLine, InputError, NetworkError
from cortexlock.inputs.requirements_text import Line
from cortexlock.pip.resolution.error_lines import locate

_PROJECT = Path("/project")
_TEXTS = (
    "-i https://example.org/simple",
    "a @ https://user:token@example.org/a.whl ; python_version < '4'",
    "-e git+https://example.org/b.git@main#egg=b",
    "git+https://example.org/c.git@1.0",
    "https://example.org/d-1.0.tar.gz#sha256=0",
    "./e",
    ".",
)
_INDEX = "https://example.org/simple"
_A, _B, _C, _D = (f"https://example.org/{name}" for name in ("a.whl", "b.git", "c.git", "d-1.0.tar.gz"))
_LINES = tuple(Line("requirements.txt", number, text) for number, text in enumerate(_TEXTS, start=1))


@pytest.mark.parametrize(
    ("what", "where", "url", "expected"),
    [
        ("fails", "a.whl", "https://example.org/a.whl", "requirements.txt:2: fails (https://example.org/a.whl)"),
        ("git fails", _B, _B, "requirements.txt:3: git fails (https://example.org/b.git)"),
        (f"{_C} has no x", None, _C, "requirements.txt:4: https://example.org/c.git has no x"),
        ("refused", _D, _D, "requirements.txt:5: refused (https://example.org/d-1.0.tar.gz)"),
        ("refused", _D, f"{_D}?a=b", "requirements.txt:5: refused (https://example.org/d-1.0.tar.gz)"),
        ("refused", _B, f"{_B}/info/refs", "requirements.txt:3: refused (https://example.org/b.git)"),
        ("the build fails", "/project/e", "", "requirements.txt:6: the build fails"),
        ("the build fails", "/project", "", "requirements.txt:7: the build fails"),
        ("refused", f"{_INDEX}/x/", f"{_INDEX}/x/", "https://example.org/simple/x/: refused"),
        ("refused", f"{_A}.metadata", f"{_A}.metadata", "https://example.org/a.whl.metadata: refused"),
        (f"{_C} is no requirement", FileLine("other.txt", 3), "", f"other.txt:3: {_C} is no requirement"),
    ],
)
def test_the_place_is_that_of_the_line(what: str, where: FileLine | str | None, url: str, expected: str) -> None:
    for kind in (InputError, NetworkError):
        error = kind(what, where=where)
        error.url = url
        locate(error, _LINES, _PROJECT)
        assert str(error) == expected
