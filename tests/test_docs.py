"""What the documents say is so: links, keys, exit codes, the configuration that they show."""

from __future__ import annotations

import inspect
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cortexlock import errors
from cortexlock.cli import errors as boundary
from cortexlock.cli.main import COMMANDS, main
from cortexlock.errors import CortexlockError
from cortexlock.inputs import configuration
from cortexlock.inputs.configuration_reader import KEYS
from cortexlock.predictors import predictor_file

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    relative = [target for target in targets if "://" not in target]
    assert [target for target in relative if not (page.parent / target).exists()] == []


def test_the_configuration_that_is_shown_is_one(tmp_path: Path) -> None:
    text = _text("docs/configuration.md")
    file = tmp_path / configuration.FILE_NAME
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert block is not None
    file.write_text(block.group(1), encoding="utf-8")
    read = configuration.read(file)
    assert (read.predictor, read.cortex_version, read.exclude_newer) == ("python", "0.16.0", "2020-06-01T00:00:00Z")
    assert read.indexes[0].name == "internal"
    assert [key for key in KEYS if f"| `{key}` |" not in text] == []


def test_exit_codes_are_those_of_the_errors() -> None:
    said = {int(code) for code in re.findall(r"^\| (\d) \|", _text("docs/exit-codes.md"), re.MULTILINE)}
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CortexlockError)]
    assert said == {0} | {kind.exit_code for kind in kinds}


def test_each_id_of_an_error_has_its_page() -> None:
    from cortexlock.cli.main import main as _main  # noqa: F401, PLC0415 - and with it all kinds of errors
    from cortexlock.pip.queries import resolve as _resolve  # noqa: F401, PLC0415 - as above
    from cortexlock.replay import install as _install  # noqa: F401, PLC0415 - as above

    pairs = re.findall(r"^## ([a-z-]+)\n\n.*Exit code (\d)\.", _text("docs/errors.md"), re.MULTILINE)
    kinds, found = [CortexlockError], set()
    while kinds:
        kind = kinds.pop()
        kinds += [each for each in kind.__subclasses__() if each.__module__.startswith("cortexlock.")]
        found |= {(kind.id, str(kind.exit_code))} if kind is not CortexlockError else set()
    assert found <= {*pairs, ("no-solution", "1")}  # one that is explained before anybody sees it
    assert len(pairs) == len(dict(pairs))


def test_exit_codes_of_what_ends_a_command_from_outside_are_said() -> None:
    said = {int(code) for code in re.findall(r"^\| (\d{2,}) \|", _text("docs/exit-codes.md"), re.MULTILINE)}
    assert said == {boundary.BUG, boundary.INTERRUPTED, boundary.BROKEN_PIPE, boundary.TERMINATED, boundary.HUNG_UP}


def test_each_command_is_in_readme_and_changelog() -> None:
    assert {"lock", "predictors"} < set(COMMANDS)
    assert [name for name in COMMANDS if f"| `cortexlock {name}` |" not in _text("README.md")] == []
    assert [name for name in COMMANDS if f"- `cortexlock {name}`:" not in _text("CHANGELOG.md")] == []


def test_the_readme_shows_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = "examples/sentiment-analyzer"
    shutil.copytree(ROOT / project, tmp_path / project)
    with (tmp_path / project / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write("boto3\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["check", project])
    assert caught.value.code == 1
    assert f"```text\n{capsys.readouterr().out}```" in _text("README.md")


def test_the_readme_shows_lines_of_a_lockfile_that_is_there() -> None:
    block = re.search(r"```yaml\n(platform: .*?)```", _text("README.md"), re.DOTALL)
    assert block is not None
    lockfile = _text("examples/sentiment-analyzer/cortexlock.cpu.yaml")
    patterns = [re.escape(line).replace("…", r"\S+?") for line in block.group(1).splitlines()]
    assert [each for each in patterns if not re.search(f"^{each}$", lockfile, re.MULTILINE)] == []


def _keys(schema: Any) -> Iterator[str]:  # noqa: ANN401 - a JSON document
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _keys(value)


def test_each_key_of_a_lockfile_is_explained() -> None:
    text = _text("docs/lockfile.md")
    keys = set(_keys(json.loads(_text("schemas/lockfile-v1.schema.json"))))
    assert len(keys) > 30
    assert sorted(key for key in keys if f"`{key}`" not in text and f"`{key}:" not in text) == []


def test_each_key_of_a_predictor_file_is_explained() -> None:
    text = _text("docs/predictors.md")
    keys = set(_keys(json.loads(_text("schemas/predictor-v1.schema.json"))))
    assert len(keys) > 20
    assert sorted(key for key in keys if f"`{key}`" not in text and f"`{key}:" not in text) == []


def test_the_predictor_file_that_is_shown_is_one() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", _text("docs/predictors.md"), re.DOTALL)
    shown = predictor_file.loads(next(block for block in blocks if "predictor-version" in block), file="image.yaml")
    assert (shown.python, shown.order, shown.closure) == ("3.6.9", ("script", "conda", "pip"), "captured")


def test_the_readme_shows_two_commands_that_set_up_and_run() -> None:
    commands = re.findall(r"^\$ (python3 -m venv .*)$", _text("README.md"), re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("cortexlock lock --refresh examples/sentiment-analyzer")
    assert "pytest" in commands[1]


def test_each_design_note_is_in_the_index() -> None:
    index = _text("docs/design/README.md")
    notes = [path.name for path in (ROOT / "docs" / "design").glob("*.md") if path.name != "README.md"]
    assert [name for name in notes if f"]({name})" not in index] == []


def test_the_map_names_what_is_there() -> None:
    names = re.findall(r"`([\w/*]+(?:/|\.py))`", _text("docs/design/map.md"))
    assert len(names) > 50
    assert [name for name in names if not list((ROOT / "cortexlock").glob(name.rstrip("/")))] == []
