"""What a lock has to say besides the lockfile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cortexlock.cli.lock_words import words
from cortexlock.lock import lock_notes, resolution_notes
from cortexlock.model.conda_list import PypiRow
from cortexlock.model.lock_facts import Note
from cortexlock.model.lockfile import CondaStep, PipStep, PreInstalled, ScriptStep, Step
from cortexlock.model.package import CondaPackage, Conflict, FromGit, Pin, PipPackage, Replaced
from cortexlock.model.target import Target
from cortexlock.pip.resolution.findings import Findings
from cortexlock.pip.resolution.values import MovedPreference, OwnPip, PassedOver
from cortexlock.predictors import catalog
from tests.support.lockfiles import example


def _said(notes: Iterable[Note]) -> tuple[str, ...]:
    return tuple(words(note) for note in notes)


ROWS = (PypiRow(3, "a=1=pypi_0", "a", "1"), PypiRow(5, "b=2=pypi_0", "b", "2"))


def test_rows_of_pips_are_told_with_the_first_of_them() -> None:
    (note,) = _said(resolution_notes.of_rows("list.txt", ROWS, ROWS, None))
    assert note.startswith("list.txt:3: `a=1=pypi_0` was installed by pip")
    assert "asks for 2 such rows" in note
    both = _said(resolution_notes.of_rows("list.txt", ROWS, ROWS[:1], "requirements.txt"))
    assert "asks for 1 such row " in both[0]
    assert both[1] == "list.txt:5: 1 row of what pip had installed left out: requirements.txt names b"
    assert _said(resolution_notes.of_rows("list.txt", (), (), None)) == ()


def test_another_python_is_told_with_what_it_costs() -> None:
    image = catalog.find("python", "0.29.0", "cpu")
    target = Target("cpu", "linux-64", (3, 7, 7), (2, 27), None)
    loss, own = _said(resolution_notes.of_python(image, target, ["cortex-internal"]))
    assert loss.startswith("conda replaces Python 3.6.9 with 3.7.7: ")
    assert own.startswith("cortex-internal, a core package of the image, is on no index")
    first = _said(resolution_notes.of_python(catalog.find("python", "0.16.0", "cpu"), target, ["cortex-internal"]))
    assert first[1].startswith("Cortex 0.16.0 does not re-install its core packages")


def test_pip_over_conda_is_told() -> None:
    conda = CondaStep("list.txt", (CondaPackage("numpy", "1.18.5", distributions=(Pin("numpy", "1.18.5"),)),))
    changed = PipPackage("numpy", "1.19.5", action="change", replaces=(Replaced("pip", "1.18.5"),))
    others = (
        PipPackage("numpy", "1.18.5", action="keep"),
        PipPackage("six", "2.0", action="change", replaces=(Replaced("pip", "1.0"),)),
    )
    assert _said(lock_notes.of_overlaps([conda, PipStep("r.txt", (changed,))])) == (
        "pip changes numpy 1.18.5 of conda's to 1.19.5",
    )
    assert _said(lock_notes.of_overlaps([conda, PipStep("r.txt", others)])) == ()
    assert _said(lock_notes.of_overlaps([PipStep("r.txt", (changed,)), conda])) == ()


def test_conflicts_are_told() -> None:
    conflicts = [Conflict("web", "1.0", "array<1", "1.0", already=True), Conflict("web", "1.0", "six", "")]
    assert _said(resolution_notes.of_conflicts(conflicts)) == (
        "web 1.0 of the image requires array<1, 1.0 will be there (it does not hold in the image either)",
        "web 1.0 of the image requires six, which will not be there",
    )


def test_where_the_cut_off_date_does_not_hold_is_told() -> None:
    target = Target("cpu", "linux-64", (3, 12, 1), (2, 36), None)
    findings = Findings(undated=(("links-1", ("a", "b")), ("internal", ("c",))))
    step = PipStep("r.txt", (PipPackage("a", "1.0"),))
    said = _said(resolution_notes.of_findings(step, findings, target, "2020-06-01T00:00:00Z"))
    assert said == (
        "a, b are from `links-1`, which has no upload times: exclude-newer 2020-06-01T00:00:00Z does not hold there",
        "c is from `internal`, which has no upload times: exclude-newer 2020-06-01T00:00:00Z does not hold there",
    )


def test_what_stays_the_image_s_own_is_told() -> None:
    packages = (PipPackage("a-b", "1.0", action="keep"), PipPackage("c", "2.0"), PipPackage("d", "1.0", action="keep"))
    steps: list[Step] = [ScriptStep("script.sh", "0" * 64), PipStep("requirements.txt", packages)]
    assert _said(resolution_notes.of_upgrades(["A_B", "c"], steps)) == (
        "a-b 1.0 is the image's own, and stays: ask for another version in requirements.txt",
    )


def test_a_name_that_no_build_isolation_has_in_vain_is_told() -> None:
    lockfile = example()
    locked = next(package.name for step in lockfile.pip_steps for package in step.packages)
    assert _said(resolution_notes.of_unlocked([locked, "flash-atn"], lockfile)) == (
        "`no-build-isolation` names flash-atn, which is not locked: is it written right?",
    )
    assert _said(resolution_notes.of_unlocked([], lockfile)) == ()


def test_a_repository_of_this_machine_is_told() -> None:
    packages = (
        PipPackage("a", "1", source=FromGit("file:///home/me/a", "0" * 40)),
        PipPackage("b", "1", source=FromGit("https://example.org/b.git", "0" * 40)),
    )
    (note,) = _said(lock_notes.of_local_repositories([PipStep("requirements.txt", packages)]))
    assert note.startswith("a is from file:///home/me/a, a path of this machine")


def test_a_channel_of_one_machine_is_told() -> None:
    (note,) = _said(
        lock_notes.of_channels(("defaults", "./channel", "../shared", "https://example.org/c", "file:///srv/channel"))
    )
    assert note.startswith("the channel file:///srv/channel is a directory outside the project")


def test_another_image_is_told() -> None:
    image = catalog.find("python", "0.16.0", "cpu")
    python = PreInstalled("conda", "python", "3.6.8")
    boto3 = next(each for each in image.distributions if each.name == "boto3")
    same = [PreInstalled("conda", each.name, each.version) for each in image.conda_records if each.name != "python"]
    same += [PreInstalled("pip", each.name, each.version) for each in image.distributions if each.name != "boto3"]
    before = replace(example(), pre_installed=(python, *same, PreInstalled("pip", "gone", "1.0")))
    (note,) = _said(lock_notes.of_image(before, image))
    what = f"Python 3.6.8 -> {image.python}, boto3 none -> {boto3.version}, gone 1.0 -> none"
    assert note == f"the image is another one than the lockfile was made for: {what}"
    now = PreInstalled("conda", "python", image.python), PreInstalled("pip", "boto3", boto3.version)
    assert _said(lock_notes.of_image(replace(before, pre_installed=(*now, *same)), image)) == ()


def test_requirements_that_ask_for_nothing_are_told() -> None:
    target = Target("cpu", "linux-64", (3, 12, 1), (2, 36), None)
    (note,) = _said(resolution_notes.of_findings(PipStep("r.txt", ()), Findings(), target, ""))
    assert note == "r.txt has no line that holds for Python 3.12"


def test_what_a_resolution_found_is_told() -> None:
    findings = Findings(
        passed_over=(PassedOver("a", "2.0", "a-2.0.tar.gz", "its metadata is not UTF-8"),),
        moved=(MovedPreference("a", "1.5", has_sdist=True), MovedPreference("gone", "1.0", has_sdist=False)),
        unknown_extras=(("a", "1.0", "x"),),
        own_pip=(OwnPip("20.1", "b", "1.0", "2.0", (("a", "1.0", "b>=2"),)), OwnPip("20.1", "c", "1.0", "")),
    )
    step = PipStep("r.txt", (PipPackage("a", "1.0", yanked=True),))
    target = Target("cpu", "linux-64", (3, 12, 1), (2, 36), None)
    assert _said(resolution_notes.of_findings(step, findings, target, "")) == (
        "a-2.0.tar.gz was passed over: its metadata is not UTF-8",
        (
            "the image's own pip 20.1 takes what it comes to first, and would leave b 1.0 in place of 2.0; "
            "broken then: a 1.0, which requires b>=2"
        ),
        "the image's own pip 20.1 takes what it comes to first, and would leave c 1.0",
        "a 1.0 has no extra `x`",
        "a 1.5 -> 1.0: the locked version has only an sdist for Python 3.12 (cpu), so it is not kept",
    )
    assert _said(lock_notes.of_yanked([step])) == (
        "a 1.0 is yanked: its makers have withdrawn it; ask for another version",
    )
