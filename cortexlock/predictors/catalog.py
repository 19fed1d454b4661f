"""The predictor images of Cortex 0.15 to 0.35, as shipped data: which there are, and what each of them holds.

The data are made by `catalog/make_catalog.py`; docs/design/catalog.md says from what. Loading them costs a few
milliseconds, once per process, and only the predictor that is asked for is constructed.
"""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from typing import Any

from cortexlock.errors import UsageError
from cortexlock.model.predictor import PLATFORMS, CondaRecord, DependencyFiles, Distribution, PlatformName, Predictor
from cortexlock.quick_dataclass import dataclass

_ORGANIZATION = "cortexlabs"
_SLIM = "-slim"
_FIRST_ON_QUAY = 23  # the minor version of the release


@dataclass(frozen=True, slots=True)
class ImageReference:
    """What the name and tag of a predictor image say.

    Attributes:
        predictor_type: `python`, `tensorflow` or `onnx`.
        cortex_version: The Cortex release, `0.24.0`.
        platform: The accelerator that the image is for.
        slim: Whether it is the variant without the machine-learning packages.
        cuda: The CUDA version, of the tag or else the release's default; None without CUDA.
    """

    predictor_type: str
    cortex_version: str
    platform: PlatformName
    slim: bool
    cuda: str | None


def types() -> tuple[str, ...]:
    """Return the predictor types, sorted."""
    return tuple(sorted({image["type"] for image in _images()}))


def releases(predictor_type: str) -> tuple[str, ...]:
    """Return the Cortex releases that have a predictor type, oldest first.

    Raises:
        UsageError: There is no such type.
    """
    found = tuple(dict.fromkeys(image["release"] for image in _images() if image["type"] == predictor_type))
    if not found:
        raise _unknown(f"predictor type `{predictor_type}`", predictor_type, types(), key="predictor")
    return found


def platforms(predictor_type: str, cortex_version: str) -> tuple[PlatformName, ...]:
    """Return the platforms that a release has images of a type for: `cpu`, `cuda`, `inf`, in this order.

    Raises:
        UsageError: There is no such type, or no such release of it.
    """
    known = releases(predictor_type)
    if cortex_version not in known:
        what = f"Cortex release `{cortex_version}` for the {predictor_type} predictor"
        raise _unknown(what, cortex_version, known, key="cortex-version")
    there = {image["platform"] for image in _images() if _is(image, predictor_type, cortex_version)}
    return tuple(platform for platform in PLATFORMS if platform in there)


def has_slim(predictor_type: str, cortex_version: str, platform: PlatformName) -> bool:
    """Whether an image has a variant without the machine-learning packages; False for an image that there is not."""
    images = (image for image in _images() if _is(image, predictor_type, cortex_version))
    return any("slim_set" in image for image in images if image["platform"] == platform)


def find(predictor_type: str, cortex_version: str | None, platform: PlatformName, *, slim: bool = False) -> Predictor:
    """Return the predictor of an image.

    Args:
        predictor_type: `python`, `tensorflow` or `onnx`.
        cortex_version: A Cortex release, `0.16.0`; None: the newest that has this type.
        platform: The accelerator.
        slim: Whether to take the variant without the machine-learning packages.

    Raises:
        UsageError: There is no such type, release, platform or variant; the message names those that there are.
    """
    release = releases(predictor_type)[-1] if cortex_version is None else cortex_version
    known = platforms(predictor_type, release)
    if platform not in known:
        what = f"platform `{platform}` for the {predictor_type} predictor of Cortex {release}"
        raise _unknown(what, platform, known, key="platforms")
    image = _image(predictor_type, release, platform)
    if slim and "slim_set" not in image:
        same = (i for i in _images() if i["type"] == predictor_type and i["platform"] == platform)
        having = [i["release"] for i in same if "slim_set" in i]
        raise UsageError(
            f"the image {image['image']} of Cortex {release} has no slim variant",
            hint=f"slim variants: Cortex {having[0]} to {having[-1]}" if having else "leave `slim` out",
        )
    return _predictor(predictor_type, release, platform, slim=slim)


def by_image(image: str) -> ImageReference | None:
    """Return what the name of a container image says, or None if it is no predictor image of Cortex.

    The registry may be any (people mirror the images); organization, name and tag must be Cortex's.

    Args:
        image: `quay.io/cortexlabs/python-predictor-gpu-slim:0.24.0-cuda10.2-cudnn7`; a digest after the tag is ignored.
    """
    path, _, name = image.partition("@")[0].rpartition("/")
    if path.rpartition("/")[2] != _ORGANIZATION:
        return None
    found = next((one for one in _images() if name in one["tags"]), None)
    if found is None:
        return None
    variant = name.partition("-cuda")[2].partition("-")[0]
    slim = name.partition(":")[0].endswith(_SLIM)
    return ImageReference(found["type"], found["release"], found["platform"], slim, variant or found["cuda"])


