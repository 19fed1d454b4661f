"""Tests of `cortexlock/pip/prefix`."""
