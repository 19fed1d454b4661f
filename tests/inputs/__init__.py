"""Tests of `cortexlock/inputs`."""
