"""Make the package's compact mapping of conda package names to Python distributions.

usage: make_conda_mapping.py MAPPING OUTPUT

MAPPING is parselmouth's published mapping of conda-forge's packages (BSD-3-Clause), a JSON object of lists of PyPI
names by conda name. OUTPUT gets one line for each conda package whose distributions are not just the one of its own
name: `conda-name distribution ...`, sorted; a name alone is a package that depends on Python and brings none.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

# Not in the mapping, because they bring no distribution, although they depend on Python.
_NONE = """
_anaconda_depends anaconda arrow-cpp backports boost cpython glib gobject-introspection libboost libboost-python
libpython-static mpl_sample_data numpy-base numpy-devel opencv py-boost python python-abi3 xcb-proto
"""
_HEADER = """\
# Conda packages that bring other Python distributions than the one of their own name: `conda-name distribution ...`.
# Made by catalog/make_conda_mapping.py from parselmouth's published mapping of conda-forge (BSD-3-Clause).
"""


def normalized(name: str) -> str:
    """Return a distribution's name as PEP 503 normalizes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def compact(mapping: dict[str, list[str]]) -> str:
    """Return the compact mapping of what cannot be told from the conda name."""
    lines = []
    for conda, names in sorted({**{name: [] for name in _NONE.split()}, **mapping}.items()):
        distributions = sorted({normalized(name) for name in names})
        if distributions != [normalized(conda)]:
            lines.append(" ".join([conda, *distributions]) + "\n")
    return _HEADER + "".join(lines)


def main(source: str, target: str) -> None:
    """Write the mapping."""
    text = compact(json.loads(Path(source).read_text(encoding="utf-8")))
    Path(target).write_text(text, encoding="utf-8", newline="\n")
    print(f"{target}: {text.count(chr(10)) - _HEADER.count(chr(10))} packages, {len(text)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
