"""Conda packages that would do harm if they were installed; each must be refused before anything is written."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping

from tests.support.conda_packages import Content, Member, Package

GOOD: dict[str, Content] = {"lib/tool.txt": "tool"}
BOMB = 96 << 20  # bytes of nothing, a few hundred when compressed


def _link(target: str) -> Member:
    return Member(tarfile.SYMTYPE, target)


def _members(*pairs: tuple[str, Content]) -> Callable[[str], Package]:
    return lambda suffix: Package("evil", files=[*GOOD.items(), *pairs], suffix=suffix, paths=[])


def _listing(*paths: str) -> Callable[[str], Package]:
    entries = [{"_path": path, "path_type": "hardlink"} for path in paths]
    return lambda suffix: Package("evil", files=GOOD, suffix=suffix, paths=entries)


def _old_listing(path: str) -> Callable[[str], Package]:
    return lambda suffix: Package("evil", files=GOOD, suffix=suffix, old=True, paths=[{"_path": path}])


PACKAGES: Mapping[str, Callable[[str], Package]] = {
    "member with ..": _members(("../../outside/evil", "x")),
    "member with .. inside": _members(("lib/../../../outside/evil", "x")),
    "absolute member": _members(("{outside}/evil", "x")),
    "listed with ..": _listing("../../outside/evil"),
    "listed absolute": _listing("{outside}/evil"),
    "listed with .. in the older list": _old_listing("../../outside/evil"),
    "symbolic link out": _members(("lib/a", _link("../../../outside/secret"))),
    "absolute symbolic link": _members(("lib/a", _link("{outside}/secret"))),
    "file through a symbolic link": _members(("lib/a", _link("../../../outside")), ("lib/a/evil", "x")),
    "file through a chain of links": _members(
        ("one/two/up", _link("../..")), ("lib/a", _link("../one/two/up/../../outside")), ("lib/a/evil", "x")
    ),
    "file through a link inside": _members(("lib/a", _link("tool.txt")), ("lib/a/evil", "x")),
    "hard link out": _members(("lib/a", Member(tarfile.LNKTYPE, "../../../outside/secret"))),
    "absolute hard link": _members(("lib/a", Member(tarfile.LNKTYPE, "{outside}/secret"))),
    "duplicate members": _members(("lib/a", "x"), ("lib/a", "y")),
    "duplicate members by other names": _members(("lib/a", "x"), ("lib/./a", "y")),
    "listed twice": _listing("lib/tool.txt", "lib/tool.txt"),
    "listed and not there": _listing("lib/absent.txt"),
    "case clash with a link": _members(("lib/A", _link("../..")), ("lib/a/evil", "x")),
    "device": _members(("lib/a", Member(tarfile.CHRTYPE))),
    "named pipe": _members(("lib/a", Member(tarfile.FIFOTYPE))),
    "command outside of bin": lambda suffix: Package(
        "evil", subdir="noarch", noarch="python", commands=["../../outside/evil = tool:main"], suffix=suffix
    ),
    "another package": lambda suffix: Package("evil", files=GOOD, suffix=suffix, index={"name": "../../outside/evil"}),
    "site-packages elsewhere": lambda suffix: Package(
        "evil", files=GOOD, suffix=suffix, index={"python_site_packages_path": "../../outside"}
    ),
    "bomb": lambda suffix: Package("evil", files={"lib/zeros": b"\0" * BOMB}, suffix=suffix, paths=[]),
}
"""By what is evil about them; each takes the suffix of its format. `{outside}` stands for a directory to write to."""
