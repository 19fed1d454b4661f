"""Tests of `cortexlock/network`."""
