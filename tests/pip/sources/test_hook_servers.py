"""Hooks of build backends, run in processes that have loaded the backend: each as fresh as one that starts anew."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest

from cortexlock import process
from cortexlock.common_place import CommonPlace
from cortexlock.pip.sources import build
from cortexlock.pip.sources.build import BuildEnvironment
from cortexlock.pip.sources.build_failures import BuildFailedError
from cortexlock.pip.sources.hook_servers import HookServers
from tests.support.wheels import make_wheel

_SCRIPT = """
    import json, os, sys, tempfile
    import shared
    shared.VALUES.append(1)
    print(json.dumps([
        __name__, sys.argv[1:], os.getcwd(), sorted(os.environ), shared.VALUES, tempfile.gettempdir(), sys.path[0],
    ]))
    print("said", file=sys.stderr)
    os.environ["LEFT"] = "behind"
    sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def servers() -> Iterator[HookServers]:
    """Yield what runs hooks."""
    with HookServers() as servers:
        yield servers


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return a script that changes what it can of its process, and says what it finds."""
    (tmp_path / "shared.py").write_text('VALUES = []\nprint("loaded")\n')
    (tmp_path / "script.py").write_text(dedent(_SCRIPT))
    return tmp_path / "script.py"


def test_each_hook_has_a_process_as_it_was(servers: HookServers, script: Path) -> None:
    for number in range(3):
        directory = script.parent / f"home-{number}"
        directory.mkdir()
        env = {"PYTHONPATH": str(script.parent), "TMPDIR": str(directory), "NUMBER": "x"}
        command = [sys.executable, str(script), str(number), "more"]
        done = servers.run(command, env=env, cwd=directory, backend="shared")
        assert done is not None
        assert done.returncode == number
        error, said = done.stdout.splitlines()  # and nothing of what the backend says when it is loaded
        name, arguments, cwd, variables, values, temporary, path = json.loads(said)
        assert (name, arguments, cwd, values) == ("__main__", [str(number), "more"], str(directory), [1])
        assert variables == sorted(env)
        assert temporary == str(directory)
        assert path != str(Path(build.__file__).parent)
        assert error == "said"


def test_hooks_run_side_by_side(servers: HookServers, script: Path, tmp_path: Path) -> None:
    (tmp_path / "meet.py").write_text(
        dedent("""
            import os, sys, time
            open(sys.argv[1], "w").close()
            while not os.path.exists(sys.argv[2]):
                time.sleep(0.01)
        """)
    )
    env = {"PYTHONPATH": str(script.parent)}
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    commands = [[sys.executable, str(tmp_path / "meet.py"), *names] for names in ((here, there), (there, here))]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda each: servers.run(each, env=env, cwd=tmp_path, backend="shared"), commands))
    assert [each and each.returncode for each in done] == [0, 0]


@pytest.mark.parametrize("backend", ["no_such_module", "broken"])
def test_a_backend_that_cannot_be_loaded_is_left_to_a_program(
    servers: HookServers, script: Path, tmp_path: Path, backend: str
) -> None:
    (tmp_path / "broken.py").write_text("import os\nos._exit(3)\n")
    env = {"PYTHONPATH": str(tmp_path)}
    for _ in range(2):
        assert servers.run([sys.executable, str(script), "0"], env=env, cwd=tmp_path, backend=backend) is None


def test_a_python_that_does_not_start_is_left_to_a_program(servers: HookServers, tmp_path: Path) -> None:
    assert servers.run([str(tmp_path / "python"), "x.py"], env={}, cwd=tmp_path, backend="json") is None


def test_a_hook_that_is_killed_says_so(servers: HookServers, tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    done = servers.run([sys.executable, str(tmp_path / "killed.py")], env={}, cwd=tmp_path, backend="json")
    assert done is not None
    assert done.returncode == 128 + 9


def test_the_end_ends_hooks_and_whoever_waits_for_them(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(
        dedent("""
            import os, sys, time
            with open("pid.new", "w") as file:
                file.write(str(os.getpid()))
            os.rename("pid.new", "pid")
            time.sleep(600)
        """)
    )
    with ThreadPoolExecutor(1) as pool:
        with HookServers() as servers:
            command = [sys.executable, str(tmp_path / "long.py")]
            waiting = pool.submit(servers.run, command, env={}, cwd=tmp_path, backend="json")
            while not (tmp_path / "pid").exists():
                time.sleep(0.01)
        with pytest.raises(CancelledError):
            waiting.result(30)
    seen = Path("/proc", (tmp_path / "pid").read_text(), "cmdline")
    until = time.monotonic() + 30
    while seen.exists() and seen.read_bytes() and time.monotonic() < until:  # it was killed, which takes a moment
        time.sleep(0.01)
    assert not seen.exists() or seen.read_bytes() == b""  # it has ended, whether or not somebody has taken note
    with pytest.raises(CancelledError):
        servers.run(command, env={}, cwd=tmp_path, backend="json")


def _is_running(pid: int) -> bool:
    """Whether a process has not ended; whether or not somebody has taken note of its end."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_server_outlives_who_has_started_it_and_ends_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "tell.py").write_text("import os\nprint(os.getppid(), os.getpgid(os.getppid()))\n")
    command = [sys.executable, str(tmp_path / "tell.py")]
    place = CommonPlace("cortexlock-test-")
    groups = set()
    try:
        for _ in range(2):
            with HookServers(place.directory) as servers:
                done = servers.run(command, env={}, cwd=tmp_path, backend="json")
            assert done is not None
            groups.add(int(done.stdout.split()[1]))
        (group,) = groups  # one server forks for both
        of_group = [pid for pid in _processes() if _group(pid) == group]
        assert of_group
    finally:
        place.close()
    assert not [pid for pid in of_group if _is_running(pid)]
    assert not place.directory.exists()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_server_ends_with_a_command_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(
        "import os, time\nopen('pids.new', 'w').write(f'{os.getppid()} {os.getpid()}')\n"
        "os.rename('pids.new', 'pids')\ntime.sleep(600)\n"
    )
    script = f"""
import sys
from pathlib import Path
from cortexlock.common_place import CommonPlace
from cortexlock.pip.sources.hook_servers import HookServers
place = CommonPlace("cortexlock-test-")
with HookServers(place.directory) as servers:
    servers.run([sys.executable, {str(tmp_path / "long.py")!r}], env={{}}, cwd=Path({str(tmp_path)!r}), backend="json")
"""
    command = [sys.executable, "-c", script]
    with ThreadPoolExecutor(1) as pool, pytest.raises(TimeoutError):  # it is killed then
        pool.submit(process.run, command, env={**os.environ, "TMPDIR": str(tmp_path)}, seconds=3).result()
    pids = [int(text) for text in (tmp_path / "pids").read_text().split()]
    until = time.monotonic() + 30
    while any(map(_is_running, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(_is_running, pids))


_BACKEND = """
    import os

    def get_requires_for_build_wheel(config_settings=None):
        return open("needs").read().split()

    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        os.makedirs(os.path.join(metadata_directory, "a-1.0.dist-info"))
        with open(os.path.join(metadata_directory, "a-1.0.dist-info", "METADATA"), "w") as file:
            file.write("Metadata-Version: 2.1\\nName: a\\nVersion: 1.0\\n")
        return "a-1.0.dist-info"

    def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
        raise SystemExit("no compiler")
"""


def test_builds_are_what_they_are_without(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "backend-of-ours", "1.0", modules={"backend_of_ours.py": dedent(_BACKEND)})
    source = tmp_path / "source"
    source.mkdir()
    (source / "needs").write_text("b a")
    (source / "pyproject.toml").write_text('[build-system]\nrequires = []\nbuild-backend = "backend_of_ours"\n')
    found = []
    with HookServers() as servers:
        for hooks in (None, servers):
            with BuildEnvironment(Path(sys.executable), tmp_path, {}, hooks=hooks) as environment:
                environment.install([wheel])
                with pytest.raises(BuildFailedError, match="no compiler") as caught:
                    environment.wheel(source, tmp_path / "out")
                found.append(
                    (environment.dynamic_requirements(source), environment.metadata(source), caught.value.output)
                )
    assert found[0] == found[1]
    assert found[0][0] == ("a", "b")
