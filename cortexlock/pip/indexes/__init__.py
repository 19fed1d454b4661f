"""Package indexes and find-links pages: where they are, what they list, who may ask.

`declarations` reads the options of requirements files, `locations` gives each index its alias, `pages` finds a file,
`authorization` says who supplies credentials. See docs/design/pip.md.
"""
