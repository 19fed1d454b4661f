"""Make the package data of the predictor catalog from the source data in this directory.

    python catalog/make_catalog.py [--output DIRECTORY]

reads `predictors.json` (the images' facts) and `closures.json` (what is installed in them) and writes `images.json`
and `distributions.json`. It needs the standard library and `packaging`, and no network; the same sources give the same
bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "cortexlock" / "predictors" / "data"

PLATFORM_ORDER = ("cpu", "cuda", "inf")
STEP_OF = {"shell": "script", "conda": "conda", "core": "core", "pip": "pip"}
SCRIPT_NAMES = ["script.sh", "dependencies.sh"]
UBUNTU_18_04_PYTHON = "3.6.9"
"""The patch level of Ubuntu 18.04's python3.6 package when 0.15 was released; the Dockerfiles do not say it."""

_OF_PYTHON = "python >=3.6,<3.7.0a0"
CONDA_DEPENDS = {
    "certifi": [_OF_PYTHON],
    "pip": ["python >=3", "setuptools", "wheel"],
    "python": [],
    "setuptools": ["certifi >=2016.9.26", _OF_PYTHON],
    "wheel": ["python >=3"],
}
"""What conda-forge's packages of 2020 and 2021 depend on, as far as they are in the catalog."""
_NOARCH_PIP = Version("20.0")
"""From this release on conda-forge's pip is for every Python; before, it was built for one."""

Fact = dict[str, Any]


class Installed(NamedTuple):
    """A distribution as it stands in `distributions.json`."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str | None = None
    on_index: bool = True


class Table:
    """Values that are written once and referred to by their position."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._positions: dict[str, int] = {}

    def position(self, value: object) -> int:
        """Return the position of `value`, which is added if it is new."""
        key = json.dumps(value, sort_keys=True)
        if key not in self._positions:
            self._positions[key] = len(self.values)
            self.values.append(value)
        return self._positions[key]


def main(arguments: list[str] | None = None) -> int:
    """Write the package data."""
    parser = argparse.ArgumentParser(description="Make the package data of the predictor catalog.")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the directory to write to")
    output: Path = parser.parse_args(arguments).output
    facts: list[Fact] = json.loads((HERE / "predictors.json").read_text(encoding="utf-8"))
    closures = Closures.read(HERE / "closures.json")
    images, distributions = catalog(facts, closures)
    output.mkdir(parents=True, exist_ok=True)
    for name, text in (("images.json", images), ("distributions.json", distributions)):
        (output / name).write_bytes(text.encode())
        print(f"{name}: {len(text.encode()):,} bytes")
    return 0


class Closures:
    """What `make_closures.py` found; nothing yet is fine."""

    def __init__(self, source: Fact) -> None:
        self._runs: Fact = source.get("runs", {})
        self._run_of: dict[str, str] = source.get("images", {})
        self._distributions: Fact = {
            pin: {**entry, "requires": [_readable(text) for text in entry.get("requires", ())]}
            for pin, entry in source.get("distributions", {}).items()
        }

    @classmethod
    def read(cls, path: Path) -> Closures:
        """Read the file, if it is there."""
        return cls(json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})

    def of(self, image: str) -> tuple[str, list[Installed], list[list[str]]] | None:
        """Return how the closure of `image` was found, its distributions and its conda packages; None: not known."""
        run = self._runs.get(self._run_of.get(image, ""))
        if run is None:
            return None
        return run["closure"], [self.distribution(*pin.split("==")) for pin in run["installed"]], run["conda"]

    def distribution(self, name: str, version: str, *, on_index: bool = True) -> Installed:
        """Return a distribution with its metadata; without, and with the given `on_index`, where they are not known."""
        found = self._distributions.get(f"{name}=={version}", {"on_index": on_index})
        return Installed(
            name,
            version,
            tuple(found.get("requires", ())),
            tuple(found.get("extras", ())),
            found.get("requires_python"),
            found.get("on_index", True),
        )


def catalog(facts: list[Fact], closures: Closures) -> tuple[str, str]:
    """Return the text of `images.json` and `distributions.json`."""
    profiles, cores, sets = Table(), Table(), Table()
    chosen = [
        (fact, slim, closures.of(_tag_name(fact, slim=slim)) or documented(fact, closures, slim=slim))
        for fact in sorted(facts, key=_image_order)
        for slim in ((False, True) if fact["pip_slim"] is not None else (False,))
    ]
    distributions = sorted({one for _, _, (_, installed, _) in chosen for one in installed}, key=_distribution_order)
    positions = {(one.name, one.version): position for position, one in enumerate(distributions)}
    if len(positions) != len(distributions):
        raise SystemExit("a distribution has two sets of metadata")
    images: dict[tuple[str, str], Fact] = {}
    for fact, slim, (how, installed, conda) in chosen:
        here = sets.position(
            {
                "closure": how,
                "conda": [
                    [name, version, _conda_depends(name, version), _conda_noarch(name, version)]
                    for name, version in sorted(conda)
                ],
                "distributions": sorted(positions[one.name, one.version] for one in installed),
            }
        )
        entry = images.setdefault((fact["image"], fact["cortex_version"]), _image(fact, profiles, cores))
        entry["slim_set" if slim else "set"] = here
    whole = {"images": list(images.values()), "profiles": profiles.values, "cores": cores.values, "sets": sets.values}
    return _lines_of(whole), _list_text([_compact(one) for one in distributions])


