"""What the embedded conda executable answers to each call, as values that become conda's JSON."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import timezone
from pathlib import Path
from typing import Any

from rattler.platform.subdir import Subdir

from cortexlock.conda.channels import DEFAULTS
from cortexlock.conda.executable import called_channels, channel_records
from cortexlock.conda.executable.arguments import SOLVES, WrongUsageError
from cortexlock.conda.executable.called_channels import CalledChannels, VirtualPackage
from cortexlock.conda.executable.channel_records import Entry, Places
from cortexlock.conda.executable.solution import Question, solve
from cortexlock.conda.image_document import kept_url
from cortexlock.conda.records import moment

CACHE_VARIABLE = "CORTEXLOCK_CONDA_CACHE"
EXCLUDE_NEWER_VARIABLE = "CORTEXLOCK_CONDA_EXCLUDE_NEWER"
CHANNELS_VARIABLE = "CORTEXLOCK_CONDA_CHANNELS"
IMAGE_VARIABLE = "CORTEXLOCK_CONDA_IMAGE"
PRIORITY_VARIABLE = "CONDA_CHANNEL_PRIORITY"
_PRIORITIES = ("flexible", "strict", "disabled")
_OVERRIDE = "CONDA_OVERRIDE_"


def answer(options: Namespace, env: Mapping[str, str]) -> object:
    """Answer a parsed call.

    Args:
        options: The call, from `arguments.parse`.
        env: The environment variables.

    Raises:
        WrongUsageError: It is a call that is not answered.
        RefusedRequestError: There is no solution.
        MissingSolverError: There is no solver.
        Exception: What py-rattler raises, where a channel cannot be read.
    """
    if options.command in SOLVES:
        return _solve(options, env)
    if options.command == "search":
        return _search(options, env)
    if options.command == "list":
        return [_listed(record) for record in _installed(options.prefix)]
    if options.command in {"info", "config"}:
        directories = [part for part in env.get("CONDA_PKGS_DIRS", "").split(os.pathsep) if part]
        return {"pkgs_dirs": directories, "platform": _subdir(env), "virtual_pkgs": [list(v) for v in _virtual(env)]}
    raise WrongUsageError("name one of create, install, update, search, list, info, config")


def _search(options: Namespace, env: Mapping[str, str]) -> dict[str, list[Entry]]:
    """Return all records of the packages that are named, the oldest version first."""
    from rattler import Version  # noqa: PLC0415 - for this call only

    found: dict[str, list[Entry]] = {name: [] for name in options.specs}
    entries = channel_records.fetch(options.specs, _places(_called(options, env), env))
    for entry in sorted(entries, key=lambda entry: (Version(entry["version"]), entry["build_number"])):
        found.setdefault(entry["name"], []).append(entry)
    return found


def _solve(options: Namespace, env: Mapping[str, str]) -> dict[str, Any]:
    """Solve, and return the actions as conda's `--dry-run --json` does."""
    if not options.dry_run:
        raise WrongUsageError("this conda installs nothing: add --dry-run")
    priority = env.get(PRIORITY_VARIABLE) or "flexible"
    if priority not in _PRIORITIES:
        raise WrongUsageError(f"{PRIORITY_VARIABLE} is one of {', '.join(_PRIORITIES)}")
    image: dict[str, Any] = {}
    if env.get(IMAGE_VARIABLE):
        image = json.loads(Path(env[IMAGE_VARIABLE]).read_bytes())
    elif options.command != "create":
        image = {"records": _installed(options.prefix)}
    called = _called(options, env)
    virtual = {package[0]: package for package in (*_virtual(env), *called.virtual)}
    question = Question(
        specs=tuple(called.addressed(spec) for spec in options.specs),
        places=_places(called, env),
        virtual_packages=tuple(virtual.values()),
        priority=priority,
        image=image,
    )
    with tempfile.TemporaryDirectory(prefix="cortexlock-conda-") as directory:
        solved = solve(question, Path(directory))
    wanted = solved if options.command == "create" else [entry for entry in solved if entry not in image["records"]]
    entries = [_action(entry, env.get(IMAGE_VARIABLE, "")) for entry in wanted]
    actions = {"FETCH": entries, "LINK": entries, "PREFIX": options.prefix}
    return {"success": True, "dry_run": True, "prefix": options.prefix, "actions": actions}


def _action(entry: Entry, image: str) -> Entry:
    """Return a record as an action of conda's; what is kept of an image has the image's address."""
    name = f"{entry['name']}-{entry['version']}-{entry['build']}"
    return {"url": kept_url(image, name), "fn": f"{name}.tar.bz2", **entry, "dist_name": name}


def _called(options: Namespace, env: Mapping[str, str]) -> CalledChannels:
    """Return the channels, with the credentials that the environment has for them."""
    addresses = json.loads(env.get(CHANNELS_VARIABLE) or "{}")
    named = options.channels if options.override_channels else [*options.channels, DEFAULTS]
    return called_channels.sort([addresses.get(name, name) for name in named])


def _places(called: CalledChannels, env: Mapping[str, str]) -> Places:
    cutoff = env.get(EXCLUDE_NEWER_VARIABLE)
    return Places(
        channels=called.real,
        subdir=_subdir(env),
        cache=Path(env.get(CACHE_VARIABLE) or Path.home() / ".cache" / "cortexlock" / "repodata"),
        exclude_newer=moment(cutoff).astimezone(timezone.utc) if cutoff else None,
    )


def _listed(record: Entry) -> Entry:
    """Return an installed package as `conda list --json` has it."""
    return {key: value for key, value in record.items() if key not in {"depends", "constrains"}}


def _installed(prefix: str) -> Sequence[Entry]:
    """Return the records of an environment, sorted by name."""
    files = sorted(Path(prefix, "conda-meta").glob("*.json")) if prefix else []
    return sorted((json.loads(file.read_bytes()) for file in files), key=lambda record: str(record["name"]))


def _subdir(env: Mapping[str, str]) -> str:
    """Return the platform to solve for: the caller's, else this machine's."""
    return env.get("CONDA_SUBDIR") or str(Subdir.current())


def _virtual(env: Mapping[str, str]) -> tuple[VirtualPackage, ...]:
    """Return the virtual packages that `CONDA_OVERRIDE_*` name; an empty value means that there is none."""
    found = []
    for key, value in sorted(env.items()):
        name = f"__{key.removeprefix(_OVERRIDE).lower()}"
        if key.startswith(_OVERRIDE) and value:
            found.append((name, "1", value) if name == "__archspec" else (name, value, "0"))
    return tuple(found)
