"""Programs that `unshare` would start apart from the rest of the machine, without a start of their own."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_FLAGS = {"--map-root-user": 0x10000000, "--mount": 0x00020000, "--net": 0x40000000}  # CLONE_NEW… of sched.h
_PRIVATE = 0x4000 | 0x40000  # MS_REC and MS_PRIVATE of sys/mount.h
_LAST = ' && exec "$@"'


def taken_apart(command: Sequence[str]) -> tuple[Sequence[str], str, Sequence[str]]:
    """Take a command apart that `unshare` begins, and maybe a shell after it.

    Returns:
        The options of `unshare`, what the shell does before the program, and the program with its arguments; none,
        nothing and the command as it is where it is another.
    """
    if not command or Path(command[0]).name != "unshare":
        return (), "", command
    count = next((number for number, part in enumerate(command[1:]) if part not in _FLAGS), 0)
    options, rest = command[1 : 1 + count], command[1 + count :]
    match rest:
        case ["sh", "-c", script, "sh", *within] if script.endswith(_LAST):
            return options, script.removesuffix(_LAST), within
        case _:
            return options, "", rest


def enter(options: Sequence[str], script: str, environment: Mapping[str, str]) -> None:
    """Go where `unshare` would take this process, which has one thread, and do there what comes before the program.

    Raises:
        OSError: The kernel lets it not.
        subprocess.CalledProcessError: The script has failed.
    """
    if not options:
        return
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(sum(_FLAGS[option] for option in options)):
        raise OSError(ctypes.get_errno(), "unshare")
    if "--map-root-user" in options:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path("/proc/self", name).write_text(text, encoding="ascii")
    if "--mount" in options and libc.mount(b"none", b"/", None, _PRIVATE, None):
        raise OSError(ctypes.get_errno(), "mount")
    if script:
        subprocess.run(["sh", "-c", script], env=environment, check=True)  # noqa: S607 - as the tests have it
