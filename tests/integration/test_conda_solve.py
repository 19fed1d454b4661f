"""A list is resolved on top of an image: real channels on disk and on loopback, conda-lock, the embedded conda."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cortexlock
from cortexlock.cli.lock_words import words
from cortexlock.conda import embedded
from cortexlock.conda.solve import CondaRequest, CondaSolution, solve
from cortexlock.errors import InputError, IntegrityError, NetworkError, NoSolutionError, UsageError
from cortexlock.inputs import conda_list
from cortexlock.model.package import CondaPackage, Pin, Replaced
from cortexlock.model.predictor import CondaRecord, Distribution, Predictor
from cortexlock.model.target import Target
from tests.support import conda_packages
from tests.support.conda_packages import Package
from tests.support.file_server import ChannelServer

FILE = "conda-packages.txt"
IMAGE = Predictor(
    type="python",
    cortex_version="0.16.0",
    platform="cpu",
    image="python-predictor-cpu",
    slim=False,
    released="2020-06-01T00:00:00Z",
    python="3.6.9",
    glibc="2.27",
    cuda=None,
    has_conda=True,
    channels=("defaults",),
    order=("script", "conda", "pip"),
    distributions=(Distribution("array", "0.9"), Distribution("pip", "19.3.1"), Distribution("web", "1.0")),
    conda_records=(CondaRecord("pip", "19.3.1"), CondaRecord("python", "3.6.9")),
)
Y2020, Y2021 = 1_580_000_000_000, 1_610_000_000_000
PYTHON36, PYTHON37 = ["python >=3.6,<3.7.0a0"], ["python >=3.7,<3.8.0a0"]
PACKAGES = (
    Package("python", "3.6.10", timestamp=Y2020),
    Package("python", "3.7.7", timestamp=Y2020),
    Package("pip", "20.0", "py37_0", depends=PYTHON37, timestamp=Y2020),
    Package("array", "1.0", "py36_0", depends=[*PYTHON36, "blas"], timestamp=Y2020),
    Package("array", "1.1", "py36_0", depends=[*PYTHON36, "blas >=2"], timestamp=Y2020),
    Package("array", "1.1", "py37_0", depends=[*PYTHON37, "blas >=2"], timestamp=Y2020),
    Package("array", "1.2", "py36_0", depends=[*PYTHON36, "blas >=2"], timestamp=Y2021),
    Package("blas", "1.0", "mkl", timestamp=Y2020),
    Package("blas", "2.0", "mkl", timestamp=Y2020, suffix=".conda"),
    Package("table", "3.0", "py_0", depends=["python >=3.6", "array"], subdir="noarch", noarch="python"),
    Package("old-table", "1.0", "py36_0", depends=[*PYTHON36, "array <1.1"]),
    Package("new-only", "1.0", "py37_0", depends=PYTHON37),
    Package("gpu", "1.0", "cuda", depends=["__cuda >=10"], index={"build_number": 1}),
    Package("gpu", "1.0", "cpu"),
    Package("modern", "1.0", depends=["__glibc >=2.28"]),
    Package("linux-tool", "1.0", depends=["__linux", "__unix", "__archspec 1 x86_64"]),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a channel."""
    directory = tmp_path / "project"
    conda_packages.write_channel(directory / "channel", PACKAGES)
    return directory


def _request(project: Path, text: str, **changes: object) -> CondaRequest:
    path = project / FILE
    path.write_text(text)
    request = CondaRequest(
        specs=conda_list.read(path, name=FILE).specs,
        file=FILE,
        predictor=IMAGE,
        target=Target.of(IMAGE),
        channels=("./channel",),
        project=project,
        exclude_newer=None,
        conda=None,
        cache=project.parent / "cache",
    )
    return replace(request, **changes)  # type: ignore[arg-type]  # fields by name


def _solve(project: Path, text: str, **changes: object) -> CondaSolution:
    return solve(_request(project, text, **changes), on_progress=lambda _: None)


def _lines(solution: CondaSolution) -> list[str]:
    return [f"{package.action} {package.name} {package.version} {package.build}" for package in solution.packages]


