"""Why there is no solution, in the user's own lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from cortexlock.conda import records
from cortexlock.conda.channels import Channel
from cortexlock.conda.failure import CondaFailedError
from cortexlock.errors import CortexlockError, FileLine, InputError, NoSolutionError, UsageError
from cortexlock.inputs.conda_spec import matchspec
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.target import minor_of
from cortexlock.patterns import pattern

NETWORK = pattern(r"HTTP|Channel|Connection|Gateway|Proxy|SSL|Offline")
"""In conda's name for an error: a channel cannot be read."""
_UNSATISFIABLE = pattern(r"Unsatisfiable|Packages?NotFound|NoPackagesFound|Conflict")
_ASIDES = tuple(  # what conda says of its own output, then headings without anything below
    pattern(sentence, re.DOTALL)
    for sentence in (
        r"\n*If python is on the left-most side.*?\nthat\.\n",
        r"\n*Output in format: Requested package -> Available versions",
        r"The following specifications were found to be incompatible with each other:\s*(?=The following|\Z)",
    )
)
_HEADING = pattern(r"(?<=[^\n])(?=The following specifications were found)")  # conda ends no line before it
_CHAIN = pattern(r"^[ ]*(?:-[ ]|[├└]─[ ]|No candidates were found for )?(?P<name>[\w.-]+(?:::[\w.-]+)?)", re.MULTILINE)
_PAST = pattern(r"explicit spec that is not an explicit spec in this operation \((?P<names>[^)]*)\)")
_SHOWN = 8  # versions


def error(  # noqa: PLR0913 - the facts that a good message needs
    failure: CondaFailedError,
    specs: Sequence[CondaSpec],
    *,
    file: str,
    image: Mapping[str, str],
    channels: Sequence[Channel],
    known: Sequence[records.Record],
    lines: Sequence[CondaSpec] = (),
    exclude_newer: str | None = None,
) -> CortexlockError:
    """Make the error that a failed solve ends with.

    Args:
        failure: What the conda executable said.
        specs: What was asked for, one specification per package.
        file: Its name.
        image: The versions of what conda has installed in the image, `python` among them.
        channels: Where packages were looked for.
        known: All records of the packages of the list, those of a name in order of their version.
        lines: The list as read, which may have several lines of one package; by default, `specs`.
        exclude_newer: RFC 3339 date and time; records that are newer did not count.
    """
    tree = failure.message.strip()
    if NETWORK.search(failure.name):
        return records.unreachable(failure, channels)
    if failure.name == "InvalidMatchSpec":
        return InputError.at(file, None, f"conda cannot read a line: {tree}", hint="write one `package=version` a line")
    if failure.name == "MissingSolver":
        return UsageError(f"conda's solver cannot be used: {tree}", where="conda", hint="install cortexlock anew")
    if not _UNSATISFIABLE.search(failure.name):
        return UsageError(f"the conda executable failed: {failure.name}: {tree}", where="conda")
    names = {record.name for record in known}
    unknown = [spec for spec in specs if spec.name not in names]
    if unknown:
        places = ", ".join(channel.written for channel in channels)
        what = f"no channel has a package `{unknown[0].name}`"
        more = [f"  {file}:{spec.line}: {spec.text}" for spec in unknown[1:]]
        return NoSolutionError(
            f"{what}, nor have they these:" if more else f"{what} (channels: {places})",
            details=more,
            where=FileLine(file, unknown[0].line),
            hint=_of_image(unknown[0], image) or "is the name right? Add its channel as `channel::package`",
        )
    hidden = exclude_newer is not None and any(_is_newer(record, exclude_newer) for record in known)
    blamed = failure.blamed or {found["name"].rpartition("::")[2] for found in _CHAIN.finditer(without_asides(tree))}
    return _conflict(tree, blamed, specs, lines or specs, file, image.get("python", ""), [] if hidden else known)


def _of_image(spec: CondaSpec, image: Mapping[str, str]) -> str | None:
    """Return what to do about a package that the image has, in another version, and no channel; None for others."""
    version = image.get(spec.name)
    if version is None:
        return None
    if spec.is_exact and version.startswith(f"{spec.bare_version}."):
        meant = f"`=` means exactly that version; write `{spec.name}={spec.bare_version}.*` for any {spec.bare_version}"
        return f"the image has {spec.name} {version}; in a list {meant}"
    keep = "leave the line out to keep it"
    return f"the image has {spec.name} {version}: {keep}, or name a channel that has it: `channel::{spec.name}`"


