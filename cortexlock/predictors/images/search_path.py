"""The directories in which an interpreter looks for distributions, in its order (`sys.path`, by Lib/site.py).

A virtual environment's own, then, where it sees its base, the user's and the base's; else the user's, then the
interpreter's. Directories that a `.pth` names come after the one that it lies in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cortexlock.predictors.images.environments import PythonEnvironment
from cortexlock.predictors.images.image_path import ImagePath

_DIRECTORIES = 1000  # of `.pth` files
_CODE = ("import ", "import\t", "#")


def search_path(
    root: ImagePath, environment: PythonEnvironment, variables: Mapping[str, str], directory: str = ""
) -> list[ImagePath]:
    """Return the directories that hold an environment's distributions, as Python looks into them, links followed.

    Args:
        root: The image.
        environment: The environment.
        variables: The variables of the image's containers: `PYTHONPATH` comes first, `HOME` has the user's own.
        directory: Where its containers start.
    """
    named = [root / directory / each for each in variables.get("PYTHONPATH", "").split(":") if each]
    sites = [each for site in _sites(root, environment, variables) for each in (site, *_named_by(site))]
    return list(dict.fromkeys(path.resolve() for path in [*named, *sites[:_DIRECTORIES]] if path.is_dir()))


def _sites(root: ImagePath, environment: PythonEnvironment, variables: Mapping[str, str]) -> list[ImagePath]:
    user = _of_user(root, environment.minor, variables)
    if environment.kind != "venv":
        return [*user, *_own(root, environment)]
    if environment.base is None or not _sees_base(environment.prefix):
        return _own(root, environment)
    return [*_own(root, environment), *user, *_own(root, environment.base)]


def _of_user(root: ImagePath, minor: str, variables: Mapping[str, str]) -> list[ImagePath]:
    """Return the directory for distributions of the user, where it counts (PEP 370)."""
    base = variables.get("PYTHONUSERBASE") or f"{variables.get('HOME') or '/root'}/.local"
    if variables.get("PYTHONNOUSERSITE"):
        return []
    return [root / base / "lib" / f"python{minor}" / "site-packages"]


def _own(root: ImagePath, environment: PythonEnvironment) -> list[ImagePath]:
    library = f"python{environment.minor}"
    prefix = environment.prefix
    own = [prefix / lib / library / "site-packages" for lib in ("lib", "lib64")]
    if prefix.resolve().parts != ("usr",):
        return own
    if (root / "usr/lib/python3/dist-packages").is_dir() or (root / "etc/debian_version").is_file():
        local = root / "usr/local/lib" / library / "dist-packages"
        return [local, root / "usr/lib/python3/dist-packages", root / "usr/lib" / library / "dist-packages"]
    local_lib = [root / "usr/local" / lib / library / "site-packages" for lib in ("lib", "lib64")]
    return [*local_lib, *reversed(own)]  # as Fedora has it


def _named_by(site: ImagePath) -> Iterator[ImagePath]:
    """Yield the directories that the `.pth` files of a directory name."""
    for file in site.iterdir():
        if not file.name.endswith(".pth") or file.name.startswith(".") or not file.is_file():
            continue
        for line in file.read_bytes().decode("utf-8-sig", "replace").splitlines():
            if line.strip() and "\0" not in line and not line.startswith(_CODE):
                yield site / line.rstrip()


def _sees_base(prefix: ImagePath) -> bool:
    """Whether a virtual environment sees what is installed in its base."""
    file = prefix / "pyvenv.cfg"
    text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
    return re.search(r"(?mi)^include-system-site-packages\s*=\s*true", text) is not None
