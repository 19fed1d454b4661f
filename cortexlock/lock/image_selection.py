"""Which images a project is locked for: from its configuration, its APIs, and the catalog or predictor files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

from cortexlock.errors import FileLine, InputError, UsageError
from cortexlock.inputs import configuration, look_alikes
from cortexlock.inputs.configured_images import refuse_unknown
from cortexlock.model.lockfile_name import lockfile_name
from cortexlock.model.predictor import PLATFORMS, PlatformName, Predictor
from cortexlock.model.project import CortexApi, Project
from cortexlock.predictors import catalog, predictor_file
from cortexlock.predictors.catalog import ImageReference

if TYPE_CHECKING:
    from cortexlock.model.lock_facts import OtherChips


def select(project: Project) -> tuple[Predictor, ...]:
    """Return the predictor of each platform that the project is locked for, as `_select` does.

    Raises:
        UsageError: As there; with the line of the project that says what there is no image for.
        InputError: As there.
    """
    try:
        return _select(project)
    except catalog.UnknownImageError as error:
        place = configuration.place(project.directory / configuration.FILE_NAME, error.key, error.value)
        by_type = (api.where for api in project.apis if error.key == "predictor" and api.predictor_type == error.value)
        error.place = place or next(by_type, None)
        raise


def _select(project: Project) -> tuple[Predictor, ...]:
    """Return the images that the project is locked for, in the order cpu, cuda, inf, or of `images`.

    The configuration goes before `cortex.yaml`. Without either's word on it, the release is the newest that has the
    predictor type, and the platforms are all that the release has. Predictor files stand in place of the catalog.

    Raises:
        UsageError: The predictor type is not said or not the same for all APIs, there is no such image, an API names
            an image that is not in the catalog and nothing says the release, or the predictor files are not what the
            project asks for.
        InputError: A predictor file cannot be read.
    """
    if project.configuration.predictor_files:
        return _described(project)
    said = project.configuration
    predictor_type = said.predictor or _only_type(project)
    apis = [api for api in project.apis if api.predictor_type in (None, predictor_type)]
    images = {image.platform: image for api in apis if (image := _image(api)) is not None}
    if said.cortex_version is None:
        _refuse_unknown_images(apis)
    release = said.cortex_version or _only_release(list(images.values()))
    if release is None:
        release = catalog.releases(predictor_type)[-1]
    for label in said.platforms:
        refuse_unknown(label, (), where="--platform")
    there = catalog.platforms(predictor_type, release)
    platforms = said.platforms or _platforms(apis, there)
    found = []
    for platform in PLATFORMS:
        if platform in platforms:
            image = images.get(platform)
            slim = said.slim if said.slim is not None else image is not None and image.slim
            predictor = catalog.find(predictor_type, release, platform, slim=slim)
            cuda = image.cuda if image is not None and platform == "cuda" else predictor.cuda
            found.append(replace(predictor, cuda=cuda))
    return tuple(found)


def says_type(project: Project) -> bool:
    """Whether the project says a predictor type, itself, by an API or an image, or names predictor files."""
    said = project.configuration
    return bool(said.predictor or said.predictor_files) or any(
        api.predictor_type or _image(api) for api in project.apis
    )


def says_release(project: Project) -> bool:
    """Whether the project says a Cortex release, itself or by an image's tag; else the newest is taken."""
    said = project.configuration
    return said.cortex_version is not None or bool(said.predictor_files) or any(_image(api) for api in project.apis)


def disagreeing(project: Project) -> tuple[OtherChips, ...]:
    """Return which APIs name an image for other chips than they ask for."""
    from cortexlock.model.lock_facts import OtherChips  # noqa: PLC0415 - `check` does not pay for it

    said = project.configuration
    return tuple(
        OtherChips(str(api.where), api.name, api.computes_on, api.image or "", api.platform)
        for api in project.apis
        if api.platform != api.computes_on and (said.image_names or api.platform in (said.platforms or PLATFORMS))
    )


def _described(project: Project) -> tuple[Predictor, ...]:
    """Return the predictors of the files that the configuration names, those that it asks for."""
    said = project.configuration
    for label in said.platforms:
        refuse_unknown(label, said.image_names, where="--platform")  # those of the file are known to make sense
    found: dict[str, Predictor] = {}
    for file, name in zip(said.predictor_files, said.image_names or repeat(""), strict=False):
        predictor = _called(_read(project, file), name, project)
        other = found.setdefault(predictor.label, predictor)
        if other is not predictor:
            what = f"{other.file} and {file} are both for the platform {predictor.platform}"
            hint = "name one file for each platform, or give each image a name: `images: {NAME: FILE, …}`"
            raise UsageError(what, where=file, hint=hint)
        _refuse_another_image(project, predictor)
    _refuse_names_of_lockfiles(project, found)
    predictor_types = sorted({predictor.type for predictor in found.values()})
    if len(predictor_types) > 1 and not said.image_names:
        types = ", ".join(each or "none of Cortex's" for each in predictor_types)
        what = f"the predictor files are of several predictor types: {types}"
        raise UsageError(what, where=", ".join(said.predictor_files), hint="name files of one type")
    _refuse_missing(project, predictor_types, found.values())
    wanted = said.platforms or found
    return tuple(found[label] for label in (said.image_names or PLATFORMS) if label in found and label in wanted)


def _refuse_names_of_lockfiles(project: Project, found: Mapping[str, Predictor]) -> None:
    """Check that no lockfile is written where a predictor file is."""
    taken = {lockfile_name(label) for label in (*PLATFORMS, *found)}
    for predictor in found.values():
        if predictor.file in taken:
            what = f"the predictor file `{predictor.file}` is where a lockfile goes"
            raise UsageError(what, where=_place(project, predictor.file), hint="call it otherwise: `image.yaml`")


