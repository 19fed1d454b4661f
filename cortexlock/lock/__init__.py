"""The use cases around a lockfile: a project into one for each platform, and what is asked of it later.

A command is the module of its name. `platform` is a fold over the steps, `conda_step` and `pip_step` each give a
`LockedStep`. See docs/design/start.md and docs/design/map.md.
"""
