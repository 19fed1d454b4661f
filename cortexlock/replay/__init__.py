"""The use case `install`, with `fetch` and `verify`: a lockfile carried out in a prefix, checked before and after.

`plan` says what is left to do. `checks/` must hold before, `supply/` has all files, `steps/` change the prefix,
`prefix/` compares it. See docs/design/replay.md.
"""
