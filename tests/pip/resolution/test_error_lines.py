"""Which line asks for what a message is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import InputError, NetworkError
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
_LINES = tuple(Line("requirements.txt", number, text) for number, text in enumerate(_TEXTS, start=1))


@pytest.mark.parametrize(
    ("what", "where", "expected"),
    [
        ("https://example.org/a.whl fails", None, "requirements.txt:2: https://example.org/a.whl fails"),
        ("git fails", "https://example.org/b.git", "requirements.txt:3: git fails (https://example.org/b.git)"),
        ("https://example.org/c.git has no x", None, "requirements.txt:4: https://example.org/c.git has no x"),
        (
            "refused",
            "https://example.org/d-1.0.tar.gz",
            "requirements.txt:5: refused (https://example.org/d-1.0.tar.gz)",
        ),
        ("the build fails", "/project/e", "requirements.txt:6: the build fails"),
        ("the build fails", "/project", "requirements.txt:7: the build fails"),
        ("refused", "https://example.org/simple/x/", "https://example.org/simple/x/: refused"),
        ("refused", "https://example.org/a.whl.metadata", "https://example.org/a.whl.metadata: refused"),
        ("is no requirement", "other.txt:3", "other.txt:3: is no requirement"),
    ],
)
def test_the_place_is_that_of_the_line(what: str, where: str | None, expected: str) -> None:
    for kind in (InputError, NetworkError):
        error = kind(what, where=where)
        locate(error, _LINES, _PROJECT)
        assert str(error) == expected
