"""`cyclonedx`: a bill of materials (CycloneDX 1.6, JSON) of what a lockfile puts into an image."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from cortexlock.conda import channels
from cortexlock.export import steps
from cortexlock.export.content import Exported, Source
from cortexlock.model.package import CondaPackage, FromGit, PipPackage

if TYPE_CHECKING:
    from cyclonedx.model.license import License

_NAMESPACE = uuid.UUID("c6bd3f0f-30a5-4c38-9d10-6f7ab27ef7a5")
"""Of serial numbers made from lockfiles: the same lockfile gives the same number (RFC 9562, version 5)."""


def export(source: Source) -> Exported:
    """Return the document: the image as the subject, every package that is in it afterwards as a component.

    It has no time stamp, and its serial number is made from the lockfile's hash, so that the same lockfile gives the
    same bytes.
    """
    lockfile = source.lockfile
    bom = Bom(serial_number=uuid.uuid5(_NAMESPACE, source.sha256))
    image = source.base_image or lockfile.predictor.image
    bom.metadata.component = Component(
        type=ComponentType.CONTAINER,
        name=image.partition("@")[0],
        version=lockfile.predictor.cortex_version or None,
        bom_ref="image",
        properties=[Property(name="cortexlock:platform", value=lockfile.platform)],
    )
    for component in (*_pre_installed(source), *_of_conda(source), *_of_pip(source)):
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, sorted(bom.components, key=lambda each: str(each.bom_ref)))
    bom.metadata.timestamp = datetime(1970, 1, 1, tzinfo=timezone.utc)
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    document["metadata"].pop("timestamp")
    text = json.dumps(document, indent=2) + "\n"
    left_out = tuple(steps.not_carried(lockfile, conda=True, pip=True))
    return Exported({f"cortexlock.{lockfile.label}.cdx.json": text.encode()}, left_out=left_out)


def _pre_installed(source: Source) -> Iterator[Component]:
    """Yield what the image has and keeps."""
    changed = {("pip", each.name) for each in steps.installed(source.lockfile)}
    for package in steps.linked(source.lockfile):
        changed.add(("conda", package.name))
        changed |= {("pip", key.name) for key in package.brings}
    for each in source.lockfile.pre_installed:
        if (each.manager, each.name) not in changed:
            kind = "pypi" if each.manager == "pip" else "conda"
            purl = PackageURL(type=kind, name=each.name, version=each.version)
            yield _component(each.name, each.version, purl, "pre-installed", ())


def _of_conda(source: Source) -> Iterator[Component]:
    for package in steps.linked(source.lockfile):
        kind = "conda" if package.file.endswith(".conda") else "tar.bz2"
        qualifiers = {"build": package.build, "subdir": package.subdir, "type": kind}
        if package.channel and not channels.is_of_project(package.channel):
            qualifiers["channel"] = package.channel
        purl = PackageURL(type="conda", name=package.name, version=package.version, qualifiers=qualifiers)
        component = _component(package.name, package.version, purl, package.action, _hashes(package))
        component.licenses.update(_licences(package, source))
        yield component


def _of_pip(source: Source) -> Iterator[Component]:
    for package in steps.installed(source.lockfile):
        qualifiers = {"file_name": package.file} if package.file else {}
        git = package.source if isinstance(package.source, FromGit) else None
        if git is not None:
            qualifiers = {"vcs_url": f"git+{git.url}@{git.commit}"}
        purl = PackageURL(type="pypi", name=package.name, version=package.version, qualifiers=qualifiers)
        hashes = _hashes(package) if package.file else ()
        component = _component(package.name, package.version, purl, package.action, hashes)
        component.licenses.update(_licences(package, source))
        if git is not None:
            place = ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(git.url), comment=git.commit)
            component.external_references.add(place)
        yield component


def _licences(package: CondaPackage | PipPackage, source: Source) -> Iterator[License]:
    """Yield what a package states: an expression of SPDX alone, or licences by their SPDX identifiers or names."""
    stated = source.licences.get(package.sha256, ())
    factory = LicenseFactory()
    for text in stated:
        yield factory.make_from_string(text) if len(stated) == 1 else factory.make_with_name(text)


def _hashes(package: CondaPackage | PipPackage) -> tuple[HashType, ...]:
    found = [HashType(alg=HashAlgorithm.SHA_256, content=package.sha256)]
    if isinstance(package, CondaPackage) and package.md5:
        found.append(HashType(alg=HashAlgorithm.MD5, content=package.md5))
    return tuple(found)


def _component(name: str, version: str, purl: PackageURL, action: str, hashes: tuple[HashType, ...]) -> Component:
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        purl=purl,
        bom_ref=str(purl),
        hashes=hashes,
        properties=[Property(name="cortexlock:action", value=action)],
    )
