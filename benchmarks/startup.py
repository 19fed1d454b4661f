"""How long the quick commands take, as ratios to what Python needs to import their two libraries.

usage: startup.py [--rounds N] [--limit RATIO] [--project DIRECTORY] [--smoke]

Times are the best of N rounds, in milliseconds; the commands take turns, so that a busy moment hits all of them. With
--limit the exit code is 1 if a ratio is higher. --smoke does two rounds, to see that the benchmark works.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sentiment-analyzer"
BASELINE = "import typer, yaml"


def milliseconds(command: list[str], expected: tuple[int, ...]) -> float:
    """Run a command and return how long it took; end the benchmark if it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    took = (time.perf_counter() - began) * 1000
    if done.returncode not in expected:
        sys.exit(f"exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
    return took


def main() -> int:
    """Measure, print a table, return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the start of cortexlock.")
    parser.add_argument("--rounds", type=int, default=30, help="rounds, the best of which counts (default: 30)")
    parser.add_argument("--limit", type=float, help="highest ratio to the baseline that is good enough")
    parser.add_argument("--project", type=Path, default=EXAMPLE, help="what `check` looks at")
    parser.add_argument("--smoke", action="store_true", help="two rounds only")
    options = parser.parse_args()
    cortexlock = [str(Path(sys.executable).with_name("cortexlock"))]
    # An installation has byte code: what this machine's settings keep from being written would be compiled each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = {
        f'python -c "{BASELINE}"': ([sys.executable, "-c", BASELINE], (0,)),
        "cortexlock --version": ([*cortexlock, "--version"], (0,)),
        "cortexlock --help": ([*cortexlock, "--help"], (0,)),
        "cortexlock check": ([*cortexlock, "check", str(options.project)], (0, 1)),
    }
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(2 if options.smoke else options.rounds):
        for name, (command, expected) in commands.items():
            best[name] = min(best[name], milliseconds(command, expected))
    baseline = next(iter(best.values()))
    for name, took in best.items():
        print(f"{name:32} {took:7.1f} ms  {took / baseline:5.2f}x")
    slowest = max(best.values()) / baseline
    return 1 if options.limit is not None and slowest > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
