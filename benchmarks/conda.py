"""How long `cortexlock lock` takes for a list of one conda package, the whole command, with a warm cache.

usage: conda.py REPODATA [--rounds N] [--line LINE] [--against DIRECTORY]

REPODATA is a channel's directory (`linux-64/repodata.json`, `noarch/repodata.json`). --against names another checkout
of cortexlock, with an environment of its own in `.venv`: the two take turns, so that both meet the same machine.
Prints the median wall time and the median processor time of each, children included, and their ratios.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
CONFIGURATION = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\nchannels: [{channel}]\n"


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repodata", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--line", default="numpy")
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    pythons = {"this checkout": Path(sys.executable)}
    if options.against:
        pythons[str(options.against)] = options.against / ".venv" / "bin" / "python"
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pythons}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(options.rounds + 1):
            for name, python in pythons.items():
                spent = _lock(python, options, Path(directory) / name.replace("/", "-"))
                if number:  # the first one warms the cache
                    taken[name].append(spent)
    medians = {name: [statistics.median(each) for each in zip(*rounds, strict=True)] for name, rounds in taken.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name}: {wall:.2f} s, of processors {cpu:.2f} s")
    if options.against:
        ours, theirs = medians.values()
        print(f"ratio: wall {ours[0] / theirs[0]:.2f}, processors {ours[1] / theirs[1]:.2f}")
    return 0


def _lock(python: Path, options: argparse.Namespace, directory: Path) -> tuple[float, float]:
    """Lock a fresh project, and return wall and processor time, in seconds."""
    project = directory / "project"
    project.mkdir(parents=True, exist_ok=True)
    for file in project.glob("cortexlock.*.yaml"):
        file.unlink()
    (project / "cortexlock.yaml").write_text(CONFIGURATION.format(channel=options.repodata.resolve().as_uri()))
    (project / "conda-packages.txt").write_text(f"{options.line}\n")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [str(python), "-m", "cortexlock", "lock", str(project), "--cache-dir", str(directory / "cache")]
    # Not from this checkout's directory, in which every Python would find it first.
    subprocess.run(command, check=True, capture_output=True, cwd=directory, env={**os.environ, "PYTHONPATH": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, sum(after[:2]) - sum(before[:2])


if __name__ == "__main__":
    sys.exit(main())
