"""Who the containers of an image run as."""

from __future__ import annotations

from pathlib import Path

from cortexlock.predictors.images.disk import DiskRoot
from cortexlock.predictors.images.image_path import root_of
from cortexlock.predictors.images.users import home_of


def test_the_home_of_a_user(tmp_path: Path) -> None:
    root = root_of(DiskRoot(tmp_path))
    assert [home_of(root, user) for user in ("", "0:0", "root", "app")] == ["/root", "/root", "/root", "/"]
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_bytes(b"# \xff\napp:x:1000:100::/srv:/bin/sh\nother\n")
    assert [home_of(root, user) for user in ("app", "1000", "app:users", "1000:5", "x")] == ["/srv"] * 4 + ["/"]
