"""What an environment holds, as plain data: read from its files, so that nothing of it is imported or run.

cortexlock calls `snapshot` for an environment of the machine that it runs on, and for one in an image that does not
run, whose paths only look like those of `pathlib`. With the modules that it imports put into it (`snapshot_script`)
it is a script, too, for inside an image; that needs nothing but the standard library of Python 3.6 or later, and
prints the same data as JSON:

    docker run --rm -i IMAGE python - < snapshot.py > image.json
"""

import ast
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Set

from cortexlock.predictors.pip_settings import first_text, pip_settings

SNAPSHOT_VERSION = 1

_SITES = ("site-packages", "dist-packages")
_CUDA = Path("/usr/local/cuda")
_SPECS = re.compile(r"#\s*(update|install|create|remove|uninstall|neutered)\s+specs:\s*(.+)")
_NAME = re.compile(r"[\s=<>!~\[]")
_NUMBERS = re.compile(r"[0-9]+\.[0-9]+")


def snapshot(
    prefix: Path, sites: Sequence[Path], python: str, platform: Mapping[str, str], settings: Mapping[str, Any]
) -> Dict[str, Any]:
    """Describe an environment.

    Args:
        prefix: Its root; conda's records are in its `conda-meta`.
        sites: The directories that hold its Python distributions, in the order in which Python looks.
        python: The version of its interpreter, `3.6.9`.
        platform: `glibc`, `cuda` and `machine`, as `platform_here` returns them.
        settings: What configures pip, as `pip_settings` returns it.

    Returns:
        `glibc` and `cuda` are versions, `2.27` and `10.1`, empty where nothing tells, and `machine` is `x86_64`,
        `aarch64` or another. A distribution has the number of its `site`, the name of its metadata (`file`), the
        headers of its METADATA or PKG-INFO (`metadata`), the text of setuptools' requires.txt (`requires`), and
        whether it came from elsewhere than an index (`direct`). Of conda there are its version, empty where nothing
        tells, the specifications that were asked for (`conda-history`), and the lines of `pinned`.

    Raises:
        ValueError: A record of conda cannot be read; the message has its path.
        OSError: A file cannot be read.
    """
    return {
        "snapshot-version": SNAPSHOT_VERSION,
        "python": python,
        "glibc": platform["glibc"],
        "cuda": platform["cuda"],
        "machine": platform["machine"],
        "pip": settings,
        "has-conda": (prefix / "conda-meta").is_dir(),
        "distributions": _all_distributions(sites),
        "conda-records": [_record(path) for path in sorted((prefix / "conda-meta").glob("*.json"))],
        "conda-version": _conda_version(prefix),
        "conda-history": _conda_history(first_text(prefix / "conda-meta" / "history")),
        "conda-pinned": _lines(first_text(prefix / "conda-meta" / "pinned")),
    }


def _conda_version(prefix: Path) -> str:
    """Return the version of the conda that an environment is managed by: one of its own, or that of its base."""
    bases = (prefix, prefix.parent.parent if prefix.parent.name == "envs" else prefix)
    names = [path.name for base in bases for path in sorted((base / "conda-meta").glob("conda-[0-9]*.json"))]
    if names:
        return names[0].split("-")[1]  # `conda-4.7.12-py37_0.json`
    said = re.findall(r"^# conda version: (.+)$", first_text(prefix / "conda-meta" / "history"), re.MULTILINE)
    return said[-1].strip() if said else ""


def _conda_history(text: str) -> List[str]:
    """Return the specifications that conda holds to, as it reads its history: the last one of each package."""
    found = {}  # type: Dict[str, str]
    for line in text.splitlines():
        match = _SPECS.match(line)
        if match is None:
            continue
        for spec in _listed(match.group(2)):
            name = _NAME.split(spec.rpartition("::")[2].strip(), 1)[0]
            if match.group(1) in ("remove", "uninstall"):
                found.pop(name, None)
            else:
                found[name] = spec
    return [found[name] for name in sorted(found)]


def _listed(text: str) -> List[str]:
    """Return the items of a list as Python writes it, or separated by commas."""
    try:
        found = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        found = [part.strip() for part in text.split(",")]
    return [str(spec) for spec in found if spec] if isinstance(found, (list, tuple)) else []


