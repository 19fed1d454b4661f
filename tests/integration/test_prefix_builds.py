"""Builds that must see the image's packages, through the command line: locked, carried out in their order, verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortexlock.cli.main import main
from cortexlock.lockfile import files
from tests.support.replay import Case, make_case
from tests.support.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.slow

_SYSTEM = '[build-system]\nrequires = [{}]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_CONFIGURATION = "image: ./image.yaml\nno-build-isolation: [Extension, above]\n"


def _command(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def _sdist(  # noqa: PLR0913 - what tells the sdists of these tests apart
    wheels: Path, name: str, version: str, *, imports: str, requires: str = "", of: str = ""
) -> None:
    """Write an sdist whose build imports something and writes into its module what that says."""
    told = f"open({name!r} + '.py', 'w').write('MADE_WITH = %r' % __import__({imports!r}).{of or 'MADE_WITH'}) and []"
    make_sdist(wheels, name, version, modules={f"{name}.py": ""}, pyproject=_SYSTEM.format(requires), dynamic=told)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """An image with a torch that is on no index, and a project that builds two extensions with it."""
    case = make_case(tmp_path, requirements=["--no-index", "--find-links ./wheels", "above", "extension", "tool"])
    torch = make_wheel(tmp_path / "image", "torch", "2.3.0+ours", modules={"torch.py": "MADE_WITH = 'ours'\n"})
    case.pre_install(torch)
    wheels = case.directory / "wheels"
    make_wheel(wheels, "tool", "1.0", modules={"tool.py": "MADE_WITH = 'tool 1'\n"})
    _sdist(wheels, "extension", "1.0", imports="torch", requires='"torch"')
    _sdist(wheels, "above", "1.0", imports="extension", requires='"extension", "tool"')
    monkeypatch.chdir(case.directory)
    monkeypatch.setenv("CORTEXLOCK_CACHE", str(case.cache))
    assert _command("predictors", "capture", str(case.prefix), "-o", "image.yaml", "--image", "ours") == 0
    (case.directory / "cortexlock.yaml").write_text(_CONFIGURATION)
    return case


def test_they_are_built_in_the_prefix_after_what_they_need(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("lock") == 0
    assert "above 1.0: its requirements are those that its maker wrote into the sdist" in capsys.readouterr().out
    lockfile = files.read(case.directory / "cortexlock.cpu.yaml", name="cortexlock.cpu.yaml")
    (step,) = lockfile.pip_steps
    assert [(each.name, each.no_build_isolation, each.builds_with, each.metadata) for each in step.packages] == [
        ("above", True, ("extension", "tool"), "sdist"),
        ("extension", True, ("torch",), "sdist"),
        ("tool", False, (), ""),
    ]
    assert step.build_requirements == ()
    assert _command("install", "--prefix", str(case.prefix)) == 0
    assert case.run("import above, extension; print(above.MADE_WITH, extension.MADE_WITH)") == "ours ours"
    assert _command("verify", "--prefix", str(case.prefix)) == 0
    capsys.readouterr()
    assert _command("install", "--prefix", str(case.prefix)) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert _command("export", "requirements", "-o", "-") == 2
    assert "built in the environment itself, when all else is there: above, extension" in capsys.readouterr().err
    assert _command("export", "script", "-o", "replay.sh") == 0
    script = (case.directory / "replay.sh").read_text()
    assert script.count("pip_install --no-build-isolation") == 2
    assert script.index('-r "$scratch/pip-0.txt"') < script.index("above==1.0")

    # What an extension was built with is another one: it is built anew, and so is what is above it.
    make_wheel(case.directory / "wheels", "tool", "2.0", modules={"tool.py": "MADE_WITH = 'tool 2'\n"})
    _sdist(case.directory / "wheels", "above", "1.1", imports="tool", requires='"extension", "tool"')
    assert _command("lock", "--upgrade") == 0
    assert _command("install", "--prefix", str(case.prefix)) == 0
    assert case.run("import above; print(above.MADE_WITH)") == "tool 2"
    assert _command("verify", "--prefix", str(case.prefix)) == 0
    (case.directory / "cortexlock.yaml").write_text("image: ./image.yaml\nno-build-isolation: [above]\n")
    capsys.readouterr()
    assert _command("check") == 1
    assert "extension is to be built with isolation" in capsys.readouterr().out


def test_a_build_that_fails_leaves_what_is_whole(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    _sdist(case.directory / "wheels", "above", "1.1", imports="torch", of="nothing", requires='"extension", "torch"')
    assert _command("lock") == 0
    assert _command("install", "--prefix", str(case.prefix)) == 7
    assert "module 'torch' has no attribute 'nothing'" in capsys.readouterr().err
    assert _command("verify", "--prefix", str(case.prefix)) == 1
    said = capsys.readouterr().out
    assert "a replay of this lockfile was ended half-way: install again" in said
    assert "pip above: 1.1 is not installed" in said
    assert "pip extension" not in said
    (case.directory / "wheels" / "above-1.1.tar.gz").unlink()
    assert _command("lock", "--refresh") == 0
    assert _command("install", "--prefix", str(case.prefix)) == 0
    assert _command("verify", "--prefix", str(case.prefix)) == 0


def test_what_is_not_there_is_refused_when_it_is_locked(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    _sdist(case.directory / "wheels", "extension", "1.1", imports="torch", requires='"ninja", "torch"')
    capsys.readouterr()
    assert _command("lock") == 4
    said = capsys.readouterr().err
    assert "requirements.txt:4: extension is built in the image itself, and needs ninja there" in said
    assert "hint: ask for ninja in the requirements, too" in said
    make_wheel(case.directory / "wheels", "ninja", "1.0")
    (case.directory / "cortexlock.yaml").write_text(f"{_CONFIGURATION}build-requirements: {{extension: [tool>=2]}}\n")
    with (case.directory / "requirements.txt").open("a") as file:
        file.write("ninja\n")
    assert _command("lock") == 0
    assert "the build of extension asks for tool>=2, and finds 1.0" in capsys.readouterr().out
    assert _command("check") == 0
