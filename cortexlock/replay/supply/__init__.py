"""All files that a replay needs: where they can be had, downloaded, verified, kept in the cache."""
