"""Secrets in URLs: found, so that they can be kept out of everything that is written or said.

User and password of a URL (RFC 3986, userinfo) are secrets: a token often stands alone in the place of the user. The
user of an `ssh:` URL is part of its address, and of a short user name with a password only the password is secret.
Beyond the host, what an environment variable stands for is a secret, what a query says unless it is known to be
harmless, and what follows `/t/` in a path: that is how conda's private channels have their tokens (`https://host/t/TOKEN/channel`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

from cortexlock.patterns import pattern

# Texts are an attacker's, too: each pattern takes time in proportion to their length. Therefore schemes and keys have a
# longest length, and what is looked for in a URL is not looked for beyond where the next one begins.
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{0,30}"
_ONE_URL = r"https?://(?:(?!https?://)[^\s'\"{}])"
_UP_TO_PATH_OR_QUERY = _ONE_URL.format("?#")
_USER_INFO = pattern(rf"(?P<scheme>{_SCHEME})://(?P<info>[^/@\s?#'\"]+(?:@[^/@\s?#'\"]+)*)@")
_BEYOND_HOST = pattern(rf"{_SCHEME}://[^/\s?#'\"]*(?P<rest>[/?#][^\s'\"]*)")
_PATH_TOKEN = pattern(rf"(?P<before>{_UP_TO_PATH_OR_QUERY}*?)/t/(?P<token>[^/\s'\"?#:]+)(?=/|::)", re.IGNORECASE)
_QUERY = pattern(
    r"(?P<key>[?&](?:[^=&#?\s]{0,100}[-_])?(?:token|secret|password|passwd|signature|sig|key|auth|credentials?)=)"
    r"(?P<value>[^&#\s'\"]+)",
    re.IGNORECASE,
)
_HARMLESS = pattern(
    r"(?:raw|download|dl|inline|archive|format|ref_type|viasf)(?:=(?:true|false|heads|tags|[01]|zip|tar|tar\.gz|tgz|whl)?)?",
    re.IGNORECASE,
)
"""What a query may say where a lockfile names it: a list of what it must not say cannot be complete."""
_QUERY_OF_URL = pattern(rf"{_UP_TO_PATH_OR_QUERY}*\?(?P<query>[^\s'\"#]*)", re.IGNORECASE)
_FILE_URL = pattern(r"file:[^\s'\"]*", re.IGNORECASE)
_PATH_OF_URL = pattern(r"https?://[^\s/'\"?#]*/(?P<path>[^\s'\"?#]*)", re.IGNORECASE)
_WORD = r"(?:[A-Za-z]?[a-z]+\d{0,3}|v?\d{1,4})"
_WORDS = pattern(rf"[-+_.~]*{_WORD}(?:[-+_.~]+{_WORD})*[-+_.~]*")
_IN_PLACE_OF_A_PASSWORD = frozenset({"x-oauth-basic", "x-oauth-token", "x-access-token", "x"})
_LONGEST_NAME = 8
"""From how many characters on the user of a URL with a password may be a token."""
_SHORTEST_VALUE = 4
"""Characters of a variable's value that would not stand in a text by chance."""
_VARIABLE = pattern(r"\$\{(?P<name>[A-Z0-9_]+)\}")
_ENDS_USER_INFO = pattern(r"[/?#@\s]")
_BARE_PERCENT = pattern(r"%(?![0-9A-Fa-f]{2})")
_SHORTEST_PIECE = 6
_MASK = "****"
_SPOILT_USER_INFO = pattern(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30})(?P<slashes>:/{1,2})"
    r"(?P<info>[^/@\s?#'\"]+(?:@[^/@\s?#'\"]+)*|[^/@:\s?#'\"]+:(?!\d+[\s:])[^/@?#'\"\n]+)@"
)
"""As it stands in what was taken for a path, which has no two slashes beside each other."""
_PARAMETERS = pattern(rf"{_ONE_URL.format(';?#')}*(?:;[\w.-]+=(?!=)[^\s'\";?#]+)+", re.IGNORECASE)
_FRAGMENT = pattern(rf"(?P<url>{_ONE_URL.format('#')}*)#(?P<fragment>[^\s'\"]+)", re.IGNORECASE)
_OF_PIP = frozenset(("egg", "subdirectory", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"))
"""What a fragment says to pip."""


def find(texts: Iterable[str], environment: Mapping[str, str]) -> frozenset[str]:
    """Return the credentials in texts, as written and unquoted.

    Args:
        texts: Texts with URLs: requirements files, options.
        environment: Values of `${NAME}`, which pip expands in requirements files.
    """
    found: set[str] = set()
    for text in texts:
        written = (_secret(match["scheme"], match["info"]) for match in _USER_INFO.finditer(text))
        named = {name for secret in written for name in _VARIABLE.findall(secret)} | {*variables_beyond_host(text)}
        for value in (environment.get(name, "") for name in named):
            found |= {value, _as_user_info(value), *_pieces(value)}
        expanded = expand(text, environment)
        for match in _USER_INFO.finditer(expanded):
            found |= _secrets(match["scheme"], match["info"])
        for match in _QUERY_OF_URL.finditer(expanded):
            values = {part.partition("=")[2] for part in match["query"].split("&") if not _HARMLESS.fullmatch(part)}
            found |= {value for value in values if len(value) >= _SHORTEST_VALUE}
        elsewhere = {environment.get(name, "") for name in _VARIABLE.findall(_FILE_URL.sub("", text))}
        found |= {value for value in elsewhere if len(value) >= _SHORTEST_VALUE and "://" not in value}
        found |= {match["value"] for match in _QUERY.finditer(expanded)}
        found |= {match["token"] for match in _PATH_TOKEN.finditer(expanded)}
    plain = {unquote(secret) for secret in found}
    return frozenset(found | plain | {quote(secret, safe="") for secret in plain}) - {""}


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Replace `${NAME}` by the variable's value, as pip does; what has no value stays.

    In the place of user and password a value is percent-encoded where it must be: it ends there otherwise, and what is
    left of it would be taken for a host, asked for and printed. What is percent-encoded already stays as it is.
    """

    def user_info(match: re.Match[str]) -> str:
        info = _VARIABLE.sub(lambda name: _as_user_info(environment.get(name["name"]) or "") or name[0], match["info"])
        return f"{match['scheme']}://{info}@"

    return _VARIABLE.sub(lambda name: environment.get(name["name"]) or name[0], _USER_INFO.sub(user_info, text))


def variables(text: str) -> tuple[str, ...]:
    """Return the names of the environment variables that give the credentials in a text, in order."""
    found = [name for match in _USER_INFO.finditer(text) for name in _VARIABLE.findall(match["info"])]
    return tuple(dict.fromkeys(found))


def variables_beyond_host(text: str) -> tuple[str, ...]:
    """Return the names of the environment variables in paths and queries of URLs that are on the network."""
    found = [
        name
        for match in _BEYOND_HOST.finditer(text)
        if not match[0].lower().startswith("file:")
        for name in _VARIABLE.findall(match["rest"])
    ]
    return tuple(dict.fromkeys(found))


def has_credential_beyond_host(text: str) -> bool:
    """Whether the path of a URL in a text has a token, or its query says what is not known to be harmless."""
    queries = (match["query"] for match in _QUERY_OF_URL.finditer(text))
    said = (part for query in queries for part in query.split("&") if part)
    return bool(_PATH_TOKEN.search(text)) or not all(_HARMLESS.fullmatch(part) for part in said)


def without(text: str) -> str:
    """Return a text with the credentials of its URLs left out, variables that stand for them too."""
    if not any(mark in text for mark in ("://", "?", "&")):  # most lines of most files
        return text

    def bare(match: re.Match[str]) -> str:
        scheme, info = match["scheme"], match["info"]
        if not _secret(scheme, info):
            return match[0]
        user = info.partition(":")[0] if _is_ssh(scheme) else ""
        return f"{scheme}://{user}@" if user else f"{scheme}://"

    return _PATH_TOKEN.sub(r"\g<before>", _QUERY.sub(r"\g<key>", _USER_INFO.sub(bare, text)))


def why_no_url(text: str) -> str:
    """Return why a text that should be a URL is none, in words that have nothing of it; empty if it is one."""
    try:
        _ = urlsplit(without(text)).port
    except ValueError as error:
        return "its port is no number" if str(error).startswith("Port") else "its host is none"
    return ""


def of_paths(urls: Iterable[str]) -> frozenset[str]:
    """Return the parts of paths of indexes' URLs that may be tokens, each with the slash before it.

    A private index can have its token there: `https://host/TOKEN/simple`. What is made of words, short numbers and
    versions is none. They are kept out of what is said; a lockfile names no index by its URL.
    """
    paths = (match["path"] for url in urls for match in _PATH_OF_URL.finditer(url))
    parts = {part for path in paths for part in path.split("/") if len(part) >= _SHORTEST_PIECE}
    return frozenset(f"/{part}" for part in parts if not _WORDS.fullmatch(part))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text with `****` in place of each secret; one that is short, where it is a word of its own.

    In other words a short one stands by chance, as `x` does in `index`: a text without it would tell less, and which
    letters it lacks would tell the secret.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_VALUE:
            text = text.replace(secret, f"/{_MASK}" if secret.startswith("/") else _MASK)
        elif secret in text:
            text = re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", _MASK, text)
    return text


def masked(text: str) -> str:
    """Return a text in which no URL has user info, a token or a query: for what nobody knows the secrets of."""

    def mask(match: re.Match[str]) -> str:
        is_address = _is_ssh(match["scheme"]) and ":" not in match["info"]
        return match[0] if is_address else f"{match['scheme']}{match['slashes']}{_MASK}@"

    def mask_query(match: re.Match[str]) -> str:
        parts = match["query"].split("&")
        kept = [part if _HARMLESS.fullmatch(part) else f"{part.partition('=')[0]}={_MASK}" for part in parts]
        return match[0][: match.start("query") - match.start()] + "&".join(kept) if match["query"] else match[0]

    def mask_fragment(match: re.Match[str]) -> str:
        pairs = [part.partition("=") for part in match["fragment"].split("&")]
        kept = [f"{key}{mark}{value if key in _OF_PIP or not value else _MASK}" for key, mark, value in pairs]
        return f"{match['url']}#{'&'.join(kept)}"

    text = _PATH_TOKEN.sub(rf"\g<before>/t/{_MASK}", _SPOILT_USER_INFO.sub(mask, text))
    text = _PARAMETERS.sub(lambda match: re.sub(r"(;[\w.-]+=)[^;]+", rf"\1{_MASK}", match[0]), text)
    return _FRAGMENT.sub(mask_fragment, _QUERY_OF_URL.sub(mask_query, text))


def _secrets(scheme: str, info: str) -> set[str]:
    """Return what is secret of user info: a token can stand in either half."""
    user, _colon, password = info.partition(":")
    found = {_secret(scheme, info)}
    if password and not _is_ssh(scheme) and (password in _IN_PLACE_OF_A_PASSWORD or len(user) > _LONGEST_NAME):
        found |= {user, info}
    return found


def _secret(scheme: str, info: str) -> str:
    user, colon, password = info.partition(":")
    if colon and password:
        return password
    return "" if _is_ssh(scheme) else user


def _is_ssh(scheme: str) -> bool:
    return scheme.lower().rpartition("+")[2] == "ssh"


def _as_user_info(value: str) -> str:
    """Percent-encode what cannot stand in the user info of a URL; a `:` can part user and password."""
    return quote(_BARE_PERCENT.sub("%25", value), safe="%:!$&()*+,=")


def _pieces(value: str) -> set[str]:
    """Return the parts of a value that a reader of URLs could take it to pieces into; short ones tell nothing."""
    pieces = re.split(r"[/?#@:\s]", value) if _ENDS_USER_INFO.search(value) else []
    return {piece for piece in pieces if len(piece) >= _SHORTEST_PIECE}
