"""What a resolution takes and gives, and how it is told: free of pip's own types.

`request` and `values` are its types, `locked_package` makes what the lockfile has, `explanation` says why there is no
solution. See docs/design/pip.md.
"""