def _lines(text: str) -> List[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def platform_here(environment: Mapping[str, str], *, cuda: Path = _CUDA) -> Dict[str, str]:
    """Return what the running machine has: the versions of the C library and of CUDA, and what kind of machine it is.

    Args:
        environment: Variables, of which one may tell the CUDA version (`CUDA_VERSION`, as NVIDIA's images have it).
        cuda: Where the CUDA toolkit is, if it is.
    """
    machine = os.uname().machine if hasattr(os, "uname") else ""
    return {"glibc": _glibc(), "cuda": _cuda(cuda, environment), "machine": machine}


def sites_of(prefix: Path, minor: str) -> List[Path]:
    """Return the directories of an environment that hold Python distributions, `minor` being its Python's, `3.6`."""
    libraries = [prefix / "lib" / ("python" + minor), prefix / "lib64" / ("python" + minor), prefix / "lib" / "python3"]
    return _there(library / name for library in libraries for name in _SITES)


def _there(paths: Iterator[Path]) -> List[Path]:
    """Return those directories that are there, each once, whatever the names that lead to it."""
    found = {path.resolve(): path for path in reversed([path for path in paths if path.is_dir()])}
    return list(reversed(list(found.values())))


def _all_distributions(sites: Sequence[Path]) -> List[Dict[str, Any]]:
    linked = set()  # type: Set[Path]
    return [each for number, site in enumerate(sites) for each in _distributions(number, site, linked)]


def _distributions(number: int, site: Path, linked: Set[Path]) -> Iterator[Dict[str, Any]]:
    for path in sorted(site.iterdir()):
        if path.name.startswith("~"):  # what pip leaves of an interrupted uninstallation
            continue
        metadata, direct = path, False
        if path.suffix == ".egg-link":
            metadata, direct = _linked(path), True
            linked.add(metadata.resolve())
        elif path.suffix == ".egg":
            metadata = path / "EGG-INFO"
        elif path.suffix not in (".dist-info", ".egg-info") or (linked and path.resolve() in linked):
            continue  # what an `.egg-link` leads to lies in a directory that a `.pth` names, too
        text = first_text(metadata / "METADATA", metadata / "PKG-INFO", metadata)
        if text or direct:
            yield {
                "site": number,
                "file": path.name,
                "metadata": text.partition("\n\n")[0].rstrip("\n") + "\n",
                "requires": first_text(metadata / "requires.txt"),
                "direct": direct or (metadata / "direct_url.json").is_file(),  # PEP 610
            }


def _linked(egg_link: Path) -> Path:
    """Return the `.egg-info` that setuptools' development mode leads to; it need not be there."""
    lines = first_text(egg_link).splitlines()
    directory = egg_link.parent / lines[0].strip() if lines else egg_link
    stem = re.sub(r"[^A-Za-z0-9.]+", "_", egg_link.stem)
    return directory / (stem + ".egg-info")


def _record(path: Path) -> Dict[str, Any]:
    try:
        record = json.loads(path.read_bytes().decode("utf-8"))
        return {
            "name": record["name"],
            "version": record["version"],
            "build": record.get("build", ""),
            "depends": list(record.get("depends", ())),
            "subdir": record.get("subdir") or "",
            "noarch": record.get("noarch") or "",
            "channel": record.get("channel") or "",
        }
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise ValueError(f"{path}: the record cannot be read") from None


def _glibc() -> str:
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""  # `glibc 2.27`
    except (AttributeError, OSError, ValueError):  # another C library, another system
        return ""
    return _numbers(said)


def _cuda(root: Path, environment: Mapping[str, str]) -> str:
    text = first_text(root / "version.json")
    try:
        said = json.loads(text)["cuda"]["version"] if text else ""
    except (KeyError, RecursionError, TypeError, ValueError):
        said = ""
    return _numbers(said or first_text(root / "version.txt") or environment.get("CUDA_VERSION", ""))


def _numbers(text: str) -> str:
    """Return major and minor version, the first numbers of a text, or nothing."""
    found = _NUMBERS.search(str(text))
    return found.group() if found else ""


def main() -> None:
    """Print what the environment of the running interpreter holds, as JSON."""
    sites = _there(Path(path) for path in sys.path if path)
    stage = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info[3], "")
    python = ".".join(str(number) for number in sys.version_info[:3])
    python += stage + str(sys.version_info[4]) if stage else ""
    try:
        settings = pip_settings(Path("/"), Path(sys.prefix), os.environ, Path.cwd())
        found = snapshot(Path(sys.prefix), sites, python, platform_here(os.environ), settings)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
