"""Tests of `cortexlock/conda/executable`."""
