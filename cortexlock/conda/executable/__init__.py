"""The embedded conda executable: it answers the calls that conda-lock makes, and installs nothing.

`answers` has the calls, `classic_solver` is conda's own solver, `environment` and `continuation` what it finds
installed. See docs/design/conda.md.
"""
