"""The use case `lock`: a project into one lockfile per platform."""
