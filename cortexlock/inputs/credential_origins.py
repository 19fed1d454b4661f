"""Where the credentials of a URL come from: a file of the project, or environment variables that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cortexlock.errors import InputError, UsageError
from cortexlock.inputs import url_secrets
from cortexlock.inputs.requirements_text import Line
from cortexlock.patterns import pattern

# The URL, or its beginning, can be the value of a variable.
_URL = pattern(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?:(?<=[\s=@\"'])|^)(?:git\+)?\$\{[A-Z0-9_]+\})[^\s\"']*")
_SCHEME = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VARIABLE = pattern(r"\$\{([A-Z0-9_]+)\}")
_EDITABLE = ("-e", "--editable")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where credentials come from.

    Attributes:
        url: The URL, variables expanded, without the credentials.
        where: The file and line that has the URL.
        variables: The names of the environment variables that give them; empty where they stand in the file.
        file: The file that has the URL.
        missing: Those of the variables that have no value.
    """

    url: str
    where: str
    variables: tuple[str, ...] = ()
    file: str = ""
    missing: tuple[str, ...] = ()

    @property
    def supplied_by(self) -> tuple[str, ...]:
        """The variables as the project writes them (`${TOKEN}`), or the file: what a lockfile says of it."""
        return tuple(f"${{{name}}}" for name in self.variables) or (self.file,)

    @property
    def hint(self) -> str:
        """What to do if they are refused."""
        if self.missing:
            return f"set {' and '.join(self.missing)} in the environment: {self.where} takes the credentials from there"
        if self.variables:
            names = " and ".join(self.variables)
            return f"check the credentials: {self.where} takes them from {names} in the environment"
        return f"check the credentials in {self.where}"


def origin(text: str, *, file: str, where: str, environment: Mapping[str, str]) -> Origin | None:
    """Return where the credentials of a URL come from; None if it has none.

    Args:
        text: The URL as written, variables not expanded.
        file: The file that has it.
        where: The file and line, for messages.
        environment: Values of `${NAME}`.
    """
    expanded = url_secrets.expand(text, environment)
    bare = url_secrets.without(expanded)
    names = url_secrets.variables(text)
    if not names and bare == expanded:
        return None
    if not names and url_secrets.without(text) == text:  # the whole URL is a variable
        names = tuple(_VARIABLE.findall(text))
    missing = tuple(name for name in names if not environment.get(name))
    return Origin(bare, where, names, file, missing)


def origins(lines: Iterable[Line], environment: Mapping[str, str]) -> Iterator[Origin]:
    """Yield where the credentials of the URLs in requirements files come from, in their order."""
    for line in lines:
        for text in _URL.findall(line.text):
            found = origin(text, file=line.file, where=str(line.place), environment=environment)
            if found is not None:
                yield found


def of_url(url: str, known: Iterable[Origin]) -> Origin | None:
    """Return where the credentials of a locked URL come from; one of git may have a reference and a fragment there."""
    for found in known:
        there = found.url.removeprefix("git+")
        if there.startswith(url) and there[len(url) :][:1] in ("", "@", "#", "?", "/"):
            return found
    return None


def check(lines: Iterable[Line], environment: Mapping[str, str]) -> None:
    """Check that what is locked from requirements files can be had, and can be said without a credential.

    Raises:
        UsageError: An environment variable in a URL has no value.
        InputError: A URL is none, or a direct URL has a credential beyond its host: a lockfile could not name it
            without.
    """
    for line in lines:
        where = line.place
        missing = next((name for name in _VARIABLE.findall(line.text) if not environment.get(name)), None)
        if missing is not None:
            raise UsageError(
                f"the environment variable {missing}, which the line needs, is not set or empty",
                where=where,
                hint=f"set {missing}, when locking as when installing",
            )
        for text in _URL.findall(line.text):
            expanded = url_secrets.expand(text, environment)
            if not _SCHEME.match(expanded):  # the value of a variable that is another thing
                continue
            wrong = url_secrets.why_no_url(expanded)
            if wrong:
                # Where characters of a token end the host, the text has a part of it that does not look like one.
                shown = "it" if "@" in text else f"`{text}`"
                hint = "write it anew; in user and password, percent-encode `/`, `?`, `#` and `:`"
                raise InputError(f"{shown} is no URL: {wrong}", where=where, hint=hint)
            is_direct = not line.text.startswith("-") or line.text.startswith(_EDITABLE)
            beyond = url_secrets.variables_beyond_host(text)
            if is_direct and (beyond or url_secrets.has_credential_beyond_host(expanded)):
                what = f"the variable {beyond[0]} stands" if beyond else "what looks like a token stands"
                raise InputError(
                    f"{what} in the path or query of a URL that a lockfile must name: it would have its value",
                    where=where,
                    hint="give credentials as user and password: https://${TOKEN}@host/path",
                )
