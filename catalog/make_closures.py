"""Find out what is installed in every image, and write `closures.json`.

    python catalog/make_closures.py --python ~/python3.6/bin/python --cache DIRECTORY

needs the package index, a CPython 3.6 with a C compiler, and `packaging`. Each image's own pip carries out the image's
own commands against an index that is as it was on the day of the release; docs/design/catalog.md has the details. What
is in the cache is not asked for again, so the command can be stopped at any time, and goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from closure_builds import Builds
from closure_images import Machine, Recipe
from closure_index import Index
from closure_server import Server

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Carry out all recipes that are not in the cache, then write the file; 1: one of them failed."""
    options = _options(arguments)
    facts = json.loads((HERE / "predictors.json").read_text(encoding="utf-8"))
    recipes = _recipes(facts)
    if options.only:
        recipes = {image: recipes[image] for image in options.only}
    runs: Path = options.cache / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    index = Index(options.index_url or _default_index(), options.cache)
    with Server(index).running() as server:
        work: Path = options.cache / "work"
        work.mkdir(exist_ok=True)
        builds = Builds(options.python, index, server.address, work)
        server.builder = builds.metadata
        machine = Machine(options.python, index, builds, server.address, work)
        failed = 0
        for recipe in {recipe.key: recipe for recipe in recipes.values()}.values():
            kept = runs / f"{recipe.key}.json"
            if not kept.exists():
                failed += not _carry_out(machine, recipe, kept)
                _write(options.output, recipes, runs)
    _write(options.output, recipes, runs)
    return min(failed, 1)


def _carry_out(machine: Machine, recipe: Recipe, kept: Path) -> bool:
    """Carry out a recipe and keep its outcome; False: it failed, and the reason was printed."""
    started = time.monotonic()
    print(f"{recipe.key} {recipe.cutoff} {len(recipe.steps)} steps", flush=True)
    try:
        found = machine.carry_out(recipe)
    except SystemExit as error:
        print(f"  FAILED: {error}", flush=True)
        return False
    kept.write_text(json.dumps(found), encoding="utf-8")
    print(f"  {len(found['installed'])} distributions, {time.monotonic() - started:.0f} s", flush=True)
    return True


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Find out what is installed in every image.")
    parser.add_argument("--python", type=Path, default=Path("/usr/bin/python3.6"), help="a CPython 3.6")
    parser.add_argument("--cache", type=Path, required=True, help="where answers and results are kept")
    parser.add_argument("--output", type=Path, default=HERE / "closures.json", help="the file to write")
    parser.add_argument("--index-url", help="the package index; PyPI by default")
    parser.add_argument("--only", action="append", metavar="IMAGE:RELEASE", help="python-predictor-cpu-slim:0.16.0")
    options = parser.parse_args(arguments)
    options.cache = options.cache.resolve()
    return options


def _default_index() -> str:
    """Return the address of PyPI as pip knows it."""
    from pip._internal.models.index import PyPI  # noqa: PLC0415 - pip's constant is the one place that has it

    return PyPI.simple_url


def _recipes(facts: list[dict[str, Any]]) -> dict[str, Recipe]:
    """Return the recipe of every image, by name and release, those that people ask for first in front."""
    found = {}
    for fact in facts:
        for slim in (False, True) if fact["pip_slim"] is not None else (False,):
            image = f"{fact['image']}{'-slim' if slim else ''}:{fact['cortex_version']}"
            found[image] = Recipe.of(fact, slim=slim)
    first = ("0.16.0", "0.35.0")
    python = ("python-predictor-cpu:", "python-predictor-gpu:", "python-handler-cpu:", "python-handler-gpu:")
    order = sorted(found, key=lambda image: (image.rpartition(":")[2] not in first, not image.startswith(python)))
    return {image: found[image] for image in order}


def _write(output: Path, recipes: dict[str, Recipe], runs: Path) -> None:
    """Write what is known, sorted; each distribution's metadata once."""
    distributions: dict[str, Any] = {}
    known: dict[str, Any] = {}
    images = {}
    for image in sorted(recipes):
        kept = runs / f"{recipes[image].key}.json"
        if not kept.exists():
            continue
        run = json.loads(kept.read_text(encoding="utf-8"))
        for pin, entry in run.pop("distributions").items():
            if distributions.setdefault(pin, entry) != entry:
                raise SystemExit(f"{pin} has two sets of metadata")
        known[recipes[image].key] = run
        images[image] = recipes[image].key
    tables = {"distributions": distributions, "images": images, "runs": known}
    text = ",\n".join(f"{json.dumps(name)}: {{\n{_rows(table)}\n}}" for name, table in tables.items())
    output.write_text(f"{{{text}}}\n", encoding="utf-8")


def _rows(table: dict[str, Any]) -> str:
    """Return a table's rows, sorted, one per line."""
    return ",\n".join(
        f"{json.dumps(key)}: {json.dumps(table[key], separators=(',', ':'), sort_keys=True)}" for key in sorted(table)
    )


if __name__ == "__main__":
    sys.exit(main())
