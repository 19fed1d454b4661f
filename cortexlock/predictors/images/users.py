"""Who the containers of an image run as, by the image's own `etc/passwd` (passwd(5))."""

from __future__ import annotations

from cortexlock.predictors.images.image_path import ImagePath

_ROOT = "/root"
_FIELDS = 7  # name, password, number, number of the group, comment, home, shell


def home_of(root: ImagePath, user: str) -> str:
    """Return the home of a user.

    Args:
        root: The image.
        user: A name or a number, also with a group: `app`, `1000:1000`; empty: root.
    """
    name = user.partition(":")[0]
    if name in {"", "0", "root"}:
        return _ROOT
    file = root / "etc/passwd"
    for line in file.read_bytes().decode("utf-8", "replace").splitlines() if file.is_file() else ():
        fields = line.split(":")
        if len(fields) == _FIELDS and name in {fields[0], fields[2]}:
            return fields[5]
    return "/"  # as Docker has it
