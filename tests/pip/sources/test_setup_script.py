"""`setup.py` without running it: what is taken must be what running it gives; everything else must be left."""

from __future__ import annotations

import json
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortexlock.pip.sources import setup_script

_IMPORT = "from setuptools import setup, find_packages\n"
_CALL = 'setup(name="pkg", version="1.0", install_requires=["a>=1", "b"])\n'
_EXPECTED = {"name": "pkg", "version": "1.0", "install_requires": ["a>=1", "b"]}

_FAKE_SETUPTOOLS = """
import json, sys, types
calls = []
def setup(**arguments):
    calls.append(arguments)
fake = types.ModuleType("setuptools")
fake.setup, fake.find_packages, fake.Extension = setup, lambda *a, **k: [], lambda *a, **k: None
sys.modules["setuptools"] = fake
import distutils.core
distutils.core.setup = setup  # as setuptools, which every build imports first, has it
sys.path.insert(0, ".")
with open("setup.py") as file:
    exec(compile(file.read(), "setup.py", "exec"), {"__name__": "__main__", "__file__": "setup.py"})
assert len(calls) == 1
wanted = ("name", "version", "install_requires", "extras_require", "python_requires", "setup_requires")
print(json.dumps({name: value for name, value in calls[0].items() if name in wanted}))
"""


def _arguments(tmp_path: Path, script: str, **files: str) -> dict[str, Any] | None:
    (tmp_path / "setup.py").write_text(textwrap.dedent(script), encoding="utf-8")
    for name, text in files.items():
        (tmp_path / name.replace("_dot_", ".")).write_text(text, encoding="utf-8")
    return setup_script.arguments(tmp_path)


CERTAIN = {
    "plain": _IMPORT + _CALL,
    "module": "import setuptools\nsetuptools." + _CALL,
    "docstring and comment": '"""Doc."""\n# comment\n' + _IMPORT + _CALL,
    "main guard": _IMPORT + 'if __name__ == "__main__":\n    ' + _CALL,
    "fallback": "try:\n    from setuptools import setup\nexcept ImportError:\n    from distutils.core import setup\n"
    + _CALL,
    "distutils behind setuptools": "from distutils.core import setup\nimport setuptools\n" + _CALL,
    "distutils": "from distutils.core import setup\n" + _CALL,
    "future": "from __future__ import print_function\n" + _IMPORT + _CALL,
    "modules that are not used for it": "import sys, re\nimport platform\n" + _IMPORT + "old = sys.version\n" + _CALL,
    "named list": _IMPORT + 'REQS = ["a>=1", "b"]\nsetup(name="pkg", version="1.0", install_requires=REQS)\n',
    "named text used twice": _IMPORT
    + 'V = "1.0"\nsetup(name="pkg", version=V, url="x/" + V, install_requires=["a>=1", "b"])',
    "name of a name": _IMPORT
    + 'A = "a>=1"\nR = [A, "b"]\nsetup(name="pkg", version="1.0", install_requires=R, packages=find_packages())\n',
    "readme": _IMPORT
    + 'import io\nwith io.open("README.md", encoding="utf-8") as f:\n    text = f.read()\n'
    + 'setup(name="pkg", version="1.0", long_description=text, install_requires=["a>=1", "b"])\n',
    "reader": _IMPORT
    + "import os\ndef read(name):\n    return open(os.path.join(os.path.dirname(__file__), name)).read()\n"
    + 'setup(name="pkg", version="1.0", long_description=read("README.md"), install_requires=["a>=1", "b"])\n',
}


@pytest.mark.parametrize("script", CERTAIN.values(), ids=CERTAIN)
def test_literal_script_is_read(tmp_path: Path, script: str) -> None:
    assert _arguments(tmp_path, script, README_dot_md="text") == _EXPECTED


