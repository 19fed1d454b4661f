"""What programs answer about an interpreter that stays the same, asked once for thousands of replays in one prefix."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cortexlock import process
from cortexlock.pip.install import with_uv
from cortexlock.replay.checks import installable
from tests.support.environments import make_venv

if TYPE_CHECKING:
    import pytest

_VENV = ("-I", "-B", "-m", "venv", "--without-pip")
_QUESTION = ("-I", "-S", "-B", "-c")


class QuickPrograms:
    """Keeps what an interpreter says of itself, what uv finds out about it, and the empty environment that it makes.

    Each of these is a start of Python, which takes more time than all else that a replay of a small wheel does.

    Attributes:
        on: Whether what was kept is used; not where something was changed that the answer depends on.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
        """Come between cortexlock and these programs.

        Args:
            monkeypatch: Takes it away again.
            place: An existing directory for what uv has found out.
        """
        self.on = True
        self._place = place
        self._answers: dict[tuple[str, ...], process.Completed] = {}
        self._run, self._try, self._install = process.run, with_uv.try_uv, with_uv.install
        monkeypatch.setattr(process, "run", self._ran)
        monkeypatch.setattr(installable, "try_uv", self._tried)
        monkeypatch.setattr(with_uv, "install", self._installed)

    def _ran(self, command: Sequence[Any], **how: Any) -> process.Completed:  # noqa: ANN401 - as `process.run`
        given = tuple(map(str, command))
        if not self.on:
            return self._run(command, **how)
        if given[1:-1] == _VENV:
            make_venv(Path(given[-1]), given[0])
            return process.Completed(0, "", "")
        if given[1:-1] == _QUESTION:
            if given not in self._answers:
                self._answers[given] = self._run(command, **how)
            return self._answers[given]
        return self._run(command, **how)

    def _tried(self, wheels: Sequence[Path], *, known: Path, **how: Any) -> str:  # noqa: ANN401 - as `try_uv`
        self._give(known)
        said = self._try(wheels, known=known, **how)
        self._take(known)
        return said

    def _installed(self, wheels: Sequence[with_uv.WheelFile], *, known: Path | None = None, **how: Any) -> None:  # noqa: ANN401 - as `install`
        if known is not None:
            self._give(known)
        self._install(wheels, known=known, **how)

    def _give(self, known: Path) -> None:
        if self.on:
            shutil.copytree(self._place, known, dirs_exist_ok=True)

    def _take(self, known: Path) -> None:
        for facts in known.glob("interpreter-v*") if self.on and not any(self._place.iterdir()) else ():
            shutil.copytree(facts, self._place / facts.name)
