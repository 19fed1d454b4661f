"""Why there is no solution, in the user's own lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cortexlock.conda import records
from cortexlock.conda.channels import Channel
from cortexlock.conda.condalock import CondaFailedError
from cortexlock.errors import CortexlockError, InputError, NoSolutionError, UsageError
from cortexlock.inputs.conda_spec import matchspec
from cortexlock.model.conda_list import CondaSpec
from cortexlock.model.target import minor_of

_NETWORK = re.compile(r"HTTP|Channel|Connection|Gateway|Proxy|SSL|Offline")
_UNSATISFIABLE = re.compile(r"Unsatisfiable|NotFound|NoPackagesFound|Conflict")
_PREFACE = "Cannot solve the request because of: "
_NESTED = re.compile(r"[├└]─ (?P<name>[^\s=<>!~]+)(?=[\s=<>!~])")
_TOP = re.compile(r"^(?:[├└]─ |No candidates were found for )?(?P<name>[^\s│├└=<>!~]+)(?=[\s=<>!~])", re.MULTILINE)
_SHOWN = 8  # versions


def error(  # noqa: PLR0913 - the facts that a good message needs
    failure: CondaFailedError,
    specs: Sequence[CondaSpec],
    *,
    file: str,
    python: str,
    channels: Sequence[Channel],
    known: Sequence[records.Record],
    lines: Sequence[CondaSpec] = (),
) -> CortexlockError:
    """Make the error that a failed solve ends with.

    Args:
        failure: What the conda executable said.
        specs: What was asked for, one specification per package.
        file: Its name.
        python: The version of the image's interpreter.
        channels: Where packages were looked for.
        known: All records of the packages of the list, those of a name in order of their version.
        lines: The list as read, which may have several lines of one package; by default, `specs`.
    """
    tree = failure.message.removeprefix(_PREFACE).strip()
    if _NETWORK.search(failure.name):
        return records.unreachable(tree, channels)
    if failure.name == "InvalidMatchSpec":
        return InputError.at(file, None, f"conda cannot read a line: {tree}", hint="write one `package=version` a line")
    if not _UNSATISFIABLE.search(failure.name):
        return UsageError(f"the conda executable failed: {failure.name}: {tree}", where="conda")
    names = {record.name for record in known}
    unknown = [spec for spec in specs if spec.name not in names]
    if unknown:
        places = ", ".join(channel.written for channel in channels)
        what = "\n".join(f"no channel has a package `{spec.name}`" for spec in unknown[:1])
        more = [f"  {file}:{spec.line}: {spec.text}" for spec in unknown[1:]]
        what = "\n".join([f"{what}, nor have they these:" if more else f"{what} (channels: {places})", *more])
        return NoSolutionError(
            what, where=f"{file}:{unknown[0].line}", hint="is the name right? Add its channel as `channel::package`"
        )
    return _conflict(tree, specs, lines or specs, file, python, known)


def _conflict(  # noqa: PLR0913, PLR0917 - as above
    tree: str,
    specs: Sequence[CondaSpec],
    written: Sequence[CondaSpec],
    file: str,
    python: str,
    known: Sequence[records.Record],
) -> NoSolutionError:
    """Make the error of lines that nothing satisfies, from the solver's tree."""
    named = {found["name"].rpartition("::")[2] for found in _TOP.finditer(tree)}
    nested = {found["name"].rpartition("::")[2] for found in _NESTED.finditer(tree)}
    blamed = [spec for spec in specs if spec.name in named or (spec.version and spec.name in nested)] or list(specs)
    missing = f"No candidates were found for {blamed[0].name} "
    where = f"{file}:{blamed[0].line}"
    if len(blamed) == 1 and tree.startswith(missing) and sum(spec.name == blamed[0].name for spec in written) == 1:
        return _no_version(blamed[0], where, known)
    names = {spec.name for spec in blamed}
    lines = [f"  {file}:{spec.line}: {spec.text}" for spec in written if spec.name in names]
    about = "this line cannot be satisfied" if len(lines) == 1 else "these lines cannot be satisfied together"
    hint = None
    if "cutoff date" in tree:
        hint = "`exclude-newer` in cortexlock.yaml hides newer packages; move it, or ask for older ones"
    elif "python" in tree and not any(spec.name == "python" for spec in specs):
        minor = minor_of(python)
        hint = f"the image has Python {python}, and conda keeps {minor} unless the list asks for another `python=`"
    return NoSolutionError("\n".join([f"{about}:", *lines, "the solver says:", tree]), where=where, hint=hint)


def _no_version(spec: CondaSpec, where: str, known: Sequence[records.Record]) -> NoSolutionError:
    """Make the error of a package that the channels have, but not as it is asked for."""
    found = list(dict.fromkeys(record.version for record in reversed(known) if record.name == spec.name))
    versions = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
    exact = spec.version.removeprefix("==")
    hint = f"ask for one of these, or name a channel that has it: `channel::{spec.name}`"
    if spec.version.startswith("==") and any(version.startswith(f"{exact}.") for version in found):
        hint = f"in a list `=` means exactly that version; write `{spec.name}={exact}.*` for any {exact}"
    return NoSolutionError(f"no channel has `{matchspec(spec)}`; there is {versions}", where=where, hint=hint)
