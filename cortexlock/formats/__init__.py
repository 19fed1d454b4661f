"""Text into plain values and back: YAML, JSON, schemas, archives of sources. Nothing here knows what the values mean.

`yaml_text` and `json_text` read, `block` and `scalars` write, `schema` checks, `member_paths` says which names of
archives are safe. See docs/design/README.md.
"""
