"""Let the tools that exports are for carry them out or read them, and print a table: the same packages each time.

usage: python -m tests.integration.export_tools [--python36 PYTHON] [--python312 PYTHON] [--conda CONDA]… [--only TEXT]

pip (old ones and today's) comes from the package index; everything else is on loopback. A tool that is not on this
machine is a row that says so. A CONDA beside the one that conda-lock ships is run, too: conda 4.7.12, for one. The
exit code is 1 where a tool sees other packages than the lockfile has.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.pylock import Pylock
from rattler.explicit_environment import ExplicitEnvironmentSpec
from uv import find_uv_bin

from cortexlock.lockfile.text import dumps
from cortexlock.model.predictor import CondaRecord
from tests.support import conda_program, dockerfile
from tests.support.conda_packages import Package, archive, locked, write_channel
from tests.support.environments import make_venv
from tests.support.file_server import ChannelServer
from tests.support.full_project import LOCKFILE, run
from tests.support.image import installed, write_conda_records
from tests.support.index_server import IndexServer
from tests.support.interpreters import find_python
from tests.support.replay import Case, make_case
from tests.support.wheels import make_wheel

PIP = {"demo": "1.0", "extra-tool": "2.1.post1", "six-like": "1.0"}
CONDA = {"libdemo": "1.0", "pydemo": "1.0"}
SHELLS = (("dash",), ("busybox", "sh"), ("bash", "--posix"))


class AbsentError(Exception):
    """A tool is not on this machine."""


@dataclass(frozen=True)
class Row:
    """A line of the table: who saw an export, and `same`, `absent`, or what is otherwise."""

    wanted: str
    tool: str
    result: str


@dataclass(frozen=True)
class Bench:
    """What tools are tried on: a project of one Python version, and where its files are served."""

    root: Path
    case: Case
    python: Path

    def export(self, wanted: str, *options: str) -> Path:
        """Write an export, and return its path."""
        path = self.root / f"pylock.{wanted}.toml" if wanted == "pylock" else self.root / wanted
        done = run("export", wanted, self.case.directory, "-o", path, "--partial", *options)
        if done.returncode:
            raise AssertionError(done.stderr)
        return path

    def environment(self, name: str, pip: str = "") -> Path:
        """Make an environment, with a pip from the package index."""
        prefix = make_venv(self.root / name, self.python)
        if pip:
            _run([find_uv_bin(), "pip", "install", "-q", "--python", prefix, "--no-config", pip])
        return prefix


def make_bench(root: Path, python: Path, version: str, index: str, channel: ChannelServer) -> Bench:
    """Make a project with a lockfile: three wheels, two conda packages."""
    root.mkdir()
    case = make_case(root, index_url=index, python=python, version=version)
    (case.directory / "cortexlock.yaml").write_text(
        f"predictor: python\ncortex-version: 0.23.0\nplatforms: [cpu]\nindex-url: {index}\n"
        f"channels: ['{channel.channel('main')}']\n"
    )
    (case.directory / "conda-packages.txt").write_text("libdemo\npydemo\n")
    for name, number in PIP.items():
        case.add(make_wheel(root, name, number))
    packages = [Package(name, number, files={f"share/{name}.txt": "text"}) for name, number in CONDA.items()]
    write_channel(channel.directory / "main", packages)
    case.conda += [locked(each, archive(each), channel=channel.channel("main")) for each in packages]
    write_conda_records(case.prefix, [CondaRecord("python", version)])
    lockfile = replace(case.lockfile, channels=(channel.channel("main"),))
    (case.directory / LOCKFILE).write_text(dumps(lockfile))
    return Bench(root, case, python)


def rows(old: Bench, new: Bench, condas: Sequence[Path]) -> Iterator[tuple[str, str, Callable[[], Mapping[str, str]]]]:
    """Yield what is tried: format, tool, and what returns the packages that it saw."""
    for pip in ("19.3.1", "21.3.1"):
        yield "requirements", f"pip {pip}, Python 3.6", lambda pip=pip: with_pip(old, f"pip=={pip}", "requirements")  # type: ignore[misc]  # mypy has no types of defaults
    yield "requirements", "pip 26, Python 3.12", lambda: with_pip(new, "pip>=26,<27", "requirements")
    yield "pylock", "packaging.pylock", lambda: with_packaging(new)
    yield "pylock", "pip 26, Python 3.12", lambda: with_pip(new, "pip>=26,<27", "pylock")
    yield "pylock", "uv pip sync", lambda: with_uv(new)
    yield "cyclonedx", "JSON schema 1.6, strict", lambda: with_schema(new)
    yield "conda-explicit", "py-rattler", lambda: with_rattler(new)
    for number, conda in enumerate(condas):
        name = _run([conda, "--version"]).strip()
        yield "conda-explicit", name, lambda conda=conda, number=number: with_conda(new, conda, number)  # type: ignore[misc]
        yield "script", f"sh, {name}", lambda conda=conda, number=number: with_shell(new, ("sh",), conda, f"c{number}")  # type: ignore[misc]
    for shell in SHELLS:
        yield "script", " ".join(shell), lambda shell=shell: with_shell(new, shell, condas[0], shell[0])  # type: ignore[misc]
    yield "script", "shellcheck", lambda: with_shellcheck(new)
    yield "dockerfile", "buildah (COPY)", lambda: with_buildah(new)
    yield "dockerfile", "sh, each line", lambda: with_lines(new, condas[0])


def with_pip(bench: Bench, pip: str, wanted: str) -> Mapping[str, str]:
    """Install with a pip."""
    prefix = bench.environment(f"{wanted}-{pip.strip('pi=>')}", pip)
    before = installed(prefix).keys()
    command = [prefix / "bin" / "python", "-m", "pip", "install", "--no-deps", "--no-cache-dir", "--no-input", "-r"]
    _run([*command, bench.export(wanted)])
    return {name: version for name, version in installed(prefix).items() if name not in before}


def with_packaging(bench: Bench) -> Mapping[str, str]:
    """Read with the library of PEP 751's author."""
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - of some versions
    else:
        import tomli as tomllib  # noqa: PLC0415 - of the others
    found = Pylock.from_dict(tomllib.loads(bench.export("pylock").read_text()))
    found.validate()
    return {str(each.name): str(each.version) for each in found.packages}


