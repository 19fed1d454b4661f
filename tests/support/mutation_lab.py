"""A project whose files are damaged, one after the other, and the commands that are run on it then."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.lockfile.text import dumps
from cortexlock.model.package import FromGit, PipPackage
from tests.support.full_project import LOCKFILE, repository, write_lockfile
from tests.support.kept_directory import KeptDirectory, Stamp, stamps
from tests.support.mutations import in_time
from tests.support.quick_programs import QuickPrograms
from tests.support.replay import Case

CODES = frozenset({0, 1, 2, 3, 5, 6, 7})
"""How a command may end, whatever it reads."""


class MutationLab:
    """A project, its prefix as it was and as it is installed, and what was counted."""

    def __init__(  # noqa: PLR0917 - fixtures
        self, root: Path, case: Case, home: Path, capsys: pytest.CaptureFixture[str], programs: QuickPrograms, seed: int
    ) -> None:
        self.case = case
        self.programs = programs
        self.root = root
        self.outside = root / "outside"
        self.outside.mkdir()
        (self.outside / "secret").write_text("precious")
        self.bundle = root / "bundle"
        self.chosen = random.Random(seed)  # noqa: S311 - damage, not secrets
        self.counted: Counter[str] = Counter()
        self._capsys = capsys
        self._home = home
        self._kept: dict[str, KeptDirectory] = {}
        self._lockfiles: dict[str, str] = {}
        self._before: object = None
        self.keep("prefix", case.prefix)
        self.keep("cache", case.cache)

    def keep(self, name: str, directory: Path) -> None:
        """Remember what a directory holds; `reset` brings it back."""
        self._kept[name] = KeptDirectory(directory, self.root / f"kept-{name}")

    def reset(self, *names: str) -> None:
        """Make directories be as they were kept; what was not there is removed."""
        for name in names:
            self._kept[name].bring_back()

    def with_repository(self) -> None:
        """Lock a repository of git, too."""
        self.case.packages.append(repository(self.root / "repository"))
        write_lockfile(self.case)

    def only(self, path: Path, directory: Path) -> None:
        """Lock what a file of a bundle or a cache belongs to, and nothing else: the rest need not be installed."""
        parts = path.relative_to(directory).parts
        key = parts[-2] if parts[0] == "artifacts" else "git"
        if key not in self._lockfiles:
            pip = [each for each in self.case.packages if key in {each.sha256, *_kinds(each)}]
            conda = [each for each in self.case.conda if each.sha256 == key]
            self._lockfiles[key] = dumps(replace(self.case, packages=pip, conda=conda).lockfile)
        (self.case.directory / LOCKFILE).write_text(self._lockfiles[key], encoding="utf-8")

    @contextmanager
    def without_sources(self, *, but: bool) -> Iterator[None]:
        """Have what was fetched be all that there is, but for where `but` says otherwise."""
        away = self.root / "kept-sources"
        moved = [] if but else [self.case.directory / "channel", *self.case.directory.glob("*.whl")]
        away.mkdir(exist_ok=True)
        for path in moved:
            path.rename(away / path.name)
        yield
        for path in moved:
            (away / path.name).rename(path)

    def run(self, what: str, *arguments: str | Path) -> int:
        """Run a command to its end, and count how it ended.

        Raises:
            AssertionError: It ended otherwise than commands may, or touched what is nobody's.
        """
        given = [what, str(self.case.directory), *map(str, arguments)]
        given += ["--prefix", str(self.case.prefix)] if what in {"install", "verify"} else []
        with in_time(), pytest.raises(SystemExit) as ended:
            main(given)
        code = int(ended.value.code or 0)
        said = self._capsys.readouterr().err
        assert code in CODES, (given, code, said)
        assert "a bug in cortexlock" not in said, (given, said)
        now = self._elsewhere()
        assert self._before in {None, now}, (given, code)
        self._before = now
        self.counted[f"{what} {code}"] += 1
        return code

    def _elsewhere(self) -> tuple[tuple[str, Stamp], ...]:
        """Return what is at places that mutations lead to, and that no command has to do with."""
        found = [
            stamps(self.outside),
            stamps(self._home),
            stamps(Path("/"), deep=False),
            stamps(Path("/etc"), deep=False),
        ]
        return tuple((f"{number} {path}", each) for number, of in enumerate(found) for path, each in sorted(of.items()))

    def install(self, *arguments: str | Path) -> int:
        """Install, from the cache of the case."""
        return self.run("install", "--cache-dir", self.case.cache, *arguments)

    def agree(self, installed: int) -> None:
        """Check that `verify` ends as the installation before it that came to a verdict on the prefix.

        That a lockfile is not of its project is the verdict of `check`, and `install` begins with it.
        """
        if installed == 0 or (installed == 1 and self.run("check") == 0):
            assert self.run("verify") == installed


def _kinds(package: PipPackage) -> tuple[str, ...]:
    return ("git",) if isinstance(package.source, FromGit) else ()
