"""Git repositories as sources: a reference into a commit, a commit into a checkout, credentials into neither.

User and password of a URL reach git through `GIT_CONFIG_COUNT` and `http.<host>.extraHeader` in its environment: they
are in no argument, no configuration of the checkout, and no message. With `url.<with credentials>.insteadOf` they would
be among the arguments of git's own helper programs, and the user's credential helpers would store them. git itself asks
nobody.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from cortexlock.errors import InputError, NetworkError
from cortexlock.inputs import url_secrets
from cortexlock.pip.sources.git_repository import Git, make, nearest_tags, packs

_COMMIT = re.compile(r"[0-9a-f]{40}")
_KEPT = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_SSH_COMMAND")
_REFUSED = re.compile(r"\b40[13]\b|[Aa]uthentication failed|could not read (?:Username|Password)|terminal prompts")
_REDIRECT = re.compile(r"redirect|returned error: 30\d")
_SCHEMES = ("https", "http", "ssh", "file", "git")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as a requirement names it.

    Attributes:
        url: Its URL without credentials; the user of an `ssh:` URL is part of its address, not a credential.
        reference: Branch, tag or commit; empty for the default branch.
        subdirectory: Where the project lies in it; empty for its root.
        secret: The URL with credentials, or empty.
    """

    url: str
    reference: str = ""
    subdirectory: str = ""
    secret: str = field(default="", repr=False)

    def redacted(self, text: str) -> str:
        """Return a text without the credentials."""
        secret = urlsplit(self.secret).netloc.rpartition("@")[0]
        parts = {secret, *secret.split(":"), _basic(secret) if secret else ""}
        return url_secrets.redact(text, (parts | set(map(unquote, parts))) - {""})


def parse(url: str) -> Repository:
    """Read `git+https://user:token@host/repository.git@reference#egg=name&subdirectory=place`.

    Raises:
        InputError: It is not a URL of a git repository.
    """
    parts = urlsplit(url.removeprefix("git+"))
    if parts.scheme not in _SCHEMES:
        raise InputError(f"not a git repository that can be locked: {parts.scheme}://…", hint="write git+https://…")
    path, _, reference = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    subdirectory = parse_qs(parts.fragment).get("subdirectory", [""])[0].strip("/")
    bare = parts._replace(path=path, fragment="")
    user_info, at, host = bare.netloc.rpartition("@")
    if not at or (parts.scheme == "ssh" and ":" not in user_info):
        return Repository(urlunsplit(bare), reference, subdirectory)
    user = f"{user_info.partition(':')[0]}@" if parts.scheme == "ssh" else ""
    return Repository(urlunsplit(bare._replace(netloc=user + host)), reference, subdirectory, urlunsplit(bare))


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """A commit that was checked out: its full id, and the tags that lead to it (see `git_repository.nearest_tags`)."""

    commit: str
    tags: tuple[str, ...]


def check_out(
    repository: Repository,
    directory: Path,
    *,
    environment: Mapping[str, str],
    tags: Sequence[str] | None = None,
) -> CheckedOut:
    """Check out a repository's reference, submodules included, in a repository that is made here.

    Args:
        repository: The repository; a reference of 40 hexadecimal digits is a commit.
        directory: Where to, made if it is not there; it must be empty.
        environment: The caller's variables, of which git sees where programs, keys and the home directory are.
        tags: Those that a build is to see; those that the repository has, the nearest ones, where it is None.

    Raises:
        NetworkError: The repository cannot be reached, or asks for credentials that are not there.
        InputError: It has no such reference.
        IntegrityError: What was tagged does not lead to the commit.
        UsageError: There is no git on this machine.
        StepError: The directory cannot be written.
    """
    with TemporaryDirectory(prefix="cortexlock-git-", ignore_cleanup_errors=True) as temporary:
        fetching = _Fetching(repository, Git(Path(temporary), _variables(repository, environment), repository.redacted))
        commit = fetching.fetched()
        git = Git(Path(temporary), fetching.git.env, repository.redacted)
        found = nearest_tags(git, commit) if tags is None else tuple(tags)
        objects = list(packs(git, commit))
        make(objects, directory, commit, found, environment)
    return CheckedOut(commit, found)


