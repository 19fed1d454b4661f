"""Editable wheels (PEP 660) of projects whose build backend makes none, such as setuptools under Python 3.6.

The wheel has the project's metadata and a `.pth` file with the directory that holds its packages, which is what
`setup.py develop` amounts to for pure Python; compiled extensions are not built in place.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import zipfile
from email.parser import BytesHeaderParser
from pathlib import Path

from cortexlock.errors import StepError
from cortexlock.inputs.trees import tree_files
from cortexlock.pip.sources.build import BuildEnvironment

_DATE = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: cortexlock\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def editable_wheel(source: Path, environment: BuildEnvironment, scratch: Path) -> Path:
    """Make an editable wheel of a project, which stays where it is and is not written to.

    Args:
        source: The project's directory.
        environment: An entered build environment with the build requirements.
        scratch: An existing directory for a copy of the project and for the wheel.

    Raises:
        BuildFailedError: The project's metadata cannot be built.
        StepError: It cannot be told where the project's packages lie.
    """
    copy = scratch / "editable" / source.resolve().name
    for path in tree_files(source):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / path, copy / path, follow_symlinks=False)
    environment.dynamic_requirements(copy)  # which makes setuptools write its .egg-info beside the packages
    written = sorted(copy.rglob("*.egg-info"))
    if len(written) != 1:
        raise StepError(
            "the project cannot be installed in development mode: its build backend makes no editable wheels",
            where=source.name,
            hint="require the directory without -e",
        )
    packages = source / written[0].parent.relative_to(copy)
    entry_points = written[0] / "entry_points.txt"
    return _write(
        scratch,
        metadata=environment.metadata(copy),
        entry_points=entry_points.read_bytes() if entry_points.is_file() else b"",
        packages=packages,
    )


def _write(directory: Path, *, metadata: bytes, entry_points: bytes, packages: Path) -> Path:
    message = BytesHeaderParser().parsebytes(metadata)
    name = str(message["Name"]).replace("-", "_").replace(".", "_")
    stem = f"{name}-{str(message['Version']).replace('-', '_')}"
    files = {
        f"__editable__.{stem}.pth": f"{packages}\n".encode(),
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": _WHEEL.encode(),
    }
    if entry_points:
        files[f"{stem}.dist-info/entry_points.txt"] = entry_points
    rows = (f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{stem}.dist-info/RECORD"] = "".join((*rows, f"{stem}.dist-info/RECORD,,\n")).encode()
    wheel = directory / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, _DATE), content)
    return wheel


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
