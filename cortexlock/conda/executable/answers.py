"""What the embedded conda executable answers to each call, as values that become conda's JSON."""

from __future__ import annotations

import asyncio
import json
import os
from argparse import Namespace
from collections.abc import Mapping
from datetime import timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rattler import MatchSpec, PrefixRecord
from rattler.platform.subdir import Subdir

from cortexlock.conda.channels import DEFAULTS, public
from cortexlock.conda.executable.arguments import SOLVES, WrongUsageError
from cortexlock.conda.executable.solver import Question, search, solve
from cortexlock.conda.records import moment

if TYPE_CHECKING:
    from rattler.repo_data import RepoDataRecord

CACHE_VARIABLE = "CORTEXLOCK_CONDA_CACHE"
EXCLUDE_NEWER_VARIABLE = "CORTEXLOCK_CONDA_EXCLUDE_NEWER"
CHANNELS_VARIABLE = "CORTEXLOCK_CONDA_CHANNELS"
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
        Exception: What py-rattler raises, where there is no solution or a channel cannot be read.
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


def _search(options: Namespace, env: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return all records of the packages that are named, the oldest version first."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in options.specs}
    records = asyncio.run(search(options.specs, _channels(options, env), subdir=_subdir(env), cache=_cache(env)))
    for record in sorted(records, key=lambda record: (record.version, record.build_number)):
        found.setdefault(record.name.normalized, []).append(_entry(record))
    return found


def _solve(options: Namespace, env: Mapping[str, str]) -> dict[str, Any]:
    """Solve, and return the actions as conda's `--dry-run --json` does."""
    if not options.dry_run:
        raise WrongUsageError("this conda installs nothing: add --dry-run")
    installed = {} if options.command == "create" else {r.name.normalized: r for r in _installed(options.prefix)}
    named = {_spec_name(spec) for spec in options.specs}
    cutoff = env.get(EXCLUDE_NEWER_VARIABLE)
    priority = env.get(PRIORITY_VARIABLE) or "flexible"
    if priority not in _PRIORITIES:
        raise WrongUsageError(f"{PRIORITY_VARIABLE} is one of {', '.join(_PRIORITIES)}")
    question = Question(
        specs=(*options.specs, *(name for name in sorted(installed) if name not in named)),
        channels=_channels(options, env),
        subdir=_subdir(env),
        virtual_packages=_virtual(env),
        exclude_newer=moment(cutoff).astimezone(timezone.utc) if cutoff else None,
        cache=_cache(env),
        installed=tuple(record for name, record in sorted(installed.items()) if name not in named),
        priority=priority,
    )
    solved = asyncio.run(solve(question))
    entries = [
        _entry(record)
        for record in sorted(solved, key=lambda record: record.name.normalized)
        if record.name.normalized not in installed or installed[record.name.normalized].url != record.url
    ]
    actions = {"FETCH": entries, "LINK": entries, "PREFIX": options.prefix}
    return {"success": True, "dry_run": True, "prefix": options.prefix, "actions": actions}


def _channels(options: Namespace, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the channels, with the credentials that the environment has for them."""
    addresses = json.loads(env.get(CHANNELS_VARIABLE) or "{}")
    named = options.channels if options.override_channels else [*options.channels, DEFAULTS]
    return tuple(addresses.get(name, name) for name in named)


def _cache(env: Mapping[str, str]) -> Path:
    """Return the directory for repodata."""
    return Path(env.get(CACHE_VARIABLE) or Path.home() / ".cache" / "cortexlock" / "repodata")


def _entry(record: RepoDataRecord) -> dict[str, Any]:
    """Return a record as conda's JSON has it."""
    entry: dict[str, Any] = json.loads(record.to_json())
    entry |= {"fn": record.file_name, "url": public(record.url), "channel": public(record.channel or "")}
    entry["dist_name"] = f"{record.name.normalized}-{record.version}-{record.build}"
    return entry


def _listed(record: RepoDataRecord) -> dict[str, Any]:
    """Return an installed package as `conda list --json` has it."""
    return {key: value for key, value in _entry(record).items() if key not in {"depends", "constrains"}}


def _installed(prefix: str) -> list[PrefixRecord]:
    """Return the records of an environment, sorted by name."""
    files = sorted(Path(prefix, "conda-meta").glob("*.json")) if prefix else []
    return sorted((PrefixRecord.from_path(file) for file in files), key=lambda record: record.name.normalized)


def _spec_name(spec: str) -> str:
    """Return the package name of a MatchSpec."""
    return MatchSpec(spec, strict=False).name.normalized


def _subdir(env: Mapping[str, str]) -> str:
    """Return the platform to solve for: the caller's, else this machine's."""
    return env.get("CONDA_SUBDIR") or str(Subdir.current())


def _virtual(env: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Return the virtual packages that `CONDA_OVERRIDE_*` name; an empty value means that there is none."""
    found = []
    for key, value in sorted(env.items()):
        name = f"__{key.removeprefix(_OVERRIDE).lower()}"
        if key.startswith(_OVERRIDE) and value:
            found.append((name, "1", value) if name == "__archspec" else (name, value, "0"))
    return tuple(found)
