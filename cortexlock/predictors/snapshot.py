"""What an environment holds, as plain data: read from its files, so that nothing of it is imported or run.

cortexlock calls `snapshot` for an environment of the machine that it runs on, and for one in an image that does not
run, whose paths only look like those of `pathlib`. The module is a script, too, for inside an image; it needs nothing
but the standard library of Python 3.6 or later, and prints the same data as JSON:

    docker run --rm -i IMAGE python - < snapshot.py > image.json
"""

import ast
import codecs
import configparser
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence

SNAPSHOT_VERSION = 1

_SITES = ("site-packages", "dist-packages")
_CUDA = Path("/usr/local/cuda")
_PIP_CONFIGURATIONS = ("etc/xdg/pip/pip.conf", "etc/pip.conf")
_PIP_USER_CONFIGURATIONS = ("root/.pip/pip.conf", "root/.config/pip/pip.conf")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_USUAL_CONSTRAINTS = "etc/pip/constraint.txt"  # as NVIDIA's images have it
_INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX", "UV_DEFAULT_INDEX")
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
        "distributions": [each for number, site in enumerate(sites) for each in _distributions(number, site)],
        "conda-records": [_record(path) for path in sorted((prefix / "conda-meta").glob("*.json"))],
        "conda-version": _conda_version(prefix),
        "conda-history": _conda_history(_first_text(prefix / "conda-meta" / "history")),
        "conda-pinned": _lines(_first_text(prefix / "conda-meta" / "pinned")),
    }


def _conda_version(prefix: Path) -> str:
    """Return the version of the conda that an environment is managed by: one of its own, or that of its base."""
    bases = (prefix, prefix.parent.parent if prefix.parent.name == "envs" else prefix)
    names = [path.name for base in bases for path in sorted((base / "conda-meta").glob("conda-[0-9]*.json"))]
    if names:
        return names[0].split("-")[1]  # `conda-4.7.12-py37_0.json`
    said = re.findall(r"^# conda version: (.+)$", _first_text(prefix / "conda-meta" / "history"), re.MULTILINE)
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


def pip_settings(root: Path, prefix: Path, environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return what configures pip in an image: files of constraints, and which variables name indexes.

    Args:
        root: The root of its file system.
        prefix: The environment.
        environment: The variables of its containers. Where they name no constraints, pip's configuration files may.

    Returns:
        `constraints`: of each file its `file` and `text`, None where it is not there. `variables`: names, sorted.
    """
    named = " ".join(environment.get(name, "") for name in ("PIP_CONSTRAINT", "UV_CONSTRAINT")).split()
    if not environment.get("PIP_CONSTRAINT"):
        named += _configured_constraints([_first_text(path) for path in _configurations(root, prefix, environment)])
    named = [re.sub("^file://(localhost)?(?=/)", "", name) for name in named]
    if not named and (root / _USUAL_CONSTRAINTS).is_file():
        named = ["/" + _USUAL_CONSTRAINTS]
    files = []
    for name in dict.fromkeys(named):
        path = root / name.lstrip("/")
        there = "://" not in name and path.is_file()
        files.append({"file": name, "text": _first_text(path) if there else None})
    return {"constraints": files, "variables": sorted(name for name in _INDEX_VARIABLES if environment.get(name))}


def _configurations(root: Path, prefix: Path, environment: Mapping[str, str]) -> List[Path]:
    """Return the configuration files that pip reads, the last one counting most: for all, the user's, `prefix`'s."""
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    own = root / named.lstrip("/")
    if not named or not own.is_file():
        return [root / name for name in (*_PIP_CONFIGURATIONS, *_PIP_USER_CONFIGURATIONS)] + [prefix / "pip.conf"]
    return [root / name for name in _PIP_CONFIGURATIONS] + [prefix / "pip.conf", own]


def _configured_constraints(texts: Sequence[str]) -> List[str]:
    """Return the files of constraints that configuration files of pip name, of which the last one counts."""
    said = {}  # type: Dict[str, str]
    for text in texts:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        for section in ("global", "install"):
            if parser.has_option(section, "constraint"):
                said[section] = parser.get(section, "constraint")
    return said.get("install", said.get("global", "")).split()


def sites_of(prefix: Path, minor: str) -> List[Path]:
    """Return the directories of an environment that hold Python distributions, `minor` being its Python's, `3.6`."""
    libraries = [prefix / "lib" / ("python" + minor), prefix / "lib64" / ("python" + minor), prefix / "lib" / "python3"]
    return _there(library / name for library in libraries for name in _SITES)


def _there(paths: Iterator[Path]) -> List[Path]:
    """Return those directories that are there, each once, whatever the names that lead to it."""
    found = {path.resolve(): path for path in reversed([path for path in paths if path.is_dir()])}
    return list(reversed(list(found.values())))


def _distributions(number: int, site: Path) -> Iterator[Dict[str, Any]]:
    for path in sorted(site.iterdir()):
        if path.name.startswith("~"):  # what pip leaves of an interrupted uninstallation
            continue
        metadata, direct = path, False
        if path.suffix == ".egg-link":
            metadata, direct = _linked(path), True
        elif path.suffix == ".egg":
            metadata = path / "EGG-INFO"
        elif path.suffix not in (".dist-info", ".egg-info"):
            continue
        text = _first_text(metadata / "METADATA", metadata / "PKG-INFO", metadata)
        if text or direct:
            yield {
                "site": number,
                "file": path.name,
                "metadata": text.partition("\n\n")[0].rstrip("\n") + "\n",
                "requires": _first_text(metadata / "requires.txt"),
                "direct": direct or (metadata / "direct_url.json").is_file(),  # PEP 610
            }


def _linked(egg_link: Path) -> Path:
    """Return the `.egg-info` that setuptools' development mode leads to; it need not be there."""
    lines = _first_text(egg_link).splitlines()
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
    text = _first_text(root / "version.json")
    try:
        said = json.loads(text)["cuda"]["version"] if text else ""
    except (KeyError, RecursionError, TypeError, ValueError):
        said = ""
    return _numbers(said or _first_text(root / "version.txt") or environment.get("CUDA_VERSION", ""))


def _numbers(text: str) -> str:
    """Return major and minor version, the first numbers of a text, or nothing."""
    found = _NUMBERS.search(str(text))
    return found.group() if found else ""


def _first_text(*paths: Path) -> str:
    """Return the text of the first of these files that is there, or nothing; of a byte order mark as pip reads it."""
    for path in paths:
        if path.is_file():
            content = path.read_bytes()
            found = [(mark, name) for mark, name in _BOMS if content.startswith(mark)]
            mark, name = found[0] if found else (b"", "utf-8")
            return content[len(mark) :].decode(name, "replace").replace("\r\n", "\n")
    return ""


def main() -> None:
    """Print what the environment of the running interpreter holds, as JSON."""
    sites = _there(Path(path) for path in sys.path if Path(path).name in _SITES)
    python = ".".join(str(number) for number in sys.version_info[:3])
    try:
        settings = pip_settings(Path("/"), Path(sys.prefix), os.environ)
        found = snapshot(Path(sys.prefix), sites, python, platform_here(os.environ), settings)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
