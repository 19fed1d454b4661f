"""A failed solve is explained in the user's own lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cortexlock.conda import explain
from cortexlock.conda.channels import Channel, resolve
from cortexlock.conda.failure import CondaFailedError
from cortexlock.conda.records import Record
from cortexlock.errors import CortexlockError, InputError, NetworkError, NoSolutionError, UsageError
from cortexlock.inputs.conda_list import parse_line

IMAGE = {"python": "3.6.9", "pip": "20.0.2"}
LINES = ("numpy>=1.20", "pytorch", "six")
SPECS = tuple(parse_line(text, name="list", line=number) for number, text in enumerate(LINES, start=1))
KNOWN = tuple(Record(spec.name, version, "0", "") for spec in SPECS for version in ("1.0", "1.10"))
CHANNEL = Channel("./channel", ("file:///home/me/project/channel",))

# What conda says of a real conflict, shortened.
TREE = """\
The following specifications were found
to be incompatible with the existing python installation in your environment:

Specifications:

  - numpy[version='>=1.20'] -> python[version='>=3.7,<3.8.0a0']
  - pytorch -> python[version='>=3.7,<3.8.0a0']

Your python: python=3.6.9

If python is on the left-most side of the chain, that's the version you've asked for.
When python appears to the right, that indicates that the thing on the left is somehow
not available for the python version you are constrained to. Note that conda will not
change your python version to a different minor version unless you explicitly specify
that.

The following specifications were found to be incompatible with each other:

Output in format: Requested package -> Available versions"""

PAST = """\
The following specifications were found to be incompatible with a past
explicit spec that is not an explicit spec in this operation (numpy):

  - pytorch -> numpy[version='>=1.17']
