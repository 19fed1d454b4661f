"""Frozen values: what a predictor provides, what a project asks for, what a lockfile says. No I/O here.

`lockfile` answers what is asked of a lockfile, `package` has a type for each source, `replay` what a replay is told and
tells. See docs/design/README.md.
"""
