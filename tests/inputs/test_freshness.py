"""What makes a lockfile stale, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cortexlock.cli.stale_words import words
from cortexlock.errors import InputError
from cortexlock.inputs.dependency_files import find
from cortexlock.inputs.freshness import differences
from cortexlock.inputs.hashes import inputs
from cortexlock.inputs.trees import tree_hash
from cortexlock.model.lockfile import Lockfile, PipStep
from cortexlock.model.package import BuildRequirement, FromDirectory, FromIndex, PipPackage
from cortexlock.model.predictor import DependencyFiles, Predictor
from cortexlock.model.project import Configuration, Index, Project
from cortexlock.model.stale_facts import FileIs, NoStep, StaleReason
from tests.support.lockfiles import example


def _predictor() -> Predictor:
    return Predictor(
        type="python",
        cortex_version="0.23.0",
        platform="cpu",
        image="python-predictor-cpu",
        slim=False,
        released="2020-12-01T00:00:00Z",
        python="3.6.9",
        glibc="2.27",
        cuda=None,
        has_conda=True,
        channels=("defaults",),
        order=("script", "conda", "core", "pip"),
    )


def _project(directory: Path) -> tuple[Project, Lockfile]:
    """Make a project and its fresh lockfile."""
    (directory / "pkg").mkdir()
    (directory / "pkg" / "setup.py").write_text("")
    (directory / "script.sh").write_text("true\n")
    (directory / "conda-packages.txt").write_text("numpy\n")
    (directory / "requirements.txt").write_text("-r more.txt\n./pkg\n")
    (directory / "more.txt").write_text("six\n")
    project = Project(directory, Configuration(), ())
    given = inputs(directory, find(project, DependencyFiles()))
    package = PipPackage("pkg", "1", sha256=tree_hash(directory / "pkg"), source=FromDirectory("pkg"))
    step = PipStep("requirements.txt", (package,))
    lockfile = replace(
        example(), inputs=given, steps=(*example().steps[:2], step), indexes=("default", "internal", "links-1")
    )
    return replace(project, configuration=Configuration(indexes=(Index("internal", "https://example.org"),))), lockfile


@pytest.mark.parametrize(
    ("step", "file"), [("script", "script.sh"), ("conda", "conda-packages.txt"), ("pip", "requirements.txt")]
)
def test_a_dependency_file_without_a_step(tmp_path: Path, step: str, file: str) -> None:
    """What a lockfile leaves out would be installed by nobody, and missed by nobody."""
    project, lockfile = _project(tmp_path)
    assert differences(project, lockfile) == ()
    lockfile = replace(lockfile, steps=tuple(each for each in lockfile.steps if each.step != step))
    assert differences(project, lockfile) == (StaleReason(file, NoStep(step)),)


def test_what_is_frozen(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    frozen = replace(project, configuration=replace(project.configuration, freeze=("torch",)))
    (found,) = differences(frozen, lockfile)
    assert words(found.fact) == "`freeze` is torch, the lockfile was made with nothing frozen"
    (found,) = differences(frozen, replace(lockfile, freeze=("*",)))
    assert words(found.fact) == "`freeze` is torch, the lockfile was made with all"
    assert differences(frozen, replace(lockfile, freeze=("torch",))) == ()
    assert differences(project, replace(lockfile, freeze=("torch",))) == ()


def test_fresh(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    assert differences(project, lockfile) == ()
    assert differences(project, lockfile, _predictor()) == ()


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda directory: (directory / name).write_text(text)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_write("conda-packages.txt", "scipy\n"), ("conda-packages.txt", "has changed since the lockfile was made")),
        (_write("script.sh", "false\n"), ("script.sh", "has changed since the lockfile was made")),
        (_write("more.txt", "six>1\n"), ("more.txt", "has changed since the lockfile was made")),
        (lambda directory: (directory / "conda-packages.txt").unlink(), ("conda-packages.txt", "is gone")),
        (_write("pkg/setup.py", "x"), ("pkg", "has changed since the lockfile was made (pkg)")),
    ],
)
def test_files(tmp_path: Path, change: Callable[[Path], object], expected: tuple[str, str]) -> None:
    project, lockfile = _project(tmp_path)
    change(tmp_path)
    for predictor in (None, _predictor()):
        assert [(each.file, words(each.fact)) for each in differences(project, lockfile, predictor)] == [expected]


def test_files_that_appear_and_vanish(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    (tmp_path / "requirements.txt").write_text("-r other.txt\n")
    (tmp_path / "other.txt").write_text("six\n")
    assert [(each.file, words(each.fact)) for each in differences(project, lockfile)] == [
        ("more.txt", "is no longer used"),
        ("other.txt", "is new since the lockfile was made"),
        ("requirements.txt", "has changed since the lockfile was made"),
    ]


def test_a_tree_that_is_gone(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    (tmp_path / "pkg" / "setup.py").unlink()
    (tmp_path / "pkg").rmdir()
    assert [(each.file, words(each.fact)) for each in differences(project, lockfile)] == [
        ("pkg", "there is no such directory (pkg is built of it)")
    ]


def test_a_missing_include_is_an_error(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    (tmp_path / "more.txt").unlink()
    with pytest.raises(InputError, match=r"requirements\.txt:1"):
        differences(project, lockfile)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Configuration(predictor="onnx"), "`predictor` is onnx, the lockfile was made for python"),
        (Configuration(cortex_version="0.24.0"), "`cortex-version` is 0.24.0, the lockfile was made for 0.23.0"),
        (Configuration(slim=True), "`slim` is true, the lockfile was made for false"),
        (
            Configuration(exclude_newer="2020-01-01T00:00:00Z"),
            "`exclude-newer` is 2020-01-01T00:00:00Z, the lockfile was made for 2021-06-01T00:00:00Z",
        ),
        (Configuration(channels=("conda-forge",)), "`channels` are conda-forge, the lockfile has defaults"),
    ],
)
def test_configuration(tmp_path: Path, said: Configuration, reason: str) -> None:
    project, lockfile = _project(tmp_path)
    project = replace(project, configuration=replace(said, indexes=project.configuration.indexes))
    assert [(each.file, words(each.fact)) for each in differences(project, lockfile)] == [("cortexlock.yaml", reason)]


def test_configuration_that_says_the_same(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    said = replace(
        project.configuration,
        predictor="python",
        cortex_version="0.23.0",
        slim=False,
        channels=("defaults",),
        exclude_newer="2021-06-01T00:00:00Z",
        index_url="https://mirror.example.org/simple",
    )
    assert differences(replace(project, configuration=said), lockfile) == ()


def test_a_cut_off_where_there_was_none(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    said = replace(project.configuration, exclude_newer="2020-01-01T00:00:00Z")
    found = differences(replace(project, configuration=said), replace(lockfile, exclude_newer=""))
    assert [words(each.fact) for each in found] == [
        "`exclude-newer` is 2020-01-01T00:00:00Z, the lockfile was made for none"
    ]


@pytest.mark.parametrize(
    ("packages", "index", "said"),
    [
        ((), "internal", None),
        (("my-*",), "internal", None),
        (("MY.*",), "internal", None),
        (("your-*",), "default", None),
        (("my-*",), "default", "my-thing is locked from the index `default`, and `packages` binds it to `internal`"),
        (("your-*",), "internal", "my-thing is locked from the index `internal`, and its `packages` do not have it"),
    ],
)
def test_names_bound_to_an_index(tmp_path: Path, packages: tuple[str, ...], index: str, said: str | None) -> None:
    project, lockfile = _project(tmp_path)
    known = Configuration(indexes=(Index("internal", "https://example.org", packages),))
    step = PipStep("requirements.txt", (PipPackage("my-thing", "1", source=FromIndex(index)),))
    found = differences(replace(project, configuration=known), replace(lockfile, steps=(*lockfile.steps[:2], step)))
    assert [(each.file, words(each.fact)) for each in found] == ([("cortexlock.yaml", said)] if said else [])


@pytest.mark.parametrize(
    ("needs", "stale"),
    [(("Tool>=1",), False), (("tool", "more"), True), ((), False)],
)
def test_what_builds_need(tmp_path: Path, needs: tuple[str, ...], stale: bool) -> None:  # noqa: FBT001 - a parameter
    project, lockfile = _project(tmp_path)
    known = replace(
        project.configuration, build_requirements=(("a", needs), ("not-locked", ("x",)))[: 2 if needs else 0]
    )
    builds = (BuildRequirement(PipPackage("tool", "1"), ("a",)),)
    step = PipStep("requirements.txt", (PipPackage("a", "1", file="a-1.tar.gz", source=FromIndex("default")),), builds)
    found = differences(replace(project, configuration=known), replace(lockfile, steps=(*lockfile.steps[:2], step)))
    said = "the build of a needs more, the lockfile does not have it"
    assert [words(each.fact) for each in found] == ([said] if stale else [])


def test_indexes(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    said = Configuration(indexes=(Index("other", "https://example.org"),))
    found = differences(replace(project, configuration=said), lockfile)
    assert [words(each.fact) for each in found] == [
        "the index `other` is new since the lockfile was made",
        "the index `internal` is gone, and the lockfile was made with it",
    ]
    assert differences(replace(project, configuration=said), replace(lockfile, indexes=())) == ()


def test_another_image(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    found = differences(project, lockfile, replace(_predictor(), type="onnx"))
    assert [words(each.fact) for each in found] == ["the predictor is onnx, the lockfile was made for python"]
    found = differences(project, lockfile, replace(_predictor(), image="python-predictor-gpu"))
    assert [words(each.fact) for each in found] == [
        "the image is python-predictor-gpu, the lockfile was made for python-predictor-cpu"
    ]
    # Nobody said a release: the lockfile's is as good as the newest.
    assert differences(project, lockfile, replace(_predictor(), cortex_version="0.99.0", image="other")) == ()


def test_an_image_that_has_no_conda(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    names = DependencyFiles(script=(), conda=None)
    given = inputs(tmp_path, find(project, names))
    without = replace(lockfile, inputs=given, pre_installed=(), steps=lockfile.steps[2:])
    assert differences(project, without) == ()
    assert differences(project, without, replace(_predictor(), files=names)) == ()


def test_a_predictor_file(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    file = tmp_path / "image.yaml"
    file.write_text("python: '3.6.9'\n")
    predictor = replace(lockfile.predictor, file="image.yaml")
    given = inputs(tmp_path, find(project, DependencyFiles()), "image.yaml")
    lockfile = replace(lockfile, predictor=predictor, inputs=given)
    assert differences(project, lockfile) == ()
    file.write_text("# edited\npython: 3.6.9\n")
    assert differences(project, lockfile) == ()
    file.write_text("python: 3.6.15\n")
    assert differences(project, lockfile) == (StaleReason("image.yaml", FileIs.CHANGED),)
    file.unlink()
    assert differences(project, lockfile) == (StaleReason("image.yaml", FileIs.GONE),)


@pytest.mark.parametrize(
    ("said", "file", "reason"),
    [
        (Configuration(predictor="python"), "a.yaml", "`predictor` is python, the lockfile was made for a.yaml"),
        (
            Configuration(predictor_files=("a.yaml", "b.yaml")),
            "c.yaml",
            "`predictor` is a.yaml, b.yaml, the lockfile was made for c.yaml",
        ),
        (
            Configuration(predictor_files=("a.yaml",)),
            "",
            "`predictor` is a.yaml, the lockfile was made for an image of the catalog",
        ),
        (Configuration(predictor_files=("b.yaml", "a.yaml")), "a.yaml", None),
    ],
)
def test_another_predictor_file(tmp_path: Path, said: Configuration, file: str, reason: str | None) -> None:
    project, lockfile = _project(tmp_path)
    said = replace(said, indexes=project.configuration.indexes)
    lockfile = replace(lockfile, predictor=replace(lockfile.predictor, file=file))
    found = differences(replace(project, configuration=said), lockfile)
    assert [words(each.fact) for each in found if each.file == "cortexlock.yaml"] == (
        [] if reason is None else [reason]
    )


def test_a_duration_means_the_date_that_is_locked(tmp_path: Path) -> None:
    project, lockfile = _project(tmp_path)
    said = replace(project.configuration, exclude_newer="2020-01-01T00:00:00Z", exclude_newer_moves=True)
    moving = replace(project, configuration=said)
    assert differences(moving, replace(lockfile, exclude_newer="2019-01-01T00:00:00Z")) == ()
    assert "`exclude-newer` is" in words(differences(moving, replace(lockfile, exclude_newer=""))[0].fact)
