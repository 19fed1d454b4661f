"""Credentials in URLs."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlock.inputs import url_secrets

ENVIRONMENT = {"USER": "me", "TOKEN": "fr0m-env", "ODD": "a/b#c"}


@pytest.mark.parametrize(
    ("text", "expected", "bare"),
    [
        (
            "--extra-index-url https://T0KEN@example.org/simple",
            {"T0KEN"},
            "--extra-index-url https://example.org/simple",
        ),
        ("git+https://user:pa%40ss@example.org/x.git@main", {"pa%40ss", "pa@ss"}, "git+https://example.org/x.git@main"),
        ("git+ssh://git@example.org/x.git", set(), "git+ssh://git@example.org/x.git"),
        ("git+ssh://git:secret@example.org/x.git", {"secret"}, "git+ssh://git@example.org/x.git"),
        ("x @ https://${USER}:${TOKEN}@example.org/x.whl", {"fr0m-env"}, "x @ https://example.org/x.whl"),
        ("https://example.org/a@b.whl and me@example.org", set(), "https://example.org/a@b.whl and me@example.org"),
        ("https://user:@example.org/", {"user"}, "https://example.org/"),
        ("https://a@b:c@example.org/", {"c"}, "https://example.org/"),
        ("-i https://u:${ODD}@example.org/", {"a/b#c", "a%2Fb%23c"}, "-i https://example.org/"),
        ("-i https://example.org/${TOKEN}/", {"fr0m-env"}, "-i https://example.org/${TOKEN}/"),
        ("https://example.org/x?a=1&access_token=T0K", {"T0K"}, "https://example.org/x?a=1&access_token="),
        ("https://${USER}.example.org/design?b#sig=x", set(), "https://${USER}.example.org/design?b#sig=x"),
        ("https://conda.example.org/t/T0K-en/main/linux-64", {"T0K-en"}, "https://conda.example.org/main/linux-64"),
        ("http://u:p4ss@example.org/t/T0K/a::b", {"p4ss", "T0K"}, "http://example.org/a::b"),
        ("https://conda.example.org/t/${TOKEN}/main", {"fr0m-env"}, "https://conda.example.org/main"),
        ("https://conda.example.org/t/last", set(), "https://conda.example.org/t/last"),
        ("file:///t/main/a", set(), "file:///t/main/a"),
        ("--find-links file:///${USER}/wheels", set(), "--find-links file:///${USER}/wheels"),
    ],
)
def test_credentials_are_found_and_left_out(text: str, expected: set[str], bare: str) -> None:
    assert url_secrets.find([text], ENVIRONMENT) == expected
    assert url_secrets.without(text) == bare


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("-i https://u:${ODD}@example.org/${ODD}", "-i https://u:a%2Fb%23c@example.org/a/b#c"),
        ("git+http://${BOTH}@example.org/x.git", "git+http://me:x%3Fy%20z@example.org/x.git"),
        ("https://${DONE}@example.org/", "https://a%40b%25c@example.org/"),
        ("https://${NONE}:${USER}@example.org/", "https://${NONE}:me@example.org/"),
        ("${WHOLE}", "https://me:pw@example.org/"),
    ],
)
def test_values_are_put_in(text: str, expanded: str) -> None:
    more = {"BOTH": "me:x?y z", "DONE": "a%40b%c", "WHOLE": "https://me:pw@example.org/"}
    assert url_secrets.expand(text, {**ENVIRONMENT, **more}) == expanded


def test_pieces_of_a_value_are_secrets_too() -> None:
    found = url_secrets.find(["https://me:${TOKEN}@example.org/"], {"TOKEN": "Sup3rSecretPart/xyz@c"})
    assert {"Sup3rSecretPart/xyz@c", "Sup3rSecretPart", "Sup3rSecretPart%2Fxyz%40c"} == found


def test_variables_are_named() -> None:
    assert url_secrets.variables("https://${USER}:${TOKEN}@example.org/${PATH}") == ("USER", "TOKEN")
    assert url_secrets.variables("https://example.org/${PATH}") == ()
    assert url_secrets.variables_beyond_host("https://${USER}@${HOST}/${PATH}?q=${Q}") == ("PATH", "Q")


def test_the_longest_secret_goes_first() -> None:
    assert url_secrets.redact("abc ab a", {"ab", "abc"}) == "**** **** a"


TOKENS = st.text(alphabet="abcXYZ0189-_.~%", min_size=1, max_size=20)


@given(token=TOKENS, password=st.booleans())
def test_nothing_of_a_token_is_left(token: str, password: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
    info = f"user:{token}" if password else token
    text = f"--extra-index-url https://{info}@index.example.org/simple/"
    found = url_secrets.find([text], {})
    assert token in found
    assert f"{info}@" not in url_secrets.without(text)
    assert url_secrets.find([url_secrets.without(text)], {}) == frozenset()
    assert url_secrets.redact(token, found) == "****"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("--extra-index-url http://T0KEN-1:x-oauth-basic@example.org/", {"T0KEN-1", "x-oauth-basic"}),
        ("-i http://ghp_0123456789:x@example.org/", {"ghp_0123456789", "x"}),
        ("-i http://a-long-name:pw@example.org/", {"a-long-name", "pw"}),
        ("demo @ http://example.org/d.whl?apikey=T0K1", {"T0K1"}),
        ("demo @ http://example.org/d.whl?jwt=T0K1&raw=true&pwd=T0K2", {"T0K1", "T0K2"}),
        ("demo == ${TOKEN} ;;", {"fr0m-env"}),
        ("http://example.org/t/T0K-en::foo[[", {"T0K-en"}),
    ],
)
def test_whatever_may_be_a_secret_is_one(text: str, found: set[str]) -> None:
    assert found <= url_secrets.find([text], ENVIRONMENT)


@pytest.mark.parametrize("key", ["apikey", "pwd", "jwt", "code", "sid", "access_token", "u", "X-Amz-Signature", "raw"])
def test_a_query_is_refused_unless_it_is_known_to_be_harmless(key: str) -> None:
    assert url_secrets.has_credential_beyond_host(f"demo @ https://example.org/demo.whl?{key}=s3cr3t-t0ken")
    assert not url_secrets.has_credential_beyond_host(
        "demo @ https://example.org/demo.whl?raw=true&download=1#sha256=00"
    )
    assert not url_secrets.has_credential_beyond_host("demo @ https://example.org/demo.whl?raw")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("`http://me:T0KEN@x/` is no date", "`http://****@x/` is no date"),
        ("http://T0KEN:x-oauth-basic@example.org/ does not answer", "http://****@example.org/ does not answer"),
        ("git+ssh://git@example.org/r.git", "git+ssh://git@example.org/r.git"),
        ("http://example.org/t/T0K::foo[[", "http://example.org/t/****::foo[["),
        ("http://example.org/a.whl?raw=true&jwt=T0K", "http://example.org/a.whl?raw=true&jwt=****"),
        ("me@example.org and a?b=c", "me@example.org and a?b=c"),
        ("the file `http:/me:TOKEN@h/x`", "the file `http:/****@h/x`"),
        ("http://h/x.whl;token=TOKEN;a=TOKEN", "http://h/x.whl;token=****;a=****"),
        ("http://h/x.whl;os_name=='nt'", "http://h/x.whl;os_name=='nt'"),
        ("http://h/x.whl#token=TOKEN&sha256=ab", "http://h/x.whl#token=****&sha256=ab"),
        ("git+https://h/r.git#egg=demo&subdirectory=a", "git+https://h/r.git#egg=demo&subdirectory=a"),
    ],
)
def test_what_nobody_knows_the_secrets_of(text: str, masked: str) -> None:
    assert url_secrets.masked(text) == masked


@pytest.mark.parametrize(
    "token", ["SECRETTOKEN", "s3cr3tt0ken", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "a1b2c3d4e5", "0123456789"]
)
def test_a_token_in_the_path_of_an_index_is_said_nowhere(token: str) -> None:
    found = url_secrets.of_paths([f"https://example.org/{token}/simple", f"--find-links https://example.org/x/{token}"])
    assert found == {f"/{token}"}
    assert url_secrets.redact(f"https://example.org/{token}/simple/demo/ fails", found) == (
        "https://example.org/****/simple/demo/ fails"
    )


@pytest.mark.parametrize(
    "path",
    [
        "simple",
        "artifactory/api/pypi/our-team_wheels/simple",
        "nexus3/repository/pypi-all/simple",
        "whl/torch_stable.html",
        "whl/torch-2.1.0+cu118.html",
        "root/+simple",
        "packages/Analytics-2021.05",
        "",
    ],
)
def test_words_and_versions_are_no_tokens(path: str) -> None:
    assert url_secrets.of_paths([f"https://example.org/{path}"]) == frozenset()


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "http://",
        "http://a/",
        "x://",
        "?",
        "?-",
        "@",
        "http://a/t/",
        "x+",
        "a:",
        "${",
        "/t/",
        "http://a;b=",
        "http://a#",
        "x:/",
        ";a=",
    ],
)
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    begun = process_time()
    url_secrets.masked(text)
    url_secrets.without(text)
    url_secrets.find([text], ENVIRONMENT)
    url_secrets.has_credential_beyond_host(text)
    url_secrets.variables_beyond_host(text)
    url_secrets.of_paths([text])
    assert process_time() - begun < 5


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("x", "no index at http://T:x@host/, the extra one: x", "no index at http://T:****@host/, the extra one: ****"),
        ("ab", "the label ab, ab_c, cab, ab-1 and (ab)", "the label ****, ****_c, cab, ****-1 and (****)"),
        ("abc", "abcd abc 'abc'", "abcd **** '****'"),
        ("a", "%61:a@", "%61:****@"),
        ("é1", "é1, é12", "****, é12"),
        (".*", "a.*b .* xx", "a.*b **** xx"),
        ("abcd", "xabcdx", "x****x"),
    ],
)
def test_a_short_secret_is_taken_out_where_it_is_a_word(secret: str, text: str, expected: str) -> None:
    assert url_secrets.redact(text, [secret]) == expected
