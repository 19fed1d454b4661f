"""Builds in an environment that is there, with what it has: what `pip install --no-build-isolation` does.

An extension of torch imports, while it is built, the very torch that it will run with: no environment that is made for
the build has that.
"""

from __future__ import annotations

import os
from pathlib import Path

from cortexlock.pip.sources.build import BuildEnvironment

FURTHER_VARIABLES = ("MAX_JOBS", "TORCH_CUDA_ARCH_LIST")
"""What such builds see beside the way to compilers: how many of these run at a time, and the GPUs that they are for."""


class PrefixEnvironment(BuildEnvironment):
    """A build environment whose interpreter is that of an environment of the user's; nothing is installed there.

    What a build would fetch by itself (`setup_requires`), pip refuses: nobody has locked it.
    """

    @property
    def python(self) -> Path:
        """The interpreter, as it is."""
        return self._python

    def _make(self) -> None:
        self._home = self._root / "home"
        self._home.mkdir()

    def _variables(self) -> dict[str, str]:
        root = self._python.parent.parent
        own = "CONDA_PREFIX" if (root / "conda-meta").is_dir() else "VIRTUAL_ENV"
        further = {name: self._environment[name] for name in FURTHER_VARIABLES if name in self._environment}
        return {
            **super()._variables(),
            **further,
            own: str(root),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
        }
