"""Everything that knows pip: resolve with pip-tools on top of an image, build and install.

`queries/` is where others ask; `internals/` alone knows the insides of pip. See docs/design/pip.md.
"""