def _called(predictor: Predictor, name: str, project: Project) -> Predictor:
    """Return an image under the name that `images` has for it; that of a platform must be its own."""
    if name in PLATFORMS and name != predictor.platform:
        file = project.directory / configuration.FILE_NAME
        what = f"the image `{name}` is for the platform {predictor.platform}, by {predictor.file}"
        hint = f"give it a name that is no platform's, or capture it with `--platform {name}`"
        raise UsageError(what, where=configuration.place(file, "images", predictor.file), hint=hint)
    return replace(predictor, name="" if name == predictor.platform else name)


def _refuse_missing(project: Project, predictor_types: Sequence[str], found: Collection[Predictor]) -> None:
    """Check that the predictor files are for all platforms that the project asks for."""
    said, there = project.configuration, {predictor.platform for predictor in found}
    if said.image_names and said.platforms:
        return
    asked: set[str] = set(said.platforms)
    if not asked:
        asked = {each for kind in predictor_types for each in _asked_by_apis(project, kind, there)}
    missing = sorted(asked - there)
    if missing:
        raise UsageError(
            f"no predictor file is for the platform {' or '.join(missing)}, which the project asks for",
            where=", ".join(said.predictor_files),
            hint="capture the image for it and name that file too, or say `platforms` in cortexlock.yaml",
        )


def _read(project: Project, name: str) -> Predictor:
    if not (project.directory / name).exists():
        hint = "capture the image with `cortexlock predictors capture`, or name the file that describes it"
        raise InputError(f"the predictor file `{name}` is not there", where=_place(project, name), hint=hint)
    return predictor_file.read(project.directory / name, file=name)


def _place(project: Project, name: str) -> FileLine | str:
    """Return where a predictor file is named: the line of the configuration, or the option."""
    file = project.directory / configuration.FILE_NAME
    places = (configuration.place(file, key, name) for key in ("image", "predictor", "images"))
    return next((each for each in places if each), "--predictor")


def _refuse_another_image(project: Project, predictor: Predictor) -> None:
    """Check that the configuration does not ask for another image than a predictor file says."""
    said = project.configuration
    pairs = (
        ("cortex-version", said.cortex_version, predictor.cortex_version),
        ("slim", said.slim, predictor.slim),
    )
    for key, wanted, there in pairs:
        if wanted is not None and wanted != there:
            has = f"{key} {str(there).lower()}" if there != "" else f"no {key}"
            raise UsageError(
                f"the predictor file {predictor.file} has {has}, the configuration asks for {str(wanted).lower()}",
                where="cortexlock.yaml",
                hint=f"leave `{key}` out where a predictor file says it",
            )


def _asked_by_apis(project: Project, predictor_type: str, there: set[PlatformName]) -> set[PlatformName]:
    """Return the platforms that the APIs ask predictor files for."""
    asked = {api.platform for api in project.apis if api.predictor_type in (None, predictor_type)}
    served_on_cpu = predictor_type in catalog.types() and set(
        catalog.platforms(predictor_type, catalog.releases(predictor_type)[-1])
    ) == {"cpu"}
    return {"cpu" if served_on_cpu and platform not in there else platform for platform in asked}


def _refuse_unknown_images(apis: Sequence[CortexApi]) -> None:
    """Check that the images which the APIs name are in the catalog: another image is nothing to guess at."""
    for api in apis:
        if api.image and _image(api) is None:
            raise UsageError(
                f"the image {api.image} is none of the catalog",
                where=api.where,
                hint="describe it with `cortexlock predictors capture` and say `predictor: ./image.yaml` in "
                "cortexlock.yaml, or say `cortex-version: …` if it holds what a release's image does",
            )


def _only_type(project: Project) -> str:
    apis = project.apis
    types = {api.predictor_type for api in apis if api.predictor_type is not None}
    types |= {image.predictor_type for api in apis if api.predictor_type is None and (image := _image(api))}
    if len(types) == 1:
        return types.pop()
    if not apis:
        asked = look_alikes.question(look_alikes.settings(project.directory))
        raise UsageError(
            "nothing says which image the project runs on",
            hint=f"{asked}`cortexlock init` sets it up: `--capture PREFIX` for an environment or an image of your own, "
            "`--predictor TYPE` for one of Cortex's; or say it to `lock`: --predictor FILE, --predictor TYPE "
            f"({', '.join(catalog.types())})",
        )
    what = (
        f"the APIs have several predictor types: {', '.join(sorted(types))}" if types else "no predictor type is said"
    )
    raise UsageError(
        what,
        where="cortex.yaml",
        hint=f"say one of {', '.join(catalog.types())}: `predictor: TYPE` in cortexlock.yaml, or --predictor TYPE",
    )


def _only_release(images: Sequence[ImageReference]) -> str | None:
    releases = sorted({image.cortex_version for image in images})
    if len(releases) > 1:
        raise UsageError(
            f"the APIs name images of several Cortex releases: {', '.join(releases)}",
            where="cortex.yaml",
            hint="say one: `cortex-version: …` in cortexlock.yaml, or --cortex-version",
        )
    return releases[0] if releases else None


def _platforms(apis: Sequence[CortexApi], there: Sequence[PlatformName]) -> set[PlatformName]:
    """Return the platforms of the APIs; where an image has only `cpu`, others serve its models."""
    asked = {api.platform for api in apis}
    found = {platform if platform in there or "cpu" not in there else "cpu" for platform in asked}
    return found or set(there)


def _image(api: CortexApi) -> ImageReference | None:
    return catalog.by_image(api.image) if api.image else None
