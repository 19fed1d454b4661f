"""Tests of `cortexlock/replay/checks`."""