def _locked(project: Path, name: str, version: str, build: str) -> CondaPackage:
    package = next(p for p in PACKAGES if (p.name, p.version, p.build) == (name, version, build))
    return conda_packages.locked(package, (project / "channel" / package.subdir / package.file).read_bytes())


def test_a_list_is_locked_to_the_archives_of_its_channel(project: Path) -> None:
    solution = _solve(project, "table\nArray>=1\n")
    assert solution.python == "3.6.9"
    assert [resolver.name for resolver in solution.resolvers] == ["conda-lock", "py-rattler"]
    assert all(resolver.version for resolver in solution.resolvers)
    array = _locked(project, "array", "1.2", "py36_0")
    table = _locked(project, "table", "3.0", "py_0")
    assert solution.packages == (
        replace(
            array,
            action="change",
            replaces=(Replaced("pip", "0.9"),),
            by=(FILE, "table"),
            distributions=(Pin("array", "1.2"),),
        ),
        replace(_locked(project, "blas", "2.0", "mkl"), by=("array",)),
        CondaPackage("python", "3.6.9", action="keep", by=("array", "table")),
        replace(table, by=(FILE,), distributions=(Pin("table", "3.0"),)),
    )


def test_a_date_limit_holds_and_records_without_a_date_count_as_old(project: Path) -> None:
    solution = _solve(project, "array\n", exclude_newer="2020-06-01T00:00:00Z")
    assert _lines(solution)[0] == "change array 1.1 py36_0"


def test_what_the_date_limit_hides_is_said_to_be_hidden(project: Path) -> None:
    with pytest.raises(NoSolutionError, match=f"^{FILE}:1: ") as caught:
        _solve(project, "array>1.1\n", exclude_newer="2020-06-01T00:00:00Z")
    assert "exclude-newer" in str(caught.value.hint)


