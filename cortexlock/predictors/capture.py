"""A snapshot of an environment into a predictor. Of Cortex is in it only what an image of the catalog gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from email.parser import HeaderParser
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

from cortexlock.errors import InputError, UsageError
from cortexlock.formats.schema import SchemaError
from cortexlock.model import capture_facts as facts
from cortexlock.model.capture_facts import CaptureFact
from cortexlock.model.predictor import (
    CondaRecord,
    Distribution,
    PlatformName,
    Predictor,
)
from cortexlock.model.target import Target
from cortexlock.predictors.constraints import NO_SETTINGS, constraints_of, is_settings
from cortexlock.predictors.egg_info import clean, extras_of, requires_of
from cortexlock.predictors.installed_extras import without_others
from cortexlock.predictors.own_image import of_nobody, only_channel, subdir_of
from cortexlock.predictors.predictor_file import to_document
from cortexlock.predictors.schema import validate
from cortexlock.predictors.snapshot import SNAPSHOT_VERSION
from cortexlock.predictors.url_secrets import without_secrets

_SHAPE: Mapping[str, type] = {
    "python": str,
    "glibc": str,
    "cuda": str,
    "has-conda": bool,
    "distributions": list,
    "conda-records": list,
}
_SINCE: Mapping[str, type] = {"machine": str, "pip": dict}
_DISTRIBUTION: Mapping[str, type] = {"site": int, "file": str, "metadata": str, "requires": str, "direct": bool}
_CONDA_RECORD: Mapping[str, type] = {"name": str, "version": str, "build": str, "depends": list}
_VERSIONS = {"glibc": re.compile(r"[0-9]+\.[0-9]+"), "cuda": re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+)?")}
_CONDA_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*")
_SUBDIR = re.compile(r"/(?:noarch|(?:linux|osx|win)-[a-z0-9]+)$")
_TOKEN = re.compile(r"^/t/[^/]+")
_PYTHON = re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)?")


@dataclass(frozen=True, slots=True)
class Captured:
    """A captured predictor, and what its user should know."""

    predictor: Predictor
    notes: tuple[CaptureFact, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says of an image in place of what was found; None: nothing.

    Attributes:
        image: Its name.
        glibc: The C library's version, `2.27`.
        cuda: The CUDA version, `10.1`; for the platform `cuda` only.
        platform: The accelerator; None: of an image that is not Cortex's, `cuda` where it has CUDA.
        digest: Its digest, as the archive has it.
    """

    image: str | None = None
    glibc: str | None = None
    cuda: str | None = None
    platform: PlatformName | None = None
    digest: str = ""


def predictor_of(snapshot: object, like: Predictor | None, said: Said, *, where: str) -> Captured:
    """Turn a snapshot into a predictor.

    Args:
        snapshot: What `cortexlock.predictors.snapshot` found, as plain data.
        like: The image whose type, release, platform, order, channels, file names and core requirements are taken; None
            for an image that is not Cortex's.
        said: What the user says, or the archive; the name of an image is needed where there is none that it is like.
        where: The snapshot's file, or the environment, for messages.

    Raises:
        InputError: The snapshot is not one, or holds what no predictor can hold.
        UsageError: A version is not said and the snapshot does not have it either.
    """
    found = _checked(snapshot, where)
    notes: list[CaptureFact] = []
    settings = found.get("pip", NO_SETTINGS)
    base = like or of_nobody(found, platform=said.platform, image=said.image, cuda=said.cuda)
    if base.has_conda and not found["has-conda"]:
        notes.append(facts.NoConda(base.image, base.cortex_version))
    records = _conda_records(found["conda-records"])
    off_index = {one.name for one in base.distributions if not one.on_index}
    predictor = replace(
        base,
        image=said.image or base.image,
        slim=False,
        released="",
        python=found["python"],
        glibc=_known(said.glibc, found["glibc"], "glibc", where),
        cuda=_cuda(base, said.cuda, found["cuda"], where, notes),
        has_conda=found["has-conda"],
        distributions=_distributions(found["distributions"], off_index, notes),
        conda_records=records,
        conda_version=_conda_version(found.get("conda-version")),
        conda_history=tuple(map(str, found.get("conda-history") or ())),
        conda_pinned=tuple(map(str, found.get("conda-pinned") or ())),
        closure="captured",
        file="",
        channels=base.channels if like else only_channel(records),
        digest=said.digest,
        subdir=subdir_of(found.get("machine", ""), where),
        constraints=constraints_of(settings["constraints"], notes),
    )
    markers = Target.of(predictor).marker_environment if _PYTHON.fullmatch(predictor.python) else {}
    predictor = replace(predictor, distributions=without_others(predictor.distributions, markers))
    if settings["variables"]:
        notes.append(facts.IndexVariables(tuple(settings["variables"])))
    try:
        validate(to_document(predictor))
    except SchemaError as error:
        raise InputError(f"no predictor can hold what was found: {error}", where=where) from None
    return Captured(predictor, tuple(notes))


