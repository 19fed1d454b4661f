"""How long `cortexlock lock` takes, beside `uv pip compile` and `pip-compile`; see docs/performance.md.

usage: lock.py [--python PYTHON3.6] [--rounds N] [--cold N] [--json FILE] [--channel DIR] [--projects DIR [DIR …]]
       lock.py --smoke
       lock.py --table FILE

Ten lines of machine learning, as of 2020-06-01, on an image that is an empty environment of that Python: uv resolves
them for the same Python and date with hashes. The programs take turns, so that a busy moment hits all of them; each
scenario is given as median, least and most of its rounds, in seconds of wall time and of CPU time (user and system,
with all programs that it starts). pip-compile knows no other Python than its own: it has three lines, without hashes.
--projects locks further projects, each by itself with empty caches, then all that can be locked in one command.
--channel, the directory of a conda channel, has a conda list locked with requirements and each of the two alone, for an
image of the catalog.
--smoke does one round with three lines on an image of the catalog, to see that the benchmark works. --table prints what
--json has written, with the ratios that matter, as docs/performance.md has it.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from uv import find_uv_bin

LINES = (
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "tensorflow",
    "torch",
    "transformers",
    "flask",
    "boto3",
    "requests",
)
LIGHT = ("flask", "boto3", "requests")
ONE_MORE = "pyyaml"
CUT_OFF = "2020-06-01"
CONDA_LINES = ("numpy", "scipy", "pyyaml")
CORTEXLOCK = [sys.executable, "-m", "cortexlock"]
BASELINE = [sys.executable, "-c", "import typer, yaml"]
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)

RATIOS = (
    ("cold: cortexlock lock", "cold: uv pip compile"),
    ("warm: cortexlock lock", "warm: uv pip compile"),
    ("one line more: cortexlock lock", "one line more: uv pip compile"),
    ("unchanged: cortexlock lock", 'unchanged: python -c "import typer, yaml"'),
    ("cold: cortexlock lock, both platforms", "cold: cortexlock lock"),
    ("warm: cortexlock lock, both platforms", "warm: cortexlock lock"),
    ("conda: cortexlock lock, list and requirements", "conda: the slower half"),
    ("projects, all in one command", "projects, one by one (all)"),
)
"""Medians that are compared."""


class Benchmark:
    """Runs scenarios, and collects their times."""

    def __init__(self, scratch: Path) -> None:
        """Work in a directory."""
        self.scratch = scratch
        with suppress(OSError, AttributeError):  # what a command leaves to the system counts, too, where it tells
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "CORTEXLOCK_"))
        }
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # what is imported would be compiled each time
        own = {name: os.environ[name] for name in ("PIP_CERT",) if name in os.environ}
        self.environment = {**kept, **own, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"}
        self.times: dict[str, list[tuple[float, float]]] = {}

    def compile_all(self) -> None:
        """Write the byte code that an installation has."""
        import cortexlock  # noqa: PLC0415 - where it is, no more

        places = [sysconfig.get_path("purelib"), str(Path(cortexlock.__file__).parent)]
        subprocess.run([sys.executable, "-m", "compileall", "-q", *places], check=False, capture_output=True)

    def run(self, command: list[str], name: str = "", *, may_fail: bool = False) -> bool:
        """Run a command, and note how long it took; end the benchmark if it fails. Tell whether it did not."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        took = time.perf_counter() - began
        with suppress(ChildProcessError):  # until none is left
            while True:
                os.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode and may_fail:
            return False
        if done.returncode:
            sys.exit(f"exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
        if name:
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self.times.setdefault(name, []).append((took, cpu))
        return True

    def project(self, name: str, lines: tuple[str, ...], predictors: list[Path]) -> Path:
        """Make a project with requirements, on top of predictor files; without any, on an image of the catalog."""
        directory = self.scratch / name
        directory.mkdir()
        said = f"predictor: [{', '.join(f'./{path.name}' for path in predictors)}]\n"
        if not predictors:
            said = "predictor: python\ncortex-version: 0.16.0\nplatforms: [cpu]\n"
        (directory / "cortexlock.yaml").write_text(f'{said}exclude-newer: "{CUT_OFF}"\n', encoding="utf-8")
        for path in predictors:
            shutil.copy(path, directory)
        (directory / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return directory

    def lock(self, project: Path, cache: str, name: str = "", *, anew: bool = True) -> None:
        """Lock a project; `anew`: without its lockfiles."""
        for lockfile in project.glob("cortexlock.*.yaml") if anew else ():
            lockfile.unlink()
        self.run([*CORTEXLOCK, "lock", str(project), "--cache-dir", str(self.scratch / cache)], name)

    def compile(self, project: Path, python: Path | None, cache: str, name: str = "", *, anew: bool = True) -> None:
        """Let uv resolve a project's requirements for a Python; `anew`: without what it wrote before."""
        out = project / "uv.txt"
        if anew:
            out.unlink(missing_ok=True)
        target = ["--python", str(python)] if python else []
        options = ["--generate-hashes", "--exclude-newer", CUT_OFF, "--python-version", "3.6.15", *target]
        where = ["--python-platform", "x86_64-manylinux_2_17", "--cache-dir", str(self.scratch / cache)]
        command = [find_uv_bin(), "pip", "compile", "--quiet", *options, *where, str(project / "requirements.txt")]
        self.run([*command, "--output-file", str(out)], name)

    def clear(self, *caches: str) -> None:
        """Remove caches."""
        for cache in caches:
            shutil.rmtree(self.scratch / cache, ignore_errors=True)


def capture(benchmark: Benchmark, python: Path) -> list[Path]:
    """Describe an empty environment of a Python as image, for CPU and CUDA."""
    image = benchmark.scratch / "image"
    benchmark.run([str(python), "-m", "venv", "--without-pip", str(image)])
    paths = []
    for name in ("cpu", "cuda"):
        paths.append(benchmark.scratch / f"{name}.yaml")
        command = ["predictors", "capture", str(image), "--like", "python:0.16.0", "--platform", name]
        command += ["--cuda", "10.1"] if name == "cuda" else []
        benchmark.run([*CORTEXLOCK, *command, "--output", str(paths[-1])])
    return paths


def measure(benchmark: Benchmark, python: Path | None, *, rounds: int, cold: int) -> None:
    """Measure everything, the programs taking turns."""
    images = capture(benchmark, python) if python else []
    lines = LINES if python else LIGHT
    one = benchmark.project("one", lines, images[:1])
    more = benchmark.project("more", (*lines, ONE_MORE), images[:1])
    both = benchmark.project("both", lines, images)
    for _ in range(cold):
        benchmark.clear("cache", "uv")
        benchmark.lock(one, "cache", "cold: cortexlock lock")
        benchmark.compile(one, python, "uv", "cold: uv pip compile")
        benchmark.clear("cache-of-both")
        benchmark.lock(both, "cache-of-both", "cold: cortexlock lock, both platforms")
    benchmark.lock(more, "cache")
    benchmark.compile(more, python, "uv")
    before = {path.name: path.read_bytes() for path in (*one.glob("cortexlock.*.yaml"), one / "uv.txt")}
    for _ in range(rounds):
        benchmark.lock(one, "cache", "warm: cortexlock lock")
        benchmark.compile(one, python, "uv", "warm: uv pip compile")
        benchmark.lock(both, "cache", "warm: cortexlock lock, both platforms")
        benchmark.lock(one, "cache", "unchanged: cortexlock lock", anew=False)
        benchmark.run(BASELINE, 'unchanged: python -c "import typer, yaml"')
        benchmark.compile(one, python, "uv", "unchanged: uv pip compile", anew=False)
        for name, content in before.items():
            (more / name).write_bytes(content)
        benchmark.lock(more, "cache", "one line more: cortexlock lock", anew=False)
        benchmark.compile(more, python, "uv", "one line more: uv pip compile", anew=False)


def measure_pip_compile(benchmark: Benchmark, rounds: int) -> None:
    """Measure pip-compile where it can be measured: for its own Python, as of today."""
    light = benchmark.project("light", LIGHT, [])
    program = [sys.executable, "-m", "piptools", "compile", "--quiet", "--strip-extras", "--no-emit-index-url"]
    command = [*program, str(light / "requirements.txt"), "--cache-dir", str(benchmark.scratch / "pip")]
    for number in range(rounds + 1):
        (light / "pip.txt").unlink(missing_ok=True)
        which = "cold" if number == 0 else "warm"
        benchmark.run([*command, "--output-file", str(light / "pip.txt")], f"{which}, three lines: pip-compile")
        benchmark.lock(light, "cache-of-light", f"{which}, three lines: cortexlock lock")


def measure_projects(benchmark: Benchmark, projects: list[Path]) -> None:
    """Lock projects one by one with empty caches, then at once those of them that can be locked."""
    copies = [Path(shutil.copytree(project, benchmark.scratch / f"project-{n}")) for n, project in enumerate(projects)]
    lock = [*CORTEXLOCK, "lock", "--refresh", "--upgrade", "--cache-dir"]
    cache, locked = benchmark.scratch / "cache-of-project", []
    for copy in copies:
        benchmark.clear(cache.name)
        if benchmark.run([*lock, str(cache), str(copy)], "projects, one by one (each)", may_fail=True):
            locked.append(str(copy))
    benchmark.run([*lock, str(benchmark.scratch / "cache-of-all"), *locked], "projects, all in one command")


def measure_conda(benchmark: Benchmark, channel: Path, rounds: int) -> None:
    """Lock a conda list and requirements, each alone and both together, with warm caches."""
    halves = {"list": ("conda",), "requirements": ("pip",), "list and requirements": ("conda", "pip")}
    projects = {}
    for name, parts in halves.items():
        directory = benchmark.project(f"half-{'-'.join(parts)}", LIGHT if "pip" in parts else (), [])
        with (directory / "cortexlock.yaml").open("a", encoding="utf-8") as file:
            file.write(f"channels: ['{channel.resolve().as_uri()}']\n")
        if "conda" in parts:
            (directory / "conda-packages.txt").write_text("".join(f"{line}\n" for line in CONDA_LINES))
        if "pip" not in parts:
            (directory / "requirements.txt").unlink()
        projects[name] = directory
    for number in range(rounds + 1):
        for name, directory in projects.items():
            benchmark.lock(directory, "cache-of-halves", f"conda: cortexlock lock, {name}" if number else "")


def table(document: dict[str, Any]) -> None:
    """Print results as a table of Markdown, and ratios of medians, of wall time and of CPU time."""
    machine, found = document["machine"], document["seconds"]
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    print(f"{machine['system']}, {machine['processors']} processors, Python {machine['python']}; {versions}\n")
    print("| seconds | median | least to most | CPU | rounds |\n| --- | --- | --- | --- | --- |")
    for name, of in found.items():
        print(f"| {name} | {of['median']} | {of['least']} to {of['most']} | {of['cpu-median']} | {of['rounds']} |")
    both = {kind: {name: of[f"{kind}median"] for name, of in found.items()} for kind in ("", "cpu-")}
    for kind, medians in both.items():
        if "projects, one by one (each)" in found:
            of = found["projects, one by one (each)"]
            medians["projects, one by one (all)"] = of[f"{kind}mean"] * of["rounds"]
        if any(name.startswith("conda: ") for name in found):
            halves = (medians[f"conda: cortexlock lock, {name}"] for name in ("list", "requirements"))
            medians["conda: the slower half"] = max(halves)
    print("\n| ratio | wall | CPU |\n| --- | --- | --- |")
    for one, other in RATIOS:
        if one in both[""] and other in both[""]:
            print(f"| {one} / {other} |" + "".join(f" {of[one] / of[other]:.2f} |" for of in both.values()))


def summary(benchmark: Benchmark) -> dict[str, dict[str, object]]:
    """Return median, least and most of each scenario, wall and CPU time in seconds."""
    kinds: dict[str, Callable[[list[float]], float]] = {
        "median": statistics.median,
        "mean": statistics.fmean,
        "least": min,
        "most": max,
    }
    return {
        name: {
            "rounds": len(times),
            **{kind: round(of([wall for wall, _ in times]), 3) for kind, of in kinds.items()},
            **{f"cpu-{kind}": round(of([cpu for _, cpu in times]), 3) for kind, of in kinds.items()},
        }
        for name, times in benchmark.times.items()
    }


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="Measure cortexlock lock.")
    parser.add_argument("--python", type=Path, help="a Python 3.6.15")
    parser.add_argument("--rounds", type=int, default=5, help="rounds with warm caches (default: 5)")
    parser.add_argument("--cold", type=int, default=5, help="rounds with empty caches (default: 5)")
    parser.add_argument("--json", type=Path, help="where to write the results, with machine and versions")
    parser.add_argument("--projects", type=Path, nargs="+", default=[], help="further projects to lock")
    parser.add_argument("--channel", type=Path, help="the directory of a conda channel, to lock a conda list, too")
    parser.add_argument("--table", type=Path, metavar="FILE", help="print what --json has written, and end")
    parser.add_argument("--smoke", action="store_true", help="one round with three lines")
    options = parser.parse_args()
    if options.table:
        table(json.loads(options.table.read_text(encoding="utf-8")))
        return
    if options.python is None and not options.smoke:
        parser.error("name a Python 3.6.15 with --python")
    with tempfile.TemporaryDirectory() as scratch:
        benchmark = Benchmark(Path(scratch))
        benchmark.compile_all()
        rounds, cold = (1, 1) if options.smoke else (options.rounds, options.cold)
        measure(benchmark, options.python, rounds=rounds, cold=cold)
        measure_pip_compile(benchmark, rounds)
        if options.channel:
            measure_conda(benchmark, options.channel, rounds)
        if options.projects:
            measure_projects(benchmark, options.projects)
    versions = {name: version(name) for name in ("cortexlock", "pip", "pip-tools", "uv")}
    machine = {"system": platform.platform(), "processors": os.cpu_count(), "python": platform.python_version()}
    document = {"machine": machine, "versions": versions, "seconds": summary(benchmark)}
    if options.json:
        options.json.write_text(f"{json.dumps(document, indent=2)}\n", encoding="utf-8")
    table(document)


if __name__ == "__main__":
    main()
