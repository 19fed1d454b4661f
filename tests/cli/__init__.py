"""Tests of `cortexlock/cli`."""