@pytest.mark.interpreter
@pytest.mark.parametrize("script", CERTAIN.values(), ids=CERTAIN)
def test_what_is_read_is_what_python36_runs(tmp_path: Path, script: str, python36: Path) -> None:
    read = _arguments(tmp_path, script, README_dot_md="text")
    ran = subprocess.run([python36, "-c", _FAKE_SETUPTOOLS], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(ran.stdout) == read


_WITH_R = 'setup(name="pkg", version="1.0", install_requires=R)\n'

UNCERTAIN = {
    "no setup": "",
    "no import": _CALL,
    "not python 3": _IMPORT + "print 'x'\n" + _CALL,
    "syntax of 3.8": _IMPORT + "if (n := 1):\n    pass\n" + _CALL,
    "syntax of 3.10": _IMPORT + "match 1:\n    case _: pass\n" + _CALL,
    "f-string that 3.6 may not know": _IMPORT + 'x = 1\nurl = f"{x=}"\n' + _CALL,
    "null byte": _IMPORT + _CALL + "\0",
    "repeated argument": _IMPORT + 'setup(name="a", name="b", version="1.0")\n',
    "two calls": _IMPORT + _CALL + _CALL,
    "call behind another name": "from setuptools import setup as go\ngo()\nfrom setuptools import setup\n" + _CALL,
    "other name only": "from setuptools import setup as go\ngo(name='x')\n",
    "another setup": "from numpy.distutils.core import setup\n" + _CALL,
    "setup of an object": _IMPORT + "x = 1\nx." + _CALL,
    "setup defined here": _IMPORT + "def setup(**arguments): pass\n" + _CALL,
    "setup bound anew": _IMPORT + "setup = dict\n" + _CALL,
    "setup is a parameter": _IMPORT + "def f(setup): return 1\n" + _CALL,
    "in a condition": _IMPORT + "import sys\nif sys.version_info < (3, 7):\n    " + _CALL,
    "else of main": _IMPORT + 'if __name__ == "__main__":\n    ' + _CALL + "else:\n    x = 1\n",
    "not main": _IMPORT + 'if __name__ != "__main__":\n    ' + _CALL,
    "condition that refuses": _IMPORT + "import sys\nif sys.version_info < (3, 7):\n    sys.exit(1)\n" + _CALL,
    "assertion": _IMPORT + "assert 0\n" + _CALL,
    "raise": _IMPORT + "raise SystemExit\n" + _CALL,
    "call that refuses": _IMPORT + "import sys\nsys.exit(1)\n" + _CALL,
    "function that refuses": _IMPORT + "def check():\n    raise SystemExit\nx = check()\n" + _CALL,
    "in a function": _IMPORT + "def main():\n    " + _CALL,
    "in a loop": _IMPORT + "for _ in ():\n    " + _CALL,
    "in a lambda": _IMPORT + "lambda: " + _CALL,
    "after and": _IMPORT + "False and " + _CALL,
    "in a comprehension": _IMPORT + "[setup(name='a', version='1') for x in ()]\n",
    "in another call": _IMPORT + "print(" + _CALL.strip() + ")\n",
    "keywords of a dict": _IMPORT + 'D = {"install_requires": []}\nsetup(name="pkg", version="1.0", **D)\n',
    "positional": _IMPORT + 'setup("pkg", version="1.0")\n',
    "unpacked list": _IMPORT + 'R = ["a"]\nsetup(name="pkg", version="1.0", install_requires=[*R])\n',
    "unpacked dict": _IMPORT + 'E = {"x": ["a"]}\nsetup(name="pkg", version="1.0", extras_require={**E})\n',
    "key is a name": _IMPORT + 'K = "x"\nsetup(name="pkg", version="1.0", extras_require={K: ["a"]})\n',
    "sum of lists": _IMPORT + 'R = ["a"]\nsetup(name="pkg", version="1.0", install_requires=R + ["b"])\n',
    "generated": _IMPORT + 'setup(name="pkg", version="1.0", install_requires=[x for x in ["a"]])\n',
    "choice": _IMPORT + 'setup(name="pkg", version="1.0", install_requires=["a"] if 0 else [])\n',
    "read from a file": _IMPORT + 'R = open("README.md").read().split()\n' + _WITH_R,
    "version of a file": _IMPORT + 'setup(name="pkg", version=open("README.md").read())\n',
    "appended": _IMPORT + 'R = ["a"]\nR.append("b")\n' + _WITH_R,
    "appended in an argument": _IMPORT
    + 'R = ["a"]\nsetup(name="pkg", version="1", url=R.append("b"), install_requires=R)\n',
    "extended by +=": _IMPORT + 'R = ["a"]\nR += ["b"]\n' + _WITH_R,
    "item assigned": _IMPORT + 'R = ["a"]\nR[0] = "b"\n' + _WITH_R,
    "assigned twice": _IMPORT + 'R = ["a"]\nR = ["b"]\n' + _WITH_R,
    "assigned after the call": _IMPORT + _WITH_R + 'R = ["a"]\n',
    "assigned in a condition": _IMPORT + 'R = ["a"]\nif 1:\n    R = ["b"]\n' + _WITH_R,
    "assigned in a function only": _IMPORT + 'def f():\n    R = ["a"]\n' + _WITH_R,
    "global": _IMPORT + 'R = ["a"]\ndef f():\n    global R\n    R = []\nx = f()\n' + _WITH_R,
    "imported over": _IMPORT + 'R = ["a"]\nfrom os import path as R\n' + _WITH_R,
    "star import": _IMPORT + 'R = ["a"]\nfrom os import *\n' + _WITH_R,
    "name of a module that may do anything": _IMPORT + "from sys import exit as str\n" + _CALL,
    "value of a function of the standard library": _IMPORT + "import re\nx = re.compile('(')\n" + _CALL,
    "try without an import": "try:\n    setup = 1\nexcept NameError:\n    pass\n" + _CALL,
    "import in a loop": "for x in ():\n    from setuptools import setup\n" + _CALL,
    "import of another module": _IMPORT + "import pkg\n" + _CALL,
    "import of the tree": _IMPORT + "from . import pkg\n" + _CALL,
    "import that 3.6 does not have": _IMPORT + "from __future__ import annotations\n" + _CALL,
    "module that 3.6 does not have": _IMPORT + "import dataclasses\n" + _CALL,
    "deleted": _IMPORT + 'R = ["a"]\ndel R\n' + _WITH_R,
    "file over the name": _IMPORT + 'R = ["a"]\nwith open("README.md") as R:\n    pass\n' + _WITH_R,
    "with of another": _IMPORT + "with dict() as x:\n    pass\n" + _CALL,
    "tuple assigned": _IMPORT + 'R, S = ["a"], 1\n' + _WITH_R,
    "two targets": _IMPORT + 'R = S = ["a"]\n' + _WITH_R,
    "class": _IMPORT + "class A:\n    pass\n" + _CALL,
    "decorated": _IMPORT + "def d(f): return f\n@d\ndef g(): return 1\n" + _CALL,
    "default that refuses": _IMPORT + "import sys\ndef g(x=sys.exit(1)): return 1\n" + _CALL,
    "exec": _IMPORT + "exec('x = 1')\n" + _CALL,
    "exec in a value": _IMPORT + "x = exec('y = 1')\n" + _CALL,
    "locals": _IMPORT + 'R = ["a"]\nx = locals().update(R=[])\n' + _WITH_R,
    "known name bound anew": _IMPORT + "def open(name): return name\n" + _CALL,
    "recursive name": _IMPORT + "R = [R]\n" + _WITH_R,
    "missing readme": _IMPORT + 'setup(name="pkg", version="1.0", long_description=open("MISSING.md").read())\n',
    "missing file, by a path": _IMPORT
    + 'from pathlib import Path\nsetup(name="p", version="1", description=(Path(".") / "MISSING.md").read_text())\n',
    "plugin by argument": _IMPORT + 'setup(name="pkg", version="1.0", use_scm_version=True)\n',
    "pbr": _IMPORT + 'setup(name="pkg", version="1.0", setup_requires=["pbr"], pbr=True)\n',
    "cmdclass": _IMPORT + 'setup(name="pkg", version="1.0", cmdclass={"egg_info": dict})\n',
    "options": _IMPORT + 'setup(name="pkg", version="1.0", options={"egg_info": {"tag_build": ".dev"}})\n',
    "2to3": _IMPORT + 'setup(name="pkg", version="1.0", use_2to3=True)\n',
    "tried something else": "try:\n    from setuptools import setup\n    import pkg\nexcept ImportError:\n    pass\n"
    + _CALL,
    "handler with a call": "try:\n    from setuptools import setup\nexcept ImportError:\n    f()\n" + _CALL,
    "with finally": "try:\n    from setuptools import setup\nfinally:\n    pass\n" + _CALL,
}


@pytest.mark.parametrize("script", UNCERTAIN.values(), ids=UNCERTAIN)
def test_anything_else_is_left_to_a_build(tmp_path: Path, script: str) -> None:
    assert _arguments(tmp_path, script, README_dot_md="text") is None


@pytest.mark.parametrize(
    "text",
    [
        "[options]\ninstall_requires = c\n",
        "[options.extras_require]\nx = c\n",
        "[metadata]\nversion = 2.0\n",
        "[metadata]\nname = other\n",
        "[egg_info]\ntag_build = .dev\n",
        "[egg_info]\ntag_date = true\n",
        "[DEFAULT]\ntag_build = .dev\n",
        "no section\n",
    ],
)
def test_setup_cfg_that_decides(tmp_path: Path, text: str) -> None:
    assert _arguments(tmp_path, _IMPORT + _CALL, setup_dot_cfg=text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[egg_info]\ntag_build = \ntag_date = 0\n",
        "[bdist_wheel]\nuniversal = 1\n",
        "[metadata]\ndescription-file = README.md\nlicense_file = LICENSE\n",
        "[flake8]\nmax-line-length = 100\n",
    ],
)
def test_setup_cfg_without_influence(tmp_path: Path, text: str) -> None:
    assert _arguments(tmp_path, _IMPORT + _CALL, setup_dot_cfg=text) == _EXPECTED