def with_uv(bench: Bench) -> Mapping[str, str]:
    """Install with uv."""
    prefix = bench.environment("uv")
    command = [find_uv_bin(), "pip", "sync", "--no-config", "--no-cache", "--preview-features", "pylock", "--python"]
    _run([*command, prefix, bench.export("pylock")])
    return installed(prefix)


def with_schema(bench: Bench) -> Mapping[str, str]:
    """Validate, and read what is not the image's."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - jsonschema makes 40 grammars as it is loaded: seconds
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - as above

    text = bench.export("cyclonedx").read_text()
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise AssertionError(str(wrong))
    found = {each["name"]: each for each in json.loads(text)["components"]}
    return {name: each["version"] for name, each in found.items() if each["properties"][0]["value"] == "add"}


def with_rattler(bench: Bench) -> Mapping[str, str]:
    """Read the list as rattler does."""
    entries = ExplicitEnvironmentSpec.from_path(bench.export("conda-explicit")).packages
    names = [each.url.rpartition("/")[2].rsplit("-", 2) for each in entries]
    return {name: version for name, version, _ in names}


def with_conda(bench: Bench, conda: Path, number: int) -> Mapping[str, str]:
    """Make an environment with a conda."""
    prefix = bench.root / f"conda{number}"
    command = [conda, "create", "--yes", "--prefix", prefix, "--file", bench.export("conda-explicit")]
    _run(command, conda_program.variables(bench.root / f"home{number}"))
    return _of_conda(prefix)


def with_shell(bench: Bench, shell: Sequence[str], conda: Path, name: str) -> Mapping[str, str]:
    """Carry the script out."""
    if shutil.which(shell[0]) is None:
        raise AbsentError
    prefix = bench.environment(f"script-{name}", "pip>=26,<27")
    before = installed(prefix).keys()
    write_conda_records(prefix, [CondaRecord("python", "3.12.1")])
    environment = conda_program.variables(bench.root / f"home-{name}") | {"CONDA_EXE": str(conda)}
    script = bench.export("script")
    said = _run([*shell, script, "--project", bench.case.directory, "--prefix", prefix], environment)
    if not said.endswith("as locked\n"):
        raise AssertionError(said)
    return {**{n: v for n, v in installed(prefix).items() if n not in before}, **_of_conda(prefix)}


def with_shellcheck(bench: Bench) -> Mapping[str, str]:
    """Let it be read for what is no POSIX shell."""
    if shutil.which("shellcheck") is None:
        raise AbsentError
    _run(["shellcheck", "--shell=sh", "--severity=info", bench.export("script")])
    return {**PIP, **CONDA}


def with_buildah(bench: Bench) -> Mapping[str, str]:
    """Build the image on an empty base, which has no shell: everything but the lines that need one."""
    if shutil.which("buildah") is None:
        raise AbsentError
    directory = bench.export("dockerfile")
    lines = (directory / "Dockerfile").read_text().splitlines()
    copies = bench.root / "Dockerfile"
    copies.write_text("".join(f"{line}\n" for line in lines if not line.startswith("RUN ")))
    storage = ["--root", bench.root / "storage", "--runroot", bench.root / "run", "--storage-driver", "vfs"]
    command = ["buildah", *storage, "build", "--isolation", "chroot", "--build-arg", "BASE=scratch"]
    _run([*command, "--file", copies, directory])
    text = (directory / "cortexlock.cpu.sh").read_text()
    packages = (line.split() for line in text.partition("packages() {")[2].partition("\n}")[0].splitlines()[2:-1])
    return {line[1]: line[2] for line in packages}


def with_lines(bench: Bench, conda: Path) -> Mapping[str, str]:
    """Carry each line out in an environment of this machine."""
    if not dockerfile.is_possible():
        raise AbsentError
    prefix, scratch = bench.environment("dockerfile-prefix", "pip>=26,<27"), bench.root / "scratch"
    before = installed(prefix).keys()
    write_conda_records(prefix, [CondaRecord("python", "3.12.1")])
    own = {"CONDA_EXE": str(conda), "VIRTUAL_ENV": str(prefix)}
    environment = {**os.environ, **conda_program.variables(bench.root / "home-dockerfile"), **own}
    scratch.mkdir()
    done = dockerfile.carry_out(bench.export("dockerfile"), scratch, environment)
    if done.returncode or not done.stdout.endswith("as locked\n"):
        raise AssertionError(done.stdout[-300:] + done.stderr[-500:])
    return {**{n: v for n, v in installed(prefix).items() if n not in before}, **_of_conda(prefix)}


def _of_conda(prefix: Path) -> dict[str, str]:
    records = (json.loads(path.read_bytes()) for path in prefix.glob("conda-meta/*.json"))
    return {each["name"]: each["version"] for each in records if each["name"] != "python"}


def _run(command: Sequence[object], environment: Mapping[str, str] | None = None) -> str:
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True, env=variables)
    if done.returncode:
        message = f"{command[0]} ends with {done.returncode}: {done.stdout[-300:]}{done.stderr[-500:]}"
        raise AssertionError(message)
    return done.stdout


def table(root: Path, python36: Path, python312: Path, condas: Sequence[Path], only: str = "") -> Iterator[Row]:
    """Yield the rows of the table.

    Args:
        root: An empty directory.
        python36: A Python 3.6.
        python312: A Python 3.12.
        condas: Condas beside the one that conda-lock ships.
        only: Of the rows, those with this text.
    """
    for name in ("wheelhouse", "channels"):
        (root / name).mkdir()
    with IndexServer(root / "wheelhouse") as index, ChannelServer(root / "channels") as channel:
        old = make_bench(root / "old", python36, "3.6.9", index.simple_url, channel)
        new = make_bench(root / "new", python312, "3.12.1", index.simple_url, channel)
        for path in (*old.root.glob("*.whl"), *new.root.glob("*.whl")):
            shutil.copy(path, root / "wheelhouse")
        every = [conda_program.make_conda(root / "program"), *condas]
        for wanted, tool, see in rows(old, new, every):
            if only not in f"{wanted} {tool}":
                continue
            expected = {"requirements": PIP, "pylock": PIP, "conda-explicit": CONDA}.get(wanted, {**PIP, **CONDA})
            try:
                seen = see()
            except AbsentError:
                yield Row(wanted, tool, "absent")
            except AssertionError as error:
                yield Row(wanted, tool, str(error))
            else:
                yield Row(wanted, tool, "same" if seen == expected else f"other packages: {dict(seen)}")


def main() -> int:
    """Print the table; return 1 if a tool saw something else."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python36", type=Path, default=find_python("3.6", env=os.environ))
    parser.add_argument("--python312", type=Path, default=find_python("3.12", env=os.environ))
    parser.add_argument("--conda", type=Path, action="append", default=conda_program.further(os.environ))
    parser.add_argument("--only", default="", help="only the rows with this text")
    options = parser.parse_args()
    wrong = False
    with tempfile.TemporaryDirectory(prefix="export-tools-") as root:
        for row in table(Path(root), options.python36, options.python312, options.conda, options.only):
            wrong |= row.result not in {"same", "absent"}
            print(f"{row.wanted:15} {row.tool:25} {row.result}", flush=True)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
