"""Lockfile values into plain documents and back; the content hash of a document.

A document has the shape of the text: keys with hyphens in the order of the values' fields, without what is empty or
has its default. An action is always said, as it is what a reviewer looks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from cortexlock.formats.digest import document_sha256
from cortexlock.formats.schema import Document, SchemaError
from cortexlock.model.lockfile import (
    LOCKFILE_VERSION,
    CondaStep,
    Credentials,
    Input,
    Lockfile,
    PipStep,
    PreInstalled,
    ResolverVersion,
    ScriptStep,
    Step,
)
from cortexlock.model.package import (
    BuildRequirement,
    CondaPackage,
    Conflict,
    FromArchive,
    FromDirectory,
    FromGit,
    FromIndex,
    FromUrl,
    Pin,
    PipPackage,
    Replaced,
    Source,
)
from cortexlock.model.predictor import LockedPredictor
from cortexlock.model.target import VirtualPackage
from cortexlock.quick_dataclass import required

_Value = TypeVar("_Value")
_EMPTY = ("", (), None)
_SOURCES: Mapping[str, type[Source]] = {
    "index": FromIndex,
    "url": FromUrl,
    "git": FromGit,
    "directory": FromDirectory,
    "archive": FromArchive,
}
"""What a source is, by the key that a document has it by: the value of its first field."""

_OF_SOURCES = ("commit", "reference", "subdirectory", "editable", "tags")
"""Further keys of sources, named as the fields are."""


def to_document(lockfile: Lockfile) -> Document:
    """Return a lockfile as a plain document, content hash included; what has no order of its own is sorted."""
    content: Document = {
        "lockfile-version": LOCKFILE_VERSION,
        "predictor": _plain_predictor(lockfile.predictor),
        "platform": lockfile.platform,
        "name": lockfile.name,
        "subdir": lockfile.subdir,
        "python": lockfile.python,
        "glibc": lockfile.glibc,
        "virtual-packages": _plain_list(sorted(lockfile.virtual_packages, key=lambda value: value.name)),
        "inputs": _plain_list(sorted(lockfile.inputs, key=lambda value: value.file)),
        "channels": list(lockfile.channels),
        "channel-priority": lockfile.channel_priority,
        "indexes": list(lockfile.indexes),
        "pip-config": list(lockfile.pip_config),
        "credentials": [_plain_credentials(given) for given in lockfile.credentials],
        "exclude-newer": lockfile.exclude_newer,
        "freeze": list(lockfile.freeze),
        "resolvers": _plain_list(sorted(lockfile.resolvers, key=lambda value: value.name)),
        "pre-installed": _plain_list(sorted(lockfile.pre_installed, key=lambda value: (value.manager, value.name))),
        "steps": [_plain_step(step) for step in lockfile.steps],
    }
    content = {key: value for key, value in content.items() if value not in ("", []) or key == "steps"}
    version = content.pop("lockfile-version")
    return {
        "lockfile-version": version,
        "content-hash": document_hash({"lockfile-version": version} | content),
        **content,
    }


def from_document(document: Mapping[str, Any]) -> Lockfile:
    """Return the lockfile that a document says; the document must be valid by the schema.

    Raises:
        SchemaError: A package has two sources, or what no lockfile says.
    """
    return Lockfile(
        predictor=_value(LockedPredictor, {"slim": False} | document["predictor"]),
        platform=document["platform"],
        name=document.get("name", ""),
        subdir=document["subdir"],
        python=document["python"],
        glibc=document["glibc"],
        virtual_packages=_values(VirtualPackage, document.get("virtual-packages", ())),
        inputs=_values(Input, document.get("inputs", ())),
        channels=tuple(document.get("channels", ())),
        indexes=tuple(document.get("indexes", ())),
        exclude_newer=document.get("exclude-newer", ""),
        resolvers=_values(ResolverVersion, document.get("resolvers", ())),
        pre_installed=_values(PreInstalled, document.get("pre-installed", ())),
        steps=tuple(_step(step, ("steps", number)) for number, step in enumerate(document["steps"])),
        credentials=_values(Credentials, document.get("credentials", ())),
        channel_priority=document.get("channel-priority", ""),
        pip_config=tuple(document.get("pip-config", ())),
        freeze=tuple(document.get("freeze", ())),
    )


def content_hash(lockfile: Lockfile) -> str:
    """Return `sha256:` and the hash of what a lockfile says."""
    return str(to_document(lockfile)["content-hash"])


def document_hash(document: Mapping[str, Any]) -> str:
    """Return `sha256:` and the hash of a document without its content hash.

    It is taken over what the document says; comments and layout don't matter.
    """
    return f"sha256:{document_sha256({key: value for key, value in document.items() if key != 'content-hash'})}"


def _plain_predictor(predictor: LockedPredictor) -> Document:
    plain = _plain(predictor)
    if not predictor.type and not predictor.slim:  # only Cortex's images have variants
        del plain["slim"]
    return plain


def _plain_step(step: Step) -> Document:
    if isinstance(step, ScriptStep):
        return {"step": step.step, "file": step.file, "sha256": step.sha256}
    plain: Document = {"step": step.step}
    if step.file:
        plain["file"] = step.file
    packages: Sequence[CondaPackage | PipPackage] = step.packages
    plain["packages"] = [_plain_package(package) for package in sorted(packages, key=lambda package: package.name)]
    if isinstance(step, PipStep):
        if step.build_requirements:
            ordered = sorted(step.build_requirements, key=lambda value: (value.package.name, value.package.version))
            plain["build-requirements"] = [_plain_build_requirement(requirement) for requirement in ordered]
        if step.conflicts:
            plain["conflicts"] = _plain_list(step.conflicts)
    return plain


def _plain_build_requirement(requirement: BuildRequirement) -> Document:
    plain = _plain_package(requirement.package)
    del plain["action"]
    return plain | {"needed-by": list(requirement.needed_by)}


def _plain_package(package: CondaPackage | PipPackage) -> Document:
    if isinstance(package, CondaPackage):
        plain = _plain(package)
        for key in ("replaces", "distributions"):
            if key in plain:
                plain[key] = [str(each) for each in plain[key]]
        return plain
    plain = {}
    for key, value in _plain(package).items():
        if key == "source":
            plain |= _plain_source(value)
        else:
            plain[key] = value[0].version if key == "replaces" else value
    return plain


def _plain_source(source: Source) -> Document:
    """Return the keys of a source: what it is with where it is, then what else is said of it."""
    key = next(key for key, kind in _SOURCES.items() if isinstance(source, kind))
    place = fields(source)[0].name
    return {key if name == place else name: value for name, value in _plain(source).items()}


def _plain_credentials(given: Credentials) -> Document:
    subject = {"index": given.index} if given.index else {"package": given.package}
    return subject | {"supplied-by": list(given.supplied_by)}


def _plain_list(values: Iterable[Any]) -> list[Document]:
    return [_plain(value) for value in values]


def _plain(value: object) -> Document:
    """Return the fields of a flat dataclass that say something."""
    plain: Document = {}
    for field in fields(value):  # type: ignore[arg-type]  # only dataclasses are given
        content = getattr(value, field.name)
        if field.name == "action" or not (
            content in _EMPTY or (field.default is not MISSING and content == field.default)
        ):
            plain[field.name.replace("_", "-")] = list(content) if isinstance(content, tuple) else content
    return plain


def _step(document: Mapping[str, Any], path: tuple[str | int, ...]) -> Step:
    kind = document["step"]
    if kind == "script":
        return ScriptStep(document["file"], document["sha256"])
    packages = [(*path, "packages", number) for number in range(len(document["packages"]))]
    if kind == "conda":
        return CondaStep(document["file"], tuple(map(_conda_package, document["packages"], packages)))
    builds = document.get("build-requirements", ())
    places = [(*path, "build-requirements", number) for number in range(len(builds))]
    return PipStep(
        file=document.get("file", ""),
        packages=tuple(map(_pip_package, document["packages"], packages)),
        build_requirements=tuple(map(_build_requirement, builds, places)),
        conflicts=_values(Conflict, document.get("conflicts", ())),
        step=kind,
    )


def _build_requirement(document: Mapping[str, Any], path: tuple[str | int, ...]) -> BuildRequirement:
    package = {key: value for key, value in document.items() if key != "needed-by"}
    return BuildRequirement(_pip_package(package, path), tuple(document["needed-by"]))


def _conda_package(document: Mapping[str, Any], path: tuple[str | int, ...]) -> CondaPackage:
    given = dict(document)
    try:
        given["replaces"] = [Replaced.parse(text) for text in document.get("replaces", ())]
        given["distributions"] = [Pin.parse(text) for text in document.get("distributions", ())]
    except ValueError as error:
        raise SchemaError(path, f"has what is {error}") from None
    return _value(CondaPackage, given)


def _pip_package(document: Mapping[str, Any], path: tuple[str | int, ...]) -> PipPackage:
    given = {key: value for key, value in document.items() if key not in {*_SOURCES, *_OF_SOURCES}}
    given["source"] = _source(document, path)
    given["replaces"] = [Replaced("pip", document["replaces"])] if "replaces" in document else []
    return _value(PipPackage, given)


def _source(document: Mapping[str, Any], path: tuple[str | int, ...]) -> Source | None:
    """Return the one source of a package; None if it has none.

    Raises:
        SchemaError: It has more than one, or says of it what cannot be said of such a source.
    """
    named = [key for key in _SOURCES if key in document]
    if len(named) > 1:
        raise SchemaError(path, f"has more than one source: {' and '.join(named)}")
    said = {key: document[key] for key in _OF_SOURCES if key in document}
    if "tags" in said:
        said["tags"] = tuple(said["tags"])
    kind = _SOURCES[named[0]] if named else None
    known = kind.__match_args__ if kind else ()
    astray = sorted(set(said).difference(known))
    if astray:
        raise SchemaError(path, f"has {' and '.join(astray)} without a source that it can be said of")
    missing = [name for name in (required(kind)[1:] if kind else ()) if name not in said]  # the first is the place
    if missing:
        raise SchemaError(path, f"has no {' and no '.join(missing)}")
    return kind(document[named[0]], **said) if kind else None


def _values(kind: type[_Value], documents: Iterable[Mapping[str, Any]]) -> tuple[_Value, ...]:
    return tuple(_value(kind, document) for document in documents)


def _value(kind: type[_Value], document: Mapping[str, Any]) -> _Value:
    given = {
        key.replace("-", "_"): tuple(content) if isinstance(content, list) else content
        for key, content in document.items()
    }
    missing = {name: "" for name in required(kind) if name not in given}
    return kind(**missing, **given)
