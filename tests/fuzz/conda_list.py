"""Fuzz the reader of conda lists: whatever the bytes, it ends in a value or in one error that names the file.

    pip install atheris
    python tests/fuzz/conda_list.py -max_total_time=600 [CORPUS]

The options are libFuzzer's. It is not part of the tests: tests/inputs/test_conda_list.py has the quick version.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # no dependency of the tests

with atheris.instrument_imports(include=["cortexlock"]):
    from cortexlock.errors import InputError
    from cortexlock.inputs import conda_list, conda_spec

NAME = "conda-packages.txt"


def main() -> None:
    """Run the fuzzer."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / NAME

        def one(content: bytes) -> None:
            path.write_bytes(content)
            try:
                listed = conda_list.read(path, name=NAME)
            except InputError as error:
                if not str(error).startswith(NAME):
                    raise AssertionError(error) from error
                return
            for spec in listed.specs:
                again = conda_spec.conda_text(spec)
                if not spec.name or spec.name not in again:
                    raise AssertionError(spec)

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
