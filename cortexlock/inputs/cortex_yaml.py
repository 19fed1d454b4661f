"""`cortex.yaml` and its siblings: what of the APIs decides the dependencies.

All forms since 0.12 are read: `predictor:` (to 0.33) and `handler:` (0.34 on); `compute` beside the predictor or in it;
`dependencies` (0.30 on). Entries that have neither (traffic splitters, the `kind: deployment` of old) give nothing.
What else a file holds is Cortex's business.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cortexlock.errors import FileLine
from cortexlock.formats import yaml_text
from cortexlock.formats.yaml_text import YamlText
from cortexlock.model.project import CortexApi

FILE_NAME = "cortex.yaml"
_DEPENDENCIES = ("conda", "pip", "shell")


def find(directory: Path) -> tuple[Path, ...]:
    """Return `cortex.yaml` and its siblings (`cortex_gpu.yaml`), itself first, then by name."""
    found = (
        path
        for path in directory.glob("cortex*.yaml")
        if not path.name.startswith("cortexlock") and (path.name == FILE_NAME or not path.is_dir())
    )
    return tuple(sorted(found, key=lambda path: (path.name != FILE_NAME, path.name)))


def read(path: Path) -> tuple[CortexApi, ...]:
    """Read the APIs of one file, in file order.

    Raises:
        InputError: It is not valid YAML, or not a list of APIs.
    """
    return parse(yaml_text.read(path, file=path.name, aliases=True))


def parse(text: YamlText) -> tuple[CortexApi, ...]:
    """Return the APIs of a file that have a predictor, in file order.

    Raises:
        InputError: It is not a list of APIs, or what decides the dependencies is malformed.
    """
    if text.value is None:
        return ()
    if not isinstance(text.value, list):
        raise text.error("not a list of APIs", hint="each API starts with `- name: …`")
    found = []
    for position, entry in enumerate(text.value):
        if not isinstance(entry, dict):
            raise text.error("an API must be a mapping", position, hint="each API starts with `- name: …`")
        key = next((key for key in ("predictor", "handler") if entry.get(key) is not None), None)
        if key is None:
            continue
        if not isinstance(entry[key], dict):
            raise text.error(f"`{key}` must be a mapping", position, key, hint=f"write `{key}: {{type: python, …}}`")
        found.append(_api(text, position, entry, key))
    return tuple(found)


def _api(text: YamlText, position: int, entry: dict[str, Any], key: str) -> CortexApi:
    predictor = entry[key]
    return CortexApi(
        name=str(entry.get("name") or ""),
        predictor_type=_text(text, predictor.get("type"), position, key, "type"),
        gpu=_computes_on(text, position, key, "gpu"),
        inf=_computes_on(text, position, key, "inf"),
        image=_text(text, predictor.get("image"), position, key, "image"),
        files=_files(text, predictor.get("dependencies"), position, key, "dependencies"),
        where=FileLine(text.file, text.line(position, key, "image" if predictor.get("image") else "type")),
    )


def _text(text: YamlText, value: object, *path: str | int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise text.error(f"`{path[-1]}` must be text", *path, hint="write it without brackets and braces")
    return value


def _computes_on(text: YamlText, position: int, key: str, chip: str) -> bool:
    """Tell whether an API asks for chips of this kind, beside its predictor or in it; `gpu: 0` does not."""
    found = False
    for place in ((position,), (position, key)):
        compute = (text.value[position] if len(place) == 1 else text.value[position][key]).get("compute")
        if compute is None:
            continue
        if not isinstance(compute, dict):
            raise text.error("`compute` must be a mapping", *place, "compute", hint="write `compute: {gpu: 1}`")
        number = compute.get(chip)
        if isinstance(number, str) and (number.isdecimal() or not number):  # a template may quote it
            number = int(number or 0)
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            what = f"`{chip}` must be a whole number, 0 or more"
            raise text.error(what, *place, "compute", chip, hint=f"write `{chip}: 1`, or leave it out")
        found = found or bool(number)
    return found


def _files(text: YamlText, dependencies: object, *path: str | int) -> tuple[tuple[str, str], ...]:
    if dependencies is None:
        return ()
    if not isinstance(dependencies, dict):
        raise text.error("`dependencies` must be a mapping", *path, hint=f"its keys are {', '.join(_DEPENDENCIES)}")
    named = ((key, _text(text, dependencies.get(key), *path, key)) for key in _DEPENDENCIES)
    return tuple((key, name) for key, name in named if name is not None)
