"""What a dependency file is, by its name."""

from __future__ import annotations


def is_environment_file(name: str) -> bool:
    """Whether a dependency file is an `environment.yml`, which has a list for conda, and perhaps one for pip."""
    return name.lower().endswith((".yml", ".yaml"))
