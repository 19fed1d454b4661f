"""Make every export of every lockfile below a directory, and read each with what knows its format; print a table.

usage: python -m tests.integration.export_projects DIRECTORY [--index]

DIRECTORY has locked projects, as `lock_projects --keep DIRECTORY` leaves them. With --index, `pylock` asks the package
index for URLs; else it has paths into a directory of `cortexlock fetch`. The exit code is 1 where an export fails,
cannot be read, or has another number of packages than the lockfile.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.pylock import Pylock
from packaging.requirements import Requirement
from rattler.explicit_environment import ExplicitEnvironmentSpec

from cortexlock.errors import CortexlockError
from cortexlock.export import steps
from cortexlock.export.content import FORMATS, Exported, Format
from cortexlock.export.export import export
from cortexlock.inputs import project_directory
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_INSTRUCTIONS = {"#", "ARG", "FROM", "COPY", "RUN"}


def main() -> int:
    """Export, read, print; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--index", action="store_true", help="ask the package index for the URLs of pylock")
    options = parser.parse_args()
    results: Counter[tuple[Format, str]] = Counter()
    for path in sorted(options.directory.rglob("cortexlock.*.yaml")):
        for wanted in FORMATS:
            result = tried(path, wanted, None if options.index else options.directory)
            results[wanted, "right" if result == "right" else "wrong"] += 1
            if result != "right":
                print(f"{path.relative_to(options.directory)} {wanted}: {result}", flush=True)
    for wanted in FORMATS:
        print(f"{wanted:15} {results[wanted, 'right']:4} right {results[wanted, 'wrong']:4} wrong")
    return int(any(result == "wrong" for _, result in results))


def tried(path: Path, wanted: Format, bundle: Path | None) -> str:
    """Return `right`, or what is wrong with an export of a lockfile."""
    try:
        lockfile = files.read(path, name=path.name)
        project = project_directory.read(path.parent)
        where = bundle if wanted == "pylock" else None
        exported = export(wanted, project, lockfile, environment=dict(os.environ), bundle=where)
        if exported != export(wanted, project, lockfile, environment=dict(os.environ), bundle=where):
            return "another one the second time"
        return "; ".join(problems(exported, wanted, lockfile)) or "right"
    except (CortexlockError, ValueError, AssertionError) as error:
        return " ".join(f"{type(error).__name__}: {error}".split())


def problems(exported: Exported, wanted: Format, lockfile: Lockfile) -> Iterator[str]:
    """Read an export; yield what is wrong."""
    texts = {name: content.decode() for name, content in exported.files.items()}
    text = next(iter(texts.values()), "")
    pip, conda = len(steps.installed(lockfile)), len(steps.linked(lockfile))
    if wanted == "requirements":
        left_out = {name for each in exported.left_out if each.kind in {"tree", "git"} for name in each.names}
        yield from _counted(len(list(requirements(text))), pip - len(left_out))
    elif wanted == "conda-explicit":
        found = [line for line in text.splitlines() if "://" in line]
        yield from _counted(len(ExplicitEnvironmentSpec.from_str(text).packages) if found else 0, conda)
    elif wanted == "pylock":
        document = Pylock.from_dict(tomllib.loads(text))
        document.validate()
        yield from _counted(len(document.packages), pip)
    elif wanted == "cyclonedx":
        wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        if wrong is not None:
            yield str(wrong)[:300]
        if len(json.loads(text)["components"]) < pip + conda:
            yield "components are missing"
    elif wanted == "cortex":
        listed = [
            line for name, each in texts.items() if name.endswith("requirements.txt") for line in requirements(each)
        ]
        yield from _counted(len(listed), pip)
    elif wanted == "script":
        done = subprocess.run(["/bin/sh", "-n"], input=text, text=True, capture_output=True, check=False)
        yield from done.stderr.splitlines()
    else:
        yield from (line for line in texts["Dockerfile"].splitlines() if line.split(" ")[0] not in _INSTRUCTIONS)


def requirements(text: str) -> Iterator[str]:
    """Yield the requirements of a file, each read."""
    for line in text.replace("\\\n", " ").splitlines():
        words = re.sub(r"--hash=\S+", "", line.partition(" #")[0]).strip()
        if words and not words.startswith(("#", "--")):
            if not words.startswith(("-e ", "./")):
                Requirement(words)
            yield words


def _counted(found: int, expected: int) -> Iterator[str]:
    if found != expected:
        yield f"{found} packages in place of {expected}"


if __name__ == "__main__":
    sys.exit(main())
