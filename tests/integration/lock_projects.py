"""Lock every project below a directory, and print a table: locked, or the one-line reason.

usage: python -m tests.integration.lock_projects DIRECTORY [--compare-pip --python PYTHON3.6] [--only TEXT] [--jobs N]
           [--compare-own-pip --python PYTHON3.6 --cache DIRECTORY] [--keep DIRECTORY] [--platform NAME]

A project is a directory with a requirements.txt, conda-packages.txt or script. A path component like `v0.16.0` is its
Cortex release, and it is locked for all platforms of that. Projects of
releases before 0.15 are locked on the 0.15.0 image. The cut-off is the release's date.
Projects are copied first, to stay in the directory of --keep; nothing is written below DIRECTORY.

With --compare-pip, each locked project is compared with what `uv pip install --dry-run` would install into a copy of
the image's environment under a real Python of the image's version, as of the same date.

With --compare-own-pip, the image's own pip carries out `pip install -r requirements.txt` as one more step of the image
(`own_pip.py`), and all that is installed then is compared with what the lockfile says. A difference that a note of
`lock` tells is `noted`. --cache keeps what the index answered.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version
from uv import find_uv_bin

from cortexlock.errors import CortexlockError
from cortexlock.inputs import cortex_yaml, project_directory
from cortexlock.lock.image_selection import select
from cortexlock.lockfile import files
from cortexlock.model.lockfile import Lockfile, PipStep
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.package import PipPackage
from cortexlock.model.predictor import Predictor
from cortexlock.model.project import Configuration
from cortexlock.predictors import catalog
from tests.integration.own_pip import OwnPips, serving
from tests.support.image import make_image_prefix

OLDEST = "0.15.0"
_KEPT = (
    "pip keeps the image's torchvision 0.4.2, which asks for torch 1.3.1; uv takes the newest torch and replaces both"
)
EXPLAINED = {("python-predictor-inf", "torch"): _KEPT, ("python-predictor-inf", "torchvision"): _KEPT}
"""Why uv, which stands in for pip, does otherwise than pip: by image and distribution."""

FILES = ("requirements.txt", "conda-packages.txt", "dependencies.sh", "script.sh")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    project: str
    platform: str
    result: str
    detail: str = ""


def main() -> int:
    """Lock, compare, print; return 1 if a project is not locked or differs from pip without a reason."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--compare-pip", action="store_true")
    parser.add_argument("--python", type=Path, help="a Python of the image's version, for builds and comparisons")
    parser.add_argument("--compare-own-pip", action="store_true")
    parser.add_argument("--cache", type=Path, help="where --compare-own-pip keeps answers of the index")
    parser.add_argument("--only", default="", help="only projects with this text in their path")
    parser.add_argument("--platform", help="only this platform")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="an empty directory, for the locked copies")
    parser.add_argument("--prepare", action="store_true", help="only write what decides the locks into the copies")
    options = parser.parse_args()
    found = [path for path in project_directories(options.directory) if options.only in str(path)]
    started = time.monotonic()
    rows: list[Row] = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="projects-")))
        pool = stack.enter_context(ThreadPoolExecutor(options.jobs))
        cache = (options.cache or scratch / "index").resolve()
        pips = stack.enter_context(serving(options.python, cache)) if options.compare_own_pip else None
        for result in pool.map(lambda path: rows_of(path, options, options.keep or scratch, pips), found):
            rows += result
            for row in result:
                print(f"{row.project:64} {row.platform:5} {row.result:9} {row.detail}", flush=True)
    locked = sum(row.result in {"locked", "equal", "explained", "noted"} for row in rows)
    print(
        f"{len(found)} projects, {len(rows)} locks: {locked} without a difference, {len(rows) - locked} others, "
        f"{time.monotonic() - started:.0f} s"
    )
    return 0 if locked == len(rows) else 1


def project_directories(root: Path) -> Iterator[Path]:
    """Yield the directories that have dependency files of their own, sorted."""
    yield from sorted({path.parent for name in FILES for path in root.rglob(name)})


