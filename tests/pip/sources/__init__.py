"""Tests of `cortexlock/pip/sources`."""
