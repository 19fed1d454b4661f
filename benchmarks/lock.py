"""How long `cortexlock lock` takes, as a ratio to `uv pip compile` of the same requirements.

usage: lock.py [--example NAME] [--rounds N] [--smoke]

uv resolves requirements.txt with hashes for the image's Python and cut-off date, and that is all; cortexlock does so
for each platform, on top of what the image holds. Both are measured in one run: first with empty caches, then with warm
ones (the best of N rounds), in seconds. --smoke does one round with the smallest example.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TARGET = ("--python-version", "3.6.9", "--python-platform", "x86_64-manylinux_2_17")


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Run a command and return how long it took; end the benchmark if it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
    return took


def measure(example: str, rounds: int, scratch: Path) -> dict[str, tuple[float, float]]:
    """Return the times of both programs, with an empty cache and with a warm one."""
    project = scratch / example
    shutil.copytree(EXAMPLES / example, project)
    cut_off = str(yaml.safe_load((project / "cortexlock.yaml").read_text(encoding="utf-8"))["exclude-newer"])
    compiled = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--exclude-newer",
        cut_off,
        *TARGET,
    ]
    commands = {
        "uv pip compile": [*compiled, str(project / "requirements.txt"), "--output-file", str(scratch / "out.txt")],
        "cortexlock lock": [sys.executable, "-m", "cortexlock", "lock", str(project)],
    }
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "CORTEXLOCK_"))}
    environment = keep | {
        "UV_CACHE_DIR": str(scratch / "uv"),
        "XDG_CACHE_HOME": str(scratch / "cache"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    times = {}
    for name, command in commands.items():
        empty = seconds(command, environment)
        warm = []
        for _ in range(rounds):
            for lockfile in (*project.glob("cortexlock.*.yaml"), *scratch.glob("out.txt")):
                lockfile.unlink()
            warm.append(seconds(command, environment))
        times[name] = (empty, min(warm))
    return times


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Measure cortexlock lock.")
    parser.add_argument("--example", default="sentiment-analyzer", help="which one (default: sentiment-analyzer)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds with warm caches (default: 3)")
    parser.add_argument("--smoke", action="store_true", help="one round with the smallest example")
    options = parser.parse_args()
    example, rounds = ("iris-classifier", 1) if options.smoke else (options.example, options.rounds)
    with tempfile.TemporaryDirectory() as scratch:
        times = measure(example, rounds, Path(scratch))
    print(f"{example:20} {'empty caches':>14} {'warm caches':>14}")
    for name, (empty, warm) in times.items():
        print(f"{name:20} {empty:12.2f} s {warm:12.2f} s")
    ratios = [mine / theirs for mine, theirs in zip(times["cortexlock lock"], times["uv pip compile"], strict=True)]
    print(f"{'ratio':20} {ratios[0]:12.2f} x {ratios[1]:12.2f} x")


if __name__ == "__main__":
    main()
