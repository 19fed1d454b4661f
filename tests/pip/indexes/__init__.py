"""Tests of `cortexlock/pip/indexes`."""
