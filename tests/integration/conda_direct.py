"""Compare the solves of cortexlock with what py-rattler gives when it is asked directly.

    python -m tests.integration.conda_direct REPODATA [--release 0.16.0] [--platform cpu] LINE...

REPODATA is a channel's directory (`linux-64/repodata.json`, `noarch/repodata.json`), or several of them with `:`
between, in order of priority. Each LINE is a list of its own, its packages separated by spaces, each as in
`conda-packages.txt`: `'python=3.6.* pygpu' numpy`. Both are given the same lines, image and virtual packages. Several
channels may differ where strict priority has no solution: the comparison knows no flexible priority. The exit code is 1
where any line differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cortexlock.conda.solve import CondaRequest, solve
from cortexlock.errors import CortexlockError
from cortexlock.inputs.conda_list import parse_line
from cortexlock.inputs.conda_spec import matchspec
from cortexlock.inputs.configuration import parse_platform
from cortexlock.model.predictor import Predictor
from cortexlock.model.target import Target
from cortexlock.predictors import catalog

Row = tuple[str, str, str, str, str]
"""Name, version, build, file and sha256 of a package."""


def direct(image: Predictor, lines: Sequence[str], channels: Sequence[str]) -> set[Row]:
    """Return what py-rattler chooses on top of an image.

    Raises:
        CalledProcessError: It has no solution, or fails.
    """
    specs = [parse_line(line, name="list", line=1) for line in lines]
    listed = {spec.name for spec in specs}
    minor = ".".join(image.python.split(".")[:2])
    kept = [f"python {minor}.*" if each.name == "python" else each.name for each in image.conda_records]
    records = [
        {**asdict(each), "build": each.build or "image_0", "build_number": 0, "subdir": "linux-64"}
        for each in image.conda_records
    ]
    found = _ask(
        image, [*map(matchspec, specs), *(spec for spec in kept if spec.split()[0] not in listed)], records, channels
    )
    python = next((row[1] for row in found if row[0] == "python"), image.python)
    if ".".join(python.split(".")[:2]) != minor:  # what was linked for the old Python is not there for the new one
        records = [each for each in records if not any(need.split()[0] == "python" for need in each["depends"])]
        found = _ask(
            image, [*map(matchspec, specs), *({each.name for each in image.conda_records} - listed)], records, channels
        )
    return found


def _ask(
    image: Predictor, specs: Sequence[str], records: Sequence[Mapping[str, Any]], channels: Sequence[str]
) -> set[Row]:
    with tempfile.TemporaryDirectory() as directory:
        job = {
            "channels": list(channels),
            "specs": list(specs),
            "image": list(records),
            "virtual": [[each.name, each.version, each.build] for each in Target.of(image).virtual_packages],
            "directory": directory,
        }
        command = [sys.executable, "-m", "tests.support.rattler_direct"]
        done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=True)
    return {(row[0], row[1], row[2], row[3], row[4]) for row in json.loads(done.stdout)}


def locked(image: Predictor, lines: Sequence[str], channels: Sequence[str], cache: Path) -> set[Row]:
    """Return what cortexlock locks.

    Raises:
        CortexlockError: It does not.
    """
    solution = solve(
        CondaRequest(
            specs=tuple(parse_line(line, name="list", line=number) for number, line in enumerate(lines, 1)),
            file="list",
            predictor=image,
            target=Target.of(image),
            channels=tuple(channels),
            project=cache,
            exclude_newer=None,
            conda=None,
            cache=cache,
        ),
        on_progress=lambda _: None,
    )
    return {(each.name, each.version, each.build, each.file, each.sha256) for each in solution.packages if each.file}


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repodata")
    parser.add_argument("lines", nargs="+")
    parser.add_argument("--release", default="0.16.0")
    parser.add_argument("--platform", default="cpu")
    options = parser.parse_args()
    image = catalog.find("python", options.release, parse_platform(options.platform))
    channels = [Path(each).resolve().as_uri() for each in options.repodata.split(":")]
    differ = False
    with tempfile.TemporaryDirectory() as cache:
        for text in options.lines:
            theirs: set[Row] | str
            ours: set[Row] | str
            try:
                theirs = direct(image, text.split(), channels)
            except subprocess.CalledProcessError as error:
                theirs = f"no solution: {error.stderr.strip().splitlines()[-1]}"
            try:
                ours = locked(image, text.split(), channels, Path(cache))
            except CortexlockError as error:
                ours = f"no solution: {error}"
            same = ours == theirs if isinstance(ours, set) else isinstance(theirs, str)
            differ = differ or not same
            print(f"{'same' if same else 'DIFFERS'}: {text}: {len(ours) if isinstance(ours, set) else 'no solution'}")
            if not same:
                print(f"  cortexlock: {_only(ours, theirs)}\n  py-rattler: {_only(theirs, ours)}")
    return int(differ)


def _only(one: set[Row] | str, other: set[Row] | str) -> object:
    return sorted(one - other) if isinstance(one, set) and isinstance(other, set) else one


if __name__ == "__main__":
    sys.exit(main())
