"""Everything that knows conda: the solve through conda-lock, the embedded executable, the replay of archives.

`solve` and `specs` ask conda-lock, which asks `executable/`; `channels` and `records` know what there is; `archive`,
`install`, `linker` and `prefix` are of the replay. See docs/design/conda.md.
"""
