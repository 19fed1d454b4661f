"""Tests of `cortexlock/lockfile`."""
