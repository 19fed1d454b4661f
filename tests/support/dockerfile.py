"""Exported Dockerfiles carried out on this machine in place of an image: each COPY, each RUN, as they are written.

They run in a namespace of their own, in which `/opt` is what the Dockerfile makes of it; the environment that they
install into is the caller's. Privileges are not needed, where the system lets users have namespaces.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAMESPACE = ("/usr/bin/unshare", "--user", "--map-root-user", "--mount")
_OPT = """\
set -e
mkdir -p "$1/opt"
mount --rbind /opt "$1/opt"
mount -t tmpfs tmpfs /opt
for each in "$1"/opt/*/; do
    [ -d "$each" ] || continue
    name=$(basename "$each"); mkdir "/opt/$name"; mount --rbind "$each" "/opt/$name"
done
"""
_IN_BRACKETS = re.compile(r"\[(.)\]")
_SECRETS = re.compile(r"--mount=type=secret,id=\w+,env=\w+ ")


def carry_out(
    directory: Path, scratch: Path, environment: Mapping[str, str], *, network: bool = True
) -> subprocess.CompletedProcess[str]:
    """Carry a Dockerfile out, but for its base.

    Args:
        directory: Where it is: the context of the build.
        scratch: An empty directory.
        environment: The variables of the image, and the secrets of the build.
        network: Whether there is one.

    Returns:
        The process; standard output is that of all RUN lines.
    """
    text = (directory / "Dockerfile").read_text(encoding="utf-8")
    script = "".join([_OPT, *(f"{line}\n" for line in _commands(text, directory))])
    command = [*_NAMESPACE, *([] if network else ["--net"]), "/bin/sh", "-c", script, "sh", str(scratch)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd="/")


def is_possible() -> bool:
    """Whether this system lets its users have namespaces."""
    try:
        return subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _commands(text: str, directory: Path) -> Iterator[str]:
    for line in text.splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "COPY":
            *sources, target = (each.replace("\\$", "$") for each in json.loads(rest))
            files = [shlex.quote(str(directory / _IN_BRACKETS.sub(r"\1", each))) for each in sources]
            yield f"mkdir -p {shlex.quote(target)} && cp -p {' '.join(files)} {shlex.quote(target)}"
        elif instruction == "RUN":
            yield f"/bin/sh -c {shlex.quote(_SECRETS.sub('', rest))}"
        elif instruction not in {"#", "ARG", "FROM", ""}:
            raise AssertionError(line)
