"""What goes wrong inside pip, in our terms."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pip._internal import exceptions
from pip._internal.models.link import Link
from pip._vendor.requests.exceptions import ConnectionError as RequestsConnectionError
from pip._vendor.requests.models import Request
from pip._vendor.urllib3.exceptions import ProxyError

from cortexlock.errors import IntegrityError, NetworkError, NoSolutionError
from cortexlock.pip.internals.failures import broken_answer, no_url, raise_network_error, translated

_PROJECT = Path("/project")
_FINDER: Any = SimpleNamespace(find_all_candidates=lambda _name: [], requires_python_skipped_reasons=list)


def _answered(status: int) -> Exception:
    return exceptions.NetworkConnectionError("answered", response=SimpleNamespace(status_code=status, request=None))  # type: ignore[arg-type] # only the status is looked at


@pytest.mark.parametrize("status", [403, 404])
def test_project_that_an_index_does_not_have(status: int) -> None:
    raise_network_error(Link("https://example.org/simple/a/"), _answered(status))


@pytest.mark.parametrize("status", [400, 401, 407, 410, 429, 500, 503])
def test_other_answers_are_errors(status: int) -> None:
    with pytest.raises(NetworkError):
        raise_network_error(Link("https://example.org/simple/a/"), _answered(status))


@pytest.mark.parametrize("reason", ["connection error", TimeoutError("timed\nout")])
def test_index_that_does_not_answer(reason: str | Exception) -> None:
    with pytest.raises(NetworkError, match=r"the index does not answer: (connection error|timed)\n") as caught:
        raise_network_error(Link("https://user:secret@example.org/simple/a/"), reason)
    assert "secret" not in str(caught.value)
    assert "example.org/simple/a/" in str(caught.value)


def test_connection_that_breaks() -> None:
    request = Request("GET", "https://user:secret@example.org/a.whl")
    error = broken_answer(RequestsConnectionError("broken\npipe", request=request))
    assert error.what == "the index does not answer: broken"
    assert error.where == "https://user:****@example.org/a.whl"


def test_page_that_is_none() -> None:
    assert "no page that can be read" in broken_answer(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")).what


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.HashMismatch({"sha256": ["0"]}, {"sha256": hashlib.sha256(b"x")}), IntegrityError),
        (exceptions.NetworkConnectionError("gone"), NetworkError),
        (exceptions.ConnectionFailedError("https://example.org/a", "example.org", OSError("refused")), NetworkError),
        (
            exceptions.ProxyConnectionError("https://example.org/a", "proxy", ProxyError("refused", OSError())),
            NetworkError,
        ),
        (exceptions.InstallationError("Could not install requirement a because of HTTP error 500"), NetworkError),
        (exceptions.InstallationError("something else"), NoSolutionError),
        (exceptions.InvalidWheel("/place", "a"), NoSolutionError),
        (exceptions.BestVersionAlreadyInstalled(), NoSolutionError),
    ],
)
def test_kinds_of_errors(error: exceptions.PipError, kind: type[Exception]) -> None:
    found = translated(error, _FINDER, _PROJECT)
    assert type(found) is kind
    assert found.what


def test_markup_for_terminals_is_left_out() -> None:
    error = exceptions.ConnectionFailedError("https://example.org/a[1]", "example.org", OSError("refused"))
    what = translated(error, _FINDER, _PROJECT).what
    assert what == "Failed to connect to example.org while fetching https://example.org/a[1]"


def test_a_link_that_is_no_url() -> None:
    assert isinstance(no_url(ValueError("Invalid IPv6 URL")), NetworkError)
    assert no_url(ValueError("not enough values to unpack")) is None


def test_no_path_of_this_machine_is_said() -> None:
    project = Path(__file__).resolve().parent
    places = (project.as_uri(), project / "more" / "r.txt", project / "b")
    text = "Cannot install a from {}/a.zip (from -r {} (line 3)): {}".format(*places)
    what = translated(exceptions.InstallationError(text), _FINDER, project).what
    assert what == f"Cannot install a from a.zip ({Path('more', 'r.txt')}:3): b"
