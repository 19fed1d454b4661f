"""Names of modules that are not those of their packages, and are asked for in their place again and again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PACKAGES: Mapping[str, str] = MappingProxyType(
    {
        "attr": "attrs",
        "bio": "biopython",
        "bs4": "beautifulsoup4",
        "crypto": "pycryptodome",
        "cv": "opencv-python",
        "cv2": "opencv-python",
        "dateutil": "python-dateutil",
        "docx": "python-docx",
        "dotenv": "python-dotenv",
        "fitz": "pymupdf",
        "git": "gitpython",
        "github": "pygithub",
        "googleapiclient": "google-api-python-client",
        "jose": "python-jose",
        "jwt": "pyjwt",
        "ldap": "python-ldap",
        "magic": "python-magic",
        "mysqldb": "mysqlclient",
        "openssl": "pyopenssl",
        "pil": "pillow",
        "pptx": "python-pptx",
        "pytorch": "torch",
        "serial": "pyserial",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
        "tf": "tensorflow",
        "usb": "pyusb",
        "websocket": "websocket-client",
        "yaml": "pyyaml",
        "zmq": "pyzmq",
    }
)
"""The package by the module's name, both normalized as PEP 503 has it."""


def hint(name: str) -> str:
    """Return what to write in place of a normalized name, or nothing."""
    package = PACKAGES.get(name)
    return f"{name} is the name of a module: its package is {package}; write `{package}`" if package else ""
