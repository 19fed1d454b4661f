"""Tests of `cortexlock/conda`."""
