"""The checks of this project as a list of named steps; `.ci/run` runs them all on a bare machine."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/cortexlock.yaml"))
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
COVERAGE_FLOOR = 90  # per cent, lines and branches, by the tests of single modules, in their own process
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
# Interpreters of pyenv count, whether or not pyenv is told to put them on PATH.
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
BINARIES = [str(path) for python in PYTHONS for path in sorted(PYENV.glob(f"{python}.*/bin"), reverse=True)]
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), *BINARIES])
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
# uv compiles nothing: what is imported from an environment is compiled once, not by each of hundreds of programs.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# `.ci/run` has run the default tests as the README has it before. Here those of what calls dependencies run on the
# oldest Python that is there, with the lowest versions; `nox -s tests` runs all on each, `nox -s coverage` measures.
FOUND = [python for python in PYTHONS if shutil.which(f"python{python}")] or PYTHONS
nox.options.sessions = [
    "lint",
    "types",
    "minimums",
    "build",
    "docs",
    "catalog",
    "benchmarks",
    "fuzz",
    "integration",
    "golden",
]
# What `.ci/run` runs beside each other: each of these sessions has one of two tags.
ONE, ALL = "one-processor", "all-processors"


@nox.session(tags=[ONE])
def lint(session: nox.Session) -> None:
    """Style, layers, and what no file may have in it."""
    session.install(*groups("lint"), "pip>=26.2")
    session.install("--no-deps", "-e", ".")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")
    session.run("python", ".ci/check_text.py", *files(session), log=False)
    session.run("python", ".ci/check_shape.py", *files(session), log=False)


@nox.session(tags=[ONE])
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".", *groups("types"), *groups("test"), "nox")
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The default tests: offline, on each Python that is there."""
    session.install("-e", ".", *groups("test"))
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(tags=[ALL])
def integration(session: nox.Session) -> None:
    """The marked tests: with the package index, and with a Python 3.6 where there is one."""
    session.install("-e", ".", *groups("test"))
    if has_python36():
        session.run("pytest", "-n", "auto", "-m", "index or interpreter", *session.posargs)
    else:
        session.warn("no Python 3.6 (CORTEXLOCK_TEST_PYTHON36 may name one): its tests are left out")
        session.run("pytest", "-n", "auto", "-m", "index and not interpreter", *session.posargs)


@nox.session(tags=[ONE])
def golden(session: nox.Session) -> None:
    """Resolve the examples anew: their lockfiles must stay as they are committed, byte for byte."""
    session.install(".")
    scratch, differing = Path(session.create_tmp()), []
    named = session.posargs or EXAMPLES
    for name in named:
        shutil.rmtree(scratch / name, ignore_errors=True)
        shutil.copytree(ROOT / "examples" / name, scratch / name)
    # In one command: what one example has asked for the next need not.
    projects = [str(scratch / name) for name in named]
    session.run("cortexlock", "lock", "--upgrade", "--refresh", "--cache-dir", str(scratch / "cache"), *projects)
    for name in named:
        committed, fresh = ROOT / "examples" / name, scratch / name
        names = sorted(path.name for path in fresh.glob("cortexlock.*.yaml"))
        _, changed, missing = filecmp.cmpfiles(committed, fresh, names, shallow=False)
        for file in changed:
            session.run("diff", str(committed / file), str(fresh / file), external=True, success_codes=[1])
        differing += [f"examples/{name}/{file}" for file in changed + missing]
    if differing:
        session.error(f"not as committed: {', '.join(differing)}")


