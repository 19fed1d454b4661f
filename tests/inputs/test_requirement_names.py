"""The names that lines of requirements say."""

from __future__ import annotations

import pytest

from cortexlock.inputs.requirement_names import name_of


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Torch_CPU==1.0", "torch-cpu"),
        ("a.b [x,y] >=1; python_version < '3'", "a-b"),
        ("a(>=1)", "a"),
        ("a @ https://example.org/b-1.0.zip", "a"),
        ("git+https://example.org/c.git@main#subdirectory=d&egg=C_d", "c-d"),
        ("-e ./x#egg=x", "x"),
        ("-e ./x", ""),
        ("--no-binary a", ""),
        ("https://example.org/a-1.0.zip", ""),
        ("vendor/a-1.0-py3-none-any.whl", ""),
        ("a-1.0-py3-none-any.whl", ""),
        ("C:\\a", ""),
        ("./a", ""),
        ("", ""),
    ],
)
def test_a_line_says_a_name_or_none(line: str, name: str) -> None:
    assert name_of(line) == name
