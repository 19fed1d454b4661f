"""Fixtures for all tests; each test runs in an environment of its own, and off the network unless it is marked."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import bytecode, network, scratch
from tests.support.file_server import ChannelServer
from tests.support.index_server import IndexServer
from tests.support.interpreters import find_python
from tests.support.warm import starts

_AMBIENT = ("CONDA_", "CORTEXLOCK_", "GIT_", "MAMBA_", "PIP_", "PYTHON", "RATTLER_", "UV_", "VIRTUAL_ENV", "XDG_")
_KEPT = ("CORTEXLOCK_TEST_", "PYTHON_COLORS", "PYTHONHASHSEED", "PYTHONWARNINGS")
scratch.use_memory()
_ORIGINAL = dict(os.environ)
_NUMBERS = count()

# Modules are compiled once, not by each of hundreds of programs, and assertions rewritten once, not by each worker.
sys.dont_write_bytecode = False

# Loading modules and collecting tests makes no garbage to speak of: see `pytest_collection_finish`.
gc.disable()

# Of examples that hypothesis makes up, a few by default, and many where the time is there (CORTEXLOCK_TEST_PROFILE).
settings.register_profile("quick", max_examples=20, deadline=None, database=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("CORTEXLOCK_TEST_PROFILE", "quick"))


# What programs of ours take to load their modules, the tests pay once (CORTEXLOCK_TEST_START=cold: each time).
if os.environ.get("CORTEXLOCK_TEST_START") != "cold":
    starts.install(
        {name: value for name, value in os.environ.items() if not name.startswith(_AMBIENT) or name.startswith(_KEPT)}
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Import some of the modules before they are collected."""
    bytecode.import_share(session.config.args)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that none of them is left for one processor at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Take the tests and their modules from what the collector of garbage goes through: they stay to the end."""
    gc.freeze()
    gc.set_threshold(20_000)  # by default a twentieth of the time goes by with looking for what is not there
    gc.enable()


def pytest_unconfigure() -> None:
    """Let the servers of warm programs end."""
    starts.STARTER.close()


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache directory for tests that go to the index: what one has downloaded the next need not."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test gets a home of its own."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """Let Ctrl-C and a terminal that is closed count, also where the tests run in the background or under `nohup`."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hang_up)


@pytest.fixture(autouse=True)
def isolated(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    homes: Path,
    shared_cache: Path,
) -> Path:
    """Give each test a home of its own, and no configuration of pip, uv, conda or git; return the home."""
    # Not by `mktemp`, which lists the directories of all tests before it to find the next number.
    home = homes / str(next(_NUMBERS))
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(_AMBIENT) and not name.startswith(_KEPT):
            monkeypatch.delenv(name)
    marked = request.node.get_closest_marker("index") is not None
    values = {
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CACHE_HOME": shared_cache if marked else home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CONFIG_DIRS": home / "etc",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "PIP_CONFIG_FILE": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    return home


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test that is not marked `index` on this machine."""
    if request.node.get_closest_marker("index") is None:
        network.block(monkeypatch)


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start all programs as ever: for tests of how they start, and of what others see of them."""
    monkeypatch.setattr(starts.STARTER, "on", False)


@pytest.fixture
def wheelhouse(tmp_path: Path) -> Path:
    """An empty directory for wheels and sdists; `index_server` serves it."""
    directory = tmp_path / "wheelhouse"
    directory.mkdir()
    return directory


@pytest.fixture
def index_server(wheelhouse: Path) -> Iterator[IndexServer]:
    """An index of what a test puts into `wheelhouse`."""
    with IndexServer(wheelhouse) as server:
        yield server


@pytest.fixture
def channel_server(tmp_path: Path) -> Iterator[ChannelServer]:
    """A server for the channels that a test puts into its `directory`."""
    directory = tmp_path / "channels"
    directory.mkdir()
    with ChannelServer(directory) as server:
        yield server


@pytest.fixture(scope="session")
def python36() -> Path:
    """A Python 3.6; without one the test fails, because it was asked for."""
    found = find_python("3.6", env=_ORIGINAL)
    if found is None:
        pytest.fail("no Python 3.6: name one in CORTEXLOCK_TEST_PYTHON36, or run without -m interpreter", pytrace=False)
    return found
