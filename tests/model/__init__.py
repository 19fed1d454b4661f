"""Tests of `cortexlock/model`."""
