"""Tests of `cortexlock/replay/prefix`."""
