"""Calls in copies of a worker, for tests; a worker imports this module, and no pytest with it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

from cortexlock import process
from cortexlock.copied_call import CopiedCall
from cortexlock.errors import CortexlockError, InputError
from cortexlock.lock import beside_conda, pip_step
from cortexlock.lock.beside_conda import BesideConda
from cortexlock.lock.conda_step import after_conda
from cortexlock.lock.locked_step import LockedStep, StepContext
from cortexlock.lock.request import PlatformRequest
from cortexlock.model.lock_progress import Activity, LockProgress, OnProgress
from cortexlock.model.lockfile import CondaStep, PipStep
from cortexlock.model.package import CondaPackage, Pin
from cortexlock.model.predictor import Distribution
from cortexlock.process_copy import ProcessCopy
from tests.support.resolution import PYTHON36

BEFORE = StepContext(PYTHON36, (Distribution("array", "0.9"),))
BROUGHT = CondaPackage("array", "1.0", file="array-1.0-0.conda", action="change", distributions=(Pin("array", "1.0"),))
AFTER = after_conda(BEFORE, [BROUGHT])
SOLVES, RESOLVES = LockProgress(Activity.SOLVES), LockProgress(Activity.RESOLVES)


def outcomes(directory: Path, _say: Callable[[str], None]) -> list[object]:
    """Return what comes of calls: a result with its messages, an error, a bug, and one that ends without a word."""

    def count(tell: Callable[[int], None]) -> int:
        tell(1)
        tell(2)
        return os.getppid()

    def refuse(_tell: Callable[[int], None]) -> int:
        raise InputError.at("a.txt", 3, "no")

    def stumble(_tell: Callable[[int], None]) -> int:
        raise KeyError("oops")

    def vanish(_tell: Callable[[int], None]) -> int:
        os._exit(3)

    def wait(_tell: Callable[[int], None]) -> int:
        process.run(["sh", "-c", f"echo $$ > {directory}/started; exec sleep 600"], env=dict(os.environ))
        return 0

    found: list[object] = []
    for function in (count, refuse, stumble, vanish):
        call = CopiedCall(function)
        try:
            messages = list[int]()
            found.append((call.result(messages.append) == os.getpid(), messages))
        except InputError as error:
            found.append(str(error))
        except RuntimeError as error:
            found.append(str(error).strip().rpartition("\n")[2])
        finally:
            call.end()
    endless = CopiedCall(wait)
    started = directory / "started"
    while not (started.exists() and started.read_text().endswith("\n")):
        time.sleep(0.01)
    endless.end()
    found.append(_is_running(int(started.read_text())))
    return found


def _is_running(number: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text(encoding="ascii").split()[2] != "Z"
    return False


def steps(what: tuple[str, bool, bool], _say: Callable[[str], None]) -> tuple[str, bool, list[LockProgress]]:
    """Lock conda's step and pip's.

    Args:
        what: What goes wrong (`conda`, `pip`, or nothing), whether conda changes a distribution, and whether there is a
            lockfile that says so.

    Returns:
        What pip's step found to be installed, or the error; whether another process locked it; what was told.
    """
    trouble, changes, is_known = what

    def lock_conda(_request: object, context: StepContext, file: str, tell: OnProgress) -> LockedStep:
        tell(SOLVES)
        if trouble == "conda":
            raise InputError.at(file, 1, "conda cannot")
        packages = (BROUGHT,) if changes else ()
        return LockedStep(step=CondaStep(file, packages), after=after_conda(context, packages))

    def lock_pip(_request: object, context: StepContext, _rows: object, tell: OnProgress) -> LockedStep:
        tell(RESOLVES)
        if trouble == "pip":
            raise InputError.at("requirements.txt", 1, f"pip cannot with {context.installed[0].version}")
        return LockedStep(step=PipStep(str(os.getpid()), ()), after=context)

    previous = SimpleNamespace(step=lambda _name: CondaStep("list.txt", (BROUGHT,))) if is_known else None
    request = SimpleNamespace(previous=previous, inputs=SimpleNamespace(files=SimpleNamespace(pip="requirements.txt")))
    told = list[LockProgress]()
    assert ProcessCopy.is_possible()
    with (
        patch.object(beside_conda, "lock_conda", lock_conda),
        patch.object(pip_step, "lock_pip", lock_pip),
        patch.object(pip_step, "import_resolver", lambda: None),
    ):
        beside = BesideConda(cast("PlatformRequest", request), ())
        try:
            context = beside.lock_conda(BEFORE, "list.txt", told.append).after
            found = beside.lock_pip(context, told.append)
        except CortexlockError as error:
            return str(error), False, told
        finally:
            beside.close()
    assert isinstance(found.step, PipStep)
    return found.after.installed[0].version, found.step.file != str(os.getpid()), told


def of_each(whats: list[tuple[str, bool, bool]], say: Callable[[str], None]) -> list[object]:
    """Return what `steps` does for each."""
    return list(map(partial(steps, _say=say), whats))
