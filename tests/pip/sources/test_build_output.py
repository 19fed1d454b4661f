"""What a failed build has printed: the cause, and what is shown of it."""

from __future__ import annotations

import pytest

from cortexlock.pip.sources.build_output import Cause, cause, shown

_PEP440 = "write a version as PEP 440 has it, such as `1.0` or `1.0.dev1`"
_TRACEBACK = """Traceback (most recent call last):
  File "/x/site-packages/pyproject_hooks/_in_process/_in_process.py", line 406, in <module>
    main()
  File "/tmp/b/env/lib/python3.12/site-packages/setuptools/dist.py", line 368, in _normalize_version
    normalized = str(Version(version))
                     ^^^^^^^^^^^^^^^^
packaging.version.InvalidVersion: Invalid version: '1.0-SNAPSHOT'
"""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (_TRACEBACK, Cause("its version is none: `1.0-SNAPSHOT`", _PEP440)),
        (
            "ValueError: invalid config: `project.version`.\nconfiguration error: `project.version` must be pep440",
            Cause("its version is none: what it says", _PEP440),
        ),
        (
            "  File \"setup.py\", line 1\nModuleNotFoundError: No module named 'nothere.at_all'",
            Cause("it needs the module nothere.at_all, which is not where it is built"),
        ),
        ("running egg_info\nerror: Invalid distribution name: foo-bar-", Cause("Invalid distribution name: foo-bar-")),
        (
            "building\nerror: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
            Cause("it needs the program x86_64-linux-gnu-gcc", "install x86_64-linux-gnu-gcc"),
        ),
        ("ValueError: first\nRuntimeError: second\nmore", Cause("second")),
        ("it went wrong", Cause()),
        ("", Cause()),
    ],
)
def test_cause(output: str, expected: Cause) -> None:
    assert cause(output) == expected


def test_shown_without_the_frames_that_merely_call_the_build() -> None:
    assert shown(_TRACEBACK) == (
        "Traceback (most recent call last):\n"
        '  File "…/setuptools/dist.py", line 368, in _normalize_version\n'
        "    normalized = str(Version(version))\n"
        "                     ^^^^^^^^^^^^^^^^\n"
        "packaging.version.InvalidVersion: Invalid version: '1.0-SNAPSHOT'"
    )
    assert shown("\n".join(map(str, range(100)))) == "\n".join(map(str, range(75, 100)))
