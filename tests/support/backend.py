"""The source of a build backend (PEP 517) that needs the standard library only; it runs on Python 3.6 and later.

The tree that it is written into appends the values NAME, VERSION, REQUIRES, REQUIRES_PYTHON and MODULES.
"""

from __future__ import annotations

BACKEND = """\
import base64, hashlib, os, sys, zipfile


def _stem():
    return NAME.lower().replace("-", "_").replace(".", "_") + "-" + VERSION


def _metadata():
    lines = ["Metadata-Version: 2.1", "Name: " + NAME, "Version: " + VERSION]
    if REQUIRES_PYTHON is not None:
        lines.append("Requires-Python: " + REQUIRES_PYTHON)
    return "\\n".join(lines + ["Requires-Dist: " + each for each in REQUIRES]) + "\\n"


def _info():
    wheel = "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    return {_stem() + ".dist-info/METADATA": _metadata(), _stem() + ".dist-info/WHEEL": wheel}


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    os.makedirs(os.path.join(metadata_directory, _stem() + ".dist-info"))
    for path, text in _info().items():
        with open(os.path.join(metadata_directory, path), "w") as file:
            file.write(text)
    return _stem() + ".dist-info"


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def _write(wheel_directory, files):
    record = _stem() + ".dist-info/RECORD"
    name = _stem() + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        lines = []
        for path, text in files.items():
            content = text.encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append("%s,sha256=%s,%d\\n" % (path, digest, len(content)))
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), content)
        lines.append(record + ",,\\n")
        archive.writestr(zipfile.ZipInfo(record, (2020, 1, 1, 0, 0, 0)), "".join(lines))
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {}
    for path in MODULES:
        with open(path, encoding="utf-8") as file:
            files[path] = file.read()
    files.update(_info())
    return _write(wheel_directory, files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    files = {_stem() + ".pth": os.getcwd() + "\\n"}
    files.update(_info())
    return _write(wheel_directory, files)
"""
