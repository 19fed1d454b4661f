"""The literal arguments of a `setup.py`, read without running it, only where running it could say nothing else.

The script must be made of statements that are known to do nothing but prepare texts for the only `setup()` call:
imports of a few modules of the standard library that Python 3.6 has, too, assignments, functions and reads of files
that are there. Anything else (conditions, loops, calls of other functions, plugins of setuptools) is left to a build.
"""

from __future__ import annotations

import ast
import builtins
import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_FIELDS = frozenset(("name", "version", "install_requires", "extras_require", "python_requires", "setup_requires"))

# What setuptools itself knows and what changes none of the fields. Others are for plugins (`use_scm_version`, `pbr`),
# or change what the commands do (`cmdclass`, `distclass`, `options`).
# fmt: off
_WITHOUT_INFLUENCE = frozenset([
    "author", "author_email", "classifiers", "data_files", "description", "download_url", "entry_points",
    "exclude_package_data", "ext_modules", "include_package_data", "keywords", "license", "license_file",
    "license_files", "long_description", "long_description_content_type", "maintainer", "maintainer_email",
    "obsoletes", "package_data", "package_dir", "packages", "platforms", "project_urls", "provides", "py_modules",
    "requires", "scripts", "test_suite", "tests_require", "url", "zip_safe",
])
# fmt: on

_IMPORTS: Mapping[str, frozenset[str]] = {
    "__future__": frozenset(("absolute_import", "division", "print_function", "unicode_literals", "with_statement")),
    "codecs": frozenset(("open",)),
    # Setuptools, which every build imports first, puts its own Distribution behind it.
    "distutils.core": frozenset(("Extension", "setup")),
    "glob": frozenset(("glob",)),
    "io": frozenset(("open",)),
    "os": frozenset(("path",)),
    "os.path": frozenset(("abspath", "basename", "dirname", "join", "realpath")),
    "pathlib": frozenset(("Path",)),
    "platform": frozenset(),
    "re": frozenset(),
    "setuptools": frozenset(("Extension", "find_packages", "setup")),
    "sys": frozenset(),
}
"""Modules and names of them that may be imported: all are there in Python 3.6 and in every setuptools."""

# fmt: off
_CALLABLE = frozenset([
    "Extension", "Path", "abspath", "basename", "decode", "dict", "dirname", "find_packages", "glob", "join", "list",
    "open", "read", "read_text", "realpath", "replace", "resolve", "rstrip", "split", "splitlines", "str", "strip",
])
# fmt: on
"""Names of functions and methods that may be called: they read, and change nothing."""

_EXPRESSIONS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.List, ast.Tuple, ast.Dict, ast.BinOp, ast.Add),
    *(ast.Mod, ast.Div, ast.Load),
)

_READERS = frozenset(("Path", "join", "open", "read_text"))
_FILE = re.compile(r"(?:README|LICEN[CS]E|CHANGE|HISTORY|VERSION|NEWS)\S*|\S+\.[a-z]{1,4}")
_HARMLESS_METADATA = frozenset(
    ("description-file", "description_file", "license_file", "license_files", "long_description")
)
_OLDEST_PYTHON = (3, 6)
_SHADOWS = ("setuptools", "setuptools.py", "distutils", "distutils.py", "pkg_resources", "pkg_resources.py")
_UNKNOWN = ast.Assign(targets=[], value=ast.Name("unknown"), lineno=0)
"""Stands for a binding whose value is not known."""


def arguments(source: Path) -> dict[str, Any] | None:
    """Return the arguments of the only `setup()` call that decide a resolution.

    Args:
        source: The tree.

    Returns:
        What the call gives for `name`, `version`, `install_requires`, `extras_require`, `python_requires` and
        `setup_requires`, where it gives them; None unless all of it is certain.
    """
    if _setup_cfg_decides(source / "setup.cfg") or any((source / name).exists() for name in _SHADOWS):
        return None
    try:
        content = (source / "setup.py").read_bytes()
        module = ast.parse(content, feature_version=_OLDEST_PYTHON)
        compile(content, "setup.py", "exec", dont_inherit=True)  # finds what parsing alone does not
        return _Script(module, source).arguments()
    except (OSError, SyntaxError, ValueError, MemoryError, RecursionError):
        return None


class _UncertainError(ValueError):
    """Only a build can tell."""


