"""pip's step beside conda's: resolved on top of what conda will probably leave, while its solver runs.

What conda brings decides what pip is asked for. It brings what the lockfile says that is there, as a rule, or nothing
for Python: what is resolved for that is what would be resolved afterwards, in less time. Where it turns out otherwise
it is given up, and the pages and METADATA that it has fetched are at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cortexlock.copied_call import CopiedCall
from cortexlock.lock import pip_step
from cortexlock.lock.conda_step import after_conda, lock_conda
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.conda_list import PypiRow
from cortexlock.model.lock_progress import LockProgress, OnProgress
from cortexlock.model.lockfile import CondaStep
from cortexlock.process_copy import ProcessCopy


class BesideConda:
    """The two steps of one platform; whoever has one closes it."""

    def __init__(self, request: PlatformRequest, rows: Sequence[PypiRow]) -> None:
        """Begin nothing yet; the arguments are those of `pip_step.lock_pip`."""
        self._request = request
        self._rows = rows
        self._expected: StepContext | None = None
        self._pip: CopiedCall[LockProgress, LockedStep] | None = None

    @property
    def has_pip(self) -> bool:
        """Whether there is a step of pip's."""
        return bool(self._request.inputs.files.pip or self._rows)

    def lock_conda(self, context: StepContext, file: str, on_progress: OnProgress) -> LockedStep:
        """Lock the conda step, as the function of that name does, and begin pip's meanwhile where that can be done.

        Raises:
            CortexlockError: As that function does.
        """
        if not self.has_pip:
            return lock_conda(self._request, context, file, on_progress)
        if not ProcessCopy.is_possible():
            with pip_step.imported_meanwhile():
                return lock_conda(self._request, context, file, on_progress)
        conda = CopiedCall(partial(lock_conda, self._request, context, file))
        try:
            pip_step.import_resolver()  # once, before there are more copies
            self._expected = _expected(self._request, context)
            self._pip = CopiedCall(partial(pip_step.lock_pip, self._request, self._expected, self._rows))
            return conda.result(on_progress)
        finally:
            conda.end()

    def lock_pip(self, context: StepContext, on_progress: OnProgress) -> LockedStep:
        """Lock the pip step, as `pip_step.lock_pip` does, or wait for the one that has begun.

        Raises:
            CortexlockError: As that function does.
        """
        if self._pip is not None and context == self._expected:
            return self._pip.result(on_progress)
        self.close()
        return pip_step.lock_pip(self._request, context, self._rows, on_progress)

    def close(self) -> None:
        """End what has begun."""
        if self._pip is not None:
            self._pip.end()
            self._pip = None


def _expected(request: PlatformRequest, context: StepContext) -> StepContext:
    """Return what conda will probably leave: what it left last time, or what it found."""
    previous = request.previous.step("conda") if request.previous else None
    return after_conda(context, previous.packages) if isinstance(previous, CondaStep) else context
