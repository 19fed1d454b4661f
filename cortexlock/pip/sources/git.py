"""Git repositories as sources: a reference into a commit, a commit into a checkout, credentials into neither.

User and password of a URL reach git through `GIT_CONFIG_COUNT` and `http.<host>.extraHeader` in its environment: they
are in no argument, no configuration of the checkout, and no message. With `url.<with credentials>.insteadOf` they would
be among the arguments of git's own helper programs, and the user's credential helpers would store them. git itself asks
nobody.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from cortexlock import process
from cortexlock.errors import InputError, NetworkError, StepError, UsageError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_KEPT = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_SSH_COMMAND")
_OF_THE_DISK = ("No space left on device", "Disk quota exceeded", "Read-only file system")
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


def check_out(repository: Repository, directory: Path, *, environment: Mapping[str, str]) -> str:
    """Check out a repository's reference, submodules included.

    Args:
        repository: The repository; a reference of 40 hexadecimal digits is a commit.
        directory: Where to, made if it is not there; it must be empty.
        environment: The caller's variables, of which git sees where programs, keys and the home directory are.

    Returns:
        The commit, 40 hexadecimal digits.

    Raises:
        NetworkError: The repository cannot be reached, or asks for credentials that are not there.
        InputError: It has no such reference.
        UsageError: There is no git on this machine.
        StepError: The directory cannot be written.
    """
    git = _Git(repository, directory, _variables(repository, environment))
    directory.mkdir(parents=True, exist_ok=True)
    git.run("init", "--quiet", "--initial-branch=cortexlock")
    commit = repository.reference if _COMMIT.fullmatch(repository.reference) else git.resolved()
    # A server may refuse to give a commit that is not at the tip of a branch or tag: then everything is fetched.
    shallow = ("fetch", "--quiet", "--depth=1", "--no-tags", repository.url, commit or repository.reference)
    if not (commit and git.succeeds(*shallow)):
        git.run("fetch", "--quiet", "--tags", repository.url, "+refs/*:refs/cortexlock/*")
    if not commit:
        commit = git.abbreviated()
    if not git.succeeds("checkout", "--quiet", "--detach", commit):
        raise InputError(
            f"{repository.url} has no commit {commit}", hint="name a branch, a tag or a commit that it has"
        )
    if (directory / ".gitmodules").is_file():
        git.run("submodule", "--quiet", "update", "--init", "--recursive")
    return commit


def is_sound(directory: Path, commit: str, *, environment: Mapping[str, str]) -> bool:
    """Tell whether a checkout's repository is at a commit, with all its objects as their names say.

    Where there is no git, no build can ask the repository for anything either: then it is as good as none.

    Args:
        directory: The checkout.
        commit: The commit, 40 hexadecimal digits.
        environment: The caller's variables, of which git sees where programs are.
    """
    git = _Git(Repository(""), directory, _variables(Repository(""), environment))
    try:
        at = git.run("rev-parse", "--verify", "HEAD^{commit}").strip()
    except NetworkError:
        return False
    except UsageError:
        return True
    return at == commit and git.succeeds("fsck", "--full", "--no-dangling", "--no-progress")


@dataclass(frozen=True, slots=True)
class _Git:
    """git in a directory, with credentials in its environment alone."""

    repository: Repository
    directory: Path
    env: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        completed = self._completed(*arguments)
        if completed.returncode:
            raise NetworkError(
                f"git {arguments[0]} fails: {self._redacted(completed.output) or 'no reason given'}",
                where=self.repository.url,
                hint="check the URL and the credentials; a token can stand in the URL or in a credential helper",
            )
        return completed.stdout

    def succeeds(self, *arguments: str) -> bool:
        return self._completed(*arguments).returncode == 0

    def resolved(self) -> str:
        """Return the commit of a branch, of a tag, or of HEAD; empty if there is none of that name."""
        reference = self.repository.reference
        listed = self.run("ls-remote", self.repository.url)
        rows = (line.partition("\t") for line in listed.splitlines())
        commits = {name: commit for commit, _tab, name in rows}
        if not reference:
            return commits.get("HEAD", "")
        # As pip has it: a branch goes before a tag; `^{}` is the commit that an annotated tag names.
        names = (f"refs/heads/{reference}", f"refs/tags/{reference}^{{}}", f"refs/tags/{reference}", reference)
        return next((commits[name] for name in names if name in commits), "")

    def abbreviated(self) -> str:
        """Return the commit that an abbreviated id names, once all commits are there."""
        completed = self._completed("rev-parse", "--verify", "--quiet", f"{self.repository.reference}^{{commit}}")
        if completed.returncode:
            raise InputError(
                f"{self.repository.url} has no branch, tag or commit `{self.repository.reference}`",
                hint="name a branch, a tag or a commit that it has",
            )
        return completed.stdout.strip()

    def _completed(self, *arguments: str) -> process.Completed:
        # Bytes as in the commit, whatever the user's configuration says of line ends; no hooks, no monitor.
        options = ("core.autocrlf=false", "core.eol=lf", "core.fsmonitor=false", "core.hooksPath=/dev/null")
        command = ["git", *(part for option in options for part in ("-c", option)), *arguments]
        try:
            completed = process.run(command, env=self.env, cwd=self.directory)
        except FileNotFoundError as error:
            raise UsageError("there is no git on this machine", hint="install git") from error
        if completed.returncode and any(reason in completed.stderr for reason in _OF_THE_DISK):
            raise StepError(f"git {arguments[0]} fails: {self._redacted(completed.output)}", hint="make space")
        return completed

    def _redacted(self, text: str) -> str:
        secret = urlsplit(self.repository.secret).netloc.rpartition("@")[0]
        parts = {secret, *secret.split(":"), _basic(secret) if secret else ""}
        for part in sorted((parts | set(map(unquote, parts))) - {""}, key=len, reverse=True):
            text = text.replace(part, "****")
        return text


def _variables(repository: Repository, environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name in _KEPT}
    variables = {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    secret = urlsplit(repository.secret)
    if secret.scheme in ("http", "https"):
        user_info, _at, host = secret.netloc.rpartition("@")
        variables |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{secret.scheme}://{host}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {_basic(user_info)}",
        }
    return variables


def _basic(user_info: str) -> str:
    """Return the credentials of basic authentication (RFC 7617); a token that stands alone is the user."""
    user, _colon, password = user_info.partition(":")
    return base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")
