"""The command as a whole: help, version, what it loads, how it ends."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest

from cortexlock import __version__
from cortexlock.cli.main import COMMANDS, main
from cortexlock.model.package import FromArchive
from cortexlock.process import run
from tests.support.full_project import write_lockfile
from tests.support.projects import fresh_project
from tests.support.replay import locked, make_case
from tests.support.wheels import make_wheel

# Runs command lines, each of which ends with a line break, in a copy of the process each.
_LIST_MODULES = """
import os, sys
import typer  # so does each
def refuse(event, _arguments):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.posix_spawn", "os.exec")):
        raise AssertionError(event)
def run(arguments):
    sys.addaudithook(refuse)
    from cortexlock.cli.main import COMMANDS, main
    try:
        main(arguments)
    except SystemExit as error:
        import json
        print(json.dumps([error.code, sorted(sys.modules)]), file=sys.stderr)
begin = 1
for end in [number for number, part in enumerate(sys.argv) if part == chr(10)]:
    pid = os.fork()
    if not pid:
        run(sys.argv[begin:end])
        sys.exit()
    begin = end + 1
    if os.waitpid(pid, 0)[1]:
        sys.exit(1)
"""

# What `--help` may load beside the standard library; `coverage` only while tests measure it.
_HELP = {"annotated_doc", "click", "cortexlock", "coverage", "shellingham", "typer", "typing_extensions"}
_CHECK = {*_HELP, "_yaml", "yaml"}
# What `check` may load of the standard library beside what Typer and PyYAML do; the first two read the catalog, the
# last two are `urllib.parse`, which pathlib brings before Python 3.13.
_STANDARD_OF_CHECK = {"json", "pkgutil", "hashlib", "ipaddress", "urllib"}
# What the environment itself loads at the start of an interpreter, and what extension modules bring.
_NOBODYS = ("__", "_cython_", "_distutils_hack", "_virtualenv", "cython_runtime")
# Modules of the standard library that take long, and that neither has a use for.
_SLOW = {
    "asyncio",
    "concurrent",
    "decimal",
    "email",
    "http",
    "multiprocessing",
    "sqlite3",
    "ssl",
    "unittest",
    "urllib.request",
    "xml",
}


def _loaded(directory: Path, *arguments: str) -> tuple[int, set[str]]:
    """Run a command line in a new interpreter; return its exit code and the modules that are loaded at its end.

    It may neither make a socket nor start a program.
    """
    (found,) = _all_loaded(directory, [*arguments, "\n"])
    return found


def _all_loaded(directory: Path, arguments: Sequence[str]) -> list[tuple[int, set[str]]]:
    """Run command lines, each of which ends with a line break, as `_loaded` runs one."""
    left_out = ("NO_COLOR", "PYTHONPATH", "COVERAGE_")  # to measure coverage is to load modules
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    completed = run([sys.executable, "-c", _LIST_MODULES, *arguments], env=environment, cwd=directory)
    found = [json.loads(line) for line in completed.stderr.splitlines() if line.startswith("[")]
    return [(code, set(modules)) for code, modules in found]


def _foreign(modules: set[str]) -> set[str]:
    tops = {name.partition(".")[0] for name in modules}
    return {top for top in tops if top not in sys.stdlib_module_names and not top.startswith(_NOBODYS)}


def _ours(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if name.startswith("cortexlock.")}


@cache
def _of_libraries() -> set[str]:
    """Return the modules that are loaded by what no command can do without."""
    script = "import dataclasses, json, sys, typer, yaml; print(json.dumps(sorted(sys.modules)))"
    return set(json.loads(run([sys.executable, "-c", script], env=dict(os.environ), cwd=Path.cwd()).stdout))


def _standard(modules: set[str]) -> set[str]:
    return {top for name in modules if (top := name.partition(".")[0]) in sys.stdlib_module_names and top[0] != "_"}


def _subcommands(modules: set[str]) -> set[str]:
    return {name for name in COMMANDS if f"cortexlock.cli.{name}" in modules}


def test_help_loads_next_to_nothing(tmp_path: Path) -> None:
    """With one interpreter that has just started and loaded nothing of ours, of which each command gets a copy."""
    commands = [
        ["--help"],
        *([name, "--help"] for name in COMMANDS),
        ["predictors", "capture", "--help"],
        ["--version"],
    ]
    separated = [part for arguments in commands for part in (*arguments, "\n")]
    for arguments, (code, modules) in zip(commands, _all_loaded(tmp_path, separated), strict=True):
        assert code == 0, arguments
        assert _foreign(modules) <= _HELP, arguments
        assert not modules & _SLOW, arguments
        assert _ours(modules) == {"cli", "errors", "patterns", "quick_dataclass"}, arguments
        assert _subcommands(modules) <= set(arguments[:1]), arguments


Loaded: TypeAlias = dict[tuple[str, ...], tuple[int, set[str]]]

_OPTIONS = ((), ("--json",), ("--platform", "cpu"))


@pytest.fixture(scope="module")
def found() -> Loaded:
    """What the first test that asks finds for all."""
    return {}


@pytest.fixture
def loaded(found: Loaded, tmp_path: Path) -> Loaded:
    """What `check` and `lock` end with and load in a fresh project, by command line, each in a copy of one process."""
    if not found:
        commands = [(command, *options) for command in ("check", "lock") for options in _OPTIONS]
        separated = [part for arguments in commands for part in (*arguments, "\n")]
        found |= zip(commands, _all_loaded(fresh_project(tmp_path), separated), strict=True)
    return found


@pytest.mark.parametrize("options", _OPTIONS)
def test_check_loads_little(loaded: Loaded, options: tuple[str, ...]) -> None:
    command = ("check", *options)
    code, modules = loaded[command]
    assert code == 0
    assert _foreign(modules) <= _CHECK
    assert _standard(modules) - _standard(_of_libraries()) <= _STANDARD_OF_CHECK
    assert not modules & _SLOW
    assert not _ours(modules) & {"conda", "pip", "replay", "process", "workers"}
    assert _subcommands(modules) == {"check"}
    assert "cortexlock.model.conda_list" not in modules


@pytest.mark.parametrize("options", _OPTIONS)
def test_a_lock_with_nothing_to_do_asks_nobody_and_loads_little(loaded: Loaded, options: tuple[str, ...]) -> None:
    command = ("lock", *options)
    code, modules = loaded[command]
    assert code == 0
    assert _foreign(modules) <= _CHECK
    assert not modules & _SLOW
    assert not _ours(modules) & {"conda", "pip", "replay", "process", "workers"}
    assert _subcommands(modules) == {"lock"}


def test_an_install_that_reads_no_page_of_an_index_loads_no_reader_of_them(tmp_path: Path) -> None:
    code, modules = _loaded(fresh_project(tmp_path), "install", "--prefix", str(tmp_path / "nowhere"))
    assert code == 2
    assert "cortexlock.replay.install" in modules
    assert not _foreign(modules) & {"bs4", "pydantic", "pypi_simple"}


@pytest.mark.parametrize("command", ["check", "lock"])
def test_what_is_loaded_makes_its_classes_quickly(loaded: Loaded, command: str) -> None:
    _, modules = loaded[(command,)]
    slow = {
        name
        for name in modules
        if name.startswith("cortexlock.") and (spec := find_spec(name)) is not None and spec.origin is not None
        if re.search(r"^from dataclasses import .*\bdataclass\b", Path(spec.origin).read_text("utf-8"), re.MULTILINE)
    }
    assert slow <= {"cortexlock.formats.yaml_text"}  # it keeps what it has found, and has no slots


def test_an_installation_with_nothing_to_do_starts_nothing_and_loads_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(tmp_path)
    wheel = make_wheel(case.directory, "demo", "1.0")
    case.packages.append(replace(locked(wheel), source=FromArchive(wheel.name)))
    write_lockfile(case)
    case.install()
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    options = ("--prefix", str(case.prefix), "--cache-dir", str(case.cache))
    code, modules = _loaded(tmp_path, "install", str(case.directory), *options)
    assert code == 0
    assert _foreign(modules) <= {*_CHECK, "packaging", "pip", "uv"}  # of pip, what tells the address of its index
    assert not modules & {"ssl", "http", "urllib.request", "asyncio", "multiprocessing"}


def _end(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(["--version"]) == 0
    assert capsys.readouterr().out == f"cortexlock {__version__}\n"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_teaches(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end([option]) == 0
    text = capsys.readouterr().out
    assert "Examples:" in text
    assert "cortexlock lock\n      resolve once, write one lockfile per platform\n" in text
    for command in ("lock", "install", "check"):
        assert _end([command, option]) == 0
        text = capsys.readouterr().out
        assert f"Usage: cortexlock {command} [OPTIONS]" in text
        assert f"  cortexlock {command} " in text.partition("Examples:")[2]


def test_nothing_is_a_request_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end([]) == 2
    assert "Usage: cortexlock" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["--bogus"], ["lock", "--bogus"], ["check", "--platform"], ["show", "a", "b"]]
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert "--help` tells more" in printed.err


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["install", "--platform", "cpu", "--platform", "inf"], "--platform"),
        (["lock", "--exclude-newer", "2020-06-01", "--exclude-newer=2021-06-01"], "--exclude-newer"),
        (["fetch", "-o", "a", "--output", "b"], "--output"),
    ],
)
def test_an_option_that_takes_one_value_is_given_once(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _end(arguments) == 2
    assert capsys.readouterr().err == (
        f"error: {option} is given more than once, and takes one value\n"
        f"  hint: `cortexlock {arguments[0]} --help` tells more\n"
    )


def test_the_hint_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(["check", "--platform"]) == 2
    assert "`cortexlock check --help` tells more" in capsys.readouterr().err
    assert _end(["predictors", "list", "--type"]) == 2
    assert "`cortexlock predictors list --help` tells more" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["lock", "install", "fetch", "verify", "check", "show"])
def test_help_says_what_project_is(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _end([command, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "the current one by default." in text
    assert "PROJECT...]" not in text
    assert "<str>" not in text
    assert "list[str]" not in text


def test_the_command_is_installed(tmp_path: Path) -> None:
    completed = run([sys.executable, "-m", "cortexlock", "check"], env=dict(os.environ), cwd=tmp_path)
    assert completed.returncode == 2
    assert completed.stdout == ""
    assert completed.stderr.startswith("error: ")
    assert "nothing to lock here" in completed.stderr