def test_setup_cfg_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_bytes(b"[options]\nx = \xe9\n")
    assert _arguments(tmp_path, _IMPORT + _CALL) is None


def test_tree_without_setup_script(tmp_path: Path) -> None:
    assert setup_script.arguments(tmp_path) is None


def test_readme_that_python_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"caf\xe9")
    assert _arguments(tmp_path, CERTAIN["reader"]) is None


@pytest.mark.parametrize("name", ["setuptools.py", "distutils.py"])
def test_tree_that_shadows_setuptools(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("def setup(**arguments): pass\n", encoding="utf-8")
    assert _arguments(tmp_path, _IMPORT + _CALL) is None


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
_VALUES = st.one_of(
    _TEXTS, st.lists(_TEXTS, max_size=3), st.dictionaries(_TEXTS, st.lists(_TEXTS, max_size=2), max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=_VALUES, named=st.booleans())
def test_every_literal_comes_back(tmp_path: Path, value: object, named: bool) -> None:  # noqa: FBT001 - generated
    script = f"{_IMPORT}VALUE = {value!r}\nsetup(extras_require={'VALUE' if named else repr(value)})\n"
    (tmp_path / "setup.py").write_bytes(script.encode())
    assert setup_script.arguments(tmp_path) == {"extras_require": value}
