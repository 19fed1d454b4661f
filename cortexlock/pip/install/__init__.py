"""Wheels into a prefix: checked first, then installed with uv or with the prefix's own pip."""
