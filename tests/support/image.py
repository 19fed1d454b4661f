"""A copy of an image's environment under a real Python: what is pre-installed there, as stubs or for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import canonicalize_name

from cortexlock.model.predictor import CondaRecord, Distribution, Predictor
from tests.support.environments import make_venv
from tests.support.wheels import make_wheel

_SEEDS = {"pip", "setuptools", "wheel"}


def make_image_prefix(
    prefix: Path,
    predictor: Predictor,
    *,
    python: Path,
    index_url: str | None = None,
    only: Collection[str] | None = None,
    real: bool = False,
    pip: bool = False,
) -> Path:
    """Make an environment that holds what an image holds before a project's first step.

    Args:
        prefix: Where the environment goes; it must not be there.
        predictor: The image.
        python: An interpreter of the image's minor version.
        index_url: With `real`, where the distributions come from; None: PyPI.
        only: Normalized names of the distributions to install; None: all.
        real: Whether to install them for real; stubs (METADATA only, offline, quick) otherwise, and always for those
            that are on no index.
        pip: Whether the environment has a pip that runs: the one that the interpreter bundles (2 s), or with `real` the
            image's.

    Returns:
        The prefix.
    """
    if pip:
        command = [str(python), "-m", "venv", str(prefix)]
        subprocess.run(command, check=True, env=_environment(), capture_output=True)
    else:
        make_venv(prefix, python)
    wanted = [each for each in predictor.distributions if only is None or each.name in only]
    if pip and not real:  # a stub would replace the pip that was asked for
        wanted = [each for each in wanted if each.name not in _SEEDS]
    stubs = [each for each in wanted if not (real and each.on_index)]
    install_stubs(prefix, stubs)
    requirements = [f"{each.name}=={each.version}" for each in wanted if real and each.on_index]
    if requirements:
        index = [] if index_url is None else ["--index-url", index_url]
        _install(prefix, [*index, *requirements])
    return prefix


def install_stubs(prefix: Path, distributions: Sequence[Distribution]) -> None:
    """Install distributions of which there is only the METADATA into an environment."""
    if not distributions:
        return
    with TemporaryDirectory() as directory:
        wheels = [str(make_stub(Path(directory), each)) for each in distributions]
        _install(prefix, ["--no-index", "--offline", *wheels])


def make_stub(directory: Path, distribution: Distribution) -> Path:
    """Make a wheel with the METADATA of a distribution, and nothing else."""
    return make_wheel(
        directory,
        distribution.name,
        distribution.version,
        requires=distribution.requires,
        requires_python=distribution.requires_python,
        extras=dict.fromkeys(distribution.extras, ()),
        modules={},
    )


def write_conda_records(prefix: Path, records: Sequence[CondaRecord], *, subdir: str = "linux-64") -> None:
    """Let conda packages look installed: `conda-meta/{name}-{version}-{build}.json` without files."""
    directory = prefix / "conda-meta"
    directory.mkdir(exist_ok=True)
    (directory / "history").write_text("", encoding="utf-8")
    for record in records:
        build = record.build or "0"
        name = f"{record.name}-{record.version}-{build}"
        value = {
            "name": record.name,
            "version": record.version,
            "build": build,
            "build_number": 0,
            "channel": f"https://conda.example.org/main/{subdir}",
            "subdir": subdir,
            "fn": f"{name}.tar.bz2",
            "url": f"https://conda.example.org/main/{subdir}/{name}.tar.bz2",
            "depends": list(record.depends),
            "constrains": [],
            "files": [],
            "paths_data": {"paths_version": 1, "paths": []},
        }
        (directory / f"{name}.json").write_text(json.dumps(value, indent=2), encoding="utf-8")


def installed(prefix: Path) -> dict[str, str]:
    """Return the versions of the distributions in an environment, by normalized name (from dist-info directories)."""
    found: dict[str, str] = {}
    for path in prefix.glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        found[canonicalize_name(name)] = version
    return found


def _install(prefix: Path, arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--link-mode", "copy"]
    answer = subprocess.run(
        [*command, "--python", str(prefix / "bin" / "python"), *arguments],
        env=_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        message = f"uv cannot fill {prefix}:\n{answer.stdout}{answer.stderr}"
        raise AssertionError(message)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "UV_INDEX"))}
