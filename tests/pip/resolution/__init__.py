"""Tests of `cortexlock/pip/resolution`."""
