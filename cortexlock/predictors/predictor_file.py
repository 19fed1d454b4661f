"""Predictor files: an image as YAML that people review and commit, one line per pre-installed package.

A file says all that a `Predictor` holds, so that it can stand in place of the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cortexlock.formats import block, yaml_text
from cortexlock.formats.schema import Document, SchemaError
from cortexlock.formats.versions import is_requirement, is_version
from cortexlock.formats.yaml_text import YamlText
from cortexlock.model.predictor import SUBDIR, CondaRecord, DependencyFiles, Distribution, Predictor
from cortexlock.predictors.schema import validate

FILE_VERSION = 1

_MARK = b"predictor-version:"
_HEAD = 20
"""Lines of which one begins with the mark."""
_LARGEST_HEAD = 1 << 16  # bytes of them

_COMMENT = "# A predictor image, for `cortexlock lock --predictor FILE`: what it holds before a project's first step.\n"
_COMMENT_OF_OTHERS = "# An image, for `image:` in cortexlock.yaml: what it holds before a project's first step.\n"
_ALWAYS_QUOTED = frozenset(
    {"build", "conda-version", "cortex-version", "cuda", "glibc", "python", "requires-python", "version"}
)
_UNIQUE = ("distributions", "conda-records")


def dumps(predictor: Predictor) -> str:
    """Return a predictor as the text of a predictor file: ASCII, LF, the same bytes for the same predictor.

    Raises:
        ValueError: The predictor holds what no predictor file may hold: a mistake of who made it.
    """
    document = to_document(predictor)
    try:
        validate(document)
    except SchemaError as error:
        raise ValueError(f"not a valid predictor: {error}") from None
    keys = (block.lines(key, value, always_quoted=_ALWAYS_QUOTED) for key, value in document.items())
    comment = _COMMENT if predictor.type else _COMMENT_OF_OTHERS
    return comment + "".join(f"{line}\n" for lines in keys for line in lines)


def loads(text: str, *, file: str) -> Predictor:
    """Return the predictor that the text of a predictor file says.

    Args:
        text: The whole text.
        file: The file's name, relative to the project; messages and the predictor have it.

    Raises:
        InputError: The text is not a predictor file, or it is one for a newer cortexlock.
    """
    return _checked(yaml_text.loads(text, file=file))


def is_predictor_file(path: Path) -> bool:
    """Whether a file describes an image: by its first keys, so that no other file is judged.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return any(line.startswith(_MARK) for line in file.read(_LARGEST_HEAD).splitlines()[:_HEAD])


def read(path: Path, *, file: str) -> Predictor:
    """Read a predictor file.

    Args:
        path: Where it is.
        file: Its name, relative to the project; messages and the predictor have it.

    Raises:
        InputError: It is not there, cannot be read, or is not a predictor file.
    """
    return _checked(yaml_text.read(path, file=file))


def to_document(predictor: Predictor) -> Document:
    """Return a predictor as a plain document: keys in their order, without what is empty; packages sorted by name."""
    files = predictor.files
    document: Document = {
        "predictor-version": FILE_VERSION,
        "type": predictor.type,
        "cortex-version": predictor.cortex_version,
        "platform": predictor.platform,
        "image": predictor.image,
        "digest": predictor.digest,
        "subdir": "" if predictor.subdir == SUBDIR else predictor.subdir,
        "slim": predictor.slim or None,
        "released": predictor.released,
        "closure": predictor.closure,
        "python": predictor.python,
        "glibc": predictor.glibc,
        "cuda": predictor.cuda,
        "has-conda": predictor.has_conda or None,
        "conda-version": predictor.conda_version or None,
        "conda-history": list(predictor.conda_history),
        "conda-pinned": list(predictor.conda_pinned),
        "channels": list(predictor.channels),
        "order": list(predictor.order),
        "files": _said({"script": list(files.script), "conda": files.conda, "pip": files.pip}),
        "core": list(predictor.core),
        "constraints": list(predictor.constraints),
        "distributions": [_distribution(one) for one in sorted(predictor.distributions, key=lambda one: one.name)],
        "conda-records": [_conda_record(one) for one in sorted(predictor.conda_records, key=lambda one: one.name)],
    }
    return _said(document)


