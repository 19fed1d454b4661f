"""`cortexlock merge-driver`: what git calls where two branches changed a lockfile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cortexlock.cli.options import CacheDir, Quiet, cache_of
from cortexlock.cli.output import Output
from cortexlock.errors import CortexlockError, DifferenceError, UsageError

EPILOG = """\
git calls it, after two lines of set-up (`cortexlock init --git` writes both):

\b
  git config merge.cortexlock.driver "cortexlock merge-driver %O %A %B %P"
  echo 'cortexlock.*.yaml merge=cortexlock' >> .gitattributes

Where it cannot lock, the lockfile gets the usual conflict markers; once all else is resolved, `cortexlock lock` does
the same as this. Exit codes: 0 merged; 1 there are conflict markers now.
"""


def merge_driver(  # noqa: PLR0913, PLR0917 - git's own placeholders
    context: typer.Context,
    base: Annotated[str, typer.Argument(help="What both come from (%O).", metavar="BASE", show_default=False)],
    ours: Annotated[
        str, typer.Argument(help="What is here (%A); the result goes there.", metavar="OURS", show_default=False)
    ],
    theirs: Annotated[str, typer.Argument(help="What comes in (%B).", metavar="THEIRS", show_default=False)],
    path: Annotated[str, typer.Argument(help="Its path in the repository (%P).", metavar="PATH", show_default=False)],
    label: Annotated[
        str, typer.Argument(help="What git calls the side that comes in (%Y).", metavar="LABEL", show_default=False)
    ] = "",
    *,
    cache_dir: CacheDir = None,
    quiet: Quiet = False,
) -> int:
    """Merge a lockfile that two branches changed.

    What the merge makes of the project is locked anew, with the versions of both sides preferred.
    """
    # Imported here: `--help` does not pay for it.
    from cortexlock.lock import merge as use_case  # noqa: PLC0415
    from cortexlock.lock.locked import LockOptions  # noqa: PLC0415
    from cortexlock.lock.repository import Repository  # noqa: PLC0415

    output = Output(quiet=quiet, color=context.obj)
    environment = dict(os.environ)
    root = Repository(Path.cwd(), environment).root()
    if root is None:
        raise UsageError("this is no repository of git", hint="git calls this command by itself; see its --help")
    files = [Path(each).absolute() for each in (base, ours, theirs)]
    for each in files:
        if not each.is_file():
            raise UsageError("there is no such file", where=str(each), hint="git calls this command by itself")
    conflict = use_case.Conflict(files[0], files[1], files[2], path, label)
    options = LockOptions(None, None, cache_of(cache_dir, written=True), environment)
    try:
        use_case.merge(conflict, root, options, on_event=lambda _event: None)
    except CortexlockError as error:
        from cortexlock.cli.errors import text_of  # noqa: PLC0415 - only an error pays for it

        use_case.mark(conflict, options)
        output.note(f"{path} could not be merged, and has conflict markers:\n{text_of(output, error)}")
        return DifferenceError.exit_code
    if not output.quiet:
        output.note(f"{path}: locked anew, with the versions of both sides where they fit")
    return 0
