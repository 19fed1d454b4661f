"""What is known of images: the catalog, predictor files, and captures of environments.

`catalog` reads what is shipped, `predictor_file` the user's files; `capture` makes a predictor of the `snapshot` of an
environment. See docs/design/catalog.md and docs/design/images.md.
"""
