"""cortexlock: reproducible, reviewable dependency lockfiles on top of a base image."""

from __future__ import annotations

__version__ = "0.1.0"