class _Script:
    """A parsed `setup.py`; every method raises `_UncertainError` for what is not certain."""

    def __init__(self, module: ast.Module, source: Path) -> None:
        self._module = module
        self._source = source
        self._functions = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}

    def arguments(self) -> dict[str, Any]:
        calls = [node for node in ast.walk(self._module) if isinstance(node, ast.Call) and _name(node.func) == "setup"]
        if len(calls) != 1 or ast.unparse(calls[0].func) not in ("setup", "setuptools.setup"):
            raise _UncertainError("setup")
        call = calls[0]
        if call.args or not {keyword.arg for keyword in call.keywords} <= _FIELDS | _WITHOUT_INFLUENCE:
            raise _UncertainError("arguments")
        if not self._all_harmless(self._module.body, call):
            raise _UncertainError("not called for certain")
        bound = self._bound()
        if bound.get("setup" if isinstance(call.func, ast.Name) else "setuptools") != [None]:
            raise _UncertainError("setup is not the one of setuptools")
        found = {}
        for keyword in call.keywords:
            if keyword.arg in _FIELDS:
                found[str(keyword.arg)] = _literal(keyword.value, bound, call.lineno)
            else:
                self._expression(keyword.value)
        return found

    def _all_harmless(self, statements: list[ast.stmt], call: ast.Call) -> bool:
        """Check statements that run in any case; tell whether the call is among them."""
        called = False
        for statement in statements:
            if isinstance(statement, ast.Expr) and statement.value is call:
                called = True
            elif isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'":
                if statement.orelse:
                    raise _UncertainError("else")
                called = self._all_harmless(statement.body, call) or called
            else:
                self._statement(statement)
        return called

    def _statements(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Import() | ast.ImportFrom():
                _import(statement)
            case ast.Assign(targets=[ast.Name()], value=value) | ast.Return(value=ast.expr() as value):
                self._expression(value)
            case ast.With(items=items, body=body):
                for item in items:
                    self._expression(item.context_expr)
                    if not (isinstance(item.context_expr, ast.Call) and _name(item.context_expr.func) == "open"):
                        raise _UncertainError("with")
                self._statements(body)
            case ast.FunctionDef(decorator_list=[], args=arguments, body=body):
                for default in (*arguments.defaults, *(each for each in arguments.kw_defaults if each)):
                    self._expression(default)
                self._statements(body)
            case ast.Try(body=body, handlers=[handler], orelse=[], finalbody=[]):
                _fallback(body, handler.body)
            case _:
                raise _UncertainError(type(statement).__name__)

    def _expression(self, expression: ast.expr) -> None:
        """Check an expression whose value decides nothing: it must have no effects, and must not fail."""
        for node in ast.walk(expression):
            if not isinstance(node, _EXPRESSIONS):
                raise _UncertainError(type(node).__name__)
            if isinstance(node, ast.Call):
                name = _name(node.func)
                if name not in _CALLABLE and name not in self._functions:
                    raise _UncertainError(name)
                if name in _READERS or name in self._functions:
                    self._files_of(node)

    def _files_of(self, call: ast.Call) -> None:
        """Check that the files which a call names are there: a build fails without them."""
        for node in ast.walk(call):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _FILE.fullmatch(text):
                (self._source / text).read_text(encoding="utf-8")

    def _bound(self) -> dict[str, list[ast.Assign | None]]:
        """Return, by name, what binds it: assignments, and None for an import outside of `except`."""
        found: dict[str, list[ast.Assign | None]] = {}
        handled = _inside(self._module, ast.ExceptHandler)
        local = _inside(self._module, ast.FunctionDef)
        for node in ast.walk(self._module):
            for name, assignment in () if node in handled else _bindings(node):
                found.setdefault(name, []).append(_UNKNOWN if node in local else assignment)
        known = {*vars(builtins), *(_CALLABLE - self._functions)}
        if any(name in known for name, bindings in found.items() if any(bindings)):
            raise _UncertainError("a name that is known is bound anew")
        return found


def _inside(module: ast.Module, kind: type[ast.AST]) -> set[ast.AST]:
    """Return all nodes within nodes of a kind."""
    outer = [node for node in ast.walk(module) if isinstance(node, kind)]
    return {inner for node in outer for inner in ast.walk(node) if inner is not node}


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.Assign | None]]:
    """Yield the names that a node binds, with the assignment, or None for an import."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name, node
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                yield (alias.asname or alias.name).partition(".")[0], None
        case ast.FunctionDef(name=name):
            yield name, _UNKNOWN
        case ast.arg(arg=name):
            yield name, _UNKNOWN
        case ast.With(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield ast.unparse(item.optional_vars), _UNKNOWN
        case _:
            pass


def _fallback(tried: list[ast.stmt], otherwise: list[ast.stmt]) -> None:
    """Check the usual fallback to distutils, which no build with setuptools reaches."""
    for statement in tried:
        if not isinstance(statement, ast.ImportFrom) or statement.module != "setuptools":
            raise _UncertainError("try")
        _import(statement)
    if not all(isinstance(statement, ast.ImportFrom | ast.Pass) for statement in otherwise):
        raise _UncertainError("except")


def _import(statement: ast.Import | ast.ImportFrom) -> None:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            known = alias.name in _IMPORTS and alias.name != "__future__"
        else:
            known = statement.level == 0 and alias.name in _IMPORTS.get(statement.module or "", ())
        if not known or alias.asname is not None:
            raise _UncertainError(alias.name)


def _literal(value: ast.expr, bound: Mapping[str, list[ast.Assign | None]], line: int) -> Any:  # noqa: ANN401 - a literal
    """Return the value of a literal, names of other literals followed; they are bound once and before `line`."""
    match value:
        case ast.Constant(value=constant):
            return constant
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_literal(part, bound, line) for part in parts]
        case ast.Dict(keys=keys, values=values):
            return {_key(key): _literal(each, bound, line) for key, each in zip(keys, values, strict=True)}
        case ast.Name(id=name):
            match bound.get(name):
                case [ast.Assign(targets=[_], value=assigned, lineno=at)] if at < line:
                    return _literal(assigned, bound, at)
                case _:
                    raise _UncertainError(name)
        case _:
            raise _UncertainError(type(value).__name__)


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _UncertainError("key")


def _name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _setup_cfg_decides(path: Path) -> bool:
    """Whether `setup.cfg` has metadata or options of its own, which setuptools mixes with those of `setup.py`."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return True
    if (
        any(section == "options" or section.startswith("options.") for section in parser.sections())
        or parser.defaults()
    ):
        return True
    if parser.has_section("metadata") and not set(parser["metadata"]) <= _HARMLESS_METADATA:
        return True
    # These options of the command change the version.
    return any(
        parser.get(section, option, fallback="").strip().lower() not in ("", "0", "false", "no", "off")
        for section in ("egg_info", "global", "dist_info")
        for option in ("tag_build", "tag-build", "tag_date", "tag-date", "tag_svn_revision")
    )
