"""Make `channel/`: a conda channel with three small packages, the same bytes with any Python and on any day.

usage: build_channel.py [DIRECTORY]

DIRECTORY is `channel` beside this file by default. Needs Python 3.10 or later and nothing else.

- `greeting` 1.0 and 2.0: pure Python (`noarch: python`) with a command, `greet`. 2.0 was built in 2021: a lock as of
  June 2020 does not see it.
- `accelerator` 1.0: a Python module for Python 3.6 in two builds. The one for CUDA depends on the virtual package
  `__cuda`, which only an image with CUDA has.
"""

from __future__ import annotations

import base64
import bz2
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

GREETING = '''\
"""Greetings."""

import sys


def greeting(name):
    """Return a greeting for `name`."""
    return "Hello, {}!".format(name)


def main():
    """Greet whom the command line names."""
    print(greeting(" ".join(sys.argv[1:]) or "world"))
'''

ACCELERATOR = '''\
"""Arithmetic, on what this build was made for."""

DEVICE = "{device}"


def total(numbers):
    """Return the sum of `numbers`."""
    return sum(numbers)
'''


def dist_info(name: str, version: str, site_packages: str, modules: Mapping[str, str]) -> dict[str, str]:
    """Return the files that tell pip of an installed distribution (PEP 376), beside its modules.

    Args:
        name: The distribution.
        version: Its version.
        site_packages: Where the modules go.
        modules: Their source, by file name.
    """
    info = f"{name}-{version}.dist-info"
    files = dict(modules)
    files[f"{info}/INSTALLER"] = "conda\n"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    rows = [f"{path},sha256={record_hash(text)},{len(text.encode())}" for path, text in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    return {f"{site_packages}/{path}": text for path, text in files.items()}


def record_hash(text: str) -> str:
    """Return a hash as RECORD has it: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def archive(index: Mapping[str, object], files: Mapping[str, str], commands: Sequence[str] = ()) -> bytes:
    """Return a conda package, format 1 (`.tar.bz2`).

    Args:
        index: What `info/index.json` says.
        files: The content of each file, by its path in the environment.
        commands: Entry points of a `noarch: python` package, `name = module:function`.
    """
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_in_bytes": len(text.encode()),
        }
        for path, text in sorted(files.items())
    ]
    members = {
        "info/about.json": as_json({}),
        "info/files": "".join(f"{path}\n" for path in sorted(files)),
        "info/index.json": as_json(index),
        "info/paths.json": as_json({"paths": paths, "paths_version": 1}),
        **files,
    }
    if "noarch" in index:
        noarch = {"type": "python", "entry_points": list(commands)}
        members["info/link.json"] = as_json({"noarch": noarch, "package_metadata_version": 1})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, text in sorted(members.items()):
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return bz2.compress(buffer.getvalue())


def as_json(value: object) -> str:
    """Return JSON with sorted keys."""
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def index(name: str, version: str, build: str, built: str, depends: Sequence[str], **more: object) -> dict[str, object]:
    """Return the index of a package; `built` is its date, `more` what is not usual."""
    moment = datetime.fromisoformat(built).replace(tzinfo=timezone.utc)
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": 0,
        "depends": list(depends),
        "license": "Apache-2.0",
        "subdir": "linux-64",
        "timestamp": int(moment.timestamp()) * 1000,
        **more,
    }


def packages() -> list[tuple[dict[str, object], bytes]]:
    """Return the channel's packages: index and archive of each."""
    made = []
    for version, built in (("1.0", "2020-03-01"), ("2.0", "2021-03-01")):
        greeting = index("greeting", version, "py_0", built, ["python >=3.6"], subdir="noarch", noarch="python")
        files = dist_info("greeting", version, "site-packages", {"greeting.py": GREETING})
        made.append((greeting, archive(greeting, files, ["greet = greeting:main"])))
    for device, number, depends in (("cpu", 0, []), ("cuda", 1, ["__cuda >=10"])):
        accelerator = index(
            "accelerator",
            "1.0",
            f"py36_{device}_{number}",
            "2020-03-01",
            [*depends, "python >=3.6,<3.7.0a0"],
            build_number=number,
        )
        module = {"accelerator.py": ACCELERATOR.format(device=device)}
        files = dist_info("accelerator", "1.0", "lib/python3.6/site-packages", module)
        made.append((accelerator, archive(accelerator, files)))
    return made


def write_channel(directory: Path) -> None:
    """Write the archives and `repodata.json` of each subdir."""
    entries: dict[str, dict[str, object]] = {"linux-64": {}, "noarch": {}}
    for entry, content in packages():
        file = f"{entry['name']}-{entry['version']}-{entry['build']}.tar.bz2"
        subdir = str(entry["subdir"])
        entries[subdir][file] = {
            **entry,
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        (directory / subdir).mkdir(parents=True, exist_ok=True)
        (directory / subdir / file).write_bytes(content)
    for subdir, found in entries.items():
        repodata = {"info": {"subdir": subdir}, "packages": found, "packages.conda": {}, "repodata_version": 1}
        (directory / subdir / "repodata.json").write_text(as_json(repodata), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_channel(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "channel")
