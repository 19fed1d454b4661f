"""The steps of a replay: what changes the prefix, in the order of the lockfile, one module for each.

`carry_out` has their rules, `replay` a whole replay around them. See docs/design/replay.md.
"""
