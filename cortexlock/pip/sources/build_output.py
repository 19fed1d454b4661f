"""What a failed build has printed: its cause in one line, what to do about it, and the lines that are worth showing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAIL = 25
"""Lines that an error shows."""

_CAUSE = re.compile(
    r"(?:[\w.]+\.)?(?P<kind>[A-Z]\w*(?:Error|Exception|Version|Requirement|Warning|Exit)): (?P<said>\S.*)"
)
_PLAIN = re.compile(r"(?:fatal )?error(?: in .*)?: (?P<said>\S.*)", re.IGNORECASE)
_VERSION = re.compile(r"[Ii]nvalid version:? *'(?P<version>[^']*)'|`project\.version` must be pep440")
_MODULE = re.compile(r"No module named '?(?P<module>[\w.]+)")
_PROGRAM = re.compile(r"(?:command|unable to execute) '(?P<program>[\w.+/-]+)'")
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line \d+')
_OURS = ("/pyproject_hooks/", "/hook_server.py", "/importlib/", "<frozen ")
_PLACE = re.compile(r"/\S*?/site-packages/")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a build has failed: a sentence without a full stop, and a hint; both empty where the output does not tell."""

    said: str = ""
    hint: str = ""


def cause(output: str) -> Cause:
    """Read the cause out of what a build has printed: the last error that it names."""
    lines = [line.strip() for line in output.splitlines()]
    found = next((line for line in reversed(lines) if _CAUSE.fullmatch(line) or _PLAIN.fullmatch(line)), "")
    version = _VERSION.search(output)
    if version:
        said = f"`{version['version']}`" if version["version"] else "what it says"
        return Cause(f"its version is none: {said}", "write a version as PEP 440 has it, such as `1.0` or `1.0.dev1`")
    module = _MODULE.search(found)
    if module:
        return Cause(f"it needs the module {module['module']}, which is not where it is built")
    program = _PROGRAM.search(found)
    if program:
        return Cause(f"it needs the program {program['program']}", f"install {program['program']}")
    match = _CAUSE.fullmatch(found) or _PLAIN.fullmatch(found)
    return Cause(match["said"]) if match else Cause()


def shown(output: str) -> str:
    """Return the last lines of a build's output, with short places and without the frames of what merely calls it."""
    lines: list[str] = []
    hidden = False
    for line in output.strip().splitlines():
        frame = _FRAME.match(line)
        if frame:
            hidden = any(part in frame["file"] for part in _OURS)
        elif not line.startswith("    "):
            hidden = False
        if not hidden:
            lines.append(_PLACE.sub("…/", line))
    return "\n".join(lines[-_TAIL:])
