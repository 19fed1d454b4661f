"""What a prefix holds: its state, its receipt, what no list names, and how it compares with a lockfile.

`comparison` is the one comparison of `install` and `verify`; `problem` has what it finds. See docs/design/replay.md.
"""
