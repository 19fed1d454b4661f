"""Modules that are put off: what a resolution does not use is not loaded, and is there for whoever uses it."""

from __future__ import annotations

import subprocess
import sys

_RESOLVER = """
import sys
from cortexlock.pip.internals.put_off import put_off
with put_off():
    import cortexlock.pip.queries.resolve
"""


def _run(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", _RESOLVER + code], check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_what_is_put_off_is_loaded_when_it_is_used() -> None:
    code = """
from pip._internal.cli import progress_bars
from piptools import utils
put_off = {"pip._vendor.rich.progress", "pip._vendor.pkg_resources", "pip._vendor.rich.traceback"}
print(len(put_off & set(sys.modules)))
bar = progress_bars.Progress()
print(type(bar).__module__, isinstance(bar, progress_bars.Progress), isinstance(1, progress_bars.Progress))
print(utils.get_distribution("pip").project_name)
"""
    assert _run(code) == ["0", "pip._vendor.rich.progress", "True", "False", "pip"]
