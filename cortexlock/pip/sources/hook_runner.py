"""How one hook of a build backend is run: in a process that has loaded the backend, or by a program of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cortexlock import process
from cortexlock.errors import StepError
from cortexlock.pip.sources.hook_servers import HookServers

_BACKEND = "_PYPROJECT_HOOKS_BUILD_BACKEND"
_BACKEND_PATH = "_PYPROJECT_HOOKS_BACKEND_PATH_JSON"


class HookRunner:
    """Runs hooks for `build`, and takes down what they print."""

    def __init__(
        self, variables: Mapping[str, str], on_line: Callable[[str], None] | None, servers: HookServers | None
    ) -> None:
        """Describe how hooks are run.

        Args:
            variables: The whole environment of hooks, but for what tells them their backend.
            on_line: Called with each line of output as it comes; None: nobody reads along.
            servers: Where nobody reads along, these run hooks; None: each is a program of its own.
        """
        self.output: list[str] = []
        self._variables = variables
        self._on_line = on_line
        self._servers = servers

    def __call__(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        """Run a hook.

        Raises:
            StepError: It ended with another code than 0.
        """
        told = extra_environ or {}
        env = {**self._variables, **told}
        directory = Path(cwd) if cwd else None
        done = None
        # A backend that is part of the project is another one for each project.
        if self._servers is not None and self._on_line is None and _BACKEND in told and _BACKEND_PATH not in told:
            done = self._servers.run(cmd, env=env, cwd=directory, backend=told[_BACKEND].partition(":")[0])
        if done is None:
            returncode = process.stream(cmd, env=env, cwd=directory, on_line=self._take)
        else:
            returncode = done.returncode
            self.output += done.stdout.splitlines()
        if returncode:
            raise StepError(f"the build backend ended with code {returncode}")

    def _take(self, line: str) -> None:
        self.output.append(line)
        if self._on_line is not None:
            self._on_line(line)
