"""What `cortexlock init` asks on a terminal, and what it takes for granted without one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from cortexlock.errors import UsageError
from cortexlock.lock.init import Beginning, Extras
from cortexlock.lock.starting_files import Choice
from cortexlock.predictors import catalog


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        choice: Which image; None: the configuration that is there says it.
        capture: The environment or archive to describe first; empty: none.
        extras: What else to write.
        git: Whether the clone is set up.
    """

    choice: Choice | None
    capture: str
    extras: Extras
    git: bool


def settle(beginning: Beginning, plan: Plan, *, force: bool) -> Plan:
    """Return what is to be done where nobody can be asked.

    Raises:
        UsageError: It does not show which image is meant.
    """
    said = plan.choice or Choice()
    if plan.capture or said.predictor_files:
        return plan
    if said.predictor or said.cortex_version:
        return replace(plan, choice=_of_cortex(beginning, said))
    if beginning.configured and not force:
        if said != Choice():
            hint = "write it into that file, or have it written anew with --force and an image"
            raise UsageError("is there already, and was not overwritten", where="cortexlock.yaml", hint=hint)
        return replace(plan, choice=None)
    if beginning.predictor_files:
        return replace(plan, choice=replace(said, predictor_files=beginning.predictor_files))
    if beginning.is_cortex:
        return replace(plan, choice=_of_cortex(beginning, said))
    raise UsageError(
        "nothing here says which image the project runs on",
        where=str(beginning.directory),
        hint="give `--capture .venv` (an environment), `--capture image.tar` (an image), or `--predictor python` (one "
        "of Cortex's)",
    )


def ask(beginning: Beginning, plan: Plan) -> Plan:
    """Return what is to be done, with what no option says asked on the terminal.

    Raises:
        UsageError: There is no such image.
    """
    said = plan.choice or Choice()
    if plan.capture or said.predictor_files or said.predictor or said.cortex_version or beginning.configured:
        return settle(beginning, plan, force=False)
    there = ", ".join(beginning.predictor_files)
    if there and typer.confirm(f"Lock on top of {there}?", default=True):
        plan = replace(plan, choice=replace(said, predictor_files=beginning.predictor_files))
    else:
        typer.echo("What does it run on?\n  1  an environment, or an image of your own\n  2  one of Cortex's images")
        if _asked("1 or 2", "2" if beginning.is_cortex else "1", lambda text: text in {"1", "2"}) == "1":
            typer.echo("Name an environment, or an archive of the image (`docker save IMAGE -o image.tar`).")
            place = _asked("Where is it", _environment(beginning.directory), lambda text: Path(text).exists())
            plan = replace(plan, capture=place)
        else:
            plan = replace(plan, choice=_asked_release(beginning, said))
    if plan.extras == Extras() and not plan.git:
        extras = Extras(
            typer.confirm("Write an entry for pre-commit?", default=False),
            typer.confirm("Write a job for GitHub's CI?", default=False),
        )
        in_clone = beginning.repository is not None
        is_set_up = in_clone and typer.confirm("Set git's drivers for diff and merge in this clone?", default=True)
        plan = replace(plan, extras=extras, git=is_set_up)
    return plan


def _asked_release(beginning: Beginning, said: Choice) -> Choice:
    known = beginning.predictor_types
    type_ = _asked("Predictor type", known[0] if len(known) == 1 else "python", lambda text: text in catalog.types())
    releases = catalog.releases(type_)
    release = _asked("Cortex release", releases[-1], lambda text: text in releases)
    return replace(said, predictor=type_, cortex_version=release)


def _asked(question: str, default: str, fits: Callable[[str], bool]) -> str:
    while True:
        answer = str(typer.prompt(question, default=default or None)).strip()
        if fits(answer):
            return answer
        typer.echo(f"{answer}: there is no such thing")


def _environment(directory: Path) -> str:
    """Return the environment that is perhaps meant: the active one, or the one in the directory."""
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    return active or next((str(directory / name) for name in (".venv", "venv") if (directory / name).is_dir()), "")


def _of_cortex(beginning: Beginning, said: Choice) -> Choice:
    """Return the choice of one of Cortex's images, with what nobody said: the type of the APIs, the newest release."""
    if not said.predictor and len(beginning.predictor_types) > 1:
        types = ", ".join(beginning.predictor_types)
        what = f"the APIs have several predictor types: {types}"
        raise UsageError(what, where="cortex.yaml", hint="say which one this lockfile is for: `--predictor TYPE`")
    predictor = said.predictor or next(iter(beginning.predictor_types), "python")
    release = said.cortex_version or catalog.releases(predictor)[-1]
    catalog.platforms(predictor, release)
    return replace(said, predictor=predictor, cortex_version=release)
