"""The directories beside a prefix's site-packages in which its interpreter looks: its base's, the user's, of `.pth`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cortexlock.predictors.images.disk import DiskRoot
from cortexlock.predictors.images.environments import environment_of
from cortexlock.predictors.images.image_path import root_of
from cortexlock.predictors.images.search_path import search_path as search_path_of


def search_path(prefix: Path, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where the interpreter of a prefix looks for distributions, in its order; its files alone tell.

    Args:
        prefix: The prefix, absolute.
        variables: The variables that it runs with.

    Returns:
        Directories that are there, links followed; nothing where its files do not tell which environment it is.

    Raises:
        OSError: A file of it cannot be read.
    """
    root = root_of(DiskRoot(Path("/")))
    found = environment_of(root / str(prefix))
    if found is None:
        return ()
    return tuple(Path(str(each)) for each in search_path_of(root, found, variables, str(Path.cwd())))
