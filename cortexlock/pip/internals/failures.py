"""What goes wrong inside pip, in our terms."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from pip._internal import exceptions
from pip._internal.resolution.resolvelib.candidates import AlreadyInstalledCandidate
from pip._internal.resolution.resolvelib.requirements import RequiresPythonRequirement
from pip._internal.utils.misc import redact_auth_from_url
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.resolvelib import ResolutionImpossible
from pip._vendor.urllib3.exceptions import HTTPError

from cortexlock.errors import CortexlockError, FileLine, IntegrityError, NetworkError, NoSolutionError
from cortexlock.inputs import url_secrets
from cortexlock.pip.internals import diagnostics, search
from cortexlock.pip.internals.requirements import place
from cortexlock.pip.resolution import way_out
from cortexlock.pip.resolution.values import Cause, ForAnotherPython, ImpossibleError, PassedOver, UnboundedError

if TYPE_CHECKING:
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.models.link import Link

_CHECK = "check the network and the index's address; nothing was written"
_OF_THE_NETWORK = (
    exceptions.NetworkConnectionError,
    exceptions.ConnectionFailedError,
    exceptions.ConnectionTimeoutError,
    exceptions.IncompleteDownloadError,
    exceptions.ProxyConnectionError,
    exceptions.SSLVerificationError,
)
_NO_UPLOAD_TIME = "does not provide upload-time metadata"
_FROM = re.compile(r"\(from -[rc] (?P<file>\S+) \(line (?P<line>\d+)\)\)")
_FOR_URL = re.compile(r"\b(?:for url:?|fetch(?:ing)?) (?P<url>https?://\S+)", re.IGNORECASE)
_REFUSAL = re.compile(r"\b40[13]\b")
_HTTP_NOT_THERE = (403, 404)  # some indexes answer 403 for a project that they do not have


def raise_network_error(link: Link, reason: str | Exception, meth: object = None) -> None:
    """Stand in for pip's silent skipping of an index that does not answer."""
    del meth
    response = getattr(reason, "response", None)
    if response is not None and response.status_code in _HTTP_NOT_THERE:
        return
    said = reason if isinstance(reason, str) else _first_line(reason)
    raise NetworkError(
        f"the index does not answer: {said}",
        where=str(link).partition(" (")[0],
        hint=_CHECK,
        url=url_secrets.without(link.url_without_fragment),
        refused=is_refusal(said),
    )


def broken_answer(error: Exception, page: str | None = None) -> NetworkError:
    """Say what pip lets through of the libraries below it: a connection that breaks, a page that is none."""
    url = page or getattr(getattr(error, "request", None), "url", None)
    if isinstance(error, RequestException | HTTPError):
        what = f"the index does not answer: {_first_line(error)}"
    else:
        what = f"an index gives no page that can be read: {_first_line(error)}"
    where = redact_auth_from_url(url) if url else None
    bare = url_secrets.without(url) if url else ""
    return NetworkError(what, where=where, hint=_CHECK, url=bare, refused=is_refusal(_first_line(error)))


def no_page(response: Any, where: str) -> NetworkError:  # noqa: ANN401 - a Response of pip's requests
    """Say that an index answers with neither a page nor an error, as a redirect to nowhere does."""
    said = f"{response.status_code} {response.reason or ''}".rstrip()
    return NetworkError(f"the index answers {said}, which is no page", where=where, hint=_CHECK, url=where)


def is_refusal(text: str) -> bool:
    """Whether a message of pip's, or of a library below it, says that the server refuses who asks."""
    return _REFUSAL.search(text) is not None


def needs_itself(error: LookupError) -> NoSolutionError | None:
    """Say that a build needs what is being built, which pip's tracker of builds refuses; None for any other error."""
    url, _, rest = str(error).partition(" ")
    if "is already being built" not in rest:
        return None
    file = url.rpartition("/")[2]
    found = UnboundedError(f"the build of {file} needs {file} itself, of which there is no wheel")
    found.before, found.after = "bound it to a version that has a wheel", ", or name an index that has one"
    found.advice = found.hint_for("project")
    return found


def no_url(error: ValueError) -> NetworkError | None:
    """Say that an index has links which are no URLs; None for any other error."""
    if not any(word in str(error) for word in ("URL", "Port", "netloc", "IPv")):
        return None
    return NetworkError(f"an index gives a link that is no URL: {_first_line(error)}", hint=_CHECK)


