"""Tests of `cortexlock/replay`."""
