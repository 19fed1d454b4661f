"""What pip did when an image was built: its commands as facts, made anew in an environment, and read back."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from closure_builds import environment, headers, make_environment
from closure_index import same_version, stub
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

if TYPE_CHECKING:
    from closure_builds import Builds
    from closure_index import File, Index

LAST_OF_PIP_19 = datetime(2020, 1, 20, tzinfo=timezone.utc)
"""Before this date the newest pip was 19.3.1, which is what `pip=19.*` means."""
NEW_RESOLVER = Version("20.3")
CONDA_LAG = timedelta(days=1)
"""conda-forge had a release of these packages about a day after the index had it."""

CONDA_FORGE_NEWEST = {"setuptools": Version("49.6.0")}
"""conda-forge had no newer setuptools than this from August 2020 to the last release of the images, in May 2021."""
REMOVED = {"onnxruntime-gpu": "onnxruntime"}
"""What has been removed from the index, and the project that was built of the same source, with the same metadata."""

DOCUMENTED = {
    # Neuron's release notes quote the requirement; Cortex's list of pre-installed packages has the result, 1.15.4.
    "tensorflow-neuron==1.15.3": ["tensorflow<1.16.0,>=1.15.0"],
    # Cortex's list of pre-installed packages has torch 1.5.1 from 0.20 on, and no pin of the image asks for it.
    "torch-neuron==1.5.1": ["torch==1.5.1"],
}
"""What is known of distributions whose index cannot be read, by the beginning of their pins."""

Fact = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """How an image's packages came in: what is the same here has the same outcome.

    Attributes:
        cutoff: Date and time of the release, RFC 3339, UTC.
        conda: Whether conda made the environment, which brings certifi.
        pip: `19.*`, or empty for the newest of the day.
        steps: The pip commands in order: arguments, and the content of their requirements file.
        local: Cortex's own packages: path, name, version, requirements.
    """

    cutoff: str
    conda: bool
    pip: str
    steps: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    local: tuple[tuple[str, str, str, tuple[str, ...]], ...]

    @property
    def key(self) -> str:
        """A short hash of all of it."""
        text = json.dumps([self.cutoff, self.conda, self.pip, self.steps, self.local])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @classmethod
    def of(cls, fact: Fact, *, slim: bool) -> Recipe:
        """Read the recipe of an image from its facts."""
        steps = [step for step in fact["pip_steps"] if step["in_slim"] or not slim]
        return cls(
            cutoff=datetime.fromisoformat(fact["released"]).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            conda=fact["conda_version"] is not None,
            pip=fact["pip_version"] or "",
            steps=tuple(_arguments(step) for step in steps),
            local=tuple(
                (one["path"], one["name"], one["version"], tuple(one["install_requires"])) for one in fact["pip_local"]
            ),
        )


def _arguments(step: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a command's arguments with one `-r -` for its requirements files, and what these hold."""
    words = iter(shlex.split(step["command"])[2:])
    arguments: list[str] = []
    for word in words:
        if word == "-r":
            next(words)
            if "-r" not in arguments:
                arguments += ["-r", "-"]
        elif word in {"--find-links", "--extra-index-url"}:
            next(words)
            arguments.append("--others" if word == "--extra-index-url" else "--more")
        elif word != "--no-cache-dir":
            arguments.append(word)
    given = list(step["requirements"])
    for word in arguments:
        if word in given:
            given.remove(word)
    return tuple(arguments), tuple(given)