def container_image(image: str, cortex_version: str) -> str:
    """Return the name of a predictor image as `docker pull` takes it, with registry and tag; empty for an unknown one.

    Of variants for several versions of CUDA it is the one that Cortex starts where nobody names another.

    Args:
        image: The image's name, `python-predictor-gpu-slim`.
        cortex_version: The Cortex release.
    """
    wanted = (cortex_version, image.removesuffix(_SLIM))
    found = next((one for one in _images() if (one["release"], one["image"]) == wanted), None)
    if found is None:
        return ""
    tags = [tag for tag in found["tags"] if tag.partition(":")[0] == image]
    tag = next((tag for tag in tags if found["cuda"] and f"-cuda{found['cuda']}" in tag), tags[0] if tags else "")
    # Docker Hub until 0.22, quay.io from 0.23 on.
    registry = "quay.io/" if int(cortex_version.split(".")[1]) >= _FIRST_ON_QUAY else ""
    return f"{registry}{_ORGANIZATION}/{tag}" if tag else ""


@cache  # a thousand projects have a few images
def _predictor(predictor_type: str, cortex_version: str, platform: PlatformName, *, slim: bool) -> Predictor:
    data, image = _data(), _image(predictor_type, cortex_version, platform)
    profile, content = data["profiles"][image["profile"]], data["sets"][image["slim_set" if slim else "set"]]
    rows = _distributions()
    files = profile["files"]
    return Predictor(
        type=image["type"],
        cortex_version=image["release"],
        platform=image["platform"],
        image=image["image"] + (_SLIM if slim else ""),
        slim=slim,
        released=image["released"],
        python=profile["python"],
        glibc=profile["glibc"],
        cuda=image["cuda"],
        has_conda=profile["has_conda"],
        conda_version=profile["conda_version"],
        conda_history=tuple(profile["conda_history"]),
        channels=tuple(profile["channels"]),
        order=tuple(profile["order"]),
        files=DependencyFiles(tuple(files["script"]), files["conda"], files["pip"]),
        distributions=tuple(_distribution(*rows[position]) for position in content["distributions"]),
        conda_records=tuple(
            CondaRecord(name, version, "", tuple(depends), "noarch" if noarch else "", noarch, profile["conda_channel"])
            for name, version, depends, noarch in content["conda"]
        ),
        core=tuple(data["cores"][image["core"]]),
        closure=content["closure"],
    )


def _distribution(  # noqa: PLR0913, PLR0917 - a row of the data, field by field
    name: str,
    version: str,
    requires: list[str] | None = None,
    extras: list[str] | None = None,
    requires_python: str | None = None,
    on_index: bool = True,  # noqa: FBT001, FBT002 - as above
) -> Distribution:
    return Distribution(name, version, tuple(requires or ()), tuple(extras or ()), requires_python, on_index)


def _image(predictor_type: str, release: str, platform: PlatformName) -> dict[str, Any]:
    return next(i for i in _images() if _is(i, predictor_type, release) and i["platform"] == platform)


def _is(image: dict[str, Any], predictor_type: str, release: str) -> bool:
    return bool(image["type"] == predictor_type and image["release"] == release)


class UnknownImageError(UsageError):
    """There is no such image.

    Attributes:
        key: What says so in a configuration: `predictor`, `cortex-version` or `platforms`.
        value: What it says.
    """

    id = "unknown-image"

    key: str = ""
    value: str = ""


def _unknown(what: str, value: str, known: tuple[str, ...], *, key: str) -> UnknownImageError:
    import difflib  # noqa: PLC0415 - only on the way to an error

    near = [each for each in known if each.startswith(f"{value}.")][-1:] or difflib.get_close_matches(value, known, n=1)
    nearest = f"did you mean {near[0]}? " if near else ""
    error = UnknownImageError(f"there is no {what}", hint=f"{nearest}available: {', '.join(known)}")
    error.key, error.value = key, value
    return error


def _images() -> list[dict[str, Any]]:
    images: list[dict[str, Any]] = _data()["images"]
    return images


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = _read("images.json")
    return data


@cache
def _distributions() -> list[list[Any]]:
    rows: list[list[Any]] = _read("distributions.json")
    return rows


def _read(name: str) -> Any:  # noqa: ANN401 - JSON
    content = pkgutil.get_data(__package__, f"data/{name}")  # a tenth of the time of importlib.resources
    if content is None:  # pragma: no cover - only a loader without data
        raise AssertionError
    return json.loads(content)
