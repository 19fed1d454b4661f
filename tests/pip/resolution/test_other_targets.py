"""Which Pythons a version has files for."""

from __future__ import annotations

from cortexlock.pip.resolution.other_targets import described

_TENSORFLOW = [
    f"tensorflow-{version}-cp{python}-cp{python}{'' if python >= '38' else 'm'}-{platform}.whl"
    for version in ("1.14.0", "1.15.0", "1.15.5", "2.0.0")
    for python in ("27", "35", "36", "37")
    for platform in ("manylinux2010_x86_64", "macosx_10_11_x86_64", "win_amd64")
]


def test_the_newest_that_satisfy() -> None:
    systems = "(Linux, Windows, macOS)"
    assert described("tensorflow==1.15.*", [*_TENSORFLOW, "tensorflow-1.15.0.tar.gz", "junk.whl"]) == (
        f"tensorflow 1.15.0 has files for other Pythons: 2.7, 3.5 to 3.7 {systems}",
        f"tensorflow 1.15.5 has files for other Pythons: 2.7, 3.5 to 3.7 {systems}",
    )


def test_what_is_not_there_is_not_said() -> None:
    assert described("tensorflow==9", _TENSORFLOW) == ()
    assert described("tensorflow ???", _TENSORFLOW) == ()
    assert described("a", ["a-1.0-py3-none-any.whl"]) == ()
