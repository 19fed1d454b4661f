"""Who supplies the credentials of a replay, and what to do where a server refuses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.errors import NetworkError
from cortexlock.inputs.credential_origins import Origin
from cortexlock.model.lockfile import Credentials, PipStep, ScriptStep
from cortexlock.model.package import BuildRequirement, FromGit, FromIndex, FromUrl, PipPackage
from cortexlock.pip.indexes import authorization
from cortexlock.pip.indexes.locations import Location

TOKEN = ("${TOKEN}",)
NAMES = ("TOKEN",)
PLACES = (
    Location("default", "https://index.example.org/simple/"),
    Location("extra-1", "https://a.example.org/simple/", origin=Origin("", "requirements.txt:1", NAMES)),
    Location("unused", "https://b.example.org/simple/", origin=Origin("", "requirements.txt:2", NAMES)),
)
KNOWN = (
    Origin("git+https://git.example.org/b@main#egg=b", "more.txt:3", file="more.txt"),
    Origin("https://files.example.org/c-1.0.whl", "requirements.txt:4", NAMES, missing=NAMES),
)


def _step(*packages: PipPackage, builds: tuple[PipPackage, ...] = ()) -> PipStep:
    return PipStep("requirements.txt", packages, tuple(BuildRequirement(each, ("x",)) for each in builds))


def test_only_what_is_used_needs_credentials(tmp_path: Path) -> None:
    packages = (
        PipPackage("plain", "1", source=FromIndex("default")),
        PipPackage("c", "1", source=FromUrl("https://files.example.org/c-1.0.whl")),
        PipPackage("b", "1", source=FromGit("https://git.example.org/b", "0" * 40)),
        PipPackage("open", "1", source=FromGit("https://git.example.org/open", "0" * 40)),
    )
    steps = (
        ScriptStep("script.sh", "0" * 64),
        _step(*packages, builds=(PipPackage("tool", "1", source=FromIndex("extra-1")),)),
    )
    assert authorization.suppliers(steps, PLACES, KNOWN, tmp_path) == (
        Credentials(TOKEN, index="extra-1"),
        Credentials(("more.txt",), package="b"),
        Credentials(TOKEN, package="c"),
    )
    assert authorization.suppliers(steps[:1], PLACES, KNOWN, tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("index-url: https://me:pw@index.example.org/simple/\n", (Credentials(("cortexlock.yaml",), index="default"),)),
        ("index-url: https://index.example.org/simple/\n", ()),
        (None, ()),
    ],
)
def test_credentials_of_the_command_line_are_no_matter_of_the_project(
    tmp_path: Path, text: str | None, expected: tuple[Credentials, ...]
) -> None:
    if text is not None:
        (tmp_path / "cortexlock.yaml").write_text(text)
    place = Location("default", "https://index.example.org/simple/", origin=Origin("", "index-url", file="index-url"))
    assert (
        authorization.suppliers((_step(PipPackage("a", "1", source=FromIndex("default"))),), (place,), (), tmp_path)
        == expected
    )


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (NetworkError("no answer", url="https://a.example.org/simple/x/", refused=True), "requirements.txt:1"),
        (
            NetworkError("no", url="https://a.example.org/simple/", status=403),
            "check the credentials: requirements.txt:1",
        ),
        (NetworkError("no", url="https://files.example.org/c-1.0.whl", status=401), "set TOKEN in the env"),
        (NetworkError("no", url="https://git.example.org/b", refused=True), "in more.txt:3"),
        (
            NetworkError("no", url="https://index.example.org/simple/", status=401),
            "give user and password, or a token, in its URL",
        ),
        (NetworkError("401", url="https://a.example.org/simple/", status=500, hint="as before"), "as before"),
        (
            NetworkError("no", url="https://c.example.org", status=401, hint="as before"),
            "as before",
        ),
        (NetworkError("no", refused=True, hint="as before"), "as before"),
    ],
)
def test_a_refusal_says_where_the_credentials_come_from(error: NetworkError, hint: str) -> None:
    assert hint in (authorization.hint(error, PLACES, KNOWN) or "")


def test_origins_are_read_with_what_is_included(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r more.txt\nx @ https://${TOKEN}@files.example.org/x.whl\n")
    (tmp_path / "more.txt").write_text("-i https://me:pw@index.example.org/simple/\n")
    found = authorization.origins(tmp_path, "requirements.txt", {"TOKEN": "t0k"})
    assert [(each.supplied_by, each.where) for each in found] == [
        (("more.txt",), "more.txt:1"),
        (TOKEN, "requirements.txt:2"),
    ]
    assert authorization.origins(tmp_path, "", {}) == ()
