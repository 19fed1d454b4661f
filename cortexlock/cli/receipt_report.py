"""What `cortexlock show --prefix` prints: what the last replay in an environment did."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cortexlock.cli.output import Output

if TYPE_CHECKING:
    from cortexlock.replay.prefix.receipt import Receipt

_STATES = {"completed": "as locked when it was installed", "started": "an installation was ended half-way"}


def show(output: Output, receipt: Receipt, prefix: Path) -> None:
    """Print a receipt."""
    receipt_document = {key.replace("_", "-"): value for key, value in asdict(receipt).items()}
    output.document({"prefix": str(prefix), "receipt": receipt_document})
    counts = ", ".join(f"{len(versions)} {manager} packages" for manager, versions in receipt.installed.items())
    tools = ", ".join(f"{name} {version}" for name, version in sorted(receipt.tools.items()))
    output.line(f"{prefix}: {_STATES[receipt.state]}")
    output.line(f"  image: {receipt.image} on {receipt.platform}, Python {receipt.python}")
    output.line(f"  lockfile: {receipt.content_hash}")
    output.line(f"  steps that are done: {', '.join(receipt.steps) or 'none'}")
    for what, text in (("then there were", counts), ("installed by", tools)):
        if text:
            output.line(f"  {what}: {text}")
