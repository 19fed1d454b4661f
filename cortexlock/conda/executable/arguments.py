"""The part of conda's command line that conda-lock, and a person with a question, may use."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

SOLVES = ("create", "install", "update")


class WrongUsageError(Exception):
    """A command line that this executable does not answer."""


class _CallParser(argparse.ArgumentParser):
    """A parser that raises: the answer to a wrong call is JSON where JSON was asked for."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of ending the program."""
        raise WrongUsageError(message)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse a command line.

    Raises:
        WrongUsageError: It is none of the calls that are answered.
    """
    parser = _CallParser(prog="cortexlock-conda", description=__doc__, allow_abbrev=False)
    parser.add_argument("-V", "--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", parser_class=_CallParser)
    common = _CallParser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer in JSON; it does so anyway")
    common.add_argument("-q", "--quiet", action="store_true", help="no effect")
    place = _CallParser(add_help=False)
    place.add_argument("-p", "--prefix", default="", help="the environment")
    where = _CallParser(add_help=False)
    where.add_argument("-c", "--channel", action="append", default=[], dest="channels", help="in order of priority")
    where.add_argument("--override-channels", action="store_true", help="only the channels that are given")
    solve = _CallParser(add_help=False)
    solve.add_argument("-d", "--dry-run", action="store_true", help="required: nothing is ever installed")
    solve.add_argument("-y", "--yes", action="store_true", help="no effect")
    solve.add_argument("specs", nargs="*", help="what to solve for")
    for name in SOLVES:
        commands.add_parser(
            name, parents=[common, place, where, solve], allow_abbrev=False, help="solve, and print the result"
        )
    search = commands.add_parser("search", parents=[common, where], allow_abbrev=False, help="all records of packages")
    search.add_argument("specs", nargs="+", help="package names")
    listing = commands.add_parser("list", parents=[common, place], allow_abbrev=False, help="what an environment has")
    listing.add_argument("--no-pip", action="store_true", help="no effect: only conda's packages are listed")
    commands.add_parser("info", parents=[common], allow_abbrev=False, help="where packages would be cached")
    config = commands.add_parser("config", parents=[common], allow_abbrev=False, help="where packages would be cached")
    config.add_argument("words", nargs="*")
    config.add_argument("--show", nargs="*")
    return parser.parse_args(arguments)
