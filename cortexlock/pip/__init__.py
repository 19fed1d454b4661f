"""Everything that knows pip: resolve with pip-tools on top of an image, build and install."""