def test_cuda_is_what_the_image_has_and_never_what_the_machine_has(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.0")
    assert _lines(_solve(project, "gpu\n")) == ["add gpu 1.0 cpu"]
    image = replace(IMAGE, platform="cuda", cuda="10.1")
    assert _lines(_solve(project, "gpu\n", predictor=image, target=Target.of(image))) == ["add gpu 1.0 cuda"]
    assert os.environ["CONDA_OVERRIDE_CUDA"] == "12.0"


def test_virtual_packages_of_the_image_are_there_and_are_not_locked(project: Path) -> None:
    assert _lines(_solve(project, "linux-tool\n")) == ["add linux-tool 1.0 0"]
    with pytest.raises(NoSolutionError, match="__glibc"):
        _solve(project, "modern\n")


def test_another_python_that_the_list_asks_for_replaces_the_images(project: Path) -> None:
    solution = _solve(project, "python=3.7.7\ntable\n")
    assert solution.python == "3.7.7"
    assert _lines(solution) == [
        "add array 1.1 py37_0",
        "add blas 2.0 mkl",
        "change pip 20.0 py37_0",
        "change python 3.7.7 0",
        "add table 3.0 py_0",
    ]
    assert solution.packages[3].replaces == (Replaced("conda", "3.6.9"),)
    assert solution.packages[2].replaces == (Replaced("conda", "19.3.1"),)


def test_a_python_that_is_named_is_updated(project: Path) -> None:
    solution = _solve(project, "python>=3.6\ntable\n")
    assert solution.python == "3.7.7"
    assert next(p for p in solution.packages if p.name == "python").by == ("array", FILE, "pip", "table")
    assert "change python 3.6.10 0" in _lines(_solve(project, "python=3.6.*\n"))


def test_pythons_minor_version_stays_unless_the_list_names_python(project: Path) -> None:
    with pytest.raises(NoSolutionError, match=rf"^{FILE}:1: this line cannot be satisfied") as caught:
        _solve(project, "new-only\n")
    assert "  - new-only -> python[version='>=3.7,<3.8.0a0']\nYour python: python=3.6" in caught.value.what
    assert caught.value.hint == (
        "the image has Python 3.6.9, and conda keeps 3.6 unless the list asks for another `python=`"
    )


def test_lines_that_contradict_each_other_are_named(project: Path) -> None:
    with pytest.raises(NoSolutionError) as caught:
        _solve(project, "blas\nold-table\narray>=1.1\n")
    assert "cannot be satisfied together:\n" in caught.value.what
    assert f"  {FILE}:2: old-table\n  {FILE}:3: array>=1.1\n" in caught.value.what
    assert "old-table -> " in caught.value.what


def test_an_unknown_package_is_named_with_its_line(project: Path) -> None:
    with pytest.raises(NoSolutionError, match=rf"^{FILE}:3: no channel has a package `tabel` \(channels: \./channel\)"):
        _solve(project, "table\n\ntabel>=1\n")
    with pytest.raises(NoSolutionError, match=rf"{FILE}:1: no channel has .*`a`, nor .*these:\n  {FILE}:2: b"):
        _solve(project, "a\nb\n")


def test_an_unknown_version_is_named_with_those_there_are(project: Path) -> None:
    with pytest.raises(NoSolutionError, match=rf"^{FILE}:2: .*`array ==9`; there is 1\.2, 1\.1, 1\.0"):
        _solve(project, "blas\narray=9\n")
    with pytest.raises(NoSolutionError, match=r"write `python=3\.7\.\*` for any 3\.7"):
        _solve(project, "python=3.7\n")


def test_lines_of_one_package_hold_together(project: Path) -> None:
    assert _lines(_solve(project, "array<1.2\narray>=1.0\n"))[0] == "change array 1.1 py36_0"
    with pytest.raises(InputError, match=rf"^{FILE}:2: .* line 1 name different builds"):
        _solve(project, "blas=1.0=mkl\nblas=1.0=openblas\n")


def test_the_former_solution_is_kept_where_it_fits(project: Path) -> None:
    former = _solve(project, "array\n", exclude_newer="2020-06-01T00:00:00Z").packages
    assert _lines(_solve(project, "array\ntable\n", previous=former))[0] == "change array 1.1 py36_0"
    assert _lines(_solve(project, "array>1.1\n", previous=former))[0] == "change array 1.2 py36_0"


def test_what_nobody_asks_for_any_more_goes_and_the_rest_does_not_move(project: Path) -> None:
    conda_packages.write_channel(project / "channel", [*PACKAGES, Package("extra", depends=["more"]), Package("more")])
    former = _solve(project, "array\nextra\n", exclude_newer="2020-06-01T00:00:00Z").packages
    assert [package.name for package in former] == ["array", "blas", "extra", "more", "python"]
    later = _solve(project, "array\n", previous=former)
    assert later.packages == tuple(package for package in former if package.name not in {"extra", "more"})


def test_what_is_upgraded_is_chosen_anew_and_nothing_else(project: Path) -> None:
    conda_packages.write_channel(project / "channel", [*PACKAGES, Package("blas", "2.1", timestamp=Y2021)])
    former = _solve(project, "array\n", exclude_newer="2020-06-01T00:00:00Z").packages

    def upgraded(name: str) -> list[str]:
        kept = tuple(package for package in former if package.name != name)
        return _lines(_solve(project, "array\n", previous=kept, upgraded=(name,)))[:2]

    assert upgraded("array") == ["change array 1.2 py36_0", "add blas 2.0 mkl"]
    assert upgraded("blas") == ["change array 1.1 py36_0", "add blas 2.1 0"]


def test_a_lock_that_cannot_go_on_starts_anew(project: Path) -> None:
    former = _solve(project, "array\ntable\n").packages
    assert _lines(_solve(project, "array\nold-table\n", previous=former))[0] == "change array 1.0 py36_0"


def test_what_conda_always_updates_moves_in_a_first_lock_only(project: Path) -> None:
    image = replace(IMAGE, conda_records=(*IMAGE.conda_records, CondaRecord("certifi", "2019.1", "0")))
    certifi = Package("certifi", "2020.1", timestamp=Y2020)
    conda_packages.write_channel(project / "channel", [*PACKAGES, certifi])
    former = _solve(project, "blas\n", predictor=image).packages
    assert [package.version for package in former if package.name == "certifi"] == ["2020.1"]
    conda_packages.write_channel(project / "channel", [*PACKAGES, certifi, Package("certifi", "2021.1")])
    assert _solve(project, "blas\ngpu\n", predictor=image, previous=former).packages[:2] == former
    assert _solve(project, "blas\n", predictor=image).packages[1].version == "2021.1"


def test_the_first_channel_that_has_a_package_decides(project: Path) -> None:
    conda_packages.write_channel(project / "first", [Package("blas", "1.5")])
    both = ("./first", "./channel")
    assert _lines(_solve(project, "blas\n", channels=both)) == ["add blas 1.5 0"]
    assert _lines(_solve(project, "blas\n", channels=both[::-1])) == ["add blas 2.0 mkl"]
    # Where that has no solution, the others count too.
    solution = _solve(project, "array>=1.1\n", channels=both)
    assert _lines(solution)[1] == "add blas 2.0 mkl"
    assert solution.packages[1].channel == "./channel"


def test_a_channel_prefix_names_the_channel(project: Path, channel_server: ChannelServer) -> None:
    conda_packages.write_channel(channel_server.directory / "other", [Package("blas", "1.5")])
    url = channel_server.channel("other")
    solution = _solve(project, f"{url}::blas\n")
    assert _lines(solution) == ["add blas 1.5 0"]
    assert solution.packages[0].channel == url
    with pytest.raises(NoSolutionError):
        _solve(project, f"{url}::array\n")


def test_a_channel_over_http_locks_as_one_on_disk(project: Path, channel_server: ChannelServer) -> None:
    conda_packages.write_channel(channel_server.directory / "main", PACKAGES)
    url = channel_server.channel("main")
    remote = _solve(project, "table\n", channels=(url,))
    local = _solve(project, "table\n")
    assert [replace(p, channel="") for p in remote.packages] == [replace(p, channel="") for p in local.packages]
    assert {p.channel for p in remote.packages if p.file} == {url}


def test_credentials_reach_the_channel_and_nothing_else(project: Path, tmp_path: Path) -> None:
    conda_packages.write_channel(tmp_path / "private" / "main", [replace(p, hashes=["md5"]) for p in PACKAGES])
    with ChannelServer(tmp_path / "private", auth=("me", "s3cret")) as server:
        url = server.with_auth(server.channel("main"))
        assert "s3cret" in url
        solution = _solve(project, "table\n", channels=(url,))
        assert len(solution.packages) == 4
        assert "s3cret" not in repr(solution)
        with pytest.raises(NoSolutionError) as caught:
            _solve(project, "nothing\n", channels=(url,))
        assert "s3cret" not in str(caught.value)
        wrong = url.replace("s3cret", "wr0ng")
        with pytest.raises(NetworkError) as failed:
            _solve(project, "table\n", channels=(wrong,), cache=tmp_path / "fresh")
        assert "wr0ng" not in str(failed.value)


@pytest.mark.parametrize("channel", ["./absent", "http://127.0.0.1:9/channel"])
def test_a_channel_that_cannot_be_read_is_named(project: Path, channel: str) -> None:
    with pytest.raises(NetworkError, match=f"^channel {re.escape(channel)}: cannot be read: ") as caught:
        _solve(project, "table\n", channels=(channel,))
    assert caught.value.hint
    (project / "cortexlock.yaml").write_text(f"channels:\n  - ./channel\n  - {channel}\n")
    with pytest.raises(NetworkError, match=rf"^cortexlock\.yaml:3: the channel {re.escape(channel)} cannot be read: "):
        _solve(project, "table\n", channels=("./channel", channel))


def test_a_channel_of_a_line_that_cannot_be_read_has_its_place(project: Path) -> None:
    with pytest.raises(NetworkError, match=r"^conda-packages\.txt:2: the channel \./absent cannot be read: "):
        _solve(project, "table\n./absent::blas\n")


def test_a_channel_that_fails_is_a_network_error(project: Path, channel_server: ChannelServer) -> None:
    (channel_server.directory / "empty").mkdir()
    with pytest.raises(NetworkError):
        _solve(project, "table\n", channels=(channel_server.channel("empty"),))


ANY_PYTHON = replace(
    IMAGE,
    conda_records=(
        CondaRecord("pip", "19.3.1", depends=("python >=3", "wheel")),
        CondaRecord("python", "3.6.9"),
        CondaRecord("wheel", "0.34", depends=("python >=3",)),
    ),
)


def test_what_is_of_pure_python_moves_to_the_new_one_as_conda_links_it_anew(project: Path) -> None:
    assert _lines(_solve(project, "blas\n", predictor=ANY_PYTHON)) == ["add blas 2.0 mkl"]
    solution = _solve(project, "python=3.7.*\n", predictor=ANY_PYTHON)
    assert _lines(solution) == ["change python 3.7.7 0"]
    (note,) = solution.notes
    assert words(note).startswith("pip, wheel of the image were linked for Python 3.6: ")


def test_a_missing_sha256_is_computed_from_the_archive(project: Path) -> None:
    conda_packages.write_channel(project / "channel", [Package("blas", "1.0", hashes=["md5"])])
    (blas,) = _solve(project, "blas\n").packages
    raw = (project / "channel" / "linux-64" / blas.file).read_bytes()
    assert (blas.sha256, blas.size) == (hashlib.sha256(raw).hexdigest(), len(raw))


def test_a_record_without_a_size_is_complete(project: Path) -> None:
    package = Package("blas", "1.0", hashes=["sha256"], sized=False)
    conda_packages.write_channel(project / "channel", [package])
    (project / "channel" / "linux-64" / package.file).unlink()  # so that it would fail if it were asked for
    (blas,) = _solve(project, "blas\n").packages
    assert (blas.sha256, blas.md5, blas.size) == (hashlib.sha256(conda_packages.archive(package)).hexdigest(), "", 0)


def test_an_archive_that_is_not_what_the_channel_says_is_refused(project: Path) -> None:
    package = Package("blas", "1.0", hashes=["md5"])
    conda_packages.write_channel(project / "channel", [package])
    archive = project / "channel" / "linux-64" / package.file
    archive.write_bytes(archive.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError, match="the archive is not what its channel says"):
        _solve(project, "blas\n")
    archive.unlink()
    with pytest.raises(NetworkError, match="the archive cannot be read"):
        _solve(project, "blas\n")


def test_an_archive_without_any_hash_is_refused(project: Path) -> None:
    conda_packages.write_channel(project / "channel", [Package("blas", "1.0", hashes=[])])
    with pytest.raises(IntegrityError, match="no hash"):
        _solve(project, "blas\n")


def test_a_conda_of_the_users_own_is_driven_alike(project: Path) -> None:
    own = _solve(project, "table\n", conda=embedded.executable())
    assert own.packages == _solve(project, "table\n").packages
    assert [resolver.name for resolver in own.resolvers] == ["conda-lock", "cortexlock-conda"]
    assert own.resolvers[1].version == cortexlock.__version__


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ({"exception_name": "CondaHTTPError", "message": "HTTP 000"}, NetworkError, "HTTP 000"),
        ({"exception_name": "PackagesNotFoundError", "message": "no array"}, NoSolutionError, "no array"),
        ({"solver_problems": ["nothing provides x"], "success": False}, NoSolutionError, "nothing provides x"),
        ({"exception_name": "MemoryError", "message": "much"}, UsageError, "MemoryError: much"),
        (None, UsageError, "conda ended with exit code 1: Segmentation"),
    ],
)
def test_what_another_conda_says_is_understood(
    project: Path, tmp_path: Path, answer: dict[str, object] | None, error: type[Exception], message: str
) -> None:
    script = tmp_path / "conda"
    said = "Segmentation fault" if answer is None else json.dumps(answer)
    script.write_text(f"#!/bin/sh\n[ $1 = --version ] && exec echo conda 4.7.12\ncat <<'END'\n{said}\nEND\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(error, match=message):
        _solve(project, "array\n", conda=script)


def test_a_date_limit_that_another_conda_ignores_is_an_error(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "conda"
    script.write_text(f'#!/bin/sh\nunset CORTEXLOCK_CONDA_EXCLUDE_NEWER\nexec {embedded.executable()} "$@"\n')
    script.chmod(0o755)
    with pytest.raises(UsageError, match=r"chose array 1\.2, built after 2020"):
        _solve(project, "array\n", conda=script, exclude_newer="2020-06-01T00:00:00Z")


_FORGETFUL = """#!{python}
import json, subprocess, sys
if sys.argv[1] == "--version":
    sys.exit(print("conda 4.7.12"))
done = subprocess.run(["{conda}", *sys.argv[1:]], capture_output=True, text=True)
answer = json.loads(done.stdout)
for part in ("FETCH", "LINK"):
    answer["actions"][part] = [entry for entry in answer["actions"][part] if entry["name"] != "blas"]
print(json.dumps(answer))
"""


def test_an_answer_that_leaves_out_a_dependency_is_an_error(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "conda"
    script.write_text(_FORGETFUL.format(python=sys.executable, conda=embedded.executable()))
    script.chmod(0o755)
    with pytest.raises(UsageError, match=r"its answer leaves out `blas`, which a package of it depends on") as caught:
        _solve(project, "table\n", conda=script)
    assert caught.value.where == "conda"


def test_nothing_is_left_behind(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = dict(os.environ)
    _solve(project, "table\n")
    assert list(scratch.iterdir()) == []
    assert dict(os.environ) == before


def test_virtual_packages_of_the_list_are_compared_with_the_image(project: Path) -> None:
    assert _lines(_solve(project, "blas\n__glibc>=2.17\n")) == ["add blas 2.0 mkl"]
    with pytest.raises(NoSolutionError, match=rf"^{FILE}:2: .* the image has no __cuda"):
        _solve(project, "blas\n__cuda>=10\n")
    assert _solve(project, "__linux\n").packages == ()


def test_a_subdir_after_the_channels_name_is_understood(project: Path) -> None:
    address = (project / "channel").as_uri()
    assert _lines(_solve(project, f"{address}/linux-64::blas\n")) == ["add blas 2.0 mkl"]
    assert _lines(_solve(project, "./channel/noarch::table\n")) == _lines(_solve(project, "table\n"))


@pytest.mark.parametrize("over_http", [False, True])
def test_one_bad_record_does_not_spoil_a_channel(project: Path, channel_server: ChannelServer, over_http: bool) -> None:  # noqa: FBT001 - a parameter of the test
    conda_packages.write_channel(channel_server.directory / "main", PACKAGES)
    path = channel_server.directory / "main" / "linux-64" / "repodata.json"
    repodata = json.loads(path.read_text())
    repodata["packages"]["odd.tar.bz2"] = {}
    repodata["packages"]["blas-1.0-mkl.tar.bz2"] |= {"md5": "", "timestamp": 1.5e12 + 0.5}
    path.write_text(json.dumps(repodata))
    url = channel_server.channel("main") if over_http else (channel_server.directory / "main").as_uri()
    solution = _solve(project, "blas=1.0\n", channels=(url,))
    assert [(package.channel, package.file) for package in solution.packages] == [(url, "blas-1.0-mkl.tar.bz2")]
    path.write_text("{")
    with pytest.raises(NetworkError, match=r"repodata\.json is malformed: ") as caught:
        _solve(project, "blas=1.0\n", channels=(url,))
    assert caught.value.hint == "its repodata are no JSON of conda's: tell who keeps the channel"


def test_what_the_image_was_made_with_and_what_it_pins_reach_the_solver(project: Path) -> None:
    needs_new = Package("needs-new", depends=["array >=1.1"])
    conda_packages.write_channel(project / "channel", [*PACKAGES, needs_new])
    there = (CondaRecord("array", "1.0", "py36_0"), CondaRecord("python", "3.6.9"))
    image = replace(IMAGE, conda_records=there, conda_history=("array==1.0", "python=3.6.9"))
    with pytest.raises(NoSolutionError, match=r"incompatible with a past\nexplicit spec") as caught:
        _solve(project, "needs-new\n", predictor=image)
    assert caught.value.hint == (
        "the image was made with array, and conda holds to that unless the list asks for another"
    )
    assert _lines(_solve(project, "array\n", predictor=image))[0] == "change array 1.2 py36_0"
    pinned = replace(image, conda_history=("python=3.6.9",), conda_pinned=("array <1.2",))
    assert _lines(_solve(project, "array\n", predictor=pinned))[0] == "change array 1.1 py36_0"
