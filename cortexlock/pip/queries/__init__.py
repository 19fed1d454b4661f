"""What the rest asks of pip: to resolve a project, and what its newest versions are.

`resolve` is a resolution from the requirements to locked packages; `build_wheels` answers for what builds need. See
docs/design/pip.md.
"""
