"""Forks whose parent is the parent of the process that forks: one fork, and no process in between."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

_CLONE = {"x86_64": 56, "aarch64": 220}  # the number of `clone` among the calls of a kernel
_CLONE_PARENT = 0x8000  # of sched.h


def can_fork() -> bool:
    """Whether this machine has such forks."""
    return sys.platform == "linux" and platform.machine() in _CLONE


def fork() -> int:
    """Fork a sibling of this process, which has one thread; return its process ID, and 0 in it.

    It is what `os.fork` does, with `CLONE_PARENT`.

    Raises:
        OSError: The kernel makes no process.
    """
    python, libc = ctypes.pythonapi, ctypes.PyDLL(None, use_errno=True)  # neither lets another thread run
    python.PyOS_BeforeFork()
    pid = libc.syscall(
        _CLONE[os.uname().machine], ctypes.c_long(_CLONE_PARENT | signal.SIGCHLD), None, None, None, None
    )
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return int(pid)
