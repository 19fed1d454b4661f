"""Tests of `cortexlock/replay/supply`."""
