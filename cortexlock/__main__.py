"""`python -m cortexlock` is the `cortexlock` command, and where that starts."""

from __future__ import annotations

import gc
import sys

_INTERRUPTED = 130  # as `cortexlock.cli.errors` has it, which cannot be imported here yet


def main() -> None:
    """Run the command; Ctrl-C while its modules are loaded ends it as quietly as later."""
    # Loading modules makes many objects and no garbage: rarer collections are a twentieth of the time of `check`.
    gc.set_threshold(50_000)
    try:
        from cortexlock.cli.main import main as run  # noqa: PLC0415 - this is what can be interrupted
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was written\n")
        sys.exit(_INTERRUPTED)
    try:
        run()
    finally:
        gc.freeze()  # nor is the end of the process the time to look for any: another tenth


if __name__ == "__main__":
    main()
