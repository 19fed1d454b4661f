"""The steps of a replay: what changes the prefix, in the order of the lockfile."""