"""


def _error(name: str, message: str, known: tuple[Record, ...] = KNOWN) -> CortexlockError:
    failure = CondaFailedError(name, message)
    return explain.error(failure, SPECS, file="list", image=IMAGE, channels=[CHANNEL], known=known)


def test_lines_that_the_explanation_names_are_blamed() -> None:
    error = _error("UnsatisfiableError", TREE)
    assert isinstance(error, NoSolutionError)
    assert error.where == "list:1"
    assert error.what.splitlines() == [
        "these lines cannot be satisfied together:",
        "  list:1: numpy>=1.20",
        "  list:2: pytorch",
        "conda says:",
        "The following specifications were found",
        "to be incompatible with the existing python installation in your environment:",
        "Specifications:",
        "  - numpy[version='>=1.20'] -> python[version='>=3.7,<3.8.0a0']",
        "  - pytorch -> python[version='>=3.7,<3.8.0a0']",
        "Your python: python=3.6.9",
    ]
    assert str(error.hint).startswith("the image has Python 3.6.9, and conda keeps 3.6")


def test_what_the_image_was_made_with_holds() -> None:
    error = _error("UnsatisfiableError", PAST)
    assert (error.where, error.hint) == (
        "list:2",
        "the image was made with numpy, and conda holds to that unless the list asks for another",
    )


def test_what_a_date_hides_is_said_to_be_hidden() -> None:
    failure = CondaFailedError("PackagesNotFoundError", "  - numpy[version='>=1.20']")
    known = [replace(record, timestamp=2e9) for record in KNOWN]
    for date, hidden in (("2030-01-01T00:00:00Z", True), ("2040-01-01T00:00:00Z", False)):
        error = explain.error(
            failure, SPECS, file="list", image=IMAGE, channels=[CHANNEL], known=known, exclude_newer=date
        )
        assert ("`exclude-newer` in cortexlock.yaml hides newer packages" in str(error.hint)) is hidden


def test_without_a_name_in_the_tree_all_lines_are_blamed() -> None:
    error = _error("LibMambaUnsatisfiableError", "no luck")
    assert [f"list:{number}: {text}" in error.what for number, text in enumerate(LINES, start=1)] == [True] * 3


def test_one_line_is_blamed_alone() -> None:
    error = _error("UnsatisfiableError", "Package openssl conflicts for:\nsix -> openssl=1\npip -> openssl=2")
    assert error.what.startswith("this line cannot be satisfied:\n  list:3: six\n")
    assert error.hint is None


def test_an_installation_that_lacks_the_solver_is_nobodys_list() -> None:
    error = _error("MissingSolver", "No module named 'pysat'")
    assert isinstance(error, UsageError)
    assert str(error) == (
        "conda: conda's solver cannot be used: No module named 'pysat'\n  hint: install cortexlock anew"
    )


def test_a_version_that_nobody_has_is_answered_with_those_there_are() -> None:
    error = _error("PackagesNotFoundError", "  - numpy[version='>=1.20']")
    assert (error.where, error.what) == ("list:1", "no channel has `numpy >=1.20`; there is 1.10, 1.0")
    assert error.hint == "ask for one of these, or name a channel that has it: `channel::numpy`"


def test_versions_that_nobody_has_are_all_named() -> None:
    error = _error("PackagesNotFoundError", "- six==2\n  - numpy[version='>=1.20']")
    assert (error.where, error.what) == (
        "list:1",
        "no channel has `numpy >=1.20`; there is 1.10, 1.0; nor have they these:\n  list:3: six (there is 1.10, 1.0)",
    )


def test_unknown_packages_are_named_before_anything_else() -> None:
    error = _error("UnsatisfiableError", TREE, known=KNOWN[:2])
    assert error.where == "list:2"
    assert error.what == "no channel has a package `pytorch`, nor have they these:\n  list:3: six"


def test_what_a_conda_says_is_sorted_by_its_name() -> None:
    assert isinstance(_error("CondaHTTPError", "HTTP 404 file:///home/me/project/channel/noarch"), NetworkError)
    assert isinstance(_error("UnavailableInvalidChannel", "x"), NetworkError)
    assert isinstance(_error("InvalidMatchSpec", "x"), InputError)
    assert isinstance(_error("CondaMemoryError", "x"), UsageError)
    assert isinstance(_error("ModuleNotFoundError", "x"), UsageError)
    assert isinstance(_error("PackagesNotFoundError", "x"), NoSolutionError)


def test_a_network_error_names_the_channel_as_written_and_no_secret(tmp_path: Path) -> None:
    secret = resolve("https://me:s3cret@example.org/channel", project=tmp_path)
    failure = CondaFailedError("CondaHTTPError", f"error for url ({secret.urls[0]}/noarch/repodata.json)")
    error = explain.error(failure, SPECS, file="list", image=IMAGE, channels=[CHANNEL, secret], known=())
    assert str(error.where) == "channel https://example.org/channel"
    assert error.what == "cannot be read: error for url (https://example.org/channel/noarch/repodata.json)"


def test_a_network_error_that_names_no_channel_can_only_be_that_of_the_only_one() -> None:
    assert str(_error("CondaHTTPError", "failed to parse repodata.json").where) == "channel ./channel"
    failure = CondaFailedError("CondaHTTPError", "failed to parse repodata.json")
    two = [CHANNEL, Channel("conda-forge", ("https://example.org/conda-forge",))]
    error = explain.error(failure, SPECS, file="list", image=IMAGE, channels=two, known=())
    assert error.where is None
    assert error.what == "a channel cannot be read: failed to parse repodata.json"


def test_all_lines_of_a_package_are_named() -> None:
    lines = tuple(parse_line(text, name="list", line=number) for number, text in enumerate(("six<1", "six>2"), start=1))
    message = "  - six[version='>2,<1']"
    failure = CondaFailedError("UnsatisfiableError", message)
    one = [lines[0]]
    error = explain.error(failure, one, file="list", image=IMAGE, channels=[CHANNEL], known=KNOWN, lines=lines)
    assert error.what.startswith("these lines cannot be satisfied together:\n  list:1: six<1\n  list:2: six>2\n")


def test_a_channel_that_has_only_a_name_keeps_its_address() -> None:
    channel = Channel("nochan", ("https://example.org/nochan",))
    failure = CondaFailedError("CondaHTTPError", "no https://example.org/nochan/noarch/repodata.json")
    error = explain.error(failure, SPECS, file="list", image=IMAGE, channels=[channel], known=())
    assert str(error) == (
        "channel nochan: cannot be read: no https://example.org/nochan/noarch/repodata.json\n"
        "  hint: is its address right, and is it up?"
    )


def test_what_the_executable_blames_is_blamed_alone() -> None:
    failure = CondaFailedError("UnsatisfiableError", TREE, ["pytorch"])
    error = explain.error(failure, SPECS, file="list", image=IMAGE, channels=[CHANNEL], known=KNOWN)
    assert error.where == "list:2"
    assert "list:1" not in error.what


def test_each_heading_of_conda_is_on_a_line_of_its_own() -> None:
    heading = "The following specifications were found to be incompatible with your system:"
    assert explain.without_asides(f"Package c conflicts for:\nc\na -> c{heading}").splitlines()[2:] == [
        "a -> c",
        heading,
    ]


def test_what_the_image_has_and_no_channel() -> None:
    failure = CondaFailedError("PackagesNotFoundError", "- python==3.6")
    for text, hint in (
        (
            "python=3.6",
            "the image has python 3.6.9; in a list `=` means exactly that version; write `python=3.6.*` for any",
        ),
        ("pip=19", "the image has pip 20.0.2: leave the line out to keep it"),
        ("pip>=30", "the image has pip 20.0.2: leave the line out to keep it"),
        ("six", "is the name right?"),
    ):
        specs = (parse_line(text, name="list", line=1),)
        error = explain.error(failure, specs, file="list", image=IMAGE, channels=[CHANNEL], known=())
        assert str(error.hint).startswith(hint)


def test_other_builds_of_the_version() -> None:
    failure = CondaFailedError("PackagesNotFoundError", "- numpy==1.0=7")
    specs = (parse_line("numpy=1.0=7", name="list", line=1),)
    known = (*KNOWN, Record("numpy", "1.0", "1", ""))
    error = explain.error(failure, specs, file="list", image=IMAGE, channels=[CHANNEL], known=known)
    assert (error.what, error.hint) == (
        "no channel has `numpy ==1.0 7`; builds of 1.0 are 0, 1",
        "ask for one of these, or name a channel that has it: `channel::numpy`",
    )