@dataclass
class Stubs:
    """The wheels that are on no index, made of the metadata that can be known, in a directory for pip."""

    recipe: Recipe
    index: Index
    builds: Builds
    directory: Path
    off_index: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    _local: dict[str, Path] = field(default_factory=dict)

    def make(self) -> None:
        """Write all that the recipe asks for."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for path, name, version, requires in self.recipe.local:
            lines = [f"Requires-Dist: {Requirement(text)}" for text in requires]
            self._local[path] = self._write(name, version, _metadata(name, version, lines))
        for arguments, given in self.recipe.steps:
            for text in [*arguments, *given]:
                if "://" in text or "==" in text:
                    self._pin(text, others="--others" in arguments)

    def path_of(self, argument: str) -> str:
        """Return what stands for an argument: the wheel for a local path or a URL, else the argument."""
        return str(self._local.get(argument, argument))

    def _pin(self, text: str, *, others: bool) -> None:
        if "://" in text:
            name, version = map(str, parse_wheel_filename(unquote(text.rpartition("/")[2]))[:2])
        else:
            name, version = (part.strip() for part in text.partition(";")[0].split("=="))
        project = str(canonicalize_name(name))
        public = version.partition("+")[0]
        if self._files(project, public) and public == version:
            return
        files = self._files(project, public) or self._files(REMOVED.get(project, project), public)
        if files:
            metadata = self.index.metadata(files[0], self.builds.metadata, self.recipe.cutoff)
            metadata = re.sub(r"(?m)^Version: .*$", f"Version: {version}", metadata, count=1)
            metadata = re.sub(r"(?m)^Name: .*$", f"Name: {name}", metadata, count=1)
        elif others:
            known = next((DOCUMENTED[start] for start in DOCUMENTED if text.startswith(start)), [])
            metadata = _metadata(name, version, [f"Requires-Dist: {one}" for one in known])
            self.unknown.add(project)
        else:
            raise SystemExit(f"{text}: not on the index by {self.recipe.cutoff}")
        self._local[text] = self._write(name, version, metadata)

    def _files(self, project: str, version: str) -> list[File]:
        cutoff = datetime.fromisoformat(self.recipe.cutoff.replace("Z", "+00:00"))
        return [file for file in self.index.as_of(project, cutoff) if same_version(str(file.version), version)]

    def _write(self, name: str, version: str, metadata: str) -> Path:
        escaped = name.replace("-", "_")
        path = self.directory / f"{escaped}-{version}-py3-none-any.whl"
        path.write_bytes(stub(escaped, version, metadata))
        self.off_index.add(str(canonicalize_name(name)))
        return path


def _metadata(name: str, version: str, lines: list[str]) -> str:
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines]) + "\n"


@dataclass
class Machine:
    """What a recipe is carried out with."""

    python: Path
    index: Index
    builds: Builds
    address: str
    work: Path

    def carry_out(self, recipe: Recipe) -> Fact:
        """Let pip install a recipe's packages; return what is there then."""
        tools = self._tools(recipe)
        stubs = Stubs(recipe, self.index, self.builds, self.work / "stubs" / recipe.key)
        stubs.make()
        prefix = self.work / "environment"
        wheels = [self.index.download(tools[name]) for name in tools]
        site = make_environment(self.python, prefix, wheels)
        for arguments, given in recipe.steps:
            self._pip(prefix, recipe, stubs, [*arguments], given)
        found = dict(_installed(site, stubs.off_index))
        conda = [[name, str(tools[name].version)] for name in sorted(tools)]
        return {
            "closure": "partial" if stubs.unknown else "resolved",
            "conda": [*conda, ["python", "3.6.9"]] if recipe.conda else [],
            "cutoff": recipe.cutoff,
            "distributions": found,
            "installed": sorted(found),
            "pip": str(tools["pip"].version),
            "unknown": sorted(stubs.unknown),
        }

    def _tools(self, recipe: Recipe) -> dict[str, Any]:
        """Return the files of what is there before pip's first command."""
        release = datetime.fromisoformat(recipe.cutoff.replace("Z", "+00:00"))
        cutoff = release - CONDA_LAG if recipe.conda else release
        names = ("certifi", "pip", "setuptools", "wheel") if recipe.conda else ("pip", "setuptools", "wheel")
        tools = {
            name: self.index.newest(
                name,
                LAST_OF_PIP_19 if name == "pip" and recipe.pip == "19.*" else cutoff,
                limit=CONDA_FORGE_NEWEST.get(name) if recipe.conda else None,
            )
            for name in names
        }
        if tools["pip"].version >= NEW_RESOLVER:
            raise SystemExit(f"pip {tools['pip'].version} has the new resolver, the images' pips have the old one")
        return tools

    def _pip(self, prefix: Path, recipe: Recipe, stubs: Stubs, arguments: list[str], given: tuple[str, ...]) -> None:
        env = environment(self.work)
        command: list[str | Path] = [prefix / "bin/python", "-m", "pip", "install", "--no-cache-dir", "--no-compile"]
        command += ["--index-url", f"{self.address}/stub/{recipe.cutoff}/", "--find-links", stubs.directory]
        for argument in arguments:
            if argument in {"--more", "--others"}:
                continue  # where the stubs stand for what these had
            if argument == "-":
                listed = self.work / "requirements.txt"
                listed.write_text("".join(f"{line}\n" for line in given), encoding="utf-8")
                command.append(listed)
            else:
                command.append(stubs.path_of(argument) if "://" in argument or "/" in argument else argument)
        done = subprocess.run(command, env=env, cwd=self.work, capture_output=True, text=True, check=False)
        (self.work / "pip.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode:
            raise SystemExit(f"pip failed: {' '.join(map(str, command))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _installed(site: Path, off_index: set[str]) -> Iterator[tuple[str, Fact]]:
    """Read the metadata of all that is installed, by `name==version`, the fields with their empty ones left out."""
    for path in sorted(site.glob("*.dist-info/METADATA")):
        fields = headers(path.read_text(encoding="utf-8", errors="surrogateescape"))
        name = str(canonicalize_name(fields["Name"][0]))
        entry = {
            "requires": [" ".join(text.split()) for text in fields.get("Requires-Dist", [])],
            "extras": fields.get("Provides-Extra", []),
            "requires_python": next(iter(fields.get("Requires-Python", [])), None),
        }
        kept: Fact = {field: value for field, value in entry.items() if value}
        if name in off_index:
            kept["on_index"] = False
        yield f"{name}=={Version(fields['Version'][0])}", kept
