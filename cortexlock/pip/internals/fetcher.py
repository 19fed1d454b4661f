"""A process that fetches for the resolver: pages, METADATA of wheels, and what these lead to.

pip's resolver keeps one processor busy. Threads beside it would have to wait for it, as CPython runs one of them at a
time, and it for them: TLS, JSON and hashes of 50 MB of pages take as long as the resolver does. A copy of the process,
with pip's session and all that decides where a project is looked for, does that on another processor.

The copy asks for what the resolver will ask for, as far as that can be foreseen, and for whatever else the resolver
comes to. What fails there is done again by the resolver's own process, which says what is the matter. As long as all
that the resolver comes to is at hand, as other projects of the command have asked for it, there is no copy.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from functools import partial
from itertools import count
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from cortexlock import process_copy
from cortexlock.errors import CortexlockError
from cortexlock.pip.internals.index_pages import GoneError, Page

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.req import InstallRequirement

    from cortexlock.pip.internals.ahead import Ahead, Forecast


def begin(
    ahead: Ahead,
    forecast: Forecast,
    requirements: Sequence[InstallRequirement],
    redirects: dict[str, str],
    stack: ExitStack,
) -> bool:
    """Be ready for what a forecast says that requirements lead to, until a stack is closed; tell if that can be done.

    It begins with the first page or METADATA that is not at hand.

    Args:
        ahead: What fetches.
        forecast: What will be asked for.
        requirements: The requirements.
        redirects: The pages that were asked for, by URL of those that answered.
        stack: What ends it.
    """
    if ahead.pages.elsewhere is not None or not ahead.pages.are_remote or not process_copy.ProcessCopy.is_possible():
        return False
    stack.callback(Fetcher(ahead, forecast, requirements, redirects).close)
    return True


class Fetcher:
    """The process; its methods can be called from any thread."""

    def __init__(
        self, ahead: Ahead, forecast: Forecast, requirements: Sequence[InstallRequirement], redirects: dict[str, str]
    ) -> None:
        """Have pages and metadata come from there; see `begin`."""
        self._ahead = ahead
        self._forecast = forecast
        self._requirements = requirements
        self._redirects = redirects
        self._numbers = count()
        self._answers: dict[int, Future[Any]] = {}
        self._lock = Lock()
        self._is_over = False
        self._copy: process_copy.ProcessCopy | None = None
        self._thread = Thread(target=self._receive, name="fetcher", daemon=True)
        ahead.pages.elsewhere = self.page
        ahead.wheels.elsewhere = self.metadata

    def page(self, link: Link) -> Future[Page | None]:
        """Ask for a page; what comes is what `IndexPages.get` returns or raises, or `GoneError`: it does not come."""
        return self._ask("page", link)

    def metadata(self, link: Link, name: str) -> None:
        """Have the METADATA of a wheel fetched and kept, if it can be."""
        answer = self._ask("metadata", link, name)
        self._ahead.trees.wait(answer)
        answer.exception()

    def close(self) -> None:
        """End the process."""
        if self._copy is not None:
            self._send("end")
            self._copy.end()
            self._thread.join()
        self._ahead.pages.elsewhere = self._ahead.wheels.elsewhere = None

    def _start(self) -> None:
        """Make the process; where that cannot be done any more, fetch ahead by threads of this one."""
        if self._copy is not None or self._is_over:
            return
        if not process_copy.ProcessCopy.is_possible():  # a build has threads
            self._is_over = True
            self._ahead.pages.elsewhere = self._ahead.wheels.elsewhere = None
            self._forecast.begin(self._requirements)
            return
        ahead, redirects, forecast, requirements = self._ahead, self._redirects, self._forecast, self._requirements
        self._copy = process_copy.ProcessCopy(
            lambda theirs: _Serving(ahead, redirects, theirs).serve(forecast, requirements)
        )
        self._thread.start()

    def _ask(self, kind: str, link: Link, *more: str) -> Future[Any]:
        self._start()
        answer: Future[Any] = Future()
        number = next(self._numbers)
        page: object = link.comes_from
        if page is not None and not isinstance(page, str):  # as a whole, which is of no use there
            link = copy.copy(link)
            link.comes_from = None
        with self._lock:
            if self._is_over:
                answer.set_exception(GoneError())
                return answer
            self._answers[number] = answer
        self._send(kind, number, link, *more)
        return answer

    def _send(self, *message: object) -> None:
        with self._lock, suppress(OSError):  # it has ended: who waits for an answer is told so
            if self._copy is not None:
                self._copy.connection.send(message)

    def _receive(self) -> None:
        """Take answers until the process ends."""
        try:
            with suppress(EOFError, OSError):
                while self._copy is not None:
                    self._take(*self._copy.connection.recv())
        finally:
            with self._lock:
                self._is_over = True
            for answer in self._answers.values():
                answer.set_exception(GoneError())

    def _take(self, kind: str, number: int, value: Any) -> None:  # noqa: ANN401 - as the kind is
        """Take an answer, or an sdist that is worth a look."""
        if kind == "sdist":
            link, name = value
            self._ahead.look_into_sdist(link, name, partial(self._send, "read", number))
        elif kind == "error":
            self._answers.pop(number).set_exception(value)
        else:
            page, redirect = value if kind == "page" else (None, "")
            self._redirects.update({page.url: redirect} if page is not None and redirect else {})
            self._answers.pop(number).set_result(page)


class _Serving:
    """What the copy does."""

    def __init__(self, ahead: Ahead, redirects: dict[str, str], connection: process_copy.Channel) -> None:
        self._ahead = ahead
        self._redirects = redirects
        self._connection = connection
        self._lock = Lock()
        self._numbers = count()
        self._waiting: dict[int, Callable[[bytes], object]] = {}
        vars(ahead)["look_into_sdist"] = self._look_into_sdist  # whose builds are the resolver's
        ahead.pages.forget_others()
        ahead.wheels.elsewhere = None
        ahead.renew()

    def serve(self, forecast: Forecast, requirements: Sequence[InstallRequirement]) -> None:
        """Fetch, and answer, until the end.

        Raises:
            EOFError: The resolver's process has ended.
        """
        forecast.begin(requirements)
        while True:
            kind, *what = self._connection.recv()
            if kind == "end":
                break
            if kind == "read":
                number, content = what
                self._ahead.submit(self._waiting.pop(number), content)
            else:
                self._ahead.submit(self._answer, kind, *what, asked=True)
        self._ahead.close()

    def _answer(self, kind: str, number: int, *what: object) -> None:
        try:
            self._send(kind, number, getattr(self, f"_{kind}")(*what))
        except CortexlockError as error:
            error.__cause__ = error.__context__ = None  # of libraries, which cannot always be pickled
            self._send("error", number, error)
        except Exception:  # noqa: BLE001 - the resolver's process comes by it, too, and knows what to make of it
            self._send("error", number, GoneError())

    def _page(self, link: Link) -> tuple[Page | None, str]:
        page = self._ahead.pages.get(link)
        return page, self._redirects.get(page.url, "") if page is not None else ""

    def _metadata(self, link: Link, name: str) -> None:
        self._ahead.wheels.fetch(link, name, self._ahead.session)

    def _look_into_sdist(self, link: Link, name: str, then: Callable[[bytes], object]) -> None:
        number = next(self._numbers)
        self._waiting[number] = then
        self._send("sdist", number, (link, name))

    def _send(self, kind: str, number: int, value: object) -> None:
        message = pickle.dumps((kind, number, value), protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock, suppress(OSError):
            self._connection.send_bytes(message)
