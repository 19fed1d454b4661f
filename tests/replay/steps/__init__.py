"""Tests of `cortexlock/replay/steps`."""
