"""Two descriptions of an image: what became of it, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cortexlock.model.predictor import Predictor
from cortexlock.predictors.predictor_file import to_document

Kind: TypeAlias = Literal["fact", "constraint", "conda", "pip"]

_PACKAGES = frozenset({"distributions", "conda-records", "constraints"})


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is another now.

    Attributes:
        kind: A fact of the image, one of its constraints, or a package of conda or pip.
        name: The fact's key in a predictor file, or a name.
        before: What it was; empty: it was not there.
        after: What it is; empty: it is not there any more.
    """

    kind: Kind
    name: str
    before: str
    after: str


def changes(old: Predictor, new: Predictor) -> tuple[Change, ...]:
    """Return what differs between two images: facts in the order of the file, then packages by name."""
    return (
        *_facts(old, new),
        *_differences("constraint", dict.fromkeys(old.constraints, "there"), dict.fromkeys(new.constraints, "there")),
        *_differences("conda", _records(old), _records(new)),
        *_differences("pip", _distributions(old), _distributions(new)),
    )


def _facts(old: Predictor, new: Predictor) -> Iterable[Change]:
    before, after = ({**to_document(each), "subdir": each.subdir} for each in (old, new))
    for key in dict.fromkeys((*before, *after)):
        if key not in _PACKAGES and before.get(key) != after.get(key):
            yield Change("fact", key, _text(before.get(key)), _text(after.get(key)))


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(content)}" for key, content in value.items())
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _records(predictor: Predictor) -> dict[str, str]:
    return {one.name: f"{one.version} {one.build}".strip() for one in predictor.conda_records}


def _distributions(predictor: Predictor) -> dict[str, str]:
    return {one.name: one.version for one in predictor.distributions}


def _differences(kind: Kind, before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[Change]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Change(kind, name, before.get(name, ""), after.get(name, ""))
