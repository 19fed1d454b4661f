"""A replay says nothing of credentials, but where refused ones come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.errors import NetworkError
from cortexlock.model.replay import OnEvent, ReplayEvent
from cortexlock.model.replay_facts import Doing, LinkScripts
from cortexlock.replay.supply.redaction import discreet
from tests.support.replay import Case, make_case
from tests.support.wheels import make_wheel

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of no server


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A project with a token in its requirements file."""
    lines = (f"--extra-index-url https://me:{TOKEN}@a.example.org/simple/", "demo")
    case = make_case(tmp_path, requirements=lines)
    case.add(make_wheel(tmp_path, "demo", "1.0"))
    return case


def _fails(say: OnEvent) -> None:
    say(ReplayEvent("fetch", f"from {TOKEN} and 0pti0n", 1, 2))
    raise NetworkError(f"no {TOKEN}", where="0pti0n", hint="try again")


def test_events_and_errors_are_redacted(case: Case) -> None:
    options = replace(case.options(), index_url="https://0pti0n@example.org/simple/")
    heard: list[ReplayEvent] = []
    with (
        pytest.raises(NetworkError) as caught,
        discreet(case.project, case.lockfile, options, heard.append) as say,
    ):
        _fails(say)
    assert heard == [ReplayEvent("fetch", "from **** and ****", 1, 2)]
    say(ReplayEvent("check", LinkScripts("a", (f"b {TOKEN}",), run=False), kind="note"))
    say(ReplayEvent("check", Doing.CHECKS))
    assert [event.fact for event in heard[1:]] == [LinkScripts("a", ("b ****",), run=False), Doing.CHECKS]
    assert str(caught.value) == "****: no ****\n  hint: try again"


def test_a_refusal_says_where_the_credentials_come_from(case: Case) -> None:
    with (
        pytest.raises(NetworkError) as caught,
        discreet(case.project, case.lockfile, case.options(), case.events.append),
    ):
        raise NetworkError("no", url="https://a.example.org/simple/", status=401, hint="check the network")
    assert caught.value.hint == "check the credentials in requirements.txt:1"


def test_a_file_that_is_gone_is_for_others_to_say(case: Case) -> None:
    lockfile = case.lockfile
    (case.directory / "requirements.txt").unlink()
    with discreet(case.project, lockfile, case.options(), case.events.append) as say:
        say(ReplayEvent("check", "text"))
    assert case.said("text")
