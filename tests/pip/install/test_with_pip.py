"""The prefix's own pip is asked once, for exactly these files; what it is told does not depend on the user."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cortexlock.errors import StepError, UsageError
from cortexlock.pip.install.with_pip import check_pip, install
from cortexlock.pip.install.with_uv import WheelFile
from cortexlock.pip.prefix.distributions import Prefix, read_prefix
from tests.support.environments import make_venv
from tests.support.wheels import make_wheel

_FAKE = """
import os, sys
print("\\n".join(sys.argv[1:]))
place = sys.argv[sys.argv.index("--find-links") + 1]
print(*sorted(os.listdir(place)))
print(open(sys.argv[-1]).read())
print({name for name in os.environ if name.startswith("PIP_")})
sys.exit(3)
"""


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    """Return a prefix with a pip that says what it was told, and fails."""
    prefix = read_prefix(make_venv(tmp_path / "prefix"), {})
    (prefix.site / "pip").mkdir()
    (prefix.site / "pip" / "__init__.py").write_text('__version__ = "19.3.1"\n')
    (prefix.site / "pip" / "__main__.py").write_text(_FAKE)
    return prefix


def test_what_pip_is_told(prefix: Prefix, tmp_path: Path) -> None:
    wheels = []
    for name, tag in (("b", "cp36-cp36m-manylinux_2_17_x86_64.manylinux2014_x86_64"), ("a", "py3-none-any")):
        path = make_wheel(tmp_path, name, "1.0", tag=tag)
        wheels.append(WheelFile(name, "1.0", path, hashlib.sha256(path.read_bytes()).hexdigest()))
    with pytest.raises(StepError, match="exit code 3") as caught:
        install(wheels, prefix=prefix, environment={"PIP_INDEX_URL": "https://example.org", "PATH": "/usr/bin"})
    said = caught.value.what
    for option in ("--isolated", "--no-index", "--no-deps", "--require-hashes", "--no-compile", "--no-cache-dir"):
        assert f"\n{option}\n" in said
    assert "a-1.0-py3-none-any.whl b-1.0-cp36-cp36m-linux_x86_64.whl" in said
    assert f"b==1.0 --hash=sha256:{wheels[0].sha256}\na==1.0 --hash=sha256:{wheels[1].sha256}\n" in said
    assert "{'PIP_CONFIG_FILE'}" in said


def test_a_prefix_without_pip(prefix: Prefix) -> None:
    check_pip(prefix)
    (prefix.site / "pip" / "__init__.py").unlink()
    with pytest.raises(UsageError, match="no pip of its own"):
        check_pip(prefix)


@pytest.mark.parametrize("text", ['__version__ = "18.1"', "__version__ = '19.2.3'", ""])
def test_a_pip_that_is_too_old(prefix: Prefix, text: str) -> None:
    (prefix.site / "pip" / "__init__.py").write_text(f"{text}\n")
    with pytest.raises(UsageError, match=r"too old.* 19\.3 or later"):
        check_pip(prefix)


def test_an_interpreter_that_does_not_start(prefix: Prefix, tmp_path: Path) -> None:
    prefix.python.unlink()
    wheel = WheelFile("a", "1.0", make_wheel(tmp_path, "a", "1.0"), "a" * 64)
    with pytest.raises(StepError, match="does not start"):
        install([wheel], prefix=prefix, environment={})
