"""The use case `install`: a lockfile carried out in a prefix, checked before and verified after."""
