"""Files and directories that are there whole or not at all, and caches made of them.

`whole_file` and `whole_directory` write, `digests` hashes, `json_cache` keeps values; below all that knows what is in
them. See docs/design/replay.md.
"""
