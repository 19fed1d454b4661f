"""Runs hooks of build backends, each in a process forked from this one, which has loaded their backend.

A script for the interpreter that builds: it needs no more than the standard library of Python 3.6. It is told numbers,
one in a line of a FIFO, and ends when nobody can write there any more. For each number, a JSON file beside the FIFO
says what to run, with which arguments, variables and working directory, and where its output goes. Each answer is a
line on standard output, the number and the exit code.

    hook_server.py FIFO BACKEND
"""

import json
import os
import runpy
import sys
import tempfile
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Load a backend, and fork for each hook; only what is to run one returns."""
    fifo, backend = sys.argv[1:]
    del sys.path[0]  # where this file is: no place for a backend to find modules in
    import_module(backend)
    sys.stdout.flush()  # what it has printed is none of what hooks print
    with Path(fifo).open("rb") as requests:
        for line in requests:
            _reap()
            if not os.fork():
                _supervise(Path(fifo).parent, int(line))
                return
    os._exit(0)


def _reap() -> None:
    """Let processes that have ended go."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _supervise(directory: Path, number: int) -> None:
    """Fork once more; here, say how that ended, and end; there, become the program that is to run."""
    hook = os.fork()
    if hook:
        status = os.waitpid(hook, 0)[1]
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        os.write(1, b"%d %d\n" % (number, code))
        os._exit(0)
    request = json.loads((directory / f"{number}.json").read_text(encoding="utf-8"))
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    tempfile.tempdir = None  # another one than when the backend was loaded
    sys.argv[:] = request["arguments"]


if __name__ == "__main__":
    main()
    runpy.run_path(sys.argv[0], run_name="__main__")