def translated(
    error: exceptions.PipError, finder: PackageFinder, project: Path, passed_over: Iterable[PassedOver] = ()
) -> CortexlockError:
    """Say one of pip's errors in our terms; `passed_over` are the files that could not be read."""
    text = diagnostics.said(error) if isinstance(error, exceptions.DiagnosticPipError) else _first_line(error)
    if isinstance(error, exceptions.HashMismatch):
        return _other_hash(error, project)
    if isinstance(error, exceptions.HashError):
        return IntegrityError(str(error).strip())
    if _NO_UPLOAD_TIME in text:
        hint = (
            "without upload times there is no cut-off date: name an index that has them, say `upload-times: false` of "
            "this one under `indexes` in cortexlock.yaml, or drop exclude-newer"
        )
        return NetworkError(text, hint=hint)
    if isinstance(error, _OF_THE_NETWORK) or "HTTP error" in text:
        asked = _FOR_URL.search(text)
        url = url_secrets.without(asked["url"]) if asked else ""
        return NetworkError(_in_project(text, project), hint=_CHECK, url=url, refused=is_refusal(text))
    if not isinstance(error, exceptions.DistributionNotFound | exceptions.UnsupportedPythonVersion):
        said = "" if isinstance(error, exceptions.DiagnosticPipError) else str(error).strip()
        return NoSolutionError(_in_project(said or text, project))
    cause = error.__cause__
    causes = tuple(_causes(cause, project)) if isinstance(cause, ResolutionImpossible) else ()
    names = sorted({cause.name for cause in causes if not cause.python})
    versions = tuple((name, _versions(finder, name)) for name in names)
    found = ImpossibleError(text, causes, versions, _for_another_python(finder))
    found.passed_over = tuple(sorted((each for each in passed_over if each.name in names), key=lambda each: each.file))
    alone = {cause.name for cause in (causes if len(causes) == 1 else way_out.impossible(found, {})) if cause.name}
    found.files = {name: search.all_files(finder, name) for name in sorted(alone)}
    known = {each.file for each in found.passed_over}
    for name in sorted(alone - {name for name, there in versions if there}):
        nameless = search.without_version(name, found.files[name])
        found.passed_over += tuple(each for each in nameless if each.file not in known)
    return found


def _in_project(text: str, project: Path) -> str:
    """Return what pip says with places in the project as we say them, in place of paths of this machine."""
    text = text.replace(f"{project.as_uri()}/", "").replace(f"{project}{os.sep}", "")
    return _FROM.sub(r"(\g<file>:\g<line>)", text)


def _other_hash(error: exceptions.HashMismatch, project: Path) -> IntegrityError:
    asked = error.req
    link = asked.link if asked is not None else None
    file, line = place(asked.comes_from if asked is not None else None, project)
    name = link.filename if link is not None else (asked.name if asked is not None else None)
    found = ", ".join(f"its {algorithm} is {digest.hexdigest()}" for algorithm, digest in sorted(error.gots.items()))
    return IntegrityError(
        f"{name or 'a file'} has none of the hashes that are asked for: {found}",
        where=FileLine(file, line) if file else None,
        hint="if the file is the right one, correct the hash; otherwise find out who changed it",
    )


def _causes(impossible: Any, project: Path) -> Iterator[Cause]:  # noqa: ANN401 - a ResolutionImpossible of pip's own types
    for requirement, parent in impossible.causes:
        text = str(requirement)
        if isinstance(requirement, RequiresPythonRequirement):
            if parent is not None:  # it is always there; what has none says nothing
                yield Cause("", text, f"{parent.name} {parent.version}", python=True, parent_name=parent.name)
            continue
        name = canonicalize_name(requirement.project_name)
        if parent is not None:
            installed = isinstance(getattr(parent, "base", parent), AlreadyInstalledCandidate)
            yield Cause(name, text, f"{parent.name} {parent.version}", installed, parent_name=parent.name)
            continue
        candidate, asked = requirement.get_candidate_lookup()
        asked = asked or (candidate and candidate.get_install_requirement())
        file, line = place(asked.comes_from if asked else None, project)
        yield Cause(name, text, file=file, line=line or 0)


def _for_another_python(finder: PackageFinder) -> tuple[ForAnotherPython, ...]:
    """Return what pip passed over for its Python; its words are `VERSION Requires-Python SPECIFIER`."""
    said = (text.partition(" Requires-Python ") for text in finder.requires_python_skipped_reasons())
    return tuple(ForAnotherPython(version, specifier) for version, _, specifier in said)


def _versions(finder: PackageFinder, name: str) -> tuple[str, ...]:
    """Return the versions of a project that the target could install, in ascending order."""
    versions = {candidate.version for candidate in finder.find_all_candidates(name)}
    return tuple(str(version) for version in sorted(versions))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
