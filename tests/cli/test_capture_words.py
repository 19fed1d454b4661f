"""What a capture has to tell: each fact has its words."""

from __future__ import annotations

from typing import get_args

from cortexlock.cli.capture_words import words
from cortexlock.model import capture_facts as facts

_SAID: dict[facts.CaptureFact, str] = {
    facts.NoConda("python-predictor-cpu", "0.16.0"): (
        "it is no conda environment, unlike that of python-predictor-cpu 0.16.0"
    ),
    facts.UnusedCuda("10.1", "cpu"): "CUDA 10.1 is there and was left out: the platform is cpu",
    facts.IndexVariables(("PIP_INDEX_URL", "UV_INDEX")): (
        "the image sets PIP_INDEX_URL and UV_INDEX: a lock asks the indexes that the project names, not those"
    ),
    facts.UnknownConstraints("/gone"): "/gone, the image's constraints, is not in it: what it holds is not known",
    facts.NoConstraint("/c.txt", "-c x"): "/c.txt: `-c x` was left out: only names with versions can be constraints",
    facts.NamelessMetadata("x.dist-info"): "x.dist-info was left out: its metadata have no name and version",
    facts.StrangeVersion("a", "old"): "a was left out: its version, old, is none (PEP 440)",
    facts.SeveralVersions("a", ("2", "1"), "2"): "a is there more than once (2, 1): 2 was taken",
    facts.UnsaidCredential("a"): "a asks for a URL with a user name, a credential or a query in it, which was left out",
    facts.OtherMachine("arm64"): ("its configuration says arm64, its C library is for another machine, which counts"),
}


def test_each_fact_has_its_words() -> None:
    assert {type(fact) for fact in _SAID} == set(get_args(facts.CaptureFact))
    assert {fact: words(fact) for fact in _SAID} == _SAID
