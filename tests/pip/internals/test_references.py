"""Direct references that are not what their line says: the error names the line."""

from __future__ import annotations

import gc
import subprocess
from pathlib import Path

import pytest

from cortexlock.errors import CortexlockError, InputError, IntegrityError, NetworkError, NoSolutionError
from tests.support.file_server import FileServer
from tests.support.index_server import IndexServer
from tests.support.resolution import resolve
from tests.support.wheels import make_sdist, make_tree, make_wheel


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with archives that are none."""
    directory = tmp_path / "project"
    directory.mkdir()
    for name in ("bad-1.0.tar.gz", "bad-1.0.zip", "bad-1.0-py3-none-any.whl"):
        (directory / name).write_bytes(b"x")
    make_tree(directory / "tree", "tree", "1.0")
    make_wheel(directory, "local", "1.0")
    return directory


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("other @ {files}/internal-1.0-py3-none-any.whl", "internal"),
        ("other @ {files}/gone-1.0-py3-none-any.whl", "gone"),
        ("other @ {files}/sd-1.0.tar.gz", "sd"),
        ("other @ file:./tree", "tree"),
        ("other @ file:./local-1.0-py3-none-any.whl", "local"),
        ("-e {git}@main#egg=other", "repo"),
        ("{git}@main#egg=other", "repo"),
    ],
)
def test_another_name(index_server: IndexServer, project: Path, line: str, found: str) -> None:
    make_wheel(index_server.directory, "internal", "1.0")
    make_sdist(index_server.directory, "sd", "1.0")
    repository = project.parent / "repository"
    make_tree(repository, "repo", "1.0")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-f", "."), (*identity, "commit", "-qm", "one")):
        subprocess.run(["/usr/bin/env", "git", *arguments], cwd=repository, check=True)
    text = f"# why\n{line}\n".format(files=f"{index_server.url}/files", git=f"git+{repository.as_uri()}")
    with pytest.raises(InputError) as caught:
        resolve(project, text, index_url=index_server.simple_url)
    assert (caught.value.where, caught.value.what) == ("requirements.txt:2", f"it is {found}, not other")


@pytest.mark.parametrize("file", ["bad-1.0.tar.gz", "bad-1.0.zip", "bad-1.0-py3-none-any.whl"])
@pytest.mark.parametrize("kind", ["local", "url", "page"])
def test_what_is_no_archive(index_server: IndexServer, project: Path, file: str, kind: str) -> None:
    (project / "page.html").write_text(f'<!DOCTYPE html><a href="{file}">{file}</a>', encoding="utf-8")
    with FileServer(project) as server:
        url = server.url
        text = {"local": f"./{file}", "url": f"bad @ {url}/{file}", "page": f"--find-links {url}/page.html\nbad"}[kind]
        with pytest.raises(CortexlockError, match="archive that can be read") as caught:
            resolve(project, f"{text}\n", index_url=index_server.simple_url)
    assert isinstance(caught.value, InputError if kind == "local" else IntegrityError)
    assert caught.value.where == (None if kind == "page" else "requirements.txt:1")
    assert str(project) not in str(caught.value)


def test_what_a_server_does_not_have(index_server: IndexServer, project: Path, tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        resolve(project, f"a @ {index_server.url}/files/a-1.0.tar.gz\n", index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:1"
    assert caught.value.what == f"{index_server.url}/files/a-1.0.tar.gz does not come: 404 Client Error: Not Found"
    assert str(tmp_path) not in str(caught.value)
    gc.collect()  # a connection that is left open is a warning, and that an error


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_another_hash_than_the_line_says(index_server: IndexServer, project: Path, algorithm: str) -> None:
    make_wheel(index_server.directory, "a", "1.0")
    line = (
        f"a @ {index_server.url}/files/a-1.0-py3-none-any.whl#{algorithm}={'0' * (64 if algorithm == 'sha256' else 32)}"
    )
    with pytest.raises(IntegrityError, match=rf"a-1.0-py3-none-any.whl: its {algorithm} is ") as caught:
        resolve(project, f"# why\n{line}\n", index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:2"


def test_a_wheel_for_another_platform(index_server: IndexServer, project: Path) -> None:
    name = "a-1.0-cp27-none-win32.whl"
    (project / name).write_bytes(b"x")
    with pytest.raises(NoSolutionError, match=f"{name} is no wheel for the image's Python") as caught:
        resolve(project, f"# why\n./{name}\n", index_url=index_server.simple_url)
    assert caught.value.where == "requirements.txt:2"
