"""Lock everyday lists of requirements on small images, and compare each with uv in a copy of the same image.

usage: python -m tests.integration.everyday_lists [--python PYTHON]... [--only TEXT] [--exclude-newer DATE]

An image is a virtual environment of the interpreter with a few packages in older versions, as base images have them;
they are stubs, which require nothing. It is described by `cortexlock predictors capture`, the list is locked on top of
it, and `uv pip install --dry-run` says what it would install into the environment itself.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name
from uv import find_uv_bin

from cortexlock.lockfile import files
from cortexlock.model.lockfile import PipStep
from cortexlock.model.predictor import Distribution
from tests.support.image import install_stubs

CUT_OFF = "2025-06-01T00:00:00Z"
IMAGE = (
    *(Distribution("numpy", "1.26.4"), Distribution("requests", "2.31.0"), Distribution("typing-extensions", "4.9.0")),
    *(Distribution("urllib3", "1.26.18"), Distribution("certifi", "2023.7.22"), Distribution("click", "8.1.7")),
)
"""What the image has."""

LISTS = {
    "numpy": "numpy",
    "pandas": "pandas",
    "numpy 2": "numpy>=2 scipy",
    "scikit-learn": "scikit-learn joblib",
    "torch": "torch",
    "transformers": "transformers tokenizers",
    "sentence-transformers": "sentence-transformers",
    "fastapi": "fastapi uvicorn[standard] pydantic-settings",
    "flask": "flask gunicorn",
    "boto3": "boto3",
    "aiobotocore": "boto3 s3fs",
    "requests": "requests[socks] tenacity",
    "matplotlib": "matplotlib seaborn",
    "opencv": "opencv-python-headless pillow",
    "xgboost": "xgboost lightgbm",
    "onnx": "onnxruntime onnx",
    "sqlalchemy": "sqlalchemy psycopg2-binary alembic",
    "google": "google-cloud-storage google-api-python-client",
    "spacy": "spacy",
    "langchain": "langchain openai tiktoken",
}
"""Requirements, separated by spaces, by a name for the table."""


def main() -> int:
    """Compare, print a table; return 1 if a list differs or is refused by one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, action="append")
    parser.add_argument("--only", default="")
    parser.add_argument("--exclude-newer", default=CUT_OFF)
    options = parser.parse_args()
    failed = 0
    for python in options.python or [Path(sys.executable)]:
        for name in (each for each in LISTS if options.only in each):
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="everyday-") as directory:
                result = compared(Path(directory), python, LISTS[name].split(), options.exclude_newer)
            failed += result != "equal"
            print(f"{python.parent.parent.name:10} {name:22} {time.monotonic() - started:4.0f} s  {result}", flush=True)
    return 1 if failed else 0


def compared(directory: Path, python: Path, requirements: Sequence[str], exclude_newer: str = CUT_OFF) -> str:
    """Return `equal`, or what is different between a lock and uv, for one list on one image.

    Args:
        directory: An empty directory.
        python: The image's interpreter.
        requirements: The list.
        exclude_newer: The cut-off date.
    """
    image, project = directory / "image", directory / "project"
    make_image(image, python, IMAGE)
    project.mkdir()
    (project / "requirements.txt").write_text("".join(f"{each}\n" for each in requirements))
    ours, theirs = lock(project, image, exclude_newer), dry_run(project, image, exclude_newer)
    if ours.returncode or theirs.returncode:
        who = {0: "uv" if theirs.returncode else "", 1: "cortexlock"}[bool(ours.returncode)]
        return f"{who} refuses it: {' '.join((ours if ours.returncode else theirs).stderr.split())[:200]}"
    return difference(project, of_uv(theirs.stderr), "uv")


def make_image(image: Path, python: Path, distributions: Sequence[Distribution]) -> None:
    """Make an environment of an interpreter with stubs, and describe it beside itself, in `image.yaml`.

    Raises:
        subprocess.CalledProcessError: The interpreter makes no environments, or it cannot be described.
    """
    subprocess.run([python, "-m", "venv", "--without-pip", image], check=True, capture_output=True)
    install_stubs(image, distributions)
    capture = [sys.executable, "-m", "cortexlock", "predictors", "capture", str(image), "--output", "image.yaml"]
    subprocess.run(capture, cwd=image.parent, check=True, capture_output=True)


def lock(project: Path, image: Path, exclude_newer: str) -> subprocess.CompletedProcess[str]:
    """Lock a project on top of an image of `make_image`."""
    shutil.copyfile(image.parent / "image.yaml", project / "image.yaml")
    command = [sys.executable, "-m", "cortexlock", "lock", "--predictor", "image.yaml"]
    return _run([*command, "--python", str(image / "bin" / "python"), "--exclude-newer", exclude_newer], project)


def dry_run(project: Path, image: Path, exclude_newer: str) -> subprocess.CompletedProcess[str]:
    """Let uv say what it would install into an image of `make_image`."""
    uv = [find_uv_bin(), "pip", "install", "--dry-run", "--no-config", "--exclude-newer", exclude_newer]
    return _run([*uv, "--python", str(image / "bin" / "python"), "-r", "requirements.txt"], project)


def pip_dry_run(project: Path, image: Path, exclude_newer: str) -> subprocess.CompletedProcess[str]:
    """Let the pip of this environment say what it would install there; its report is the output, JSON.

    Of pip's configuration nothing counts but certificates. The image's Python has to be one that this pip runs under.
    """
    pip = [sys.executable, "-m", "pip", "--python", str(image / "bin" / "python"), "install", "--dry-run", "--quiet"]
    options = ["--report", "-", "--uploaded-prior-to", exclude_newer, "-r", "requirements.txt"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_") or name == "PIP_CERT"}
    return _run([*pip, *options], project, {**kept, "PIP_CONFIG_FILE": os.devnull})


def _run(
    command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def of_uv(said: str) -> dict[str, str]:
    """Return the versions that `dry_run` says, by normalized name."""
    return {canonicalize_name(name): each for name, each in re.findall(r"^ \+ ([\w.-]+)==(\S+)", said, re.MULTILINE)}


def of_pip(report: str) -> dict[str, str]:
    """Return the versions that the report of `pip_dry_run` says, by normalized name."""
    found = [each["metadata"] for each in json.loads(report)["install"]]
    return {canonicalize_name(each["name"]): each["version"] for each in found}


def installed(project: Path) -> dict[str, str]:
    """Return the versions that a project's lockfile adds and changes, by name."""
    lockfile = files.read(project / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")
    step = lockfile.step("pip")
    packages = step.packages if isinstance(step, PipStep) else ()
    return {package.name: package.version for package in packages if package.action != "keep"}


def difference(project: Path, theirs: Mapping[str, str], who: str) -> str:
    """Return what differs between a project's lockfile and what another program would install, or `equal`.

    Args:
        project: The locked project.
        theirs: Versions by normalized name.
        who: The other program's name.
    """
    ours = installed(project)
    names = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
    different = [f"{name}: locked {ours.get(name, '-')}, {who} {theirs.get(name, '-')}" for name in names]
    return "; ".join(different) or "equal"


if __name__ == "__main__":
    sys.exit(main())
