"""What `cortexlock show` prints: a short text, or everything as JSON. No credential of a URL is part of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cortexlock.cli.error_words import what_of
from cortexlock.cli.errors import text_of
from cortexlock.cli.hints import pasteable
from cortexlock.cli.image_words import image_words
from cortexlock.cli.lock_words import words
from cortexlock.cli.output import Output
from cortexlock.errors import FileLine
from cortexlock.inputs import conda_spec
from cortexlock.inputs.url_secrets import masked, redact, without

if TYPE_CHECKING:
    from cortexlock.errors import CortexlockError
    from cortexlock.inputs.requirements_text import Requirements
    from cortexlock.lock.show import Seen, SeenTarget

_SHOWN = 12
"""Lines of a section that the text shows; the rest are counted."""


def show(output: Output, seen: Seen) -> None:
    """Print what was seen."""
    output.document(_document(seen))
    if output.as_json:
        return
    for target in seen.targets:
        _section(output, _headline(target), _facts(target))
    if seen.conda_file:
        rows = [f"{each.text}  ->  {conda_spec.conda_text(each)}" for each in seen.conda.specs]
        rows += [f"{each.text}  ->  pip: {each.name}=={each.version}" for each in seen.conda.pypi]
        rows += [each.url for each in seen.conda.explicit]
        _section(output, f"{seen.conda_file}: {_counts(seen)}", [_said(row) for row in rows], shown=_SHOWN)
    if seen.requirements is not None:
        lines = [redact(_said(line.text), seen.unsaid) for line in seen.requirements.lines]
        _section(output, f"{seen.requirements.files[0]}: {_number(len(lines), 'line')}", lines, shown=_SHOWN)
    if not (seen.conda_file or seen.requirements or seen.errors):
        output.line("no dependency files")
    for note in seen.notes:
        output.line(f"note: {words(note)}")
    for error in seen.errors[:_SHOWN]:
        output.note(redact(without(text_of(output, error)), seen.unsaid))
    if len(seen.errors) > _SHOWN:
        output.note(f"and {len(seen.errors) - _SHOWN} more errors; --json has all")


def _section(output: Output, title: str, lines: Iterable[str], *, shown: int | None = None) -> None:
    lines = list(lines)
    output.line(output.styled(title, "bold"))
    for line in lines[:shown]:
        output.line(f"  {line}")
    if shown is not None and len(lines) > shown:
        output.line(f"  … and {len(lines) - shown} more; --json has all")


def _said(text: str) -> str:
    """Return a line without what may be secret in its URLs."""
    return masked(without(text))


def _headline(seen: SeenTarget) -> str:
    image = seen.predictor
    if not image.type:
        return f"{image.label}: {image_words(image, image.platform, image.subdir)}"
    slim = "slim " if image.slim else ""
    return f"{image.label}: {slim}{image.type} predictor of Cortex {image.cortex_version}, {image.image}"


def _facts(seen: SeenTarget) -> list[str]:
    target, image = seen.target, seen.predictor
    virtual = ", ".join(f"{each.name} {each.version}" for each in target.virtual_packages)
    has_conda = any(name == "conda" and file for name, file in seen.steps)
    named = [
        (name, file or ("if conda replaces Python" if name == "core" and has_conda else ""))
        for name, file in seen.steps
    ]
    steps = " -> ".join(f"{name} ({file})" for name, file in named if file)
    return [
        f"Python {target.python_version}, glibc {image.glibc}, {seen.tags} wheel tags from {target.abi}",
        f"virtual packages: {virtual}",
        f"pre-installed: {len(image.distributions)} of pip, {len(image.conda_records)} of conda ({image.closure})",
        f"steps: {steps or 'none'}",
    ]


def _counts(seen: Seen) -> str:
    pairs = ((seen.conda.specs, "conda package"), (seen.conda.pypi, "pip package"), (seen.conda.explicit, "archive"))
    return ", ".join(_number(len(each), what) for each, what in pairs if each) or "nothing"


def _number(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _document(seen: Seen) -> dict[str, object]:
    return {
        "conda": _conda(seen) if seen.conda_file else None,
        "requirements": _requirements(seen.requirements, seen.unsaid) if seen.requirements else None,
        "targets": [_target(each) for each in seen.targets],
        "notes": [words(note) for note in seen.notes],
        "errors": [_error(each) for each in seen.errors],
    }


def _conda(seen: Seen) -> dict[str, object]:
    return {
        "file": seen.conda_file,
        "specs": [
            {
                "line": each.line,
                "text": _said(each.text),
                "channel": without(each.channel),
                "name": each.name,
                "version": each.version,
                "build": each.build,
                "matchspec": without(conda_spec.conda_text(each)),
            }
            for each in seen.conda.specs
        ],
        "pypi": [
            {"line": each.line, "text": each.text, "name": each.name, "version": each.version}
            for each in seen.conda.pypi
        ],
        "explicit": [
            {"line": each.line, "url": _said(each.url), "md5": each.md5, "sha256": each.sha256}
            for each in seen.conda.explicit
        ],
    }


def _requirements(found: Requirements, unsaid: frozenset[str]) -> dict[str, object]:
    return {
        "file": found.files[0],
        "files": list(found.files),
        "lines": [
            {"file": each.file, "line": each.number, "text": redact(_said(each.text), unsaid)} for each in found.lines
        ],
        "trees": list(found.trees),
        "archives": list(found.archives),
    }


def _target(seen: SeenTarget) -> dict[str, object]:
    image, target = seen.predictor, seen.target
    return {
        "platform": image.label,
        "predictor": {
            "type": image.type,
            "cortex-version": image.cortex_version,
            "image": image.image,
            "slim": image.slim,
            "closure": image.closure,
        },
        "subdir": target.subdir,
        "python": target.python_version,
        "glibc": image.glibc,
        "cuda": image.cuda,
        "tags": seen.tags,
        "markers": target.marker_environment,
        "virtual-packages": [
            {"name": each.name, "version": each.version, "build": each.build} for each in target.virtual_packages
        ],
        "channels": list(image.channels),
        "pre-installed": {"pip": len(image.distributions), "conda": len(image.conda_records)},
        "steps": [{"step": name, "file": file or None} for name, file in seen.steps],
    }


def _error(error: CortexlockError) -> dict[str, object]:
    place = error.place if isinstance(error.place, FileLine) else FileLine(error.where or "")
    return {
        "exit-code": error.exit_code,
        "file": place.file or None,
        "line": place.line,
        "reason": _said(what_of(error)),
        "hint": _said(hint) if (hint := pasteable(error.advice)) else None,
    }
