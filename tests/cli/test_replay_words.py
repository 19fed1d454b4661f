"""Each fact of a replay has words."""

from __future__ import annotations

from typing import get_args

import pytest

from cortexlock.cli.replay_words import words
from cortexlock.model import replay_facts as facts
from cortexlock.model.replay_facts import Doing, Why

_SAID: list[tuple[facts.Fact | str, str]] = [
    ("compiling", "compiling"),
    (Doing.NOTHING_TO_DO, "there is nothing to do"),
    (facts.Script("a.sh"), "running a.sh"),
    (facts.Script("a.sh", ended=True), "a.sh has ended well"),
    (facts.Removal("a", "1.0", Why.STRANGE), "removing a 1.0, which is in neither image nor lockfile"),
    (facts.Removal("a", "1.0", Why.CONDA_CHANGES), "removing pip's copy of a 1.0, which conda changes"),
    (facts.FileRemoval("lib/x.py"), "removing lib/x.py, which is of no package"),
    (facts.Linking(2), "linking 2 packages"),
    (facts.Linking(2, ended=True), "linked 2 packages"),
    (facts.Installing(1), "installing 1 distribution"),
    (facts.Installing(1, ended=True), "installed 1 distribution"),
    (facts.Building("a", "1.0"), "building a 1.0"),
    (facts.CheckingOut("a", "1.0"), "checking out a 1.0"),
    (facts.Gathered(3, 0), "3 files are there, as locked"),
    (facts.Gathered(3, 1), "3 files and 1 git checkout are there, as locked"),
    (facts.OtherImage("a:1", "a:2"), "the last replay here was for a:1, the lockfile is for a:2"),
    (facts.HasRun("a.sh"), "a.sh has run here before and is not run again"),
    (facts.Altered("a.sh", "pip", "b", "1", "2"), "a.sh: pip b 1 changed to 2"),
    (facts.LinkScripts("a", ("b", "c"), run=True), "link scripts of the conda package a are run, as"),
    (facts.SharedFiles("a", ("b", "c"), "d", is_of_pip=False), "b and 1 more file of the conda package a is of the"),
    (facts.FetchedAnew("a 1.0"), "a 1.0: the cached file was not as locked, it is fetched anew"),
]


@pytest.mark.parametrize(("fact", "said"), _SAID)
def test_facts_in_words(fact: facts.Fact | str, said: str) -> None:
    assert words(fact).startswith(said)


def test_no_fact_is_left_out() -> None:
    assert {type(fact) for fact, _ in _SAID} == {str, *get_args(facts.Fact)}
    assert all(words(each) for each in Doing)
    assert len({words(facts.Removal("a", "1", each)) for each in Why}) == len(Why)
