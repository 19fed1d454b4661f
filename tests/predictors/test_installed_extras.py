"""Extras of what an image has: those that are not installed stay out of its file."""

from __future__ import annotations

from cortexlock.model.predictor import Distribution
from cortexlock.model.target import Target
from cortexlock.predictors.installed_extras import without_others

MARKERS = Target("cpu", "linux-64", (3, 11, 9), (2, 31), None).marker_environment


def _only(*distributions: Distribution) -> dict[str, Distribution]:
    return {one.name: one for one in without_others(distributions, MARKERS)}


def test_extras_that_nobody_installed() -> None:
    requires = (
        "idna",
        "pysocks>=1.5; extra == 'socks'",
        "brotli>=2; extra == 'brotli'",
        "six<2; extra == 'legacy' and python_version >= '3'",
        "winonly; extra == 'legacy' and sys_platform == 'win32'",
        "win; sys_platform == 'win32'",
        "not a requirement",
    )
    one = Distribution("urllib3", "2.0", requires, ("socks", "brotli", "legacy", "empty"))
    found = _only(one, Distribution("idna", "3"), Distribution("brotli", "1"), Distribution("six", "1.16"))
    assert found["urllib3"].extras == ("legacy", "empty")
    assert found["urllib3"].requires == (requires[0], requires[3], *requires[4:])


def test_extras_that_ask_for_each_other() -> None:
    package = Distribution(
        "attrs",
        "23",
        ("attrs[tests]; extra == 'dev'", "attrs[dev]; extra == 'tests'", "pytest; extra == 'tests'"),
        ("dev", "tests"),
    )
    assert _only(package)["attrs"] == Distribution("attrs", "23")
    assert _only(package, Distribution("pytest", "8"))["attrs"] == package


def test_extras_of_others() -> None:
    app = Distribution("app", "1", ("Lib[Fast_One]; extra == 'all'",), ("all",))
    lib = Distribution("lib", "1", ("numpy; extra == 'fast-one'",), ("fast-one",))
    assert _only(app, lib)["app"] == Distribution("app", "1")
    assert _only(app, lib, Distribution("numpy", "2"))["app"] == app
    assert _only(app, Distribution("lib", "1"))["app"] == app  # an extra that there is not is nobody's


def test_what_is_on_no_index_keeps_all() -> None:
    one = Distribution("own", "1+local", ("pytest; extra == 'dev'",), ("dev",), on_index=False)
    assert _only(one)["own"] == one