def _checked(snapshot: object, where: str) -> Mapping[str, Any]:
    hint = "`cortexlock predictors capture --script` prints the script that makes snapshots"
    if not isinstance(snapshot, dict) or "snapshot-version" not in snapshot:
        raise InputError("not a snapshot of an image", where=where, hint=hint)
    version = snapshot["snapshot-version"]
    if version != SNAPSHOT_VERSION:
        what = f"its snapshot-version is {version}, this cortexlock reads {SNAPSHOT_VERSION}"
        raise InputError(what, where=where, hint="make it anew with the script of this cortexlock")
    since = {key: kind for key, kind in _SINCE.items() if key in snapshot}  # snapshots of before do not have them
    parts: list[tuple[str, object, Mapping[str, type]]] = [("", snapshot, {**_SHAPE, **since})]
    if not is_settings(snapshot.get("pip", NO_SETTINGS)):
        parts.append(("pip", None, {}))
    if _has_shape(snapshot, _SHAPE):
        parts += [("distributions", entry, _DISTRIBUTION) for entry in snapshot["distributions"]]
        parts += [("conda-records", entry, _CONDA_RECORD) for entry in snapshot["conda-records"]]
    for name, part, shape in parts:
        if not _has_shape(part, shape):
            place = f" in `{name}`" if name else ""
            raise InputError(
                f"not a snapshot of an image: something is missing or wrong{place}", where=where, hint=hint
            )
    return snapshot


def _has_shape(value: object, shape: Mapping[str, type]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), kind) for key, kind in shape.items())


def _known(said: str | None, found: str, name: str, where: str) -> str:
    if not found and said is None:
        raise UsageError(f"the version of {name} is not known", where=where, hint=f"say it: --{name} VERSION")
    if said is not None and not _VERSIONS[name].fullmatch(said):
        what = f"`{said}` is no version of {name}"
        raise UsageError(what, where=f"--{name}", hint=f"write two numbers, as in `--{name} 10.1`")
    return found if said is None else said


def _cuda(base: Predictor, said: str | None, found: str, where: str, notes: list[CaptureFact]) -> str | None:
    if base.platform != "cuda":
        if said:
            raise UsageError("a CUDA version is for images for GPUs", where="--cuda", hint="add --platform cuda")
        if found:
            notes.append(facts.UnusedCuda(found, base.platform))
        return None
    return _known(said, found, "cuda", where)


def _conda_version(found: object) -> str:
    return found if isinstance(found, str) and _CONDA_VERSION.fullmatch(found) else ""


def _conda_records(entries: Iterable[Mapping[str, Any]]) -> tuple[CondaRecord, ...]:
    records = {
        entry["name"]: CondaRecord(
            entry["name"],
            entry["version"],
            entry["build"],
            tuple(map(str, entry["depends"])),
            str(entry.get("subdir") or ""),
            entry["noarch"] if entry.get("noarch") in {"python", "generic"} else "",
            _channel(str(entry.get("channel") or "")),
        )
        for entry in entries
    }
    return tuple(records[name] for name in sorted(records))


def _channel(address: str) -> str:
    """Return the channel of a record by its name, where conda knows one, else by its address; never with a secret.

    The address has the channel's subdir at its end; `pkgs/main` and names of one part are those that conda knows.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    path = _TOKEN.sub("", _SUBDIR.sub("", parts.path.rstrip("/"))).strip("/")
    if path.partition("/")[0] == "pkgs" or (path and "/" not in path):
        return path
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}/{path}" if path else ""


def _distributions(
    entries: Iterable[Mapping[str, Any]], off_index: set[str], notes: list[CaptureFact]
) -> tuple[Distribution, ...]:
    """Return each distribution once: of the directory that Python looks into first, there in the highest version."""
    found: dict[str, list[tuple[int, Distribution]]] = {}
    for entry in entries:
        one = _distribution(entry, off_index)
        if one is None:
            notes.append(facts.NamelessMetadata(clean(entry["file"])))
        elif not _order(one.version)[0]:
            notes.append(facts.StrangeVersion(one.name, one.version))
        else:
            found.setdefault(one.name, []).append((entry["site"], one))
    chosen = []
    for name in sorted(found):
        several = sorted(found[name], key=lambda pair: (-pair[0], _order(pair[1].version)))
        chosen.append(several[-1][1])
        versions = tuple(one.version for _, one in reversed(several))
        if len(set(versions)) > 1:
            notes.append(facts.SeveralVersions(name, versions, chosen[-1].version))
        requires = tuple(map(without_secrets, chosen[-1].requires))
        if requires != chosen[-1].requires:
            chosen[-1] = replace(chosen[-1], requires=requires)
            notes.append(facts.UnsaidCredential(name))
    return tuple(chosen)


def _distribution(entry: Mapping[str, Any], off_index: set[str]) -> Distribution | None:
    message = HeaderParser().parsestr(entry["metadata"])
    name, version = canonicalize_name(clean(message.get("Name"))), clean(message.get("Version"))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or not version:
        return None
    requires = [clean(value) for value in message.get_all("Requires-Dist", ())]
    extras = [clean(value) for value in message.get_all("Provides-Extra", ())]
    if not requires:
        requires = list(requires_of(entry["requires"]))
        extras += extras_of(entry["requires"])
    return Distribution(
        name,
        version,
        tuple(filter(None, requires)),
        tuple(dict.fromkeys(filter(None, extras))),  # setuptools writes some of them twice
        clean(message.get("Requires-Python")) or None,
        on_index=not (entry["direct"] or "+" in version or name in off_index),
    )


def _order(version: str) -> tuple[bool, Version, str]:
    """Return what sorts versions; what is no version comes first."""
    try:
        return (True, Version(version), version)
    except ValueError:  # `InvalidVersion`, or a number with thousands of digits
        return (False, Version("0"), version)
