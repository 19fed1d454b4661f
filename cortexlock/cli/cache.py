"""`cortexlock cache`: where downloads and answers are kept, and their removal."""

from __future__ import annotations

from typing import Annotated

import typer

from cortexlock.cli.command import PlainCommand, help_where_nothing_is_asked, new_group
from cortexlock.cli.options import CacheDir, Json, Quiet, cache_of
from cortexlock.cli.output import Output
from cortexlock.errors import StepError, UsageError

_EPILOG = """\
Examples:

\b
  cortexlock cache dir                 where it is
  cortexlock cache prune --days 30     remove what nobody has used for a month
  cortexlock cache clean               remove all of it: it is fetched and made again when it is needed
"""

_DAY = 24 * 60 * 60

app = new_group()


@app.callback(epilog=_EPILOG)
def _cache(context: typer.Context) -> None:
    """The directory of downloads, index pages, and answers of builds."""
    help_where_nothing_is_asked(context)


@app.command(name="dir", cls=PlainCommand, epilog=_EPILOG, short_help="Print where it is.")
def show_directory(cache_dir: CacheDir = None) -> None:
    """Print the path of the cache directory, whether or not it is there."""
    print(cache_of(cache_dir))  # noqa: T201 - what was asked for


@app.command(name="clean", cls=PlainCommand, epilog=_EPILOG, short_help="Remove all of it.")
def clean(context: typer.Context, cache_dir: CacheDir = None, *, as_json: Json = False, quiet: Quiet = False) -> None:
    """Remove everything that cortexlock has put there. Do so while no other cortexlock runs."""
    _remove(Output(as_json=as_json, quiet=quiet, color=context.obj), cache_dir, days=None)


@app.command(name="prune", cls=PlainCommand, epilog=_EPILOG, short_help="Remove what nobody has used for long.")
def prune(
    context: typer.Context,
    days: Annotated[str, typer.Option(help="For how many days nobody has used it.", metavar="DAYS")] = "30",
    cache_dir: CacheDir = None,
    *,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Remove what was neither written nor read for some days."""
    if not days.isdecimal() or len(days) > 5:  # noqa: PLR2004 - what is more is no number of days
        raise UsageError(f"`{days}` is no number of days", where="--days", hint="write `--days 30`")
    _remove(Output(as_json=as_json, quiet=quiet, color=context.obj), cache_dir, days=int(days))


def _remove(output: Output, cache_dir: str | None, *, days: int | None) -> None:
    import time  # noqa: PLC0415 - `--help` does not pay for it

    from cortexlock import cache_contents  # noqa: PLC0415 - as above

    cache = cache_of(cache_dir)
    try:
        if days is None:
            removed = cache_contents.clean(cache)
        else:
            removed = cache_contents.prune(cache, before=time.time() - days * _DAY)
    except OSError as error:
        what = f"it cannot be removed: {error.strerror or error}"
        raise StepError(what, where=str(error.filename or cache), hint="is it yours?") from error
    from cortexlock.model.counts import counted  # noqa: PLC0415 - `--help` does not pay for it

    output.document({"directory": str(cache), "files": removed.files, "bytes": removed.size})
    if not output.quiet:
        output.line(f"{cache}: {counted(removed.files, 'file')} removed, {removed.size / 1e6:.1f} MB")
