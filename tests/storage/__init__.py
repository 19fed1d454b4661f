"""Tests of `cortexlock/storage`."""