@dataclass(frozen=True, slots=True)
class _Fetching:
    """Fetches into a repository that is thrown away, with credentials in git's environment alone."""

    repository: Repository
    git: Git

    def fetched(self) -> str:
        """Fetch the reference with what leads to it, submodules checked out; return the full id of its commit."""
        reference = self.repository.reference
        if reference.startswith("-"):
            raise self._no_such(f"`{reference}` is no branch, tag or commit", "name one that the repository has")
        self._run("init", "--quiet", "--template=", "--initial-branch=cortexlock")
        self._run("config", "remote.origin.url", self.repository.url)
        commit = reference if _COMMIT.fullmatch(reference) else self._resolved()
        # A server may refuse to give a commit that is not at the tip of a branch or tag: then everything is fetched.
        if commit and self.git.succeeds("fetch", "--quiet", "--depth=1", "--no-tags", "origin", commit):
            self._fetch_past(commit)
        else:
            self._run("fetch", "--quiet", "--tags", "origin", "+refs/*:refs/cortexlock/*")
        commit = commit or self._abbreviated()
        if not self.git.succeeds("checkout", "--quiet", "--detach", commit):
            raise self._no_such(f"{self.repository.url} has no commit {commit}")
        if (self.git.directory / ".gitmodules").is_file():
            self._run("submodule", "--quiet", "update", "--init", "--recursive")
        return commit

    def _no_such(self, what: str, hint: str = "name a branch, a tag or a commit that it has") -> InputError:
        error = InputError(what, hint=hint)
        error.url = self.repository.url
        return error

    def _fetch_past(self, commit: str) -> None:
        """Fetch the commits that lead to one, without their files where the server can leave them out, and the tags."""
        deepen = ("--unshallow",) if (self.git.directory / ".git" / "shallow").is_file() else ()
        tags = "+refs/tags/*:refs/tags/*"
        for options in (("--filter=blob:none",), ()):
            if self.git.succeeds("fetch", "--quiet", *deepen, "--no-tags", *options, "origin", commit, tags):
                return
        self._run("fetch", "--quiet", *deepen, "--no-tags", "origin", commit, tags)

    def _run(self, *arguments: str) -> str:
        completed = self.git.completed(*arguments)
        if completed.returncode:
            redirected = self.repository.secret and _REDIRECT.search(completed.stderr)
            raise NetworkError(
                f"git {arguments[0]} fails: {self.repository.redacted(completed.output) or 'no reason given'}",
                where=self.repository.url,
                hint="the server sends to another address, where a token does not go along: write that address"
                if redirected
                else "check the URL and the credentials; a token can stand in the URL or in a credential helper",
                url=self.repository.url,
                refused=_REFUSED.search(completed.stderr) is not None,
            )
        return completed.stdout

    def _resolved(self) -> str:
        """Return the commit of a branch, of a tag, or of HEAD; empty if there is none of that name."""
        reference = self.repository.reference
        rows = (line.partition("\t") for line in self._run("ls-remote", "origin").splitlines())
        commits = {name: commit for commit, _tab, name in rows}
        if not reference:
            return commits.get("HEAD", "")
        # As pip has it: a branch goes before a tag; `^{}` is the commit that an annotated tag names.
        names = (f"refs/heads/{reference}", f"refs/tags/{reference}^{{}}", f"refs/tags/{reference}", reference)
        return next((commits[name] for name in names if name in commits), "")

    def _abbreviated(self) -> str:
        """Return the commit that an abbreviated id names, once all commits are there."""
        reference = self.repository.reference
        completed = self.git.completed("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
        if completed.returncode:
            raise self._no_such(f"{self.repository.url} has no branch, tag or commit `{reference}`")
        return completed.stdout.strip()


def _variables(repository: Repository, environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name in _KEPT}
    is_local = urlsplit(repository.url).scheme == "file"
    variables = {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        # A submodule of a repository on a server is on a server, too.
        "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file" if is_local else "https:http:ssh:git",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    options = {"http.lowSpeedLimit": "100", "http.lowSpeedTime": "60"}
    secret = urlsplit(repository.secret)
    if secret.scheme in ("http", "https"):
        user_info, _at, host = secret.netloc.rpartition("@")
        # To wherever a server sends its clients, git would send the header, too.
        options |= {"http.followRedirects": "false"}
        options |= {f"http.{secret.scheme}://{host}/.extraHeader": f"Authorization: Basic {_basic(user_info)}"}
    variables["GIT_CONFIG_COUNT"] = str(len(options))
    for number, (key, value) in enumerate(options.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _basic(user_info: str) -> str:
    """Return the credentials of basic authentication (RFC 7617); a token that stands alone is the user."""
    user, _colon, password = user_info.partition(":")
    return base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")