def _image(fact: Fact, profiles: Table, cores: Table) -> Fact:
    files = fact["dependency_files"]
    profile = {
        "channels": fact["channels"]["run_time"] or [],
        "files": {
            "script": SCRIPT_NAMES if files["shell"] else [],
            "conda": files["conda"],
            "pip": files["pip"],
        },
        "glibc": fact["glibc"],
        "has_conda": fact["conda_version"] is not None,
        # `Miniconda3-4.7.12.1`: the installer's version, which has a number of its own after conda's.
        "conda_version": ".".join((fact["conda_version"] or "").rpartition("-")[2].split(".")[:3]),
        "conda_history": sorted(fact["conda"]),
        "conda_channel": next(iter(fact["channels"]["create"]), ""),
        "order": [STEP_OF[step] for step in fact["order"]],
        "python": _python(fact),
    }
    return {
        "type": fact["predictor_type"],
        "release": fact["cortex_version"],
        "platform": fact["accelerator"],
        "image": fact["image"],
        "released": _utc(fact["released"]),
        "cuda": fact["cuda"],
        "tags": sorted({tag["tag"].rpartition("/")[2] for tag in fact["tags"]}),
        "profile": profiles.position(profile),
        "core": cores.position(_unique([*fact["core_requirements"], *fact["core_local"]])),
    }


def _readable(text: str) -> str:
    """Return a `Requires-Dist` value with the comma that old tools did without: `grpcio (>=1.0<2)`."""
    try:
        Requirement(text)
    except InvalidRequirement:
        text = re.sub(r"(?<=[\w*])(?=[<>=!~])", ",", text)
        Requirement(text)
    return text


def documented(fact: Fact, closures: Closures, *, slim: bool) -> tuple[str, list[Installed], list[list[str]]]:
    """Return what the Dockerfile itself names: exact pins, local packages, the interpreter."""
    found: dict[str, Installed] = {}
    for text in fact["pip_slim" if slim else "pip"]:
        pin = _pin(text)
        if pin is not None:
            found[pin[0]] = closures.distribution(*pin, on_index="+" not in pin[1])
    for local in fact["pip_local"]:
        name = str(canonicalize_name(local["name"]))
        requires = tuple(str(Requirement(text)) for text in local["install_requires"])
        found[name] = Installed(name, local["version"], requires, on_index=False)
    conda = [["python", _python(fact)]] if fact["conda_version"] is not None else []
    return "documented", list(found.values()), conda


def _pin(text: str) -> tuple[str, str] | None:
    """Return the name and version that a requirement pins exactly."""
    if "://" in text:
        name, version, _, _ = parse_wheel_filename(unquote(text.rpartition("/")[2]))
        return str(name), str(version)
    requirement = Requirement(text)
    pins = [specifier for specifier in requirement.specifier if specifier.operator == "=="]
    if len(pins) != 1 or pins[0].version.endswith(".*"):
        return None
    return str(canonicalize_name(requirement.name)), str(Version(pins[0].version))


def _conda_depends(name: str, version: str) -> list[str]:
    depends = CONDA_DEPENDS[name]
    bound = name == "pip" and Version(version) < _NOARCH_PIP
    return [_OF_PYTHON, *depends[1:]] if bound else depends


def _conda_noarch(name: str, version: str) -> str:
    of_pure_python = name == "wheel" or (name == "pip" and Version(version) >= _NOARCH_PIP)
    return "python" if of_pure_python else ""


def _python(fact: Fact) -> str:
    python: str = fact["python"]
    return python if python.count(".") > 1 else UBUNTU_18_04_PYTHON


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tag_name(fact: Fact, *, slim: bool) -> str:
    return f"{fact['image']}{'-slim' if slim else ''}:{fact['cortex_version']}"


def _image_order(fact: Fact) -> tuple[str, Version, int]:
    return fact["predictor_type"], Version(fact["cortex_version"]), PLATFORM_ORDER.index(fact["accelerator"])


def _distribution_order(one: Installed) -> tuple[str, Version, tuple[str, ...]]:
    return one.name, Version(one.version), one.requires


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _compact(one: Installed) -> list[object]:
    """Return a row without the empty fields at its end."""
    row: list[object] = [one.name, one.version, one.requires, one.extras, one.requires_python, one.on_index]
    for empty in (True, None, (), ()):
        if row[-1] != empty:
            break
        row.pop()
    return row


def _lines_of(whole: dict[str, list[Any]]) -> str:
    """Return the tables as JSON, one row per line: reviewable, and hardly larger."""
    return "{" + ",\n".join(f"{_json(name)}:{_list_text(rows)[:-1]}" for name, rows in whole.items()) + "}\n"


def _list_text(rows: list[Any]) -> str:
    return "[\n" + ",\n".join(_json(row) for row in rows) + "\n]\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
