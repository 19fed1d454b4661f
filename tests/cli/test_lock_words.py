"""What a lock has to tell of the lines of files, in words."""

from __future__ import annotations

import pytest

from cortexlock.cli.lock_words import words
from cortexlock.model import lock_facts as facts


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (
            facts.InUtf16("conda-packages.txt"),
            "conda-packages.txt is UTF-16: it is read here, but the image's own conda fails on it; save it as UTF-8",
        ),
        (
            facts.NotCarried("e.yml", 3, "prefix"),
            "e.yml:3: `prefix` is not carried: the environment is where `install --prefix` says",
        ),
        (
            facts.NotCarried("e.yml", None, "category"),
            "e.yml: `category` is not carried: a lockfile has no categories",
        ),
        (
            facts.CommentedSelector("e.yml", 7, "# [linux]"),
            "e.yml:7: `# [linux]` is a comment to conda: the line counts everywhere",
        ),
    ],
)
def test_lines_of_files(fact: facts.Note, said: str) -> None:
    assert words(fact) == said
