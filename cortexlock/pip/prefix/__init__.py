"""A Python prefix as its files tell it: distributions, their files, how they compare and fit together.

`distributions` has what is installed, `recorded_files` reads RECORD, `conflicts` what does not fit. See
docs/design/replay.md.
"""
