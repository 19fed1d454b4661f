"""The versions of pip and pip-tools whose internals are known."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from cortexlock.errors import UsageError
from cortexlock.pip.internals import supported_versions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def _pretend(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    def version(name: str) -> str:
        found = versions.get(name.replace("-", "_"))
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(supported_versions, "version", version)


def test_what_is_installed_here_is_supported() -> None:
    supported_versions.check()


def test_pyproject_bounds_both_from_above() -> None:
    pyproject = tomllib.loads(Path(__file__).parents[3].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    declared = {each.name: each for each in map(Requirement, pyproject["project"]["dependencies"])}
    for name in ("pip", "pip-tools"):
        assert any(bound.operator == "<" for bound in declared[name].specifier), name
        assert declared[name].specifier.contains(metadata.version(name)), f"the internals of this {name} are not tested"


@pytest.mark.parametrize(("pip", "pip_tools"), [("26.1", "7.6.2"), ("99.0", "7.6.2"), ("26.3", "8.0"), ("26.3", None)])
def test_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch, pip: str, pip_tools: str | None) -> None:
    monkeypatch.setattr(
        supported_versions, "requires", lambda _name: ["pip<26.4,>=26.2", "pip-tools<7.7,>=7.6.2", "rich"]
    )
    _pretend(monkeypatch, pip=pip, pip_tools=pip_tools)
    with pytest.raises(UsageError, match=r"cortexlock works with pip(-tools)?[<>].* only") as caught:
        supported_versions.check()
    assert "pip install" in (caught.value.hint or "")


def test_source_tree_promises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supported_versions, "_DISTRIBUTION", "not-installed-anywhere")
    _pretend(monkeypatch)
    supported_versions.check()
