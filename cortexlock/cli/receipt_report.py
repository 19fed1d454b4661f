"""What `cortexlock show --prefix` prints: what the last replay in an environment did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli import comparison_report
from cortexlock.cli.output import Output
from cortexlock.model.counts import counted

if TYPE_CHECKING:
    from cortexlock.replay.prefix.receipt import Receipt

_STATES = {"completed": "installed", "started": "an installation was ended half-way"}


def show(output: Output, receipt: Receipt, prefix: Path) -> None:
    """Print what the last installation left in a prefix: its state, image, lockfile, steps and tools."""
    from cortexlock.replay.prefix.receipt import as_document  # noqa: PLC0415 - `--help` does not pay for it

    plain = as_document(receipt)
    del plain["receipt-version"]
    output.document({"prefix": str(prefix), "receipt": plain})
    counts = ", ".join(counted(len(versions), f"{manager} package") for manager, versions in receipt.installed.items())
    tools = ", ".join(f"{name} {version}" for name, version in sorted(receipt.tools.items()))
    output.line(f"{prefix}: {_STATES[receipt.state]}")
    output.line(f"  image: {receipt.image} on {receipt.platform}, Python {receipt.python}")
    output.line(f"  lockfile: {receipt.content_hash}")
    output.line(f"  steps that are done: {', '.join(receipt.steps) or 'none'}")
    for line in comparison_report.lines_of(receipt.allowed):
        output.line(f"  allowed: {line}")
    for what, text in (("then there were", counts), ("installed by", tools)):
        if text:
            output.line(f"  {what}: {text}")
