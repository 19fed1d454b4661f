"""Credentials are kept out of errors, tracebacks and what is written."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from cortexlock.errors import FileLine, InputError, IntegrityError, NetworkError
from cortexlock.inputs import redaction, requirements_text
from cortexlock.model.lock_progress import Activity, LockProgress
from cortexlock.model.project import Configuration, Index, Project
from cortexlock.model.replay_facts import LinkScripts

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of no server


def test_all_places_of_credentials_are_known(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r more.txt\n-i https://${TOKEN}@example.org/\n")
    (tmp_path / "more.txt").write_text("git+https://in-more@example.org/x.git\n")
    configuration = Configuration(
        index_url="https://in-index@example.org/",
        indexes=(Index("a", "https://in-indexes@example.org/"),),
        channels=("https://in-channel@example.org/",),
    )
    found = redaction.of_project(
        Project(tmp_path, configuration, ()),
        requirements_text.read(tmp_path, "requirements.txt").lines,
        {"TOKEN": "in-variable", "https_proxy": "http://me:in-proxy@example.org", "OTHER": "https://no@example.org/"},
        "https://in-option@example.org/",
        None,
    )
    names = ("variable", "more", "index", "indexes", "channel", "proxy", "option")
    assert found == {f"in-{name}" for name in names}


def test_errors_are_redacted() -> None:
    with pytest.raises(NetworkError) as caught, redaction.redacted([TOKEN]):
        raise NetworkError(f"a {TOKEN}", where=f"b {TOKEN}", hint=f"c {TOKEN}")
    assert (caught.value.what, caught.value.where, caught.value.hint) == ("a ****", "b ****", "c ****")
    assert caught.value.args == ("a ****",)


def _fails() -> None:
    try:
        dict[str, str]()[TOKEN]
    except KeyError as error:
        raise OSError(2, "what", f"/{TOKEN}") from error


def test_details_and_files_are_redacted() -> None:
    with pytest.raises(InputError) as caught, redaction.redacted(["s3cret"]):
        raise InputError("it broke:", where=FileLine("s3cret.txt", 3), details=["  at s3cret", "  here"])
    assert str(caught.value) == "****.txt:3: it broke:\n  at ****\n  here"
    assert caught.value.place == FileLine("****.txt", 3)


def test_the_traceback_of_a_bug_is_kept_without_credentials() -> None:
    with pytest.raises(RuntimeError) as caught, redaction.redacted([TOKEN]):
        _fails()
    said = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in said
    assert "KeyError: '****'" in said
    assert "in _fails" in said


def test_bug_without_them_stays_what_it_is() -> None:
    with pytest.raises(OSError, match="what"), redaction.redacted(["unheard-of"]):
        _fails()


def test_a_text_with_a_credential_is_refused() -> None:
    redaction.refuse([("a.yaml", "nothing"), ("b.yaml", "abc")], ["abc", TOKEN])
    with pytest.raises(IntegrityError) as caught:
        redaction.refuse([("a.yaml", "nothing"), ("b.yaml", f"url: {TOKEN}")], [TOKEN])
    assert caught.value.where == "b.yaml"
    assert TOKEN not in str(caught.value)


def test_of_a_value_texts_and_tuples_of_texts() -> None:
    progress = LockProgress(Activity.CHECKS_OUT, "https://me:s3cr3t@example.org/r", "s3cr3t")
    clean = redaction.of_value(progress, frozenset({"s3cr3t"}))
    assert clean == LockProgress(Activity.CHECKS_OUT, "https://me:****@example.org/r", "****")
    scripts = LinkScripts("a", ("bin/s3cr3t.sh", "b"), run=True)
    assert redaction.of_value(scripts, frozenset({"s3cr3t"})) == LinkScripts("a", ("bin/****.sh", "b"), run=True)