def _conflict(  # noqa: PLR0913, PLR0917 - as above
    said: str,
    names: Collection[str],
    specs: Sequence[CondaSpec],
    written: Sequence[CondaSpec],
    file: str,
    python: str,
    known: Sequence[records.Record],
) -> NoSolutionError:
    """Make the error of lines that nothing satisfies, from conda's words; `known` is empty where a date hides some."""
    said = without_asides(said)
    blamed = [spec for spec in specs if spec.name in names] or list(specs)
    where = FileLine(file, blamed[0].line)
    if blamed and known and said.startswith("- ") and " -> " not in said:
        only = [[spec for spec in written if spec.name == each.name] for each in blamed]
        if all(len(lines) == 1 for lines in only):
            return _no_version(blamed, file, known)
    asked = {spec.name for spec in blamed}
    lines = [f"  {file}:{spec.line}: {spec.text}" for spec in written if spec.name in asked]
    about = "this line cannot be satisfied" if len(lines) == 1 else "these lines cannot be satisfied together"
    hint = _hint(said, specs, python, hidden=not known)
    return NoSolutionError(f"{about}:", details=[*lines, "conda says:", said], where=where, hint=hint)


def without_asides(said: str) -> str:
    """Return conda's explanation without what it says of its own output, and without empty lines."""
    said = _HEADING.sub("\n", said)
    for aside in _ASIDES:
        said = aside.sub("\n", f"{said}\n")
    return re.sub(r"\n\s*\n+", "\n", said).strip()


def _hint(said: str, specs: Sequence[CondaSpec], python: str, *, hidden: bool) -> str | None:
    """Return what to do about a conflict."""
    if hidden:
        return "`exclude-newer` in cortexlock.yaml hides newer packages; move it, or ask for older ones"
    past = _PAST.search(said)
    names = [name.strip() for name in past["names"].split(",") if name.strip() != "python"] if past else []
    if names:
        return f"the image was made with {', '.join(names)}, and conda holds to that unless the list asks for another"
    if "python" in said and not any(spec.name == "python" for spec in specs):
        kept = f"conda keeps {minor_of(python)} unless the list asks for another `python=`"
        return f"the image has Python {python}, and {kept}"
    return None


def _is_newer(record: records.Record, date: str) -> bool:
    return record.timestamp is not None and record.timestamp > records.moment(date).timestamp()


def _no_version(specs: Sequence[CondaSpec], file: str, known: Sequence[records.Record]) -> NoSolutionError:
    """Make the error of packages that the channels have, but not as they are asked for."""
    spec, *others = specs
    what = f"no channel has `{matchspec(spec)}`; {_there_is(spec, known)}"
    more = [f"  {file}:{each.line}: {each.text} (there is {_versions(each, known)})" for each in others]
    exact = spec.bare_version
    hint = f"ask for one of these, or name a channel that has it: `channel::{spec.name}`"
    found = {record.version for record in known if record.name == spec.name}
    if spec.is_exact and not spec.build and any(version.startswith(f"{exact}.") for version in found):
        hint = f"in a list `=` means exactly that version; write `{spec.name}={exact}.*` for any {exact}"
    what = f"{what}; nor have they these:" if more else what
    return NoSolutionError(what, details=more, where=FileLine(file, spec.line), hint=hint)


def _there_is(spec: CondaSpec, known: Sequence[records.Record]) -> str:
    """Return what there is in place of what was asked for: other builds of the version, or other versions."""
    of_version = (each for each in known if (each.name, each.version) == (spec.name, spec.bare_version))
    builds = list(dict.fromkeys(record.build for record in of_version if spec.build))
    if not builds:
        return f"there is {_versions(spec, known)}"
    more = ", …" if len(builds) > _SHOWN else ""
    return f"builds of {spec.bare_version} are {', '.join(builds[-_SHOWN:])}{more}"


def _versions(spec: CondaSpec, known: Sequence[records.Record]) -> str:
    """Return the versions that there are of a package, the newest first; of many, some."""
    found = list(dict.fromkeys(record.version for record in reversed(known) if record.name == spec.name))
    return ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
