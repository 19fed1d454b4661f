"""What the machine's NVIDIA driver can do, as conda's tools find it out: with py-rattler, in a process of its own.

The driver's library is loaded to ask it; one that misbehaves ends that process, not ours. `CONDA_OVERRIDE_CUDA` goes
before what is found, as everywhere in conda.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from cortexlock import process

NAME = "__cuda"


def cuda_version(environment: Mapping[str, str]) -> str | None:
    """Return the newest CUDA version that the driver supports, `10.1`; None if there is no driver that answers.

    Args:
        environment: The caller's variables.
    """
    # `-m` looks for modules in the working directory first: not in a project that may have a `json.py` of its own.
    command = [sys.executable, "-m", "cortexlock.conda.detection"]
    done = process.run(command, env=environment, cwd=Path(sys.prefix))
    lines = (line.split() for line in done.stdout.splitlines())
    return next((found[1] for found in lines if found[:1] == [NAME] and len(found) > 1), None)


def main() -> None:
    """Print the virtual packages of this machine, a line each: name and version."""
    from rattler import VirtualPackage, VirtualPackageOverrides  # noqa: PLC0415 - heavy, and for the child only

    for package in VirtualPackage.detect(VirtualPackageOverrides.from_env()):
        generic = package.into_generic()
        print(generic.name.normalized, generic.version)  # noqa: T201 - the answer of this process


if __name__ == "__main__":
    main()
