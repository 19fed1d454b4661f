"""How long `cortexlock install` takes, as a ratio to `uv pip install` of the same files.

usage: install.py [--python PYTHON3.6] [--image RELEASE] [--rounds N] [--cold N] [--directory DIR] [--smoke]

What a predictor image holds (84 distributions for python 0.16.0 on CPU) is locked on top of an empty environment of
that Python, then installed: with an empty cache and with all files in it, in turns with `uv pip install --no-deps` of
the same files (the built wheels where an sdist is locked), from the index and from files; medians of N rounds each.
The verification of all installed files is measured on its own, as `cortexlock verify`. All in seconds, in one run.
--directory keeps project and files (1.2 GB for 0.16.0) for the next run. --smoke takes four small distributions.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from uv import find_uv_bin

from cortexlock.lockfile import files
from cortexlock.model.lockfile import PipStep
from cortexlock.predictors import catalog

CORTEXLOCK = [sys.executable, "-m", "cortexlock"]
SMALL = ("idna", "six", "certifi", "chardet")
NAME = "cortexlock.cpu.yaml"


def run(command: list[str], environment: dict[str, str]) -> float:
    """Run a command and return how long it took; end the benchmark if it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
    return took


def make_project(directory: Path, python: Path, release: str, environment: dict[str, str], *, smoke: bool) -> None:
    """Lock what an image holds on top of an empty environment; nothing is done where there is a lockfile."""
    if (directory / NAME).exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    image = directory / "image"
    run([str(python), "-m", "venv", "--without-pip", str(image)], environment)
    capture = [*CORTEXLOCK, "predictors", "capture", str(image), "--like", f"python:{release}", "--platform", "cpu"]
    run([*capture, "--output", str(directory / "image.yaml")], environment)
    shutil.rmtree(image)
    held = catalog.find("python", release, "cpu").distributions
    wanted = [each for each in held if not each.version.startswith("0+") and (not smoke or each.name in SMALL)]
    lines = "".join(f"{each.name}=={each.version}\n" for each in wanted)
    (directory / "requirements.txt").write_text(lines, encoding="utf-8")
    lock = [*CORTEXLOCK, "lock", str(directory), "--predictor", str(directory / "image.yaml")]
    print(f"locking {len(wanted)} distributions took {run(lock, environment):.1f} s", flush=True)


def artifacts(project: Path, cache: Path) -> list[Path]:
    """Return the wheels that an installation from a warm cache installs: as locked, or as built."""
    lockfile = files.read(project / NAME, name=NAME)
    packages = [each for step in lockfile.steps if isinstance(step, PipStep) for each in step.packages]
    built = {path.name.partition("-")[0].replace("_", "-").lower(): path for path in cache.glob("built/*/*.whl")}
    stored = cache / "artifacts" / "sha256"
    return [
        built[each.name] if each.needs_build else stored / each.sha256[:2] / each.sha256 / each.file
        for each in packages
        if each.action != "keep"
    ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure cortexlock install.")
    parser.add_argument("--python", type=Path, default=sys.executable, help="a Python 3.6")
    parser.add_argument("--image", default="0.16.0", help="release of the Python predictor (default: 0.16.0)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds with all files in the cache (default: 3)")
    parser.add_argument("--cold", type=int, default=1, help="rounds with an empty cache (default: 1)")
    parser.add_argument("--directory", type=Path, help="where project and files are kept")
    parser.add_argument("--smoke", action="store_true", help="one round with four small distributions")
    arguments = parser.parse_args()
    rounds = 1 if arguments.smoke else arguments.rounds
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "CORTEXLOCK_"))}
    with tempfile.TemporaryDirectory() as temporary:
        scratch = arguments.directory or Path(temporary)
        environment = {**kept, "XDG_CACHE_HOME": str(scratch / "lock-cache"), "PIP_CONFIG_FILE": os.devnull}
        project, cache, prefix = scratch / "project", scratch / "cache", scratch / "prefix"
        make_project(project, arguments.python, arguments.image, environment, smoke=arguments.smoke)

        def fresh() -> list[str]:
            shutil.rmtree(prefix, ignore_errors=True)
            run([str(arguments.python), "-m", "venv", "--without-pip", str(prefix)], environment)
            return ["--python", str(prefix / "bin" / "python"), "--no-deps", "--link-mode", "copy", "--no-config"]

        install = [*CORTEXLOCK, "install", str(project), "--prefix", str(prefix), "--cache-dir", str(cache)]
        uv = [find_uv_bin(), "pip", "install"]
        cold: list[float] = []
        uv_cold: list[float] = []
        wheels: list[Path] = []
        for _ in range(1 if arguments.smoke else arguments.cold):
            shutil.rmtree(cache, ignore_errors=True)
            fresh()
            cold.append(run(install, environment))
            wheels = artifacts(project, cache)
            by_name = [path.name.split("-")[0] + "==" + path.name.split("-")[1] for path in wheels]
            uv_cold.append(run([*uv, *fresh(), "--no-cache", *by_name], environment))
        warm: list[float] = []
        uv_warm: list[float] = []
        for _ in range(rounds):
            fresh()
            warm.append(run(install, environment))
            uv_warm.append(run([*uv, *fresh(), "--no-cache", "--offline", *map(str, wheels)], environment))
        fresh()
        run(install, environment)
        verify = run([*CORTEXLOCK, "verify", str(project), "--prefix", str(prefix)], environment)
        times = {"empty cache": (cold, uv_cold), "warm cache": (warm, uv_warm)}
    size = sum(path.stat().st_size for path in wheels) if arguments.directory else 0
    print(json.dumps({"distributions": len(wheels), "MB": size >> 20}))
    print(f"{'':12} {'cortexlock install':>18} {'uv pip install':>15} {'ratio':>6}")
    for name, rows in times.items():
        ours, theirs = (statistics.median(each) for each in rows)
        print(f"{name:12} {ours:18.2f} {theirs:15.2f} {ours / theirs:6.2f}   ", end="")
        print(*(f"{min(each):.1f} to {max(each):.1f}" for each in rows), sep=", ")
    print(f"cortexlock verify, all files: {verify:.2f} s")


if __name__ == "__main__":
    main()
