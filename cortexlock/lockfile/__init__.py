"""The lockfile: text into value and back, its schema and its content hash.

`files` reads and writes, `document` is the value as plain YAML, `text` its layout, `difference` what two of them differ
in; `validator` is generated. See docs/design/README.md.
"""
