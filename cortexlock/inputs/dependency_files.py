"""Which dependency files a project has, under the names that the image looks for."""

from __future__ import annotations

import codecs
import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.errors import InputError
from cortexlock.formats import content
from cortexlock.model.file_kind import is_environment_file
from cortexlock.model.predictor import DependencyFiles, PlatformName
from cortexlock.model.project import CortexApi, Project
from cortexlock.put_off import when_used
from cortexlock.quick_dataclass import dataclass

if TYPE_CHECKING:
    from cortexlock.inputs import environment_file
    from cortexlock.inputs.environment_file import Entry
else:  # few projects have one
    environment_file = when_used("cortexlock.inputs.environment_file")


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The dependency files that are there, relative to the project, POSIX separators; None: not there.

    Attributes:
        script: The script.
        conda: What lists packages for conda.
        pip: What lists packages for pip.
        environment: The environment file that decides, whether or not it is one of these lists.
    """

    script: str | None = None
    conda: str | None = None
    pip: str | None = None
    environment: str | None = None


def find(
    project: Project, files: DependencyFiles, *, platform: PlatformName | None = None, described: bool = False
) -> FoundFiles:
    """Find a project's dependency files.

    Args:
        project: The project; what `dependencies` in its `cortex.yaml` names goes before the image's names.
        files: The names under which the image looks for them.
        described: Whether a file describes the image: one without conda is asked for conda packages by mistake, where
            one of the catalog has never looked at the list.
        platform: Only APIs whose image is for it have a say; without it, or if there are none, all have.

    Raises:
        InputError: A file that `cortex.yaml` names is missing or outside the project; the APIs name different files;
            both names of the script are there; what has the name of a dependency file is no file; a conda list asks
            for packages, and the image that is described has no conda.
    """
    said = project.configuration.environment
    if said is not None:
        return _of_environment(project, files, said)
    apis = [api for api in project.apis if platform in (None, api.platform)] or list(project.apis)
    if described and files.conda is None:
        _refuse_without_conda(project.directory)
    return FoundFiles(
        script=_named(project, apis, "shell") or _script(project.directory, files.script),
        conda=_named(project, apis, "conda") or _present(project.directory, files.conda),
        pip=_named(project, apis, "pip") or _present(project.directory, files.pip),
    )


def _refuse_without_conda(directory: Path) -> None:
    """Refuse a conda list with packages in it where the image has no conda: it would be left out without a word."""
    name = _present(directory, DependencyFiles().conda)
    if name is None:
        return
    try:
        raw = content.read(directory / name)
    except OSError as error:
        raise content.unreadable(name, error) from None
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    lines = raw.decode(encoding, errors="replace").replace("\0", "").splitlines()
    asked = ((number, line.strip()) for number, line in enumerate(lines, start=1))
    for number, line in asked:
        if line and not line.startswith("#"):
            raise InputError.at(
                name,
                number,
                f"`{line}` is asked of conda, and the image has none",
                hint="ask pip for it, in the requirements file, and remove this one; or use an image that has conda: "
                "if this one has, capture it from the conda environment",
            )


def _of_environment(project: Project, files: DependencyFiles, name: str) -> FoundFiles:
    """Find the files where an environment file stands in place of the conda list, and perhaps of the requirements."""
    if not (project.directory / name).is_file():
        what = f"`environment` names `{name}`, which is not there"
        raise InputError.at("cortexlock.yaml", None, what, hint="is the name right? It is relative to the project")
    path = project.directory / name
    read = environment_file.read(path, name=name)
    if files.conda is None and read.conda:
        environment_file.refuse_without_conda(read.conda, name=name)
    others = [each for each in (files.conda,) if each and _present(project.directory, each)]
    requirements = _present(project.directory, files.pip)
    if read.pip is not None and requirements and not _includes(read.pip, posixpath.dirname(name), requirements):
        others.append(requirements)
    if others:
        raise InputError.at(
            name,
            None,
            f"{others[0]} is there, too, and would not be read: `environment` in cortexlock.yaml names this file",
            hint=f"remove one of them, or write `- -r {others[0]}` into its list under `pip:`"
            if others[0] == requirements
            else "remove one of them, or leave `environment` out",
        )
    return FoundFiles(
        script=_script(project.directory, files.script),
        conda=name if read.conda and files.conda is not None else None,
        pip=name if read.pip is not None else requirements,
        environment=name,
    )


def _includes(entries: tuple[Entry, ...], directory: str, file: str) -> bool:
    """Whether lines for pip include a requirements file."""
    found = (re.fullmatch(r"(?:-[rc]\s*|--(?:requirement|constraint)[ =])(.+)", each.text) for each in entries)
    return any(each and posixpath.normpath(posixpath.join(directory, each[1].strip())) == file for each in found)


def _named(project: Project, apis: list[CortexApi], key: str) -> str | None:
    """Return the file that the APIs name, or None where they name none."""
    names = sorted({dict(api.files).get(key, "") for api in apis})
    if names in ([], [""]):
        return None
    if len(names) > 1:
        said = ", ".join(f"`{name}`" if name else "the default" for name in names)
        raise InputError.at(
            "cortex.yaml",
            None,
            f"the APIs name different files as `dependencies.{key}`: {said}",
            hint="let the APIs of one platform share their dependency files, or put them into projects of their own",
        )
    name = posixpath.normpath(names[0])
    if is_environment_file(name):
        what = f"`dependencies.{key}` names `{name}`, an environment file, which Cortex's images do not read"
        hint = "for an image of your own, say `environment: environment.yml` in cortexlock.yaml"
        raise InputError.at("cortex.yaml", None, what, hint=hint)
    if name.startswith("/") or name.split("/")[0] == "..":
        what = f"`dependencies.{key}` names `{name}`, which is outside the project"
        raise InputError.at("cortex.yaml", None, what, hint="move it into the project")
    if not (project.directory / name).is_file():
        what = f"`dependencies.{key}` names `{name}`, which is not there"
        raise InputError.at("cortex.yaml", None, what, hint="is the name right? It is relative to the project")
    return name


def _script(directory: Path, names: tuple[str, ...]) -> str | None:
    found = [name for name in names if _present(directory, name)]
    if len(found) > 1:
        raise InputError.at(
            found[1],
            None,
            f"both {' and '.join(found)} are there, and an image runs only one",
            hint=f"put everything into one of them; {found[-1]} is the one that Cortex runs",
        )
    return found[0] if found else None


def _present(directory: Path, name: str | None) -> str | None:
    if name is None or not os.path.lexists(directory / name):  # a link to nothing is no leave to do without it
        return None
    if (directory / name).is_symlink() and not (directory / name).exists():
        what = "cannot be read: it is a link to what is not there"
        raise InputError.at(name, None, what, hint="put the file in its place, or remove it")
    if not (directory / name).is_file():
        raise InputError.at(name, None, "is no file", hint="remove it, or put the dependency file in its place")
    return name
