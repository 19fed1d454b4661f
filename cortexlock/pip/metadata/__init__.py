"""What distributions say of themselves, read in one way wherever it comes from.

`core_metadata` has the fields, `requirements` and `specifiers` what old ones wrote before PEP 440 and PEP 508. See
docs/design/pip.md.
"""
