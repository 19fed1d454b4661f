"""Images as archives and directories: read in place, with nothing of them extracted or run.

`archive` and `manifests` find the layers, `layers` and `tree` lay them over each other, `environments` and
`platform_facts` read what is found. See docs/design/images.md.
"""
