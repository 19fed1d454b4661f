"""Names of packages to upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import UsageError
from cortexlock.lock.upgrade_names import refuse_unknown

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris-classifier"


@pytest.mark.parametrize("name", ["scikit-learn", "Scikit_Learn", "numpy"])
def test_what_is_locked(name: str) -> None:
    refuse_unknown(EXAMPLE, [name])


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("nosuchpkg", "nosuchpkg is not in the lockfile", "name a package that a lockfile has"),
        ("scikit-lern", "scikit-lern is not in the lockfile", "did you mean scikit-learn?"),
        ("_", "_ is not in the lockfile", "name a package that a lockfile has"),
        ("numpy==1.0", "`numpy==1.0` is not the name of a package", "say the name alone"),
        ("", "`` is not the name of a package", "say the name alone"),
    ],
)
def test_what_is_not(name: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unknown(EXAMPLE, ["numpy", name])
    assert (caught.value.what, caught.value.where) == (what, "--upgrade-package")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


def test_nothing_is_locked(tmp_path: Path) -> None:
    refuse_unknown(tmp_path, ["numpy"])