@nox.session(python=FOUND[0], tags=[ALL])
def minimums(session: nox.Session) -> None:
    """The default tests of what calls them, with the lowest versions of the direct dependencies."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".", *groups("test"))
    callers = [str(ROOT / "tests" / name) for name in ("cli", "conda", "formats", "lock", "pip", "replay")]
    session.run("pytest", "-n", "auto", *(session.posargs or callers), env={"CORTEXLOCK_TEST_PROFILE": "thorough"})


@nox.session(python=FOUND[-1])
def coverage(session: nox.Session) -> None:
    """Coverage by the default tests of single modules, on the newest Python that is there."""
    session.install("-e", ".", *groups("test"))
    options = ["--cov", "--cov-report=term", f"--cov-fail-under={COVERAGE_FLOOR}"]
    session.run(
        "pytest", "-n", "auto", *options, *(session.posargs or ["--ignore", str(ROOT / "tests" / "integration")])
    )


@nox.session(tags=[ONE])
def build(session: nox.Session) -> None:
    """Build sdist and wheel; what the wheel installs must run, with its data, where nothing else is."""
    session.install("build", "uv")
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "build", "--installer", "uv", "--outdir", str(dist), silent=True)
    (wheel,) = dist.glob("*.whl")
    fresh = Path(session.create_tmp()) / "fresh"
    session.run("uv", "venv", "--quiet", "--clear", str(fresh))
    scripts = fresh / ("Scripts" if os.name == "nt" else "bin")
    session.run("uv", "pip", "install", "--quiet", "--python", str(scripts / "python"), str(wheel))
    session.run(str(scripts / "python"), "-m", "cortexlock", "--version", external=True)
    session.run(str(scripts / "cortexlock-conda"), "--version", external=True)
    for name in EXAMPLES:  # reads schemas and catalog
        session.run(str(scripts / "cortexlock"), "check", str(ROOT / "examples" / name), external=True)
    code = "import importlib.resources as r; assert list((r.files('cortexlock') / 'schemas').iterdir()), 'no schemas'"
    session.run(str(scripts / "python"), "-I", "-c", code, external=True)


@nox.session(tags=[ONE])
def docs(session: nox.Session) -> None:
    """The documentation as a site: every link within it leads somewhere."""
    session.install(*groups("docs"))
    site = str(Path(session.create_tmp()) / "site")
    session.run("mkdocs", "build", "--quiet", "--strict", "--site-dir", site, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session(tags=[ONE])
def catalog(session: nox.Session) -> None:
    """Make the package's data of the images anew from its sources; it must be what is committed."""
    session.install("-e", ".")
    out = Path(session.create_tmp()) / "catalog"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    session.run("python", "catalog/make_catalog.py", "--output", str(out))
    data = ROOT / "cortexlock" / "predictors" / "data"
    names = sorted(path.name for path in out.iterdir())
    _, differ, missing = filecmp.cmpfiles(data, out, names, shallow=False)
    if differ or missing or not names:
        session.error(f"not what is committed: {differ + missing or 'nothing was made'}")


@nox.session(tags=[ONE])
def benchmarks(session: nox.Session) -> None:
    """That the benchmarks run; the numbers of a shared machine say little."""
    session.install(".")
    session.run("python", "benchmarks/startup.py", "--smoke")
    session.run("python", "benchmarks/lock.py", "--smoke")
    session.run("python", "benchmarks/install.py", "--smoke")


@nox.session(tags=[ONE])
def fuzz(session: nox.Session) -> None:
    """What reads files of others, with files that are not quite right; `-- --seconds 60` for longer."""
    session.install("-e", ".", *groups("test"))
    session.run("python", "tests/fuzz/boundaries.py", *(session.posargs or ["--seconds", "5"]))


def groups(*names: str) -> list[str]:
    """Return the requirements of dependency groups."""
    return list(nox.project.dependency_groups(PYPROJECT, *names))


def files(session: nox.Session) -> list[str]:
    """Return the files of the repository: those that git knows, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = session.run(*command, external=True, silent=True)
    return str(listed).splitlines()


def has_python36() -> bool:
    """Whether the tests will find a Python 3.6; see tests/support/interpreters.py."""
    named = "CORTEXLOCK_TEST_PYTHON36" in os.environ
    return named or any(PYENV.glob("3.6.*/bin/python")) or shutil.which("python3.6") is not None
