"""Functions for tests of workers; a worker that is asked for one imports this module, and no pytest with it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from cortexlock.errors import InputError, NoSolutionError
from cortexlock.pip.resolution.values import Cause, ForAnotherPython, ImpossibleError
from cortexlock.process import run


def square(number: int, say: Callable[[str], None]) -> int:
    say(f"squaring {number}")
    return number * number


def process(_argument: None, _say: Callable[[str], None]) -> tuple[int, dict[str, str]]:
    return os.getpid(), dict(os.environ)


def meet(own_and_other: tuple[Path, Path], _say: Callable[[str], None]) -> bool:
    own, other = own_and_other
    own.touch()
    end = time.monotonic() + 60
    while not other.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def fail(what: str, _say: Callable[[str], None]) -> str:
    match what:
        case "input":
            raise InputError.at("requirements.txt", 3, "no", hint="yes")
        case "solution":
            raise NoSolutionError("none")
        case "impossible":
            raise ImpossibleError(
                "why", (Cause("a", "a>1"),), (("a", ("1.0",)),), (ForAnotherPython("b", ">=3.7"),)
            ) from _Unpicklable()
        case "bug":
            sys.stdout.write("printed to stdout\n")
            sys.stderr.write("printed to stderr\n")
            raise KeyError("bug")
        case "exit":
            sys.exit(7)
        case "end":
            os._exit(9)
        case _:
            return what


class _Unpicklable(Exception):  # noqa: N818 - it stands for what libraries have
    def __reduce__(self) -> str:
        message = "not to be pickled"
        raise TypeError(message)


def sleep(file: str, say: Callable[[str], None]) -> None:
    part = Path(f"{file}.part")
    part.write_text(str(os.getpid()), encoding="ascii")
    part.rename(file)  # the other one's end may come in the middle of it
    say("here")
    time.sleep(60)


def start_program(file: str, say: Callable[[str], None]) -> None:
    def tell() -> None:
        while not Path(file).exists() or not Path(file).read_text(encoding="ascii").endswith("\n"):
            time.sleep(0.01)
        say("started")

    Thread(target=tell, daemon=True).start()
    run(["sh", "-c", 'echo $$ > "$0"; exec sleep 60', file], env=os.environ)


_LOADED: list[str] = []


def load() -> None:
    _LOADED.append("once")


def add(what: str, _say: Callable[[str], None]) -> list[str]:
    _LOADED.append(what)
    return _LOADED
