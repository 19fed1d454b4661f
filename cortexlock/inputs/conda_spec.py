"""One line of a conda list, as conda 4.7.12, the images' own, reads it from a `--file` list.

conda's rules there are not those of its command line: `pkg=1.2` means exactly `==1.2`, names are lower-cased, spaces
may stand before an operator, `#` starts a comment anywhere, `[extras]` are dropped. The conda that conda-lock ships
reads lines as 4.7.12 does, but for two things: an operator `~=` after the name, and versions that end with `_`. What
conda reads as something that nobody can mean is refused.
"""

from __future__ import annotations

import re

from cortexlock.inputs import vendored_conda
from cortexlock.inputs.vendored_conda import InvalidSpecError, Reading
from cortexlock.model.conda_list import CondaSpec
from cortexlock.patterns import pattern

EXPORT_HINT = "write one `package=version` a line; `conda list --export` makes such a list"
_VERSION_HINT = "write a version as `conda search PACKAGE` shows it: letters and digits, with single dots between them"

_MOST = 1000  # characters; no package needs as many
_NAME = pattern(r"[a-z0-9_][a-z0-9_.-]*")
_ARCHIVE = (".tar.bz2", ".conda")
_EXTRAS = pattern(r"[\w.,\s-]*")
_CONDITION = pattern(r"([A-Za-z0-9_-]+)\s*=")
_KEPT = {"version", "build", "channel"}  # conditions in brackets that a specification has a place for
_LOCATION = ("/", ".", "~")
_JOINED = pattern(r"[^\s=<>!~,|][\s=]+[^\s=<>!~,|]")
_PLAIN_VERSION = pattern(r"(?!=[^=])[\w.,|<>=!*+]+")  # needs no brackets
_PLAIN_BUILD = pattern(r"[\w.+*!]+")
_OPERATOR = pattern(r"^[=<>!~]|[*^$,|]")  # what makes a version more than that very one
_NAME_AND_VERSION = 2  # words


class UnreadableLineError(Exception):
    """A line that is no package, with what to do about it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def read_line(text: str, line: int) -> CondaSpec:
    """Return what conda 4.7.12 makes of a line.

    Args:
        text: The line, without surrounding white space.
        line: Its 1-based number.

    Raises:
        UnreadableLineError: conda refuses the line, or what it makes of it cannot be what is meant.
    """
    text = text.split("#", 1)[0].rstrip()
    if len(text) > _MOST:
        raise UnreadableLineError(f"the line has {len(text)} characters, which no package needs", EXPORT_HINT)
    if text.endswith(_ARCHIVE) or "://" in text.rpartition("::")[2]:
        raise UnreadableLineError(f"`{text}` is a file, not a package of a channel", "write `channel::package=version`")
    specification = vendored_conda.specification(text)
    if specification is None:
        raise UnreadableLineError(f"conda cannot read `{text}`", _hint(text))
    if re.match(r"[^=<>!\s]*\s*~", text):
        raise UnreadableLineError(
            f"conda has no operator `~=` in a list: `{text}`", "write `package>=1.4,<2` for `package~=1.4`"
        )
    found = _reading(specification, text)
    _check_dropped(text, specification)
    name, version, build = (found.fields.get(field, "") for field in ("name", "version", "build"))
    if not _NAME.fullmatch(name):
        raise UnreadableLineError(f"`{_name_part(text)}` is no package name", EXPORT_HINT)
    _check_joined(text, version, build)
    return CondaSpec(line, text, _channel(found, text), name, _version(version), build)


def matchspec(spec: CondaSpec) -> str:
    """Return a specification in conda's MatchSpec syntax: `numpy >=1.16,<2`, `conda-forge::blas ==1.0 mkl`."""
    name = f"{spec.channel}::{spec.name}" if spec.channel else spec.name
    if not (_PLAIN_VERSION.fullmatch(spec.version or "*") and _PLAIN_BUILD.fullmatch(spec.build or "*")):
        conditions = [f"{key}='{text}'" for key, text in (("version", spec.version), ("build", spec.build)) if text]
        return f"{name}[{','.join(conditions)}]"
    if spec.build:
        return f"{name} {spec.version or '*'} {spec.build}"
    return f"{name} {spec.version}" if spec.version else name


def conda_text(spec: CondaSpec) -> str:
    """Return a specification as conda 4.7.12 writes it: `nltk==3.1=py27_0`, `pandas[version='>=1.0']`, `python=3.7`."""
    return vendored_conda.written(matchspec(spec))


def _hint(text: str) -> str:
    words = text.split()
    if len(words) > 1 and words[1][0].isalpha():
        return "write one package a line"
    return f"write `{words[0]}={words[1]}`" if len(words) == _NAME_AND_VERSION else EXPORT_HINT


def _reading(specification: str, text: str) -> Reading:
    try:
        found = vendored_conda.read(specification)
    except InvalidSpecError as error:
        if not error.version:
            raise UnreadableLineError(f"conda cannot read `{text}`", EXPORT_HINT) from None
        raise UnreadableLineError(f"`{error.version}` in `{text}` is no version", _VERSION_HINT) from None
    for atom in found.atoms:
        if atom.partition("+")[0].endswith("_"):  # conda 4.8 and later read it
            raise UnreadableLineError(f"`{atom}` in `{text}` is no version for conda 4.7", _VERSION_HINT)
    return found


def _check_dropped(text: str, specification: str) -> None:
    """Refuse conditions that conda drops without a word, or that a lock has no place for."""
    inside = text[text.find("[") + 1 : text.rfind("]")] if "[" in text else ""
    if not _EXTRAS.fullmatch(inside):
        read = inside.replace(" ", "") in specification
        unknown = sorted(set(_CONDITION.findall(inside)) - _KEPT)
        if not read or unknown or not _CONDITION.search(inside):
            raise UnreadableLineError(
                f"conda ignores conditions in brackets when it reads them from a file: `{text}`",
                "write `package=version=build` or `package>=version`",
            )
    if "(" in text or ")" in text:
        raise UnreadableLineError(
            f"conda ignores what is in parentheses: `{text}`", "write the conditions without them: `package>=1,<2`"
        )


def _check_joined(text: str, version: str, build: str) -> None:
    """Refuse what conda joins to one version: `>=1.0 py36_0` is `>=1.0py36_0` for it."""
    bare = text.partition("[")[0].rstrip()
    said = bare.rpartition("::")[2]
    constraint = re.sub(r"^[^\s=<>!~]+", "", said)
    if build and constraint.endswith(build):
        constraint = constraint.removesuffix(build).rstrip().removesuffix("=")
    if _JOINED.search(constraint) or re.search(r"\s", build) or "@" in version:
        raise UnreadableLineError(
            f"conda would read `{said}` as version `{version}`" + (f" and build `{build}`" if build else ""),
            "separate conditions by commas, and write a build as `package=version=build`",
        )


def _name_part(text: str) -> str:
    return re.split(r"[\s=<>!]", text, maxsplit=1)[0].lower() or text


def _channel(found: Reading, text: str) -> str:
    """Return the channel, with its subdirectory; where it is a location, as it was written: conda forgets the host."""
    before, mark, _ = _name_part(text).rpartition("::")
    written = text[: len(before)]
    if mark and ("://" in written or written.startswith(_LOCATION)):
        return written
    channel, subdir = found.fields.get("channel", ""), found.fields.get("subdir", "")
    return f"{channel}/{subdir}" if channel and subdir else channel


def _version(version: str) -> str:
    """Return a constraint with the operator that a version without one has."""
    return version if not version or _OPERATOR.search(version) else f"=={version}"
