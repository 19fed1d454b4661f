"""Lockfiles in the formats of others: replayed or read by tools that know nothing of cortexlock.

Each format is a module with one function that turns a lockfile into files; `content` says what all of them take and
give, `places` where artifacts can be had. See `docs/export.md`.
"""
