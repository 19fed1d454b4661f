"""Lock real lists of requirements of model servers on small images, and compare each with uv in the same image.

usage: python -m tests.integration.serving_lists [--python-version VERSION]... [--only TEXT] [--first N] [--ask-pip]
           [--keep FILE] [--cache DIRECTORY]

`data/serving-lists.json` has the lists: names of packages, versions and markers as they stood in a file of a public
repository, and the Python that it was written for. What leads to other servers than the index (URLs, repositories,
options) was left out. The images are as in `everyday_lists`, with packages of their time; so is the cut-off date.

A list that neither of the two installs is `both refuse`; one that only uv or only cortexlock refuses is named with the
reason. uv stands in for pip, which is much slower: with `--ask-pip`, pip decides where uv does otherwise, on the same
image as of the same date: `pip install --dry-run` of this environment's pip from Python 3.10 on, else the last pip that
runs there (`own_pip.py`). What pip installs as locked is `as pip`, what it does not is `not as pip`; what only one of
the two refuses is asked of it as well. Which of several solutions pip comes to first depends on the order of the lines,
where a lock has one order, whatever theirs: what pip installs of the sorted lines only is `as pip, sorted`.

With `--keep`, results are written to a file, and what is there is not done again, but for what pip is yet to be asked.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cortexlock.model.predictor import Distribution
from tests.integration import everyday_lists
from tests.integration.own_pip import Installed, OwnPips, serving

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

_TO_ASK = ("differs", "uv refuses", "cortexlock refuses")
"""The results that pip itself decides."""

_PIPS = {"3.6": "21.3.1", "3.8": "25.0.1"}
"""The last pip that runs under a Python version, where that of this environment does not."""


Judge = Callable[[Path], Installed]
"""Returns what a pip adds and changes for a project."""


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
    parser.add_argument("--cache", type=Path, help="where --ask-pip keeps answers of the index")
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
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="serving-"))
        images = {
            version: _image(Path(directory), options.interpreters, version)
            for version in sorted({each["python"] for each in lists})
        }
        judges: Mapping[str, Judge] = {}
        if options.ask_pip:
            judges = _judges(stack, images, (options.cache or Path(directory) / "index").resolve())
        kept = {place: row for place, row in _kept(options.keep).items() if row.result not in _TO_ASK or not judges}
        for number, each in enumerate(lists):
            started = time.monotonic()
            place = f"{each['repository']}/{each['path']}"
            row = kept.get(place) or compared(
                Path(directory) / f"list-{number}", images[each["python"]], each, judges.get(each["python"])
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
    return 1 if counts["differs"] or counts["not as pip"] or counts["cortexlock refuses"] else 0


def compared(project: Path, image: Path, each: Mapping[str, Any], judge: Judge | None) -> Row:
    """Lock a list in an empty directory, and compare it with uv, or with pip where uv does otherwise."""
    project.mkdir()
    lines: Sequence[str] = each["lines"]
    (project / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    cut_off = IMAGES[each["python"]][1]
    ours = everyday_lists.lock(project, image, cut_off)
    theirs = everyday_lists.dry_run(project, image, cut_off)
    said = [f"exit {ours.returncode}: {_short(ours.stderr)}"] if ours.returncode else []
    said += [f"uv: {_short(theirs.stderr)}"] if theirs.returncode else []
    if ours.returncode and theirs.returncode:
        return Row("both refuse", " || ".join(said))
    row = Row("uv refuses" if theirs.returncode else "cortexlock refuses", " || ".join(said))
    if not said:
        versions = everyday_lists.of_uv(theirs.stderr)
        difference = everyday_lists.difference(project, versions, "uv")
        if difference == "equal":
            return Row("equal")
        row = Row("differs", f"{difference}{_kept_by_uv(project, versions, IMAGES[each['python']][0])}")
    if judge is None:
        return row
    of_pip = _difference_from_pip(project, judge(project))
    if not of_pip:
        return Row("as pip", f"not as uv: {row.detail}")
    (project / "requirements.txt").write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
    if not _difference_from_pip(project, judge(project)):
        return Row("as pip, sorted", f"not as uv: {row.detail}; {of_pip}")
    return Row("not as pip", f"{row.detail}; {of_pip}")


def _kept_by_uv(project: Path, theirs: Mapping[str, str], image: Sequence[Distribution]) -> str:
    """Return which distributions of the image uv keeps that are changed in a lockfile, as a reason; or nothing."""
    changed = everyday_lists.installed(project)
    names = [each.name for each in image if each.name in changed and each.name not in theirs]
    return f"; uv keeps {', '.join(sorted(names))} of the image" if names else ""


def _difference_from_pip(project: Path, found: Installed) -> str:
    """Return what differs between a project's lockfile and what pip installs, or nothing; both may refuse."""
    is_locked = (project / "cortexlock.cpu.yaml").exists()
    if found.error:
        return f"pip refuses it: {_short(found.error[-300:])}" if is_locked else ""
    if not is_locked:
        return "pip installs it"
    different = everyday_lists.difference(project, found.versions, "pip")
    return "" if different == "equal" else f"from pip: {different}"


def _judges(stack: ExitStack, images: Mapping[str, Path], cache: Path) -> dict[str, Judge]:
    """Return the pip of each Python; those of old ones have an index served until the stack is closed."""
    found: dict[str, Judge] = {}
    for name, image in images.items():
        if name not in _PIPS:
            found[name] = partial(_dry_run, image, IMAGES[name][1])
            continue
        major, _, minor = name.partition(".")
        version = (int(major), int(minor))
        pips = stack.enter_context(serving(image / "bin" / "python", cache / name, version=version))
        found[name] = partial(_old_pip, name, pips)
    return found


def _dry_run(image: Path, cut_off: str, project: Path) -> Installed:
    """Return what this environment's pip would install."""
    completed = everyday_lists.pip_dry_run(project, image, cut_off)
    if completed.returncode:
        return Installed({}, completed.stderr)
    return Installed(everyday_lists.of_pip(completed.stdout))


def _old_pip(python: str, pips: OwnPips, project: Path) -> Installed:
    """Return what the last pip for a Python adds and changes."""
    image, cut_off = IMAGES[python]
    found = pips.install(image, project, cut_off, pip=_PIPS[python])
    before = {each.name: each.version for each in image}
    return Installed({name: said for name, said in found.versions.items() if before.get(name) != said}, found.error)


def _kept(file: Path | None) -> dict[str, Row]:
    """Return the rows of a file of results, by repository and path; the last one counts."""
    lines = file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []
    return {place: Row(result, detail) for place, result, detail in map(json.loads, lines)}


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
