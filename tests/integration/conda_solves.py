"""Compare what is decided on top of an image with what conda 4.7.12 did, by tables of its answers.

    python -m tests.integration.conda_solves TABLE... [--repodata DIRECTORY] [--http] [--whole] [--most N] [--only ID]

A TABLE has a JSON object on each line: `id`, `lines` (a `--file` list), `image` (records), `history` (specifications),
`repodata` (records by subdir) or `channels` (several of them, the highest first, or names of directories in DIRECTORY),
`cuda` (a version), and in `conda` or on its own `link` (what conda links: name, version and build of each) or `error`
(what it refuses with). A line without `id` has the image and the history of all others.

The solver is asked as the embedded executable asks it, in this process; with `--whole` all of a lock takes part, and a
process is started for each. `--http` serves the channels on loopback. Each list is solved twice, with a cold cache and
with a warm one. The exit code is 1 where any answer differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlock.conda import image_conda, image_document
from cortexlock.conda.channels import resolve_all
from cortexlock.conda.solve import CondaRequest, solve
from cortexlock.errors import NoSolutionError
from cortexlock.inputs.conda_list import parse_line
from cortexlock.model.predictor import CondaRecord, Predictor
from cortexlock.model.target import Target
from tests.support.file_server import ChannelServer

Row = tuple[str, str, str]
"""Name, version and build of a package."""

FILE = "conda-packages.txt"
_FORMER_CHANNEL = "conda-forge"  # that the images' packages are from


@dataclass(frozen=True, slots=True)
class Case:
    """A list on top of an image, and what conda made of it.

    Attributes:
        name: Its name in the table.
        lines: The list.
        image: The image.
        channels: By subdir, the records by file name; or the name of a directory.
        links: What conda links; None: it refuses.
    """

    name: str
    lines: tuple[str, ...]
    image: Predictor
    channels: tuple[Mapping[str, Any] | str, ...]
    links: frozenset[Row] | None


def read(table: Path) -> Iterator[Case]:
    """Yield the cases of a table."""
    common: Mapping[str, Any] = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        row = {**common, **json.loads(line)}
        if "id" not in row:
            common = row
            continue
        answer = row.get("conda", row)
        links = None if "error" in answer else frozenset((each[0], each[1], each[2]) for each in answer["link"])
        channels = tuple(row.get("channels") or [row["repodata"]])
        yield Case(row["id"], tuple(row["lines"]), _predictor(row), channels, links)


def _predictor(row: Mapping[str, Any]) -> Predictor:
    records = tuple(
        CondaRecord(
            each["name"],
            each["version"],
            each["build"],
            tuple(each["depends"]),
            each["subdir"],
            each.get("noarch") or "",
            _FORMER_CHANNEL,
        )
        for each in row["image"]
    )
    return Predictor(
        type="python",
        cortex_version="0.16.0",
        platform="cuda" if row.get("cuda") else "cpu",
        image="",
        slim=False,
        released="",
        python=next((record.version for record in records if record.name == "python"), "3.6.9"),
        glibc="2.27",
        cuda=row.get("cuda"),
        has_conda=True,
        channels=(),
        order=("conda",),
        conda_records=records,
        conda_version="4.7.12",
        conda_history=tuple(row["history"]),
    )


def write_channels(case: Case, directory: Path, repodata: Path) -> tuple[str, ...]:
    """Write the channels of a case below a directory, and return their names there."""
    names = []
    for number, channel in enumerate(case.channels):
        name = f"channel-{number}"
        names.append(name)
        if isinstance(channel, str):
            shutil.copytree(repodata / channel, directory / name)
            continue
        for subdir, packages in channel.items():
            (directory / name / subdir).mkdir(parents=True)
            document = {"info": {"subdir": subdir}, "packages": packages, "packages.conda": {}}
            (directory / name / subdir / "repodata.json").write_text(json.dumps(document), encoding="utf-8")
    return tuple(names)


def decided(case: Case, channels: Sequence[str], directory: Path, *, whole: bool) -> frozenset[Row] | None:
    """Return what is linked; None: it is refused.

    Args:
        case: What to solve.
        channels: Their addresses.
        directory: Where repodata is cached.
        whole: Whether all of a lock takes part.
    """
    if whole:
        try:
            return locked_rows(case, channels, directory)
        except NoSolutionError:
            return None
    from cortexlock.conda.executable.channel_records import Places  # noqa: PLC0415 - py-rattler
    from cortexlock.conda.executable.conflicts import RefusedRequestError  # noqa: PLC0415 - as above
    from cortexlock.conda.executable.solution import Question  # noqa: PLC0415 - as above
    from cortexlock.conda.executable.solution import solve as solve_on  # noqa: PLC0415 - as above

    document = directory / "image.json"
    image_document.write(
        document,
        case.image.conda_records,
        subdir=case.image.subdir,
        history=case.image.conda_history,
        pinned=(),
        aggressive_updates=image_conda.AGGRESSIVE_UPDATES,
        previous=None,
    )
    machine = image_conda.virtual_packages(case.image.conda_version, Target.of(case.image).virtual_packages)
    specs: dict[str, str] = {}
    for line in case.lines:
        spec = parse_line(line, name=FILE, line=1)
        said = ",".join(part for part in (specs.get(spec.name, ""), spec.version) if part)
        specs[spec.name] = said
        if spec.build:
            specs[spec.name] = f"{said or '*'} {spec.build}"
    question = Question(
        specs=tuple(f"{name} {said}".strip() for name, said in specs.items()),
        places=Places(resolve_all(channels, project=directory), "linux-64", directory / "cache"),
        virtual_packages=tuple((each.name, each.version, each.build) for each in machine),
        priority="flexible",
        image=json.loads(document.read_text(encoding="utf-8")),
    )
    try:
        with tempfile.TemporaryDirectory() as workspace:
            found = solve_on(question, Path(workspace))
    except RefusedRequestError:
        return None
    return frozenset((each["name"], each["version"], each["build"]) for each in found if "url" in each) | _moved(
        case, {each["name"]: each["version"] for each in found}
    )


def locked_rows(case: Case, channels: Sequence[str], directory: Path) -> frozenset[Row]:
    """Return what a lock links: what it takes from the channels, and what of the image moves to another Python.

    Raises:
        CortexlockError: There is no lock.
    """
    request = CondaRequest(
        specs=tuple(parse_line(line, name=FILE, line=number) for number, line in enumerate(case.lines, 1)),
        file=FILE,
        predictor=case.image,
        target=Target.of(case.image),
        channels=tuple(channels),
        project=directory,
        exclude_newer=None,
        conda=None,
        cache=directory / "cache",
    )
    solution = solve(request, on_progress=lambda _: None)
    after = {record.name: record.version for record in case.image.conda_records}
    after |= {package.name: package.version for package in solution.packages}
    taken = frozenset((each.name, each.version, each.build) for each in solution.packages if each.file)
    return taken | _moved(case, after, without={row[0] for row in taken})


def _moved(case: Case, after: Mapping[str, str], *, without: Sequence[str] | set[str] = ()) -> frozenset[Row]:
    """Return what conda links anew of the image, for another Python: what is of pure Python."""
    before = {record.name: record.version for record in case.image.conda_records}
    minors = {".".join(versions.get("python", "").split(".")[:2]) for versions in (before, after)}
    if len(minors) == 1:
        return frozenset()
    return frozenset(
        (each.name, each.version, each.build)
        for each in case.image.conda_records
        if each.noarch == "python" and after.get(each.name) == each.version and each.name not in without
    )


@contextlib.contextmanager
def _addresses(case: Case, directory: Path, repodata: Path, *, http: bool) -> Iterator[tuple[str, ...]]:
    (directory / "channels").mkdir()
    names = write_channels(case, directory / "channels", repodata)
    if not http:
        yield tuple((directory / "channels" / name).as_uri() for name in names)
        return
    with ChannelServer(directory / "channels") as server:
        yield tuple(server.channel(name) for name in names)


def compare(case: Case, repodata: Path, *, http: bool = False, whole: bool = False) -> str:
    """Return what differs from conda's answer; nothing where nothing does."""
    with tempfile.TemporaryDirectory() as scratch, _addresses(case, Path(scratch), repodata, http=http) as channels:
        cold, warm = (decided(case, channels, Path(scratch), whole=whole) for _ in range(2))
    if cold != warm:
        return f"cold: {_shown(cold)}, warm: {_shown(warm)}"
    return "" if cold == case.links else f"conda: {_shown(case.links)}, here: {_shown(cold)}"


def _shown(rows: frozenset[Row] | None) -> str:
    return "refused" if rows is None else ", ".join("=".join(row) for row in sorted(rows)) or "nothing"


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tables", nargs="+", type=Path)
    parser.add_argument("--repodata", type=Path, default=Path())
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--most", type=int)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    differ = False
    for table in options.tables:
        cases = [case for case in read(table) if not options.only or case.name in options.only][: options.most]
        same = 0
        for case in cases:
            said = compare(case, options.repodata, http=options.http, whole=options.whole)
            same += not said
            if said:
                print(f"{case.name}: {', '.join(case.lines)}: {said}")
        print(f"{table.name}: {same} of {len(cases)} the same")
        differ = differ or same != len(cases)
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
