"""Errors say what, where and what to do, travel between processes, and have the exit codes that are documented."""

from __future__ import annotations

import inspect
import pickle

import pytest

from cortexlock import errors
from cortexlock.errors import CortexlockError, FileLine, InputError, NoSolutionError

CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, CortexlockError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_travel_between_processes(kind: type[CortexlockError]) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        error = pickle.loads(pickle.dumps(kind("it broke", where="a.txt:3", hint="mend it"), protocol))  # noqa: S301 - ours
        assert type(error) is kind
        assert (error.what, error.where, error.hint) == ("it broke", "a.txt:3", "mend it")
        assert str(error) == "a.txt:3: it broke\n  hint: mend it"


def test_a_message_without_place_and_hint() -> None:
    assert str(NoSolutionError("nothing fits")) == "nothing fits"
    assert str(NoSolutionError("nothing fits", hint="ask for less")) == "nothing fits\n  hint: ask for less"


@pytest.mark.parametrize("kind", CLASSES)
def test_details_and_places_travel_as_values(kind: type[CortexlockError]) -> None:
    error = kind("these do not fit:", where=FileLine("a.txt", 3), details=["  a", "", "  b"])
    error = pickle.loads(pickle.dumps(error))  # noqa: S301 - ours
    assert (error.summary, error.details, error.place) == (
        "these do not fit:",
        ("  a", "", "  b"),
        FileLine("a.txt", 3),
    )
    assert str(error) == "a.txt:3: these do not fit:\n  a\n\n  b"
    assert kind("it broke", details=[""]).what == "it broke"


def test_an_input_error_names_file_and_line() -> None:
    assert str(InputError.at("a.txt", 7, "no such operator")) == "a.txt:7: no such operator"
    error = InputError.at("a.txt", None, "it is UTF-16", hint="save it as UTF-8")
    assert str(error) == "a.txt: it is UTF-16\n  hint: save it as UTF-8"


def test_exit_codes_are_the_documented_ones() -> None:
    codes = {kind.__name__: kind.exit_code for kind in CLASSES if CortexlockError in kind.__bases__}
    assert codes == {
        "DifferenceError": 1,
        "UsageError": 2,
        "InputError": 3,
        "NoSolutionError": 4,
        "NetworkError": 5,
        "IntegrityError": 6,
        "StepError": 7,
    }
