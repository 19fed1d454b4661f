"""Python interpreters on this machine, for tests that need one of a certain version."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path


def find_python(version: str, *, env: Mapping[str, str]) -> Path | None:
    """Return an interpreter of a version, or None where there is none.

    Looked for in this order: the variable `CORTEXLOCK_TEST_PYTHON36` (for 3.6; others alike), pyenv's versions, PATH.

    Args:
        version: Major and minor version, `3.6`.
        env: The environment variables of the test run, before tests isolate themselves from them.
    """
    named = env.get(f"CORTEXLOCK_TEST_PYTHON{version.replace('.', '')}")
    if named:
        return Path(named)
    root = Path(env.get("PYENV_ROOT") or Path(env.get("HOME") or os.sep) / ".pyenv")
    candidates = [path / "bin" / "python" for path in sorted(root.glob(f"versions/{version}.*"), reverse=True)]
    on_path = shutil.which(f"python{version}", path=env.get("PATH", ""))
    candidates += [Path(on_path)] if on_path else []
    return next((path for path in candidates if python_version(path, env=env) == version), None)


def python_version(python: Path, *, env: Mapping[str, str]) -> str | None:
    """Return the major and minor version of an interpreter, or None where it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [python, "-S", "-c", code], env=dict(env), check=False, capture_output=True, text=True, timeout=60
        )
    except OSError:
        return None
    return answer.stdout.strip() or None
