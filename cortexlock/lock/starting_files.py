"""The texts that `cortexlock init` writes: configuration, what git is to know, pre-commit, CI, a Dockerfile."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from cortexlock.formats.scalars import scalar
from cortexlock.model.predictor import PlatformName
from cortexlock.patterns import pattern

ATTRIBUTES = "cortexlock.*.yaml text eol=lf diff=cortexlock merge=cortexlock linguist-generated"
"""What git is told of lockfiles; a driver that a clone has not set up changes nothing there."""

GIT_SETTINGS = (
    ("diff.cortexlock.textconv", "cortexlock diff --textconv"),
    ("merge.cortexlock.driver", "cortexlock merge-driver %O %A %B %P"),
)
"""What a clone has to set, since no repository can: the two drivers that `ATTRIBUTES` names."""

_REFERENCE = pattern(r"[a-z0-9][a-z0-9._/-]*(?::[0-9]+/[a-z0-9._/-]+)?(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?")

REQUIREMENTS = "# What the project needs on top of the image, one requirement a line.\n"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which image a project is for; the rest is optional.

    Attributes:
        predictor_files: Files that describe images, relative to the project; empty for one of Cortex's.
        predictor: Predictor type of one of Cortex's images.
        cortex_version: Release of one of Cortex's images.
        platforms: Platforms to lock for; empty: what the APIs or the images say.
        exclude_newer: A date or duration as it is written; empty: no cut-off.
        strict: Whether a lock may not break the image.
    """

    predictor_files: tuple[str, ...] = ()
    predictor: str = ""
    cortex_version: str = ""
    platforms: tuple[PlatformName, ...] = ()
    exclude_newer: str = ""
    strict: bool = False


def configuration(choice: Choice) -> str:
    """Return a cortexlock.yaml."""
    lines = ["# How `cortexlock lock` locks this project; every key is optional."]
    if choice.predictor_files:
        files = [scalar(f"./{file}") for file in choice.predictor_files]
        lines.append("image: " + (files[0] if len(files) == 1 else f"[{', '.join(files)}]"))
    else:
        lines += [f"predictor: {scalar(choice.predictor)}", f"cortex-version: {scalar(choice.cortex_version)}"]
    if choice.platforms:
        lines.append(f"platforms: [{', '.join(choice.platforms)}]")
    if choice.exclude_newer:
        lines.append(f"exclude-newer: {scalar(choice.exclude_newer)}")
    if choice.strict:
        lines.append("strict: true")
    return "\n".join(lines) + "\n"


def pre_commit(project: str, version: str) -> str:
    """Return the entry of a .pre-commit-config.yaml.

    Args:
        project: The project relative to the repository, `.` for its root.
        version: The version of cortexlock to run.
    """
    command = "cortexlock check" if project == "." else f"cortexlock check {shlex.quote(project)}"
    return f"""\
repos:
  - repo: local
    hooks:
      - id: cortexlock-check
        name: lockfiles are fresh
        entry: {scalar(command)}
        language: python
        additional_dependencies: [{scalar(f"cortexlock=={version}")}]
        pass_filenames: false
"""


def github(project: str, version: str) -> str:
    """Return a workflow: lockfiles are fresh, and what a pull request changes stands in its summary.

    Args:
        project: As for `pre_commit`.
        version: As for `pre_commit`.
    """
    path = "" if project == "." else f" {shlex.quote(project)}"
    return f"""\
name: cortexlock
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  lockfiles:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install cortexlock=={version}
      - name: Lockfiles are fresh
        run: cortexlock check{path}
      - name: What changes
        if: always() && github.event_name == 'pull_request'
        env:
          BASE: ${{{{ github.event.pull_request.base.sha }}}}
        run: cortexlock diff{path} --rev "$BASE" --format markdown >> "$GITHUB_STEP_SUMMARY"
"""


def dockerfile(image: str, platform: str, inputs: Sequence[str]) -> str:
    """Return a Dockerfile of one's own that carries a lockfile out, step by step, from a bundle beside it.

    Args:
        image: The base image by its name; where that is no reference of an image, the build says it.
        platform: Which lockfile, by platform or by the name of its image.
        inputs: The dependency files that the script looks at, relative to the project.
    """
    script = f"cortexlock.{platform}.sh"
    copied = " ".join(shlex.quote(each) for each in inputs)
    base = f"FROM {image}" if _REFERENCE.fullmatch(image) else "ARG BASE\nFROM ${BASE}"
    return f"""\
# Before each `docker build`, so that the build needs no network:
#   cortexlock fetch --platform {platform} --output vendor --export script
{base}
WORKDIR /app
COPY {copied} ./
COPY vendor/ /opt/vendor/
RUN sh /opt/vendor/{script} --project . --from /opt/vendor
COPY . .
"""