def _checked(text: YamlText) -> Predictor:
    document = text.value
    version = document.get("predictor-version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > FILE_VERSION:
        raise text.error(
            f"made for a newer cortexlock: its predictor-version is {version}, this cortexlock reads {FILE_VERSION}",
            "predictor-version",
            hint="upgrade cortexlock",
        )
    try:
        checked = validate(document)
    except SchemaError as error:
        hint = "`cortexlock predictors capture` and `cortexlock predictors show --yaml` make predictor files"
        from difflib import get_close_matches  # noqa: PLC0415 - only an error pays for it

        near = [each for key in error.unknown for each in get_close_matches(key, error.known, n=1)]
        hint = f"did you mean `{near[0]}`?" if near else hint
        raise text.error(f"not a predictor file: {error}", *error.path, *error.unknown[:1], hint=hint) from None
    for key in _UNIQUE:
        _refuse_duplicates(text, key, checked.get(key, ()))
    _refuse_other_versions(text, checked.get("distributions", ()))
    _refuse_other_constraints(text, checked.get("constraints", ()))
    return _predictor(checked, text.file)


def _refuse_duplicates(text: YamlText, key: str, entries: Any) -> None:  # noqa: ANN401 - plain values
    seen = set()
    for position, entry in enumerate(entries):
        if entry["name"] in seen:
            raise text.error(f"{entry['name']} is there twice in `{key}`", key, position, hint="remove one of them")
        seen.add(entry["name"])


def _refuse_other_versions(text: YamlText, entries: Any) -> None:  # noqa: ANN401 - plain values
    for position, entry in enumerate(entries):
        if not is_version(entry["version"]):
            what = f"`{entry['version']}`, the version of {entry['name']}, is none (PEP 440)"
            hint = "write it as `pip list` prints it in the image"
            raise text.error(what, "distributions", position, "version", hint=hint)


def _refuse_other_constraints(text: YamlText, entries: Sequence[str]) -> None:
    for position, entry in enumerate(entries):
        if not is_requirement(entry):
            what = f"`{entry}`, a constraint of the image, is no requirement"
            raise text.error(what, "constraints", position, hint="write it as PEP 508 has it: `name<2`")


def _predictor(document: Mapping[str, Any], file: str) -> Predictor:
    files = document.get("files", {})
    distributions = (
        Distribution(
            entry["name"],
            entry["version"],
            tuple(entry.get("requires", ())),
            tuple(entry.get("extras", ())),
            entry.get("requires-python"),
            entry.get("on-index", True),
        )
        for entry in document.get("distributions", ())
    )
    records = (
        CondaRecord(
            entry["name"],
            entry["version"],
            entry.get("build", ""),
            tuple(entry.get("depends", ())),
            entry.get("subdir", ""),
            entry.get("noarch", ""),
            entry.get("channel", ""),
        )
        for entry in document.get("conda-records", ())
    )
    return Predictor(
        type=document.get("type", ""),
        cortex_version=document.get("cortex-version", ""),
        platform=document["platform"],
        image=document["image"],
        slim=document.get("slim", False),
        released=document.get("released", ""),
        python=document["python"],
        glibc=document["glibc"],
        cuda=document.get("cuda"),
        has_conda=document.get("has-conda", False),
        conda_version=document.get("conda-version", ""),
        conda_history=tuple(document.get("conda-history", ())),
        conda_pinned=tuple(document.get("conda-pinned", ())),
        channels=tuple(document.get("channels", ())),
        order=tuple(document["order"]),
        files=DependencyFiles(tuple(files.get("script", ())), files.get("conda"), files.get("pip")),
        distributions=tuple(sorted(distributions, key=lambda one: one.name)),
        conda_records=tuple(sorted(records, key=lambda one: one.name)),
        core=tuple(document.get("core", ())),
        closure=document["closure"],
        file=file,
        digest=document.get("digest", ""),
        subdir=document.get("subdir", SUBDIR),
        constraints=tuple(document.get("constraints", ())),
    )


def _distribution(one: Distribution) -> Document:
    document = {
        "name": one.name,
        "version": one.version,
        "requires": list(one.requires),
        "extras": list(one.extras),
        "requires-python": one.requires_python,
    }
    return _said(document) | ({} if one.on_index else {"on-index": False})


def _conda_record(one: CondaRecord) -> Document:
    return _said(
        {
            "name": one.name,
            "version": one.version,
            "build": one.build,
            "depends": list(one.depends),
            "subdir": one.subdir,
            "noarch": one.noarch,
            "channel": one.channel,
        }
    )


def _said(document: Document) -> Document:
    """Return what says something of a document."""
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}
