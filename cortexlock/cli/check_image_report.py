"""What `cortexlock check --image` prints of an archive."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from cortexlock.cli.output import Output
from cortexlock.cli.predictors_diff import text_of
from cortexlock.errors import DifferenceError

if TYPE_CHECKING:
    from cortexlock.lock.check_image import CheckedImage

_SHOWN = 5


def show(output: Output, checked: CheckedImage, archive: str) -> int:
    """Print how an archive compares with the file that describes its image; return the exit code."""
    fresh = not checked.changes
    state = output.styled("fresh" if fresh else "stale", "green" if fresh else "yellow")
    output.line(f"{checked.file}: {state}")
    now, then = checked.digest or "without a digest", checked.captured or "nobody knows which"
    if checked.digest and checked.digest == checked.captured:
        output.line(f"  the archive is the image that it was captured from, {now}")
    elif fresh:
        output.line(f"  the archive is {now}, it was captured from {then}; what they hold is the same")
    else:
        output.line(f"  the image of the archive is another than it was captured from: {then} -> {now}")
        for each in checked.changes[:_SHOWN]:
            constraint = "constraint " if each.kind == "constraint" else ""
            output.line(f"  {constraint}{text_of(each).strip()}")
        if len(checked.changes) > _SHOWN:
            output.line(f"  and {len(checked.changes) - _SHOWN} more")
        named = shlex.join([archive, *(["--prefix", checked.prefix] if checked.prefix else []), "-o", checked.file])
        output.line(f"  hint: run `cortexlock predictors capture {named}`, then `cortexlock lock`")
    return 0 if fresh else DifferenceError.exit_code


def document(checked: CheckedImage) -> dict[str, object]:
    """Return what `--json` prints."""
    return {
        "file": checked.file,
        "state": "stale" if checked.changes else "fresh",
        "captured": checked.captured or None,
        "digest": checked.digest or None,
        "prefix": checked.prefix or None,
        "changes": [
            {"kind": each.kind, "name": each.name, "before": each.before or None, "after": each.after or None}
            for each in checked.changes
        ],
    }
