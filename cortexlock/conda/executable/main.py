"""The console script `cortexlock-conda`: a conda that solves and lists, and prints conda's JSON.

Besides conda's own `CONDA_SUBDIR`, `CONDA_PKGS_DIRS` and `CONDA_OVERRIDE_*` it reads `CORTEXLOCK_CONDA_CACHE`, a
directory for repodata, `CORTEXLOCK_CONDA_EXCLUDE_NEWER`, an RFC 3339 date and time, and `CORTEXLOCK_CONDA_CHANNELS`, a
JSON object of URLs with credentials by channel, which no command line should have, and `CORTEXLOCK_CONDA_IMAGE`, a file
that says what is installed (`image_document`). Virtual packages are those that the
caller names, by these variables or by a channel of theirs; the machine that runs this has no say.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from cortexlock import __version__
from cortexlock.conda.executable.arguments import WrongUsageError, parse
from cortexlock.conda.failure import MALFORMED
from cortexlock.errors import CortexlockError


def main() -> NoReturn:
    """Answer one call and end the process: 0; 1 for what conda fails on; 2 for wrong usage."""
    code, text = respond(sys.argv[1:], dict(os.environ))
    sys.stdout.write(text)
    sys.stdout.flush()
    # The threads of py-rattler can crash an interpreter that shuts down, one time in five: leave without that.
    os._exit(code)


def respond(arguments: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Answer one call.

    Args:
        arguments: The command line, without the program.
        env: The environment variables.

    Returns:
        The exit code, and what to print.
    """
    try:
        options = parse(arguments)
        if options.version:
            return 0, f"cortexlock-conda {__version__}\n"
        from cortexlock.conda.executable.answers import answer  # noqa: PLC0415 - heavy, and not for --help

        return 0, _text(answer(options, env))
    except WrongUsageError as error:
        return 2, _failure("ArgumentError", error)
    except Exception as error:
        name = _exception_name(error)
        if name is None:
            raise
        return 1, _failure(name, error)


def _exception_name(error: Exception) -> str | None:
    """Return conda's name for an error, None for what is none of conda's."""
    from rattler import exceptions  # noqa: PLC0415 - heavy

    from cortexlock.conda.executable.bounded_query import EndlessAnswerError  # noqa: PLC0415 - as above
    from cortexlock.conda.executable.classic_solver import MissingSolverError  # noqa: PLC0415 - as above
    from cortexlock.conda.executable.conflicts import RefusedRequestError  # noqa: PLC0415 - as above
    from cortexlock.conda.executable.mended_channels import (  # noqa: PLC0415 - as above
        MalformedChannelError,
        UnreadableChannelError,
    )

    if isinstance(error, RefusedRequestError):
        return error.name
    names: list[tuple[type[BaseException], str]] = [
        (MissingSolverError, "MissingSolver"),
        (MalformedChannelError, MALFORMED),
        (UnreadableChannelError, "CondaHTTPError"),
        (EndlessAnswerError, "CondaHTTPError"),
        (exceptions.InvalidMatchSpecError, "InvalidMatchSpec"),
        (exceptions.GatewayError, "CondaHTTPError"),
        (exceptions.FetchRepoDataError, "CondaHTTPError"),
        (CortexlockError, "CondaValueError"),
    ]
    return next((name for kind, name in names if isinstance(error, kind)), None)


def _failure(name: str, error: Exception) -> str:
    """Return conda's JSON of an error, and what is known of it as values: see `cortexlock.conda.failure`."""
    answer = {"success": False, "error": str(error), "message": str(error), "exception_name": name}
    known = {key: getattr(error, key, None) for key in ("blamed", "url", "reason")}
    return _text({**answer, **{key: value for key, value in known.items() if value}})


def _text(answer: object) -> str:
    """Return an answer as JSON, as conda prints it: indented, with a final line end."""
    return json.dumps(answer, indent=1, sort_keys=True) + "\n"
