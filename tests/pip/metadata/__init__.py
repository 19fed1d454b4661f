"""Tests of `cortexlock/pip/internals`."""
