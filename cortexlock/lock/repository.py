"""The repository that a project lies in, as git tells: the one module that asks git about projects."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cortexlock import process
from cortexlock.errors import UsageError


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository.

    Attributes:
        directory: A directory in it, where git runs.
        environment: The variables that git runs with.
        without_git: What to do on a machine that has none.
    """

    directory: Path
    environment: Mapping[str, str]
    without_git: str = "install git"

    def run(
        self, *arguments: str, variables: Mapping[str, str] | None = None, text: str | None = None
    ) -> process.Completed:
        """Run git to its end.

        Args:
            arguments: What to ask.
            variables: Further variables.
            text: What it reads.

        Raises:
            UsageError: It cannot be started.
        """
        env = {**self.environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", **(variables or {})}
        try:
            return process.run(["git", "-C", str(self.directory), "--no-pager", *arguments], env=env, text=text)
        except OSError as error:
            raise UsageError("git cannot be started", where="git", hint=self.without_git) from error

    def ask(self, *arguments: str, variables: Mapping[str, str] | None = None, text: str | None = None) -> str | None:
        """Return what git prints, or None where it fails; arguments and errors are those of `run`."""
        done = self.run(*arguments, variables=variables, text=text)
        return done.stdout if done.returncode == 0 else None

    def commit(self, name: str) -> str | None:
        """Return the full id of the commit that a name has, or None."""
        found = self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return found.strip() if found else None

    def root(self) -> Path | None:
        """Return the root of the work tree, or None outside of one."""
        found = self.ask("rev-parse", "--show-toplevel")
        return Path(os.fsdecode(found.strip())) if found else None
