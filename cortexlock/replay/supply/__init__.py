"""All files that a replay needs: where they can be had, downloaded, verified, kept in the cache.

`gather` has them all, of `artifacts` (what, and from where); `downloads` goes on where a killed one stopped
(`partial_files`), `checkouts` are of git, `cache` verifies. See docs/design/replay.md.
"""
