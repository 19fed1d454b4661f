"""The primary index if nobody names one: pip knows its address, and no file of ours does."""

from __future__ import annotations

from pip._internal.models.index import PyPI

URL: str = PyPI.simple_url
"""The address of its simple pages (PEP 503)."""
