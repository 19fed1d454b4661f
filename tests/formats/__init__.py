"""Tests of `cortexlock/formats`."""
