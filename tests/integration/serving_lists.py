"""Lock real lists of requirements of model servers on small images, and compare each with uv in the same image.

usage: python -m tests.integration.serving_lists [--python-version VERSION]... [--only TEXT] [--first N] [--ask-pip]
           [--keep FILE]

`data/serving-lists.json` has the lists: names of packages, versions and markers as they stood in a file of a public
repository, and the Python that it was written for. What leads to other servers than the index (URLs, repositories,
options) was left out. The images are as in `everyday_lists`, with packages of their time; so is the cut-off date.

A list that neither of the two installs is `both refuse`; one that only uv or only cortexlock refuses is named with the
reason. uv stands in for pip, which is much slower: with `--ask-pip`, pip itself decides where uv does otherwise, and
what it would install as locked is `as pip`. Today's pip runs under Python 3.10 and later.

With `--keep`, results are written to a file, and what is there is not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.model.predictor import Distribution
from tests.integration import everyday_lists

DATA = Path(__file__).parent / "data" / "serving-lists.json"
INTERPRETERS = Path.home() / ".pyenv" / "versions"
_OLD = (Distribution("numpy", "1.19.1"), Distribution("requests", "2.24.0"), Distribution("certifi", "2020.6.20"))
IMAGES = {
    "3.6": (_OLD, "2021-12-01T00:00:00Z"),
    "3.8": (_OLD, "2023-06-01T00:00:00Z"),
    "3.10": (everyday_lists.IMAGE, "2025-06-01T00:00:00Z"),
    "3.11": (everyday_lists.IMAGE, "2026-08-01T00:00:00Z"),
    "3.12": (everyday_lists.IMAGE, "2026-08-01T00:00:00Z"),
}
"""What the image of a Python version has, and the cut-off date."""

_OF_PIP = {"3.10", "3.11", "3.12"}
"""The Python versions that the pip of this environment runs under."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    result: str
    detail: str = ""


def main() -> int:
    """Compare, print a table and its sums; return 1 if a list differs or only cortexlock refuses it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interpreters", type=Path, default=INTERPRETERS, help="a directory of VERSION/bin/python")
    parser.add_argument("--only", default="", help="only lists with this text in their repository or path")
    parser.add_argument("--python-version", action="append", help="only lists for this Python; can be repeated")
    parser.add_argument("--ask-pip", action="store_true", help="let pip decide where uv does otherwise")
    parser.add_argument("--first", type=int, help="stop after so many lists")
    parser.add_argument("--keep", type=Path, help="a file for results, which may be there")
    options = parser.parse_args()
    lists = [
        each
        for each in json.loads(DATA.read_text(encoding="utf-8"))
        if options.only in f"{each['repository']}/{each['path']}"
        and each["python"] in (options.python_version or IMAGES)
    ][: options.first]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="serving-") as directory:
        images = {
            version: _image(Path(directory), options.interpreters, version)
            for version in sorted({each["python"] for each in lists})
        }
        kept = _kept(options.keep)
        for number, each in enumerate(lists):
            started = time.monotonic()
            place = f"{each['repository']}/{each['path']}"
            row = kept.get(place) or compared(
                Path(directory) / f"list-{number}", images[each["python"]], each, ask_pip=options.ask_pip
            )
            if options.keep and place not in kept:
                with options.keep.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps([place, row.result, row.detail])}\n")
            counts[row.result] += 1
            print(
                f"{each['python']:5} {each['repository']:50.50} {time.monotonic() - started:4.0f} s  "
                f"{row.result:18} {row.detail}",
                flush=True,
            )
    print(", ".join(f"{count} {result}" for result, count in counts.most_common()))
    return 1 if counts["differs"] or counts["cortexlock refuses"] else 0


def compared(project: Path, image: Path, each: Mapping[str, Any], *, ask_pip: bool) -> Row:
    """Lock a list in an empty directory, and compare it with uv, or with pip where uv does otherwise."""
    project.mkdir()
    lines: Sequence[str] = each["lines"]
    (project / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    cut_off = IMAGES[each["python"]][1]
    ours = everyday_lists.lock(project, image, cut_off)
    theirs = everyday_lists.dry_run(project, image, cut_off)
    said = [f"exit {ours.returncode}: {_short(ours.stderr)}"] if ours.returncode else []
    said += [f"uv: {_short(theirs.stderr)}"] if theirs.returncode else []
    if said:
        refused = {(True, True): "both refuse", (True, False): "cortexlock refuses", (False, True): "uv refuses"}
        return Row(refused[bool(ours.returncode), bool(theirs.returncode)], " || ".join(said))
    difference = everyday_lists.difference(project, theirs.stderr)
    if difference == "equal":
        return Row("equal")
    if not ask_pip or each["python"] not in _OF_PIP:
        return Row("differs", difference)
    of_pip = everyday_lists.difference(project, _said_by_pip(project, image, cut_off))
    # pip knows no cut-off date for files of a local mirror: only what uv does otherwise is asked of it.
    left = _names(difference) & _names(of_pip)
    if not left:
        return Row("as pip", f"not as uv: {difference}")
    return Row("differs", f"{difference}; from pip: {', '.join(sorted(left))}")


def _kept(file: Path | None) -> dict[str, Row]:
    """Return the rows of a file of results, by repository and path; the last one counts."""
    lines = file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []
    return {place: Row(result, detail) for place, result, detail in map(json.loads, lines)}


def _names(difference: str) -> set[str]:
    return {part.partition(":")[0] for part in difference.split("; ")}


def _said_by_pip(project: Path, image: Path, cut_off: str) -> str:
    """Return what pip would install into an image, in the words of uv."""
    pip = [sys.executable, "-m", "pip", "--python", str(image / "bin" / "python"), "install", "--dry-run", "--quiet"]
    command = [*pip, "--uploaded-prior-to", cut_off, "--report", "report.json", "-r", "requirements.txt"]
    # Nothing of the machine's own configuration: constraints and further indexes would decide.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PIP_FIND_LINKS", "PIP_CONSTRAINT"}
    }
    environment["PIP_CONFIG_FILE"] = os.devnull
    completed = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if completed.returncode:
        return f"pip: {_short(completed.stderr)}"
    report = json.loads((project / "report.json").read_text(encoding="utf-8"))
    found = (each["metadata"] for each in report["install"])
    return "".join(f" + {each['name']}=={each['version']}\n" for each in found)


def _image(directory: Path, interpreters: Path, version: str) -> Path:
    found = sorted(interpreters.glob(f"{version}.*/bin/python"))
    if not found:
        sys.exit(f"there is no Python {version} in {interpreters}")
    image = directory / f"python{version}" / "image"
    image.parent.mkdir()
    everyday_lists.make_image(image, found[-1], IMAGES[version][0])
    return image


def _short(text: str) -> str:
    return " ".join(text.split())[:400]


if __name__ == "__main__":
    sys.exit(main())
