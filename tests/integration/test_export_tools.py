"""Every export by the tools that it is for: what `python -m tests.integration.export_tools` prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration import export_tools
from tests.support import conda_program
from tests.support.interpreters import find_python


@pytest.mark.index
@pytest.mark.interpreter
def test_each_tool_sees_the_same_packages(tmp_path: Path, python36: Path) -> None:
    environment = {**os.environ, "PYENV_ROOT": str(python36.parents[3])}
    python312 = find_python("3.12", env=environment)
    if python312 is None:
        pytest.fail("no Python 3.12: put one on PATH", pytrace=False)
    rows = list(export_tools.table(tmp_path, python36, python312, conda_program.further(os.environ)))
    assert {row.result for row in rows} <= {"same", "absent"}, rows
    assert len([row for row in rows if row.result == "same"]) >= 9
