"""One line of a conda list, as conda 4.7.12, the images' own, reads it from a `--file` list.

conda's rules there are not those of its command line: `pkg=1.2` means exactly `==1.2`, names are lower-cased, spaces
may stand before an operator, `#` starts a comment anywhere, `[extras]` are dropped.
"""

from __future__ import annotations

import re

from cortexlock.model.conda_list import CondaSpec

EXPORT_HINT = "write one `package=version` a line; `conda list --export` makes such a list"

# The three shapes of a line: `name`, `name=version[=build]`, `name<operators>`.
_LINE = re.compile(r"(?P<name>[^=<>!\s]+)\s*(?:(?P<exact>=[^=<>!]+(?:=[^=<>!]+)?)|(?P<range>[=<>!]{1,2}.+))?")
_EXTRAS = re.compile(r"\[[\w.,\s-]*\]")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
_BUILD = re.compile(r"[\w.+*!]+")
_RANGE_WITH_BUILD = re.compile(r"(?P<version>.*[^=<>!,|~])=(?P<build>[^=<>!,|~-]+)")
_VERSION_ATOM = re.compile(
    r"(?P<operator>==|!=|<=|>=|~=|=|<|>)?(?P<version>[0-9A-Za-z_.!+-]*[0-9A-Za-z_+]\*?|[0-9A-Za-z_.!+-]*\*)"
)
_ARCHIVE = (".tar.bz2", ".conda")
_NAME_AND_VERSION = 2  # words


class UnreadableError(Exception):
    """A line that is no package, with what to do about it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def read_line(text: str, line: int) -> CondaSpec:
    """Return what conda 4.7.12 makes of a line: `spec_from_line` and `MatchSpec` of its source.

    Args:
        text: The line, without surrounding white space.
        line: Its 1-based number.

    Raises:
        UnreadableError: conda refuses the line, or drops part of it.
    """
    text = text.split("#", 1)[0].rstrip()
    if "://" in text.split("::", 1)[-1] or text.endswith(_ARCHIVE):
        raise UnreadableError(f"`{text}` is a file, not a package of a channel", "write `channel::package=version`")
    bare = _without_extras(text)
    found = _LINE.fullmatch(bare)
    if found is None:
        words = text.split()
        hint = f"write `{words[0]}={words[1]}`" if len(words) == _NAME_AND_VERSION else EXPORT_HINT
        if len(words) > 1 and words[1][0].isalpha():
            hint = "write one package a line"
        raise UnreadableError(f"conda cannot read `{text}`", hint)
    channel, name = _name(found["name"].lower(), text)
    if found["exact"]:
        version, build = _exact(found["exact"], text)
    elif found["range"]:
        version, build = _range(found["range"].replace(" ", ""))
    else:
        version, build = "", ""
    if build and not _BUILD.fullmatch(build):
        raise UnreadableError(f"`{build}` in `{text}` is no build string", EXPORT_HINT)
    return CondaSpec(line, text, channel, name, _version(version, text), build)


def matchspec(spec: CondaSpec) -> str:
    """Return a specification in conda's MatchSpec syntax: `numpy >=1.16,<2`, `conda-forge::blas 1.0 mkl`."""
    parts = [f"{spec.channel}::{spec.name}" if spec.channel else spec.name]
    if spec.version or spec.build:
        parts.append(spec.version or "*")
    if spec.build:
        parts.append(spec.build)
    return " ".join(parts)


def conda_text(spec: CondaSpec) -> str:
    """Return a specification as conda 4.7.12 writes it: `nltk==3.1=py27_0`, `pandas[version='>=1.0']`, `python=3.7`.

    The rules are those of the canonical form in the documentation of conda's `MatchSpec`.
    """
    text = f"{spec.channel}::{spec.name}" if spec.channel else spec.name
    version, brackets, exact = spec.version, [], False
    if any(sign in version for sign in "<>|,"):
        # An alternative without operator means that very version; conda keeps it as it was written.
        brackets.append(f"version='{version.replace('==', '')}'")
    elif version.startswith("!="):
        brackets += [f"version='{version}'"] if spec.build else []
        text += "" if spec.build else version
    elif version.endswith("*"):
        text += "=" + version.removesuffix("*").removesuffix(".")
    elif version:
        text += version
        exact = True
    if spec.build and exact and "*" not in spec.build:
        text += f"={spec.build}"
    elif spec.build:
        brackets.append(f"build={spec.build}")
    return f"{text}[{','.join(brackets)}]" if brackets else text


def _without_extras(text: str) -> str:
    """Return the line without its `[extras]`, which conda drops; conditions in brackets are refused."""
    bare = _EXTRAS.sub("", text, count=1)
    if "[" in bare or "]" in bare:
        raise UnreadableError(
            f"conda ignores conditions in brackets when it reads them from a file: `{text}`",
            "write `package=version=build` or `package>=version`",
        )
    return bare


def _name(name: str, text: str) -> tuple[str, str]:
    """Split `channel::package`."""
    channel, _, package = name.rpartition("::")
    if package.endswith("~"):
        raise UnreadableError(
            f"conda has no operator `~=` in a list: `{text}`", "write `package>=1.4,<2` for `package~=1.4`"
        )
    if not _NAME.fullmatch(package) or (not channel and "::" in name):
        raise UnreadableError(f"`{name}` is no package name", EXPORT_HINT)
    return channel, package


def _exact(constraint: str, text: str) -> tuple[str, str]:
    """Split `=version`, `=version=build` or `=version build`: no operator means that very version."""
    version, *build = constraint.replace("=", " ").split()[:3] or [""]
    if not version or len(constraint.replace("=", " ").split()) > 2:  # noqa: PLR2004 - a version and a build
        raise UnreadableError(f"conda cannot read `{text}`", EXPORT_HINT)
    return re.sub(r"[^,|]+", lambda atom: atom[0] if "*" in atom[0] else f"=={atom[0]}", version), "".join(build)


def _range(constraint: str) -> tuple[str, str]:
    """Split `>=version` and its like from a build.

    A single `=` gets here with an epoch (`=1!2.0`), which conda reads as its command line would: exactly with a build,
    else as a prefix.
    """
    found = _RANGE_WITH_BUILD.fullmatch(constraint)
    version, build = (found["version"], found["build"]) if found else (constraint, "")
    plain = version[1:]
    if version.startswith("=") and not any(sign in plain for sign in "=,|"):
        version = f"=={plain}" if build else f"{plain.rstrip('*')}*"
    return version, build


def _version(constraint: str, text: str) -> str:
    """Check a version constraint and return it."""
    for atom in re.split(r"[,|]", constraint) if constraint else ():
        if not _VERSION_ATOM.fullmatch(atom):
            raise UnreadableError(f"`{atom}` in `{text}` is no version", EXPORT_HINT)
    return constraint
