"""Tests of `cortexlock/export`."""
