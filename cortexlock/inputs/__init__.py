"""Files of a project into values: configuration, cortex.yaml, dependency files. Each is read once.

`project_inputs` has all of them; `requirements_text` and `conda_list` read the two lists; `hashes` and `freshness` say
whether a lockfile is of them; `url_secrets`, `credential_origins` and `redaction` keep secrets out of all that is
written. See docs/design/README.md.
"""
