"""py-rattler asked directly, without anything of cortexlock: a child process, for its threads can crash an interpreter.

It reads a job as JSON on standard input: `channels` (URLs in order of priority), `specs` (MatchSpecs), `image` (records
as in a `repodata.json`), `virtual` (name, version, build) and `directory`, an empty one. It prints the solution as
JSON: name, version, build, file and sha256 of each package that is not the image's.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rattler import Channel, ChannelPriority, GenericVirtualPackage, MatchSpec, PackageName, RepoData, Version, solve
from rattler.exceptions import SolverError
from rattler.package import BuildString
from rattler.platform.subdir import Subdir
from rattler.repo_data import Gateway

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord


async def _solved(job: dict[str, Any], installed: list[RepoDataRecord]) -> list[RepoDataRecord]:
    async def attempt(priority: ChannelPriority) -> list[RepoDataRecord]:
        return await solve(
            [Channel(url) for url in job["channels"]],
            [MatchSpec(spec, strict=False) for spec in job["specs"]],
            gateway=Gateway(cache_dir=Path(job["directory"]) / "cache"),
            platforms=[Subdir("linux-64"), Subdir("noarch")],
            locked_packages=installed,
            virtual_packages=[
                GenericVirtualPackage(PackageName(name), Version(version), BuildString(build or "0"))
                for name, version, build in job["virtual"]
            ],
            channel_priority=priority,
        )

    try:
        return await attempt(ChannelPriority.Strict)
    except SolverError:
        if len(job["channels"]) == 1:
            raise
        return await attempt(ChannelPriority.Disabled)


def main() -> None:
    """Answer one job and end the process."""
    job = json.load(sys.stdin)
    image = Path(job["directory"]) / "image"
    path = image / "linux-64" / "repodata.json"
    path.parent.mkdir(parents=True)
    entries = {f"{each['name']}-{each['version']}-{each['build']}.tar.bz2": each for each in job["image"]}
    path.write_text(json.dumps({"info": {"subdir": "linux-64"}, "packages": entries}), encoding="utf-8")
    installed = RepoData.from_path(path).into_repo_data(Channel(image.as_uri()))
    found = [record for record in asyncio.run(_solved(job, installed)) if not record.url.startswith(image.as_uri())]
    entries_of = ((json.loads(record.to_json()), record) for record in found)
    rows = sorted(
        [record.name.normalized, str(record.version), entry["build"], record.file_name, entry.get("sha256") or ""]
        for entry, record in entries_of
    )
    sys.stdout.write(json.dumps(rows))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
