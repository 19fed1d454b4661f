"""Wheels into a prefix: checked first, then installed with uv or with the prefix's own pip.

`wheel_check` looks into a wheel, `with_uv` and `with_pip` install. See docs/design/replay.md.
"""
