"""Check the text of all files in the repository: no host name of a package index.

usage: check_text.py FILE...

A lockfile or a document that names the host of an index binds its readers to that index. The names are put together
here when they are needed, so that this file passes its own check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pip._internal.models.index import PyPI, TestPyPI


def forbidden_hosts() -> set[str]:
    """Return the host names that no file may have."""
    hosts = {urlsplit(each.simple_url).hostname or "" for each in (PyPI, TestPyPI)}
    hosts |= {each.file_storage_domain for each in (PyPI, TestPyPI)}
    hosts |= {".".join(parts) for parts in (("deb", "debian", "org"), ("registry", "npmjs", "org"))}
    return hosts


def problems_of(path: Path, hosts: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with a file, as `file:line: what`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return  # not text, or text in an encoding that a test is about
    for number, line in enumerate(lines, 1):
        for host in hosts:
            if host in line:
                yield f"{path}:{number}: the host name of a package index"


def main(names: list[str]) -> int:
    """Check the files, print what is wrong, return the exit code."""
    hosts = forbidden_hosts()
    problems = [problem for name in names if Path(name).is_file() for problem in problems_of(Path(name), hosts)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
