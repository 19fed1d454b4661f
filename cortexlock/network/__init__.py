"""What conda and pip have in common on the network: URLs, one session with retries, answers within bounds.

`http` downloads and goes on where a download broke off; `bounded_read` reads pages. pip has a session of its own, for
what its resolver asks. See docs/design/replay.md.
"""
