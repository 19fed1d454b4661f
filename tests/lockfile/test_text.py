"""The lockfile's text: what it looks like, that it is read back as it was written, and what is refused."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from ruamel.yaml import YAML

from cortexlock.errors import CortexlockError, InputError, IntegrityError
from cortexlock.lockfile.document import document_hash, to_document
from cortexlock.lockfile.text import MergeConflictError, dumps, loads, merged
from cortexlock.model.lockfile import Credentials, Input, Lockfile, PipStep
from cortexlock.model.package import FromArchive, FromDirectory, FromGit, FromIndex, FromUrl, PipPackage
from tests.support.lockfiles import example, lockfiles

_slow_strategies = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

GOLDEN = """\
# Made by `cortexlock lock`, carried out by `cortexlock install`. Review it and commit it; never edit it.
lockfile-version: 1
content-hash: "sha256:HASH"
predictor: {type: python, cortex-version: "0.23.0", image: python-predictor-cpu, slim: false, closure: resolved}
platform: cpu
subdir: linux-64
python: "3.6.9"
glibc: "2.27"
virtual-packages:
  - {name: __glibc, version: "2.27"}
  - {name: __unix, version: "0"}
inputs:
  - {file: conda-packages.txt, sha256: "1111111111111111111111111111111111111111111111111111111111111111"}
  - {file: requirements.txt, sha256: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
channels:
  - defaults
indexes:
  - default
exclude-newer: "2021-06-01T00:00:00Z"
resolvers:
  - {name: pip, version: "26.3"}
pre-installed:
  - {manager: conda, name: python, version: "3.6.9"}
  - {manager: pip, name: numpy, version: "1.18.2"}
steps:
  - step: script
    file: dependencies.sh
    sha256: "2222222222222222222222222222222222222222222222222222222222222222"
  - step: conda
    file: conda-packages.txt
    packages:
      - {name: libblas, version: "3.9", build: "0_mkl", channel: defaults, subdir: linux-64, \
file: libblas-3.9-0_mkl.conda, sha256: "3333333333333333333333333333333333333333333333333333333333333333", \
md5: "00000000000000000000000000000000", size: 12, action: add, by: [numpy]}
      - {name: python, version: "3.6.9", action: keep, by: [libblas]}
  - step: pip
    file: requirements.txt
    packages:
      - {name: "1", version: "1.10", action: add, by: [requirements.txt], directory: "./pkg", editable: true, \
sha256: "4444444444444444444444444444444444444444444444444444444444444444"}
      - {name: numpy, version: "1.19.5", action: change, replaces: "1.18.2", by: ["1", requirements.txt], \
index: default, file: numpy-1.19.5.tar.gz, sha256: "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", \
size: 5}
    build-requirements:
      - {name: wheel, version: "0.37", index: default, file: wheel-0.37-py3-none-any.whl, \
sha256: "5555555555555555555555555555555555555555555555555555555555555555", needed-by: ["1", numpy]}
    conflicts:
      - {package: tensorflow-cpu, version: "2.3.0", requirement: "numpy<1.19", found: "1.19.5"}
"""


def _rehashed(text: str) -> str:
    """Return a text with the content hash that it should have."""
    document = yaml.safe_load(text)
    return text.replace(document["content-hash"], document_hash(document))


def _refused(text: str, kind: type[CortexlockError] = InputError) -> CortexlockError:
    with pytest.raises(CortexlockError) as caught:
        loads(text, file="cortexlock.cpu.yaml")
    assert isinstance(caught.value, kind)
    assert caught.value.hint
    return caught.value


def test_golden() -> None:
    lockfile = example()
    expected = GOLDEN.replace("sha256:HASH", str(to_document(lockfile)["content-hash"]))
    assert dumps(lockfile) == expected
    assert loads(expected, file="f") == lockfile


@_slow_strategies
@given(lockfiles)
def test_what_is_written_is_read_back(lockfile: Lockfile) -> None:
    text = dumps(lockfile)
    assert text.isascii()
    assert text.endswith("\n")
    assert "\r" not in text
    assert loads(text, file="f") == lockfile
    assert loads(text.replace("\n", "\r\n"), file="f") == lockfile


@_slow_strategies
@given(lockfiles)
def test_yaml_1_1_and_yaml_1_2_read_the_same_values(lockfile: Lockfile) -> None:
    text = dumps(lockfile)
    document = to_document(lockfile)
    assert yaml.safe_load(text) == document
    assert YAML(typ="safe", pure=True).load(io.StringIO(text)) == document


def test_what_has_no_order_is_sorted() -> None:
    lockfile = example()
    shuffled = replace(
        lockfile,
        inputs=lockfile.inputs[::-1],
        virtual_packages=lockfile.virtual_packages[::-1],
        pre_installed=lockfile.pre_installed[::-1],
        steps=tuple(
            replace(step, packages=step.packages[::-1]) if isinstance(step, PipStep) else step
            for step in lockfile.steps
        ),
    )
    assert shuffled != lockfile
    assert dumps(shuffled) == dumps(lockfile)


def test_a_line_per_package_that_changes() -> None:
    lockfile = example()
    pip = lockfile.steps[-1]
    assert isinstance(pip, PipStep)
    newer = replace(pip, packages=(pip.packages[0], replace(pip.packages[1], version="1.19.6")))
    changed = dumps(replace(lockfile, steps=(*lockfile.steps[:-1], newer)))
    lines = [(a, b) for a, b in zip(dumps(lockfile).splitlines(), changed.splitlines(), strict=True) if a != b]
    assert [before[:20] for before, _ in lines] == ['content-hash: "sha25', "      - {name: numpy"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('version: "1.19.5", action', 'version: "1.19.6", action'),
        ("by: [libblas]}", "by: [numpy]}"),
        ("  - defaults\n", "  - conda-forge\n"),
        ("size: 5}", "size: 6}"),
        ('      - {name: python, version: "3.6.9", action: keep, by: [libblas]}\n', ""),
    ],
)
def test_an_edit_by_hand_is_detected(before: str, after: str) -> None:
    text = dumps(example())
    assert text.count(before) == 1
    with pytest.raises(IntegrityError, match="edited by hand or merged badly") as caught:
        loads(text.replace(before, after), file="cortexlock.cpu.yaml")
    assert caught.value.where == "cortexlock.cpu.yaml"
    assert caught.value.hint == "run `cortexlock lock`"


def test_comments_and_layout_are_not_part_of_the_hash() -> None:
    text = dumps(example())
    assert loads("# reviewed\n" + text.replace("steps:\n", "\nsteps: # in this order\n"), file="f") == example()


def test_merge_conflict() -> None:
    lines = dumps(example()).splitlines(keepends=True)
    text = "".join([*lines[:3], "<<<<<<< HEAD\n", *lines[3:5], "=======\n", *lines[4:6], ">>>>>>> main\n", *lines[6:]])
    with pytest.raises(MergeConflictError) as caught:
        loads(text, file="cortexlock.cpu.yaml")
    assert caught.value.where == "cortexlock.cpu.yaml:4"
    assert caught.value.exit_code == 6


def _conflict(ours: Lockfile, theirs: Lockfile, *, base: bool = False) -> str:
    """Return two lockfiles as a merge leaves them, each whole: the least that a tool can do."""
    between = f"||||||| base\n{dumps(example())}" if base else ""
    return f"<<<<<<< HEAD\n{dumps(ours)}{between}=======\n{dumps(theirs)}>>>>>>> main\n"


@pytest.mark.parametrize("base", [True, False])
def test_versions_of_both_sides_of_a_conflict(*, base: bool) -> None:
    def lockfile(date: str, **versions: str) -> Lockfile:
        packages = tuple(PipPackage(name, version, action="keep") for name, version in versions.items())
        return replace(example(), steps=(PipStep("requirements.txt", packages),), exclude_newer=date)

    ours = lockfile("2020-06-01T00:00:00Z", a="1.10", b="1.0", only="1.0")
    theirs = lockfile("2020-07-01T00:00:00Z", a="1.9", b="1.1", other="2.0")
    found = merged(_conflict(ours, theirs, base=base), file="f")
    step = found.step("pip")
    assert isinstance(step, PipStep)
    versions = {package.name: package.version for package in step.packages}
    assert versions == {"a": "1.10", "b": "1.1", "only": "1.0", "other": "2.0"}
    assert found.exclude_newer == "2020-07-01T00:00:00Z"


def test_a_conflict_of_which_one_side_can_be_read() -> None:
    text = f"<<<<<<< HEAD\n{dumps(example())}=======\nnothing\n>>>>>>> main\n"
    assert merged(text, file="f") == example()
    with pytest.raises(InputError):
        merged("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n", file="f")


def test_a_newer_lockfile() -> None:
    error = _refused(dumps(example()).replace("lockfile-version: 1\n", "lockfile-version: 2\nnew-key: 1\n"))
    assert "made by a newer cortexlock" in error.what
    assert error.hint == "upgrade cortexlock"


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ("platform: cpu\n", "platform: cpu\nplatform: cpu\n", 6, "the key platform is there twice"),
        ("size: 12,", "size: 12, size: 12,", 32, "the key size is there twice"),
        ("platform: cpu\n", "platform: tpu\n", 5, "`platform` must be one of cpu, cuda, inf"),
        ("platform: cpu\n", "", None, "has no 'platform'"),
        ("subdir: linux-64\npython", "subdir: 1\npython", 6, "`subdir` must be one of linux-64, linux-aarch64"),
        ("steps:\n", "extra: 1\nsteps:\n", None, "has a key that it cannot have: 'extra'"),
        ("size: 12,", "colour: red,", 32, "`steps[1].packages[0]` has a key that it cannot have: 'colour'"),
        ("size: 12,", "size: -12,", 32, "`steps[1].packages[0].size`"),
        ("size: 12,", 'size: "12",', 32, "`steps[1].packages[0].size` must be of type integer"),
        ("size: 12,", "size: true,", 32, "`steps[1].packages[0].size` must be of type integer"),
        ('"33333', '"xxxxx', 32, "`steps[1].packages[0].sha256` does not match"),
        ("file: libblas-3.9-0_mkl.conda", "file: ../libblas.conda", 32, "without any directory"),
        ('directory: "./pkg"', "directory: pkg/../../other", 37, "never leaving it"),
        ('directory: "./pkg"', "directory: /etc", 37, "never leaving it"),
        ("file: dependencies.sh", "file: C:/dependencies.sh", 27, "never leaving it"),
        ("step: script", "step: sing", 26, "`steps[0].step` must be one of"),
        ("    file: conda-packages.txt\n", "", 29, "`steps[1]` has no 'file'"),
        ("lockfile-version: 1\n", "lockfile-version: true\n", 2, "`lockfile-version`"),
        ("lockfile-version: 1\n", "lockfile-version: 0\n", 2, "`lockfile-version`"),
        ("platform: cpu\n", "platform: !!python/name:os.system cpu\n", 5, "it has a tag"),
        ('python: "3.6.9"', "python: 2020-13-45", 7, "`python`"),
    ],
)
def test_what_the_schema_forbids(before: str, after: str, line: int | None, what: str) -> None:
    text = dumps(example())
    assert text.count(before) == 1, before
    error = _refused(text.replace(before, after), IntegrityError)
    assert what.replace("`", "") in error.what.replace("`", "")
    if line is not None:
        assert error.where == f"cortexlock.cpu.yaml:{line}"


@pytest.mark.parametrize("text", ["[]\n", "a\n", "1\n", "steps: [\n", "\x00", "{? [1] : 2}\n"])
def test_what_is_no_lockfile_at_all(text: str) -> None:
    assert "not a lockfile" in _refused(text).what


def _with(package: PipPackage) -> Lockfile:
    return replace(example(), steps=(PipStep("requirements.txt", (package,)),))


@pytest.mark.parametrize(
    "values",
    [
        {"source": FromUrl("https://user:secret@example.org/a.zip")},
        {"source": FromUrl("https://secret@example.org/a.zip")},
        {"source": FromGit("https://secret@git.example.org/a.git", "0" * 40)},
        {"source": FromGit("ssh://git:secret@git.example.org/a.git", "0" * 40)},
        {"source": FromUrl("/home/me/a.zip")},
        {"source": FromDirectory("../secret")},
        {"source": FromArchive("../secret.whl")},
        {"source": FromArchive("/home/me/secret.whl")},
        {"source": FromIndex("default"), "file": "a/secret"},
        {"source": FromIndex("default"), "file": "a.whl", "sha256": "secret"},
        {"source": FromIndex("https://secret.example.org/simple")},
        {"source": FromGit("https://git.example.org/a.git", "master-secret")},
    ],
)
def test_what_no_lockfile_may_hold_is_not_written(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"steps\[0\]\.packages\[0\]") as caught:
        dumps(_with(PipPackage("a", "1", **values)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("git", ["ssh://git@git.example.org/a.git", "https://git.example.org/a@b.git"])
def test_the_user_of_ssh_is_no_secret(git: str) -> None:
    lockfile = _with(PipPackage("a", "1", source=FromGit(git, "0" * 40), sha256="1" * 64))
    assert loads(dumps(lockfile), file="f") == lockfile


def test_a_channel_with_a_token_is_not_written() -> None:
    with pytest.raises(ValueError, match=r"channels\[0\]"):
        dumps(replace(example(), channels=("https://conda.example.org/t/tk-123/main",)))


@pytest.mark.parametrize("supplier", ["https://secret@example.org/", "me:secret@", "/home/secret.txt", ""])
def test_a_credential_is_not_written_in_place_of_who_supplies_it(supplier: str) -> None:
    with pytest.raises(ValueError, match=r"credentials\[0\]"):
        dumps(replace(example(), credentials=(Credentials((supplier,), index="extra-1"),)))


def test_a_tampered_lockfile_with_a_right_hash_still_meets_the_schema() -> None:
    text = dumps(example()).replace("file: dependencies.sh", "file: ../../dependencies.sh")
    assert "never leaving it" in _refused(_rehashed(text), IntegrityError).what


_CONDA, _PIP, _BUILD = ("steps", 1, "packages", 0), ("steps", 2, "packages", 1), ("steps", 2, "build-requirements", 0)


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        *((place, "name", name) for place in (_CONDA, _PIP, _BUILD) for name in ("../../precious", "a/b", "..", "-r")),
        *((_PIP, "name", name) for name in ("Numpy", "a_b", "a.b", "a--b", "-a", "a ", "nümpy", "a" * 129)),
        *((place, "version", version) for place in (_CONDA, _PIP, _BUILD) for version in ("../1", "1/2", " 1", "1 2")),
        *((_PIP, "version", version) for version in ("1.0-SNAPSHOT", "x", "1..0", "1.0+", "1\u0660", "1" * 129)),
        *(
            (place, "file", name)
            for place in (_CONDA, _PIP, _BUILD)
            for name in ("..", "-r.whl", ".part", "a\\b", "x" * 201)
        ),
        (_PIP, "file", "é" * 61),
        *((place, "sha256", "A" * 64) for place in (_CONDA, _PIP, _BUILD)),
        *((_PIP, "size", size) for size in (2**53, -1, 1.5, "5")),
        (_CONDA, "build", "../0"),
        (_CONDA, "subdir", "../linux-64"),
        (_CONDA, "channel", "--override"),
        (_CONDA, "distributions", ["../x==1"]),
        (_CONDA, "replaces", ["brew 1.0"]),
        *((("steps", number), "file", "a/" * 501) for number in range(3)),
        *((("steps", number), "file", "a/" + "b" * 201) for number in range(3)),
        *((("steps", number), "file", "é" * 61) for number in range(3)),
        (("inputs", 0), "file", "../../secret"),
        (("pre-installed", 0), "name", "../python"),
        (_PIP, "directory", "pkg"),
        (_PIP, "git", "https://git.example.org/a.git"),
        (_PIP, "action", "keep"),
        (_CONDA, "action", "keep"),
        *((place, "sha256", None) for place in (_CONDA, _PIP, _BUILD)),
        *((place, "file", None) for place in (_CONDA, _PIP, _BUILD)),
        (_CONDA, "channel", None),
        (_PIP, "index", None),
    ],
)
def test_each_field_is_checked_though_the_hash_is_right(place: tuple[str | int, ...], key: str, value: object) -> None:
    document = to_document(example())
    within: Any = document
    for part in place:
        within = within[part]
    within[key] = value
    if value is None:
        del within[key]
    document["content-hash"] = document_hash(document)
    error = _refused(yaml.safe_dump(document, sort_keys=False), IntegrityError)
    assert "not as `cortexlock lock` writes it" in error.what
    assert error.exit_code == 6


@pytest.mark.parametrize(
    "source",
    [
        {"git": "ext://sh", "commit": "0" * 40},
        {"git": "foo://git.example.org/a.git", "commit": "0" * 40},
        {"git": "ssh://-oProxyCommand=x/a.git", "commit": "0" * 40},
        {"git": "ssh://-l@git.example.org/a.git", "commit": "0" * 40},
        {"git": "https://git.example.org/a.git", "commit": "HEAD"},
        {"git": "https://git.example.org/a.git", "commit": "0" * 40, "reference": "--upload-pack=x"},
        {"git": "https://git.example.org/a.git"},
        {"url": "ftp://example.org/a.zip", "file": "a.zip"},
        {"url": "https://example.org/a.zip"},
        {"url": "javascript:x", "file": "a.zip"},
    ],
)
def test_each_source_is_checked_though_the_hash_is_right(source: dict[str, str]) -> None:
    document = to_document(example())
    package = document["steps"][2]["packages"][1]
    for key in ("index", "file"):
        del package[key]
    package |= source
    document["content-hash"] = document_hash(document)
    assert "steps[2].packages[1]" in _refused(yaml.safe_dump(document), IntegrityError).what


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("predictor: {", "predictor: &a {", "an anchor"),
        ("size: 12,", f"size: 0x{'1' * 5000},", "more than 64 bits"),
        ("by: [numpy]", f"by: {'[' * 200}numpy{']' * 200}", "nested too deeply"),
    ],
)
def test_what_is_never_written_is_refused_at_once(before: str, after: str, what: str) -> None:
    text = dumps(example())
    assert text.count(before) == 1
    assert what in _refused(text.replace(before, after), IntegrityError).what


def test_aliases_that_make_a_small_file_a_large_value() -> None:
    packages = "".join(f"  - &p{n} {{name: p{n}, version: '1', action: keep}}\n" for n in range(2000))
    aliases = "".join(f"  - *p{n % 2000}\n" for n in range(5000))
    assert "an anchor or an alias" in _refused(f"platform: cpu\nsteps:\n{packages}{aliases}", IntegrityError).what


def test_an_input_more_is_another_hash() -> None:
    more = replace(example(), inputs=(*example().inputs, Input("z.txt", "0" * 64)))
    assert to_document(more)["content-hash"] != to_document(example())["content-hash"]


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n"])
def test_an_empty_file(content: str) -> None:
    with pytest.raises(InputError) as caught:
        loads(content, file="cortexlock.cpu.yaml")
    assert str(caught.value) == "cortexlock.cpu.yaml: it is empty\n  hint: run `cortexlock lock`"


@pytest.mark.parametrize(
    "changes",
    [
        {"index": "default"},
        {"commit": "0" * 40},
        {"reference": "main", "commit": "0" * 40},
        {"directory": None, "git": "https://git.example.org/a.git"},
        {"directory": None},
    ],
)
def test_a_package_has_one_source_and_what_goes_with_it(changes: dict[str, Any]) -> None:
    document = to_document(example())
    package = document["steps"][2]["packages"][0]
    package |= changes
    for key in [key for key, value in changes.items() if value is None]:
        del package[key]
    document["content-hash"] = document_hash(document)
    error = _refused(json.dumps(document), IntegrityError)
    assert "steps[2].packages[0] has keys that do not go together" in error.what


@pytest.mark.parametrize(("key", "text"), [("distributions", "numpy"), ("replaces", "1.0"), ("replaces", "apt 1.0")])
def test_what_names_a_version_names_what_it_is_of(key: str, text: str) -> None:
    document = to_document(example())
    document["steps"][1]["packages"][0][key] = [text]
    document["content-hash"] = document_hash(document)
    error = _refused(json.dumps(document), IntegrityError)
    assert f"steps[1].packages[0].{key}[0] does not match" in error.what
    assert "apt" not in error.what


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("platform: cpu\n", "<<: {platform: cpu}\n"),
        ("platform: cpu\n", "platform: cpu\n<<: []\n"),
        ("{name: pip, ", "{<<: {name: pip}, "),
        ("platform: cpu\n", "<<:\n  - {platform: cpu}\n"),
    ],
)
def test_merge_keys_are_never_written(before: str, after: str) -> None:
    text = dumps(example())
    assert before in text
    error = _refused(text.replace(before, after, 1), IntegrityError)
    assert "it has a merge key (`<<`)" in error.what
    assert error.where


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"steps": []}, "steps must not be empty, as there are inputs"),
        ({"indexes": ["mirror"]}, "steps[2].packages[1].index must be one of the indexes"),
        ({"indexes": []}, "steps[2].packages[1].index must be one of the indexes"),
    ],
)
def test_what_does_not_go_together_in_a_tampered_lockfile(changes: dict[str, Any], what: str) -> None:
    document = {**to_document(example()), **changes}
    document["content-hash"] = document_hash(document)
    error = _refused(json.dumps(document), IntegrityError)
    assert what in error.what


def test_the_index_of_a_build_requirement_is_one_of_the_indexes() -> None:
    document = to_document(example())
    document["steps"][2]["build-requirements"][0]["index"] = "mirror"
    document["content-hash"] = document_hash(document)
    error = _refused(json.dumps(document), IntegrityError)
    assert "steps[2].build-requirements[0].index must be one of the indexes" in error.what


@pytest.mark.parametrize("kind", ["step", "package"])
def test_what_is_there_twice_in_a_tampered_lockfile(kind: str) -> None:
    document = yaml.safe_load(dumps(example()))
    steps = document["steps"]
    entries = steps if kind == "step" else steps[2]["packages"]
    entries.append(deepcopy(entries[-1]))
    error = _refused(_rehashed(yaml.safe_dump(document, sort_keys=False)), IntegrityError)
    assert "must be the only" in error.what
    assert error.where
