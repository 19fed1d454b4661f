"""Fuzzers: run by hand, see each."""
