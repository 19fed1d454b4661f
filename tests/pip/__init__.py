"""Tests of `cortexlock/pip`."""
