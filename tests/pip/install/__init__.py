"""Tests of `cortexlock/pip/install`."""
