"""Where credentials come from."""

from __future__ import annotations

import pytest

from cortexlock.errors import InputError, UsageError
from cortexlock.inputs import credential_origins
from cortexlock.inputs.credential_origins import Origin
from cortexlock.inputs.requirements_text import Line

ENVIRONMENT = {"TOKEN": "a/b@c#d", "NAME": "me", "HOST": "example.org", "INDEX": "https://me:pw@example.org/simple/"}


def lines(*texts: str) -> list[Line]:
    return [Line("requirements.txt", number, text) for number, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/simple/", None),
        ("https://${HOST}/simple/", None),
        ("ssh://git@example.org/x.git", None),
        ("https://me:pw@example.org/simple/", Origin("https://example.org/simple/", "f.txt:1", file="f.txt")),
        ("https://t0ken@${HOST}/simple/", Origin("https://example.org/simple/", "f.txt:1", file="f.txt")),
        ("https://${NAME}:${TOKEN}@${HOST}/x", Origin("https://example.org/x", "f.txt:1", ("NAME", "TOKEN"), "f.txt")),
        ("https://me:${NONE}@example.org/x", Origin("https://example.org/x", "f.txt:1", ("NONE",), "f.txt", ("NONE",))),
        ("${INDEX}", Origin("https://example.org/simple/", "f.txt:1", ("INDEX",), "f.txt")),
    ],
)
def test_the_origin_of_credentials(text: str, expected: Origin | None) -> None:
    assert credential_origins.origin(text, file="f.txt", where="f.txt:1", environment=ENVIRONMENT) == expected


def test_a_locked_url_finds_its_line() -> None:
    known = list(
        credential_origins.origins(
            lines(
                "-e git+https://${TOKEN}@example.org/b-more.git@main#egg=b",
                "--extra-index-url https://example.org/simple/",
                "b @ git+https://${TOKEN}@example.org/b@main#subdirectory=x",
                "c @ https://me:pw@example.org/c-1.0-py3-none-any.whl#sha256=00",
            ),
            ENVIRONMENT,
        )
    )
    found = credential_origins.of_url("https://example.org/b", known)
    assert found is not None
    assert found.where == "requirements.txt:3"
    found = credential_origins.of_url("https://example.org/c-1.0-py3-none-any.whl", known)
    assert found is not None
    assert found.supplied_by == ("requirements.txt",)
    assert credential_origins.of_url("https://example.org/simple/", known) is None


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        (Origin("", "f.txt:2", ("A", "B"), missing=("B",)), "set B in the environment: f.txt:2 takes"),
        (Origin("", "f.txt:2", ("A", "B")), "f.txt:2 takes them from A and B in the environment"),
        (Origin("", "f.txt:2", file="f.txt"), "check the credentials in f.txt:2"),
    ],
)
def test_the_hint_says_where_they_come_from(origin: Origin, hint: str) -> None:
    assert hint in origin.hint


@pytest.mark.parametrize("text", ["-i https://${NONE}@example.org/", "x @ https://example.org/${NONE}/x.whl"])
def test_a_variable_without_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NONE, which the line needs, is not set") as caught:
        credential_origins.check(lines("six", text), ENVIRONMENT)
    assert caught.value.where == "requirements.txt:2"


@pytest.mark.parametrize(
    "text",
    [
        "x @ https://example.org/${TOKEN}/x.whl",
        "git+https://example.org/${TOKEN}/x.git",
        "-e git+https://example.org/${TOKEN}/x.git#egg=x",
        "https://example.org/x.whl?private_token=T0K",
        "x @ https://example.org/t/T0K/x.whl",
    ],
)
def test_a_credential_that_a_lockfile_would_name_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="path or query"):
        credential_origins.check(lines(text), ENVIRONMENT)


def test_what_is_no_credential_is_let_through() -> None:
    credential_origins.check(
        lines(
            "-i https://example.org/${TOKEN}/simple/",
            "x @ https://${TOKEN}@${HOST}/x.whl#sha256=00",
            "git+https://example.org/x.git@main#egg=x&subdirectory=key",
            "y==1.0",
        ),
        ENVIRONMENT,
    )


@pytest.mark.parametrize(
    "text",
    [
        "--extra-index-url ${INDEX}",
        "--index-url=${INDEX}",
        '-f "${INDEX}"',
        "x @ ${INDEX}",
        "-e git+${INDEX}",
        "${INDEX}",
    ],
)
def test_a_url_that_is_a_variable(text: str) -> None:
    (found,) = credential_origins.origins(lines(text), ENVIRONMENT)
    assert found.url.removeprefix("git+") == "https://example.org/simple/"
    assert found.supplied_by == ("${INDEX}",)
    credential_origins.check(lines(text), ENVIRONMENT)
    with pytest.raises(UsageError, match="the environment variable INDEX, which the line needs, is not set") as caught:
        credential_origins.check(lines("a", text), {})
    assert caught.value.where == "requirements.txt:2"


def test_a_variable_that_is_no_url() -> None:
    credential_origins.check(lines("x==${NAME}"), ENVIRONMENT)
    assert list(credential_origins.origins(lines("x==${NAME}"), ENVIRONMENT)) == []
    whole = {"INDEX": "https://example.org/x.whl?token=s3cr3t"}
    with pytest.raises(InputError, match="what looks like a token"):
        credential_origins.check(lines("x @ ${INDEX}"), whole)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("--extra-index-url http://[bad/", "`http://[bad/` is no URL: its host is none"),
        ("x @ http://127.0.0.1:abc/x.whl", "`http://127.0.0.1:abc/x.whl` is no URL: its port is no number"),
        ("git+https://me:s3cr3t/t0ken@example.org/x.git", "it is no URL: its port is no number"),
    ],
)
def test_what_is_no_url(text: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        credential_origins.check(lines("a", text), {})
    assert (caught.value.where, caught.value.what) == ("requirements.txt:2", what)
