"""The lockfile: text into value and back, its schema and its content hash."""