def rows_of(path: Path, options: argparse.Namespace, scratch: Path, pips: OwnPips | None = None) -> list[Row]:
    """Lock a project in a copy of it, and compare each platform with pip if that is asked for."""
    name = path.relative_to(options.directory).as_posix()
    copy = scratch / name
    shutil.copytree(path, copy, copy_function=shutil.copyfile)
    try:
        overrides = configuration(path, copy)
        if options.platform in overrides.platforms:
            overrides = replace(overrides, platforms=(options.platform,))
        predictors = select(project_directory.read(copy, overrides))
    except CortexlockError as error:
        return [Row(name, "-", "failed", str(error).splitlines()[0])]
    if options.prepare:
        said = f"predictor: {overrides.predictor}\ncortex-version: {overrides.cortex_version}\n"
        said += f'platforms: [{", ".join(overrides.platforms)}]\nexclude-newer: "{overrides.exclude_newer}"\n'
        (copy / "cortexlock.yaml").write_text(said, encoding="utf-8")
        return [Row(name, predictor.platform, "locked", "prepared, no more") for predictor in predictors]
    command = [sys.executable, "-m", "cortexlock", "lock", str(copy)]
    for option, value in (
        ("--predictor", overrides.predictor),
        ("--cortex-version", overrides.cortex_version),
        ("--exclude-newer", overrides.exclude_newer),
        ("--python", options.python),
    ):
        command += [option, str(value)] if value else []
    command += [part for platform in overrides.platforms for part in ("--platform", platform)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        reason = " | ".join(line.strip() for line in completed.stderr.strip().splitlines())[:300]
        return [Row(name, p.platform, "failed", f"exit {completed.returncode}: {reason}") for p in predictors]
    rows = []
    for predictor in predictors:
        lockfile = files.read(copy / lockfile_name(predictor.platform), name=lockfile_name(predictor.platform))
        counts = ", ".join(
            f"{sum(p.action == a for p in pip_packages(lockfile))} {a}" for a in ("add", "change", "keep")
        )
        row = Row(name, predictor.platform, "locked", f"{predictor.image} {predictor.cortex_version}: {counts}")
        if pips:
            row = compared_own(row, path, lockfile, predictor, pips, completed.stdout)
        rows.append(compared(row, copy, lockfile, predictor, options.python) if options.compare_pip else row)
    return rows


def compared_own(  # noqa: PLR0913, PLR0917 - what is compared with what
    row: Row, project: Path, lockfile: Lockfile, predictor: Predictor, pips: OwnPips, said: str
) -> Row:
    """Compare all that a lockfile leaves installed with all that the image's own pip does."""
    if lockfile.step("conda"):
        return row  # what conda leaves is in no index
    own = pips.install(predictor.distributions, project, lockfile.exclude_newer)
    version = next(each.version for each in predictor.distributions if each.name == "pip")
    if own.error:
        return Row(
            row.project, row.platform, "differs", f"pip {version} refuses it: {' '.join(own.error.split())[-300:]}"
        )
    ours = {each.name: each.version for each in predictor.distributions}
    ours |= {each.name: each.version for each in pip_packages(lockfile)}
    names = sorted(name for name in {*ours, *own.versions} if ours.get(name) != own.versions.get(name))
    if not names:
        return Row(row.project, row.platform, "equal", f"pip {version}: {len(ours)} distributions")
    different = [f"{name}: locked {ours.get(name, '-')}, pip {version} {own.versions.get(name, '-')}" for name in names]
    noted = [name for name in names if re.search(rf"pip {re.escape(version)}\b.*\b{re.escape(name)}\b", said)]
    return Row(row.project, row.platform, "noted" if noted == names else "differs", "; ".join(different))


def configuration(path: Path, copy: Path) -> Configuration:
    """Return what decides the lock: predictor type, release by the path, and the release's date."""
    release = next((part[1:] for part in reversed(path.parts) if re.fullmatch(r"v\d+\.\d+\.\d+", part)), None)
    known = catalog.releases("python")
    if release is None or Version(release) < Version(OLDEST):
        release = OLDEST
    elif release not in known:
        release = max((each for each in known if Version(each) <= Version(release)), key=Version)
    apis = [api for file in cortex_yaml.find(copy) for api in cortex_yaml.read(file)]
    types = {api.predictor_type for api in apis if api.predictor_type}
    predictor = types.pop() if len(types) == 1 else "python"
    if release not in catalog.releases(predictor):
        predictor = "python"
    platforms = catalog.platforms(predictor, release)
    released = catalog.find(predictor, release, platforms[0]).released
    moment = datetime.fromisoformat(released).astimezone(timezone.utc)
    return Configuration(
        predictor=predictor,
        cortex_version=release,
        platforms=platforms,
        exclude_newer=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    )


def pip_packages(lockfile: Lockfile) -> tuple[PipPackage, ...]:
    """Return the packages of the pip step."""
    step = lockfile.step("pip")
    return step.packages if isinstance(step, PipStep) else ()


def compared(row: Row, copy: Path, lockfile: Lockfile, predictor: Predictor, python: Path) -> Row:
    """Compare a lockfile's add and change with what uv would install into a copy of the image's environment."""
    prefix = Path(tempfile.mkdtemp()) / "image"
    make_image_prefix(prefix, predictor, python=python)
    completed = subprocess.run(
        [find_uv_bin(), "pip", "install", "--dry-run", "--python", str(prefix / "bin" / "python"), "--no-config",
         "--exclude-newer", lockfile.exclude_newer, "-r", "requirements.txt"],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    shutil.rmtree(prefix.parent)
    if completed.returncode:
        return Row(row.project, row.platform, "no uv", " ".join(completed.stderr.split())[:200])
    theirs = dict(re.findall(r"^ \+ ([\w.-]+)==(\S+)", completed.stderr, re.MULTILINE))
    theirs = {canonicalize_name(name): version for name, version in theirs.items()}
    ours = {package.name: package.version for package in pip_packages(lockfile) if package.action != "keep"}
    different = sorted(name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name))
    if not different:
        return Row(row.project, row.platform, "equal", row.detail)
    said = "; ".join(f"{name}: locked {ours.get(name, '-')}, uv {theirs.get(name, '-')}" for name in different)
    reasons = [EXPLAINED.get((predictor.image, name)) for name in different]
    if all(reasons):
        return Row(row.project, row.platform, "explained", f"{said}: {'; '.join(dict.fromkeys(map(str, reasons)))}")
    return Row(row.project, row.platform, "differs", said)


if __name__ == "__main__":
    sys.exit(main())
