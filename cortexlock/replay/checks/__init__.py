"""What must hold before a replay touches anything: machine, inputs, prefix, drift, what will be written and removed.

`foreseen` asks all that needs the archives. See docs/design/replay.md.
"""
