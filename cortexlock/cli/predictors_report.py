"""What `cortexlock predictors` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cortexlock.cli.capture_words import words
from cortexlock.cli.image_words import image_words
from cortexlock.cli.output import Output
from cortexlock.model.counts import counted
from cortexlock.model.predictor import PlatformName, Predictor
from cortexlock.predictors import catalog, predictor_file

if TYPE_CHECKING:
    from cortexlock.lock.capture import CapturedImage
    from cortexlock.predictors.capture import Captured

_KINDS = {"conda": "conda", "python": "an interpreter's own", "venv": "virtual"}
_HEADER = ("type", "release", "platforms", "slim", "python", "cuda", "packages", "closure")


def show_list(output: Output, predictor_type: str | None) -> None:
    """Print a line for each release of a predictor type, or of all types."""
    types = (predictor_type,) if predictor_type else catalog.types()
    releases = [(each, release) for each in types for release in catalog.releases(each)]
    groups = [tuple(_variants(each, release)) for each, release in releases]
    output.document({"predictors": [_summary(one) for group in groups for one in group]})
    rows = [_HEADER, *(_row(group) for group in groups)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    for number, row in enumerate(rows):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        output.line(output.styled(line, "bold") if number == 0 else line)


def show_one(output: Output, predictor: Predictor) -> None:
    """Print all that is known of an image."""
    output.document(predictor_file.to_document(predictor))
    files = predictor.files
    names = {"script": " or ".join(files.script), "conda": files.conda, "core": "its own packages", "pip": files.pip}
    facts = (
        ("predictor", f"{predictor.type}, Cortex {predictor.cortex_version}, {predictor.platform}"),
        ("image", predictor.image),
        ("released", predictor.released),
        ("python", predictor.python),
        ("glibc", predictor.glibc),
        ("cuda", predictor.cuda or "none"),
        ("channels", ", ".join(predictor.channels) or "none: it has no conda"),
        ("steps", ", ".join(f"{step} ({names[step]})" if names[step] else step for step in predictor.order)),
        ("core", ", ".join(predictor.core) or "none"),
        ("closure", predictor.closure),
    )
    for name, text in facts:
        output.line(f"{name + ':':<11}{text}")
    for title, packages in (
        ("pre-installed by conda", [(one.name, one.version, one.build) for one in predictor.conda_records]),
        ("pre-installed for Python", [(one.name, one.version, "") for one in predictor.distributions]),
    ):
        output.line(output.styled(f"{title}: {len(packages)}", "bold"))
        for package in packages:
            output.line(f"  {' '.join(package).rstrip()}")


def show_captured(output: Output, captured: Captured, written: str | None, image: CapturedImage | None) -> None:
    """Say what was captured; on standard error, because standard output may be the file."""
    predictor = captured.predictor
    there = () if image is None else image.environments
    found = (
        {
            "prefix": image.prefix,
            "environments": [{"prefix": each.path, "kind": each.kind, "python": each.python} for each in there],
        }
        if image is not None
        else {}
    )
    notes = [words(note) for note in captured.notes]
    output.document({"file": written, "predictor": predictor_file.to_document(predictor), **found, "notes": notes})
    if output.as_json or output.quiet:
        return
    if written:
        output.note(
            f"{written}: {image_words(predictor, predictor.platform, predictor.subdir)}, Python {predictor.python}, "
            f"{counted(len(predictor.distributions), 'distribution')}, "
            f"{counted(len(predictor.conda_records), 'conda package')}"
        )
    if image is not None:
        others = [each for each in there if each.path != image.prefix]
        output.note(f"environment: {image.prefix}")
        for each in others:
            output.note(f"  also there: {each.path} ({_KINDS[each.kind]}, Python {each.python or 'unknown'})")
    for note in notes:
        output.note(f"note: {note}")


def _variants(predictor_type: str, release: str) -> Iterator[Predictor]:
    for platform in catalog.platforms(predictor_type, release):
        yield catalog.find(predictor_type, release, platform)
        if catalog.has_slim(predictor_type, release, platform):
            yield catalog.find(predictor_type, release, platform, slim=True)


def _row(group: Sequence[Predictor]) -> tuple[str, ...]:
    """Return the line of a release; what differs between its images is listed."""
    full = [one for one in group if not one.slim]
    slim: list[PlatformName] = [one.platform for one in group if one.slim]
    counts = sorted({len(one.distributions) for one in group})
    return (
        group[0].type,
        group[0].cortex_version,
        ",".join(one.platform for one in full),
        "all" if slim == [one.platform for one in full] else ",".join(slim) or "-",
        ",".join(sorted({one.python for one in group})),
        ",".join(sorted({one.cuda for one in full if one.cuda})) or "-",
        f"{counts[0]}-{counts[-1]}" if len(counts) > 1 else str(counts[0]),
        min(one.closure for one in group),  # `partial` if one of them is
    )


def _summary(predictor: Predictor) -> dict[str, object]:
    return {
        "type": predictor.type,
        "cortex-version": predictor.cortex_version,
        "platform": predictor.platform,
        "image": predictor.image,
        "slim": predictor.slim,
        "released": predictor.released,
        "python": predictor.python,
        "cuda": predictor.cuda,
        "distributions": len(predictor.distributions),
        "conda-records": len(predictor.conda_records),
        "closure": predictor.closure,
    }
